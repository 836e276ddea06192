"""What an installation is made of: lock files in step with pyproject.toml, and no trace of a machine in them."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = {
    "requirements-build.lock": PROJECT["build-system"]["requires"],
    "requirements.lock": PROJECT["project"]["dependencies"],
    "requirements-wires.lock": PROJECT["dependency-groups"]["wires"],
    "requirements-dev.lock": PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"],
}


@pytest.mark.parametrize("lock", sorted(LOCKS))
def test_every_requirement_is_locked_at_a_version_it_allows(lock: str) -> None:
    locked = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / lock).read_text(), re.M))
    for requirement in map(Requirement, LOCKS[lock]):
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        assert requirement.specifier.contains(locked[name]), f"{lock} has {name} {locked[name]}: run make lock"


@pytest.mark.parametrize("lock", sorted(LOCKS))
def test_every_locked_file_has_its_hash_and_comes_from_wherever_pip_is_told(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "--index-url" not in text
    assert "://" not in text
    assert re.findall(r"^[a-z0-9-]+==.*(?<!\\)$", text, re.M) == []


def test_what_runs_is_locked_alike_for_running_and_for_testing() -> None:
    runs, tests = (
        dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / lock).read_text(), re.M))
        for lock in ("requirements.lock", "requirements-dev.lock")
    )
    assert runs.items() <= tests.items()


@pytest.mark.parametrize("name", ["Makefile", ".ci/run", ".ci/browser"])
def test_recipes_name_no_machine_and_no_registry(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text.replace("sqlite://:memory:", "")
    assert re.findall(r"/(?:home|root|work|tmp)\b", text) == []
