"""Delivering to and fetching from a real SFTP server: only to the one whose key is pinned."""

import os
import stat
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import asyncssh
import pytest

from amerce.bursar.deliver import deliver, mark_of_same, put_away, waiting_files
from amerce.bursar.deliver import test_connection as try_connection
from amerce.bursar.errors import NotReached, RunStateForbids
from amerce.bursar.export_job import BURSAR_EXPORT, exports_of
from amerce.bursar.export_stages import kept_file
from amerce.bursar.models import BursarProfile, BursarRun
from amerce.bursar.places import exchange
from amerce.bursar.run_commands import acknowledge, begin_undo, fetch_file
from amerce.jobs.claim import claim_run
from amerce.jobs.models import JobRun
from amerce.jobs.runner import run_slice, run_to_end
from amerce.patrons.models import Patron
from tests.bursar.desk import Clerk, payments, told
from tests.bursar.sftp import PASSWORD, USER, Dropping, Plain, Server, sftp_server
from tests.charges.acts import state
from tests.charges.checks import nothing_written
from tests.jobs.running import queue
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    folder = tmp_path / "remote"
    (folder / "out").mkdir(parents=True)
    (folder / "in").mkdir()
    with sftp_server(folder) as started:
        yield started


def profile(clerk: Clerk, server: Server, secret: str = PASSWORD, **columns: object) -> BursarProfile:
    plain = {
        "destination": "sftp", "host": "127.0.0.1", "port": server.port, "username": USER, "host_key": server.host_key,
        "folder": "out", "import_folder": "in",
    }  # fmt: skip
    return clerk.profile(secret=secret, **{**plain, **columns})


def test_a_run_is_delivered_under_its_name_and_no_part_is_left(clerk: Clerk, server: Server) -> None:
    clerk.desk.charge(1000)

    clerk.export(profile(clerk, server))

    run = clerk.last_run()
    assert run.state == "delivered"
    assert [each.name for each in (server.folder / "out").iterdir()] == [run.file_name]
    assert f"{run.file_name}" in run.delivered_to and PASSWORD not in run.delivered_to


def test_a_file_waits_there_by_its_bytes_and_not_by_its_name_alone(clerk: Clerk, server: Server) -> None:
    remote = profile(clerk, server)
    (server.folder / "in" / "paid.xml").write_bytes(b"paid")
    digest = sha256(b"paid").hexdigest()

    mark = mark_of_same(remote, "paid.xml", 4, digest)
    assert mark
    assert [
        mark_of_same(remote, "paid.xml", 4, sha256(b"diap").hexdigest()),
        mark_of_same(remote, "paid.xml", 5, digest),
        mark_of_same(remote, "gone.xml", 4, digest),
    ] == ["", "", ""]
    (server.folder / "in" / "paid.xml").write_bytes(b"paid anew")
    assert not put_away(remote, "paid.xml", "done", mark=mark)
    assert (server.folder / "in" / "paid.xml").read_bytes() == b"paid anew"


def test_a_private_key_signs_in_too(clerk: Clerk, server: Server) -> None:
    clerk.desk.charge(1000)

    clerk.export(profile(clerk, server, secret=server.client_key, sign_in="key"))

    assert clerk.last_run().state == "delivered"


def test_files_are_fetched_and_put_away_there(clerk: Clerk, server: Server) -> None:
    fee = clerk.desk.charge(1000)
    mine = profile(clerk, server)
    clerk.export(mine)
    (server.folder / "in" / "paid.xml").write_bytes(payments((fee.pk, "10")))
    (server.folder / "in" / "zbad.xml").write_bytes(b"no xml")

    clerk.take_in(mine)

    assert state(fee) == ("EXPORTED", "paid", 0)
    names = sorted(str(each.relative_to(server.folder / "in")) for each in (server.folder / "in").rglob("*.xml*"))
    assert names == ["done/paid.xml", "rejected/zbad.xml", "rejected/zbad.xml.txt"]


