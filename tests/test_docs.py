"""The documents say what is there: every command and every setting has its line."""

import re
from pathlib import Path

import pytest

from amerce.cli.main import COMMANDS
from amerce.config.wiring import JOBS
from amerce.jobs.job import Job

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_is_documented(command: str) -> None:
    assert f"`amerce {command}" in (ROOT / "docs/reference/commands.md").read_text()


def test_every_setting_is_documented_and_every_documented_setting_is_read() -> None:
    read = set(re.findall(r'"(AMERCE_[A-Z_]+)"', (ROOT / "amerce/config/settings.py").read_text()))
    documented = set(re.findall(r"^\| `(AMERCE_[A-Z_]+)`", (ROOT / "docs/reference/settings.md").read_text(), re.M))
    assert documented == read


def test_the_readme_stays_within_eighty_lines() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 80


def test_every_word_of_the_glossary_stands_there_once() -> None:
    words = re.findall(r"^\| ([^|]+?) \|", (ROOT / "GLOSSARY.md").read_text(), re.M)
    assert sorted(set(words)) == sorted(words)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_between_documents_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", document.read_text())
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_every_row_that_code_cites_has_its_rule() -> None:
    rules = set(re.findall(r"^\| ([A-H]\d+) \|", (ROOT / "docs/reference/rules.md").read_text(), re.M))
    cited = {
        row
        for path in [*ROOT.glob("amerce/**/*.py"), *ROOT.glob("tests/**/*.py"), *ROOT.glob("docs/**/*.md")]
        for phrase in re.findall(r"\brows? ((?:[A-H]\d+(?:, | and |-)?)+)", path.read_text())
        for row in re.findall(r"[A-H]\d+", phrase)
    }
    assert cited - rules == set()


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_every_job_is_in_the_list_of_what_runs_at_night(job: Job) -> None:
    assert f"| `{job.name}` |" in (ROOT / "docs/operating/nightly.md").read_text()
