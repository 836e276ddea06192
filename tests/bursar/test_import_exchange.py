"""What lies in an import folder and cannot be taken, or changes while it is: it keeps nothing else from being taken."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from amerce.bursar import deliver, import_job
from amerce.bursar.models import BursarProfile
from amerce.bursar.places import exchange
from amerce.bursar.uploads import own_name
from amerce.jobs.models import JobRun, RunEventRow
from tests.bursar.desk import Clerk, payments, told
from tests.bursar.sftp import PASSWORD, USER, Server, sftp_server
from tests.charges.acts import state

pytestmark = [pytest.mark.django_db, pytest.mark.money]


@pytest.fixture(params=["folder", "sftp"])
def place(request: pytest.FixtureRequest, clerk: Clerk, tmp_path: Path) -> Iterator[tuple[BursarProfile, Path]]:
    """A profile, and the folder in which its import looks."""
    if request.param == "folder":
        mine = clerk.profile()
        yield mine, exchange(mine, mine.import_folder)
        return
    (tmp_path / "remote" / "in").mkdir(parents=True)
    with sftp_server(tmp_path / "remote") as server:
        yield on(clerk, server), tmp_path / "remote" / "in"


def on(clerk: Clerk, server: Server) -> BursarProfile:
    there = {"host": "127.0.0.1", "port": server.port, "username": USER, "host_key": server.host_key}
    return clerk.profile(secret=PASSWORD, destination="sftp", folder="", import_folder="in", **there)


def at_bursar(clerk: Clerk, profile: BursarProfile, *amounts: int):  # type: ignore[no-untyped-def]
    fees = [clerk.desk.charge(each) for each in amounts]
    clerk.export(profile)
    return fees


@pytest.mark.parametrize(
    "name", [b"m\xe4rz.xml", b"a\nb.xml", "\u202elmx.xml".encode(), b"x" * 248 + b".xml", b"link.xml"]
)
def test_what_cannot_be_taken_is_told_and_keeps_nothing_else_from_being_booked(
    clerk: Clerk, place: tuple[BursarProfile, Path], name: bytes
) -> None:
    mine, folder = place
    (fee,) = at_bursar(clerk, mine, 1000)
    odd = folder / os.fsdecode(name)
    if name == b"link.xml":
        odd.symlink_to("elsewhere.xml")
    else:
        odd.write_bytes(payments(("NOBODY", "1")))
    (folder / "z.xml").write_bytes(payments((fee.pk, "10")))

    run = clerk.take_in(mine)

    assert (run.state, told(run)[0]) == (JobRun.State.DONE, "bursar.not_taken")
    assert state(fee) == ("EXPORTED", "paid", 0)
    assert os.path.lexists(odd)


def test_an_odd_name_is_told_in_writing(clerk: Clerk) -> None:
    mine = clerk.profile()
    (exchange(mine, mine.import_folder) / os.fsdecode(b"m\xe4r\nz.xml")).touch()

    run = clerk.take_in(mine)

    assert [row.data for row in RunEventRow.objects.filter(run=run).order_by("number")] == [
        {"file": r"m\udce4r\nz.xml"},
        {},
    ]


def test_a_file_that_is_written_anew_while_the_one_of_before_is_booked_is_booked_next(
    clerk: Clerk, place: tuple[BursarProfile, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, folder = place
    first, second = at_bursar(clerk, mine, 1000, 200)
    (folder / "paid.xml").write_bytes(payments((first.pk, "10")))
    read = import_job.read_file

    def reading(*given: Path):  # type: ignore[no-untyped-def]
        if not (folder / "done").exists():
            (folder / "paid.xml").write_bytes(payments((second.pk, "2.00")))
        return read(*given)

    monkeypatch.setattr(import_job, "read_file", reading)
    run = clerk.take_in(mine)
    assert told(run) == ["bursar.imported", "bursar.another_file"]
    assert [state(each)[1] for each in (first, second)] == ["paid", ""]

    monkeypatch.undo()
    clerk.take_in(mine)

    assert state(second) == ("EXPORTED", "paid", 0)
    assert [each.name for each in folder.iterdir()] == ["done"]


def test_a_file_that_went_before_it_was_put_away_is_put_away(clerk: Clerk, place: tuple[BursarProfile, Path]) -> None:
    mine, _folder = place

    assert deliver.put_away(mine, "gone.xml", "rejected", "Why.", "12-34")


def test_an_upload_with_a_long_name_in_another_script_is_kept_under_its_end(clerk: Clerk) -> None:
    kept = clerk.upload(payments((1, "1")), name="支" * 120 + ".xml")

    assert own_name(kept) == "支" * 38 + ".xml"