def test_a_server_that_renames_over_no_file_is_delivered_to_and_looked_into_as_well(
    clerk: Clerk, tmp_path: Path
) -> None:
    fee = clerk.desk.charge(1000)
    for folder in ("out", "in/done"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "in" / "paid.xml").write_bytes(payments((fee.pk, "10")))
    (tmp_path / "in" / "done" / "paid.xml").write_bytes(b"of last week")

    with sftp_server(tmp_path, behaves=Plain) as server:
        mine = profile(clerk, server)
        clerk.export(mine)
        run = clerk.last_run()
        deliver(mine, kept_file(run), run.file_name)
        clerk.take_in(mine)

    assert [each.name for each in (tmp_path / "out").iterdir()] == [run.file_name]
    assert state(fee) == ("EXPORTED", "paid", 0)
    assert (tmp_path / "in" / "done" / "paid.xml").read_bytes() == payments((fee.pk, "10"))


def test_a_folder_that_is_called_like_a_file_keeps_no_file_waiting(clerk: Clerk, server: Server) -> None:
    fee = clerk.desk.charge(1000)
    mine = profile(clerk, server)
    clerk.export(mine)
    (server.folder / "in" / "a.xml").mkdir()
    (server.folder / "in" / "paid.xml").write_bytes(payments((fee.pk, "10")))

    run = clerk.take_in(mine)

    assert (run.state, state(fee)) == (JobRun.State.DONE, ("EXPORTED", "paid", 0))


@pytest.mark.parametrize(("mode", "file_mode"), [(0o2770, 0o640), (0o755, 0o644), (0o700, 0o600)])
def test_who_may_read_the_folder_may_read_the_files_that_are_put_there(clerk: Clerk, mode: int, file_mode: int) -> None:
    fee = clerk.desk.charge(1000)
    mine = clerk.profile()
    for folder in (mine.folder, mine.import_folder):
        exchange(mine, folder).chmod(mode)
    before = os.umask(0o077)
    try:
        clerk.export(mine)
        clerk.put(mine, "paid.xml", payments((fee.pk, "10")))
        clerk.put(mine, "bad.xml", b"no xml")
        clerk.take_in(mine)
    finally:
        os.umask(before)

    away = exchange(mine, mine.import_folder) / "rejected"
    found = [exchange(mine, mine.folder) / clerk.last_run().file_name, away / "bad.xml.txt"]
    assert [stat.S_IMODE(each.stat().st_mode) for each in found] == [file_mode] * 2
    assert stat.S_IMODE(away.stat().st_mode) & 0o777 == mode & 0o777


def test_the_reason_lies_beside_each_rejected_file_under_its_name(clerk: Clerk) -> None:
    mine = clerk.profile()
    names = ["a b.xml", "a-b.xml"]
    for name in names:
        clerk.put(mine, name, b"no xml")

    run = clerk.take_in(mine)

    found = [each.name for each in (exchange(mine, mine.import_folder) / "rejected").iterdir()]
    assert run.state == JobRun.State.DONE
    assert sorted(found) == ["a b.xml", "a b.xml.txt", "a-b.xml", "a-b.xml.txt"]


@pytest.mark.parametrize(
    ("columns", "secret", "code"),
    [
        ({"host_key": ""}, PASSWORD, "no_host_key"),
        ({}, "wrong", "not_signed_in"),
        ({"port": 1}, PASSWORD, "os"),
        ({"folder": "nowhere"}, PASSWORD, "os"),
    ],
)
def test_what_is_not_reached_is_said_and_the_run_waits_undelivered(
    clerk: Clerk, server: Server, columns: dict[str, object], secret: str, code: str
) -> None:
    clerk.desk.charge(1000)
    mine = profile(clerk, server, secret, **columns)

    with pytest.raises(NotReached) as refused:
        try_connection(mine)
    run = clerk.export(mine)

    assert refused.value.code == code
    assert (run.state, clerk.last_run().state) == (JobRun.State.FAILED, "made")
    assert clerk.desk.three_balances() == (0, 0, 1000)
    assert not list((server.folder / "out").iterdir())


