"""Who may write into a folder of the bursar's lays links there, and the worker follows none of them."""

import os
import stat
from collections.abc import Iterator
from errno import EACCES, EINVAL, EIO
from pathlib import Path

import pytest

from amerce.bursar.deliver import deliver, fetch, put_away, waiting_files
from amerce.bursar.deliver import test_connection as try_connection
from amerce.bursar.errors import NotReached
from amerce.bursar.models import BursarProfile
from amerce.bursar.places import exchange
from amerce.bursar.read_file import SIZE_LIMIT
from tests.bursar.desk import Clerk, payments

pytestmark = pytest.mark.django_db


@pytest.fixture
def mine(clerk: Clerk) -> BursarProfile:
    return clerk.profile()


@pytest.fixture
def secret(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "secret"
    path.write_text("of the server")
    yield path
    assert path.read_text() == "of the server"


def test_a_link_is_no_file_of_payments(mine: BursarProfile, secret: Path) -> None:
    there = exchange(mine, mine.import_folder)
    (there / "a.xml").symlink_to(secret)
    (there / "b.xml").write_bytes(payments((1, "1")))
    os.mkfifo(there / "c.xml")

    assert waiting_files(mine) == ["b.xml"]


@pytest.mark.parametrize("becomes", ["link", "pipe"])
def test_a_file_that_becomes_something_else_before_it_is_fetched_is_not(
    mine: BursarProfile, secret: Path, tmp_path: Path, becomes: str
) -> None:
    there = exchange(mine, mine.import_folder) / "a.xml"
    if becomes == "link":
        there.symlink_to(secret)
    else:
        os.mkfifo(there)

    with pytest.raises(NotReached) as refused:
        fetch(mine, "a.xml", tmp_path / "kept", SIZE_LIMIT)

    assert refused.value.detail == "Too many levels of symbolic links"


def test_a_delivery_and_its_trial_write_through_no_link(mine: BursarProfile, secret: Path, tmp_path: Path) -> None:
    made = tmp_path / "made.xml"
    made.write_text("made")
    there = exchange(mine, mine.folder)
    for name in ("amerce-test.part", "run.xml.part", "run.xml"):
        (there / name).symlink_to(secret)

    try_connection(mine)
    deliver(mine, made, "run.xml")

    assert (there / "run.xml").read_text() == "made" and not (there / "run.xml").is_symlink()


def test_a_rejected_file_and_why_go_through_no_link(mine: BursarProfile, secret: Path, tmp_path: Path) -> None:
    there = exchange(mine, mine.import_folder)
    (there / "a.xml").write_text("bad")
    (there / "rejected").mkdir()
    (there / "rejected" / "a.xml.txt").symlink_to(secret)

    put_away(mine, "a.xml", "rejected", "Why.")

    assert (there / "rejected" / "a.xml.txt").read_text() == "Why.\n"


def test_a_link_in_place_of_the_folder_of_what_is_done_is_told(mine: BursarProfile, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    there = exchange(mine, mine.import_folder)
    (there / "a.xml").write_text("paid")
    (there / "done").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(NotReached):
        put_away(mine, "a.xml", "done")

    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize(("call", "number"), [("open", EACCES), ("fsync", EINVAL)])
def test_a_folder_that_cannot_be_made_sure_of_has_the_file_all_the_same(
    mine: BursarProfile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    made = tmp_path / "made.xml"
    made.write_text("made")
    _refuse_of_folders(monkeypatch, call, number)

    assert deliver(mine, made, "run.xml") == f"{mine.folder}/run.xml"

    assert (exchange(mine, mine.folder) / "run.xml").read_text() == "made"


def test_a_disk_that_fails_is_told(mine: BursarProfile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = tmp_path / "made.xml"
    made.write_text("made")
    _refuse_of_folders(monkeypatch, "fsync", EIO)

    with pytest.raises(NotReached) as refused:
        deliver(mine, made, "run.xml")

    assert refused.value.detail == "Input/output error"


def _refuse_of_folders(monkeypatch: pytest.MonkeyPatch, call: str, number: int) -> None:
    """What a share, or a folder that one only writes to, answers; a test that is root cannot have one."""
    asked = getattr(os, call)

    def answer(which, *given, **more):  # type: ignore[no-untyped-def]
        facts = os.fstat(which) if isinstance(which, int) else Path(which).exists() and Path(which).stat()
        if facts and stat.S_ISDIR(facts.st_mode):
            raise OSError(number, os.strerror(number))
        return asked(which, *given, **more)

    monkeypatch.setattr(os, call, answer)
