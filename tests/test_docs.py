"""The documents say what is there: every command and every setting has its line."""

import re
import tomllib
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


def test_the_words_of_the_glossary_stand_in_the_order_of_the_alphabet() -> None:
    words = re.findall(r"^\| ([^|]+?) \|", (ROOT / "GLOSSARY.md").read_text(), re.M)[1:]
    plain = [re.sub(r"[^a-z ]", "", word.lower()) for word in words]
    assert plain == sorted(plain)


def test_every_page_of_the_documents_is_in_their_index() -> None:
    index = (ROOT / "docs/README.md").read_text()
    pages = [path.relative_to(ROOT / "docs") for path in ROOT.glob("docs/*/*.md") if path.parent.name != "adr"]
    assert [str(page) for page in pages if f"({page})" not in index] == []


def test_decisions_have_numbers_of_their_own_that_their_headings_repeat() -> None:
    decisions = sorted(ROOT.glob("docs/adr/*.md"))
    numbers = [path.name[:4] for path in decisions]
    assert len(set(numbers)) == len(numbers)
    assert [path.name for path in decisions if not path.read_text().startswith(f"# {path.name[:4]} ")] == []


def test_the_architecture_names_every_package_from_the_top_down() -> None:
    layers = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]["layers"]
    table = (ROOT / "ARCHITECTURE.md").read_text().split("```")[1]
    named = [name for line in table.strip().splitlines() for name in re.findall(r"[a-z_]+", line.split("  " * 3)[0])]
    assert named == [name for layer in layers for name in layer.split(" | ")]


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
