"""Sessions with SFTP servers that hang, talk nonsense, or never come to an end."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncssh
import paramiko
import pytest

from amerce.bursar import sftp
from amerce.bursar.deliver import test_connection as try_connection
from amerce.bursar.errors import NotReached
from amerce.bursar.models import BursarProfile
from amerce.bursar.sentences import not_reached
from tests.bursar.desk import Clerk
from tests.bursar.sftp import PASSWORD, USER, Server, sftp_server

pytestmark = pytest.mark.django_db


def profile(clerk: Clerk, port: int, host_key: str) -> BursarProfile:
    there = {"destination": "sftp", "host": "127.0.0.1", "port": port, "username": USER, "host_key": host_key}
    return clerk.profile(secret=PASSWORD, folder="", **there)


class _Hanging(paramiko.ServerInterface):
    """Signs everybody in, and never says whether files can be sent. ``is_over`` lets its thread go."""

    def __init__(self) -> None:
        self.is_over = threading.Event()

    def check_auth_password(self, username: str, password: str) -> int:
        return paramiko.common.AUTH_SUCCESSFUL

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.common.OPEN_SUCCEEDED

    def check_channel_subsystem_request(self, channel: paramiko.Channel, name: str) -> bool:
        self.is_over.wait()
        return False


@contextmanager
def hanging_server() -> Iterator[Server]:
    key = paramiko.RSAKey.generate(2048)
    door = _Hanging()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            transport = paramiko.Transport(listening.accept()[0])
            transport.add_server_key(key)
            transport.start_server(event=threading.Event(), server=door)

        threading.Thread(target=serve, daemon=True).start()
        yield Server(listening.getsockname()[1], Path(), f"{key.get_name()} {key.get_base64()}", "")
        door.is_over.set()


class Silent(asyncssh.SFTPServer):
    """Never answers what is in a folder."""

    async def scandir(self, path: bytes):  # type: ignore[no-untyped-def]
        await asyncio.Event().wait()
        yield None


class Babbling(asyncssh.SFTPServer):
    """Refuses in many words that nobody can keep."""

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        raise asyncssh.SFTPFailure("no\0thing" * 100_000)


def test_a_server_that_signs_in_and_then_says_nothing_is_left(clerk: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sftp, "OPENING_S", 0.2)

    with hanging_server() as server, pytest.raises(NotReached) as refused:
        try_connection(profile(clerk, server.port, server.host_key))

    assert not_reached(refused.value) == "The place of the profile was not reached: Connection timed out."


def test_a_session_ends_when_its_time_is_over_whatever_it_waits_for(clerk: Clerk, tmp_path: Path) -> None:
    with sftp_server(tmp_path, behaves=Silent) as server:
        mine = profile(clerk, server.port, server.host_key)

        with pytest.raises(NotReached) as refused, sftp.sftp_session(mine, 0.2) as session:
            session.listdir(".")

    assert (refused.value.code, refused.value.detail) == ("os", "Connection timed out")


def test_what_a_server_says_of_a_failure_is_cut_to_what_can_be_kept(clerk: Clerk, tmp_path: Path) -> None:
    with sftp_server(tmp_path, behaves=Babbling) as server, pytest.raises(NotReached) as refused:
        try_connection(profile(clerk, server.port, server.host_key))

    assert refused.value.detail == ("nothing" * 1000)[:1000]


def test_what_is_no_sftp_is_said_in_a_sentence(clerk: Clerk) -> None:
    with pytest.raises(NotReached) as refused, sftp.plain_errors():
        raise paramiko.SFTPError("Garbage packet received")

    assert (refused.value.code, refused.value.detail) == ("ssh", "SFTPError: Garbage packet received")
