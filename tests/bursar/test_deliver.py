"""Delivering to and fetching from a real SFTP server: only to the one whose key is pinned."""

from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest

from amerce.bursar.deliver import test_connection as try_connection
from amerce.bursar.deliver import waiting_files
from amerce.bursar.errors import NotReached
from amerce.bursar.models import BursarProfile
from amerce.bursar.places import exchange
from amerce.jobs.models import JobRun
from tests.bursar.desk import Clerk, payments
from tests.bursar.sftp import PASSWORD, USER, Server, sftp_server
from tests.charges.acts import state
from tests.world import Library

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


def test_two_institutions_that_name_the_same_folder_do_not_meet_in_it(clerk: Clerk, other_library: Library) -> None:
    mine = clerk.profile()
    theirs = Clerk(other_library, clerk.desk).profile()

    (exchange(mine, mine.import_folder) / "paid.xml").write_text("ours")

    assert waiting_files(mine) == ["paid.xml"]
    assert waiting_files(theirs) == []