def test_another_servers_key_is_refused_before_anything_is_sent(clerk: Clerk, server: Server) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    mine = profile(clerk, server, host_key=" ".join(other.split()[:2]))

    with pytest.raises(NotReached) as refused:
        try_connection(mine)

    assert (refused.value.code, refused.value.detail) == ("other_host_key", server.host_key)


@pytest.mark.parametrize("key_type", ["ssh-rsa", "ecdsa-sha2-nistp256"])
def test_servers_with_other_kinds_of_keys_are_known_by_them(clerk: Clerk, tmp_path: Path, key_type: str) -> None:
    with sftp_server(tmp_path, key_type) as server:
        assert try_connection(profile(clerk, server, folder="")) == f"127.0.0.1:{server.port}"


def test_a_run_that_was_not_delivered_is_delivered_by_the_next(clerk: Clerk, server: Server) -> None:
    clerk.desk.charge(1000)
    mine = profile(clerk, server, host_key="")
    failed = clerk.export(mine)
    BursarProfile.objects.filter(pk=mine.pk).update(host_key=server.host_key)

    clerk.export(mine)

    assert (clerk.last_run().number, clerk.last_run().state) == (failed.pk, "delivered")
    assert len(list((server.folder / "out").iterdir())) == 1


def test_the_run_that_delivers_what_was_left_exports_what_matches_since_as_well(clerk: Clerk, server: Server) -> None:
    old = clerk.desk.charge(1000)
    mine = profile(clerk, server, host_key="")
    failed = clerk.export(mine)
    new = clerk.desk.charge(300)
    BursarProfile.objects.filter(pk=mine.pk).update(host_key=server.host_key)

    run = clerk.export(mine)

    exports = list(BursarRun.objects.order_by("pk"))
    assert [(each.number, each.state) for each in exports] == [(failed.pk, "delivered"), (run.pk, "delivered")]
    assert [each.lines.get().fee_id for each in exports] == [old.pk, new.pk]
    assert {each.name for each in (server.folder / "out").iterdir()} == {each.file_name for each in exports}
    assert (run.counts["exported"], run.counts["total_minor"], exports_of(run)) == (1, 300, exports)
    assert [each.partition(" state")[0] for each in BURSAR_EXPORT.summary(run).splitlines()] == [
        "exported=1 dropped=0 total=10.00", "exported=1 dropped=0 total=3.00",
    ]  # fmt: skip


def test_a_run_whose_file_may_be_there_is_never_undone_when_the_answer_is_lost(clerk: Clerk, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    clerk.desk.charge(1000)

    with sftp_server(tmp_path, behaves=Dropping) as server:
        failed = clerk.export(profile(clerk, server))

    run = clerk.last_run()
    assert (failed.state, run.state) == (JobRun.State.FAILED, "delivering")
    assert failed.error.rstrip(".")[-1].isalpha()
    assert (tmp_path / "out" / run.file_name).exists()
    with nothing_written(), pytest.raises(RunStateForbids):
        begin_undo(actor=clerk.clerk, at=NOON, run_id=run.pk)


def test_a_delivery_without_an_end_is_ended_by_a_download_once_the_profile_only_downloads(
    clerk: Clerk, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    clerk.desk.charge(1000)
    with sftp_server(tmp_path, behaves=Dropping) as server:
        mine = profile(clerk, server)
        clerk.export(mine)
    stuck = clerk.last_run()
    BursarProfile.objects.filter(pk=mine.pk).update(destination="download")

    clerk.export(mine)
    fetch_file(actor=clerk.clerk, at=NOON, run_id=stuck.pk)

    stuck.refresh_from_db()
    assert (stuck.state, stuck.delivered_to) == ("delivered", "download")
    assert clerk.last_run() == stuck


def test_a_delivery_without_an_end_is_ended_by_who_asked_the_bursar_and_acknowledges_it(clerk: Clerk) -> None:
    clerk.desk.charge(1000)
    mine = clerk.profile()
    job = until_delivery(clerk, mine)
    stuck = clerk.last_run()

    # given that it cannot be delivered any more
    kept_file(stuck).unlink()
    Patron.objects.filter(pk=clerk.desk.patron.pk).update(last_name="Roe")
    assert run_to_end(job, worker="tests", clock=lambda: NOON).state == JobRun.State.FAILED

    acknowledge(actor=clerk.clerk, at=NOON, run_id=stuck.pk)

    # then it keeps no later export from being made
    later = clerk.export(mine)
    assert (later.state, told(later), clerk.last_run()) == (JobRun.State.DONE, ["bursar.nothing"], stuck)
    stuck.refresh_from_db()
    assert (stuck.state, stuck.acknowledged_by, stuck.delivered_at) == ("acknowledged", clerk.clerk.name, None)


@pytest.mark.parametrize("is_there", [False, True])
def test_what_is_acknowledged_during_its_delivery_stays_so_and_goes_no_second_time(
    clerk: Clerk, is_there: bool
) -> None:
    clerk.desk.charge(1000)
    mine = clerk.profile()
    job = until_delivery(clerk, mine)
    if is_there:
        job = run_slice(job, worker="tests", clock=lambda: NOON)
    acknowledge(actor=clerk.clerk, at=NOON, run_id=clerk.last_run().pk)

    ended = run_to_end(job, worker="tests", clock=lambda: NOON)

    assert (ended.state, clerk.last_run().state) == (JobRun.State.DONE, "acknowledged")
    assert any(exchange(mine, mine.folder).glob("*.xml")) == is_there


def test_what_is_not_on_its_way_to_the_bursar_is_not_acknowledged(clerk: Clerk) -> None:
    clerk.desk.charge(1000)
    clerk.export(clerk.profile(destination="download", folder=""))

    with nothing_written(), pytest.raises(RunStateForbids):
        acknowledge(actor=clerk.clerk, at=NOON, run_id=clerk.last_run().pk)


def test_a_delivery_that_was_made_and_forgotten_is_not_given_up_when_the_server_is_away(
    clerk: Clerk, server: Server
) -> None:
    clerk.desk.charge(1000)
    mine = profile(clerk, server)
    job = until_delivery(clerk, mine)
    run = clerk.last_run()
    deliver(mine, kept_file(run), run.file_name)
    BursarProfile.objects.filter(pk=mine.pk).update(port=1)

    failed = run_to_end(job, worker="tests", clock=lambda: NOON)

    assert (failed.state, clerk.last_run().state) == (JobRun.State.FAILED, "delivering")
    with nothing_written(), pytest.raises(RunStateForbids):
        begin_undo(actor=clerk.clerk, at=NOON, run_id=run.pk)
    BursarProfile.objects.filter(pk=mine.pk).update(port=server.port)
    clerk.export(mine)
    assert (clerk.last_run().pk, clerk.last_run().state) == (run.pk, "delivered")
    assert [each.name for each in (server.folder / "out").iterdir()] == [run.file_name]


def until_delivery(clerk: Clerk, mine: BursarProfile) -> JobRun:
    """The run of the job as a worker leaves it that was killed while it delivered."""
    queued = queue(clerk.library, "bursar-export", profile=mine.code)
    run = claim_run(queued.pk, worker="tests", now=NOON)
    assert run is not None
    while run.cursor.get("stage") != "deliver":
        run = run_slice(run, worker="tests", clock=lambda: NOON)
    return run


def test_two_institutions_that_name_the_same_folder_do_not_meet_in_it(clerk: Clerk, other_library: Library) -> None:
    mine = clerk.profile()
    theirs = Clerk(other_library, clerk.desk).profile()

    (exchange(mine, mine.import_folder) / "paid.xml").write_text("ours")

    assert waiting_files(mine) == ["paid.xml"]
    assert waiting_files(theirs) == []
