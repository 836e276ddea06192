"""A session with an SFTP server: only with the one whose key is pinned, and never for longer than it was given.

Why a time for the whole: a limit on each answer is no limit for who answers one byte at a time, and of some answers the
library waits for ever.
"""

import os
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import ETIMEDOUT
from threading import Event, Timer

import paramiko
from paramiko.sftp import CMD_NAME, CMD_OPENDIR, CMD_READDIR
from paramiko.util import constant_time_bytes_eq

from amerce.access.sealed import NotSealedHere, unseal
from amerce.bursar.errors import NotReached
from amerce.bursar.models import BursarProfile
from amerce.bursar.others_folder import Entry
from amerce.bursar.save_profile import read_host_key, read_key

TIMEOUT_S = 20
"""For each answer of a server."""
OPENING_S = 20.0
"""For a channel of files, once signed in."""
_LISTED_LIMIT = 100_000
_NOT_SPOKEN = (paramiko.SFTPError, ValueError)
"""What the library says of an answer that is no SFTP, or that has a name in no encoding."""


@contextmanager
def sftp_session(profile: BursarProfile, within_s: float) -> Iterator[paramiko.SFTPClient]:
    """Signed in to the server, whose key must be the one that is pinned. Raises ``NotReached``."""
    with plain_errors():
        transport = _transport(profile)
        try:
            with _no_longer_than(OPENING_S, transport):
                sftp = paramiko.SFTPClient.from_transport(transport)
            assert sftp is not None, "the channel is open"
            channel = sftp.get_channel()
            assert channel is not None, "the channel is open"
            channel.settimeout(TIMEOUT_S)
            with _no_longer_than(within_s, transport):
                yield sftp
        finally:
            transport.close()


def offered_key(profile: BursarProfile) -> str:
    """The key that the server shows, to be compared with what its keeper says and then pinned."""
    transport = _begin(profile)
    try:
        shown = transport.get_remote_server_key()
        return f"{shown.get_name()} {shown.get_base64()}"
    finally:
        transport.close()


def listing(sftp: paramiko.SFTPClient, folder: str) -> Iterator[Entry]:
    """What is in ``folder``, as far as anybody reads. Of a server that does not say so, everything is a file.

    Not by ``listdir``, which fails of all names at one that is not UTF-8, and counts as far as a server says.
    """
    _kind, answer = sftp._request(CMD_OPENDIR, folder)
    handle, count = answer.get_binary(), 0
    while count < _LISTED_LIMIT:
        try:
            kind, answer = sftp._request(CMD_READDIR, handle)
        except EOFError:
            break
        if kind != CMD_NAME:
            raise paramiko.SFTPError("Expected name response")
        said = min(answer.get_int(), _LISTED_LIMIT)
        count += said
        for _number in range(said):
            name = answer.get_binary().decode(errors="surrogateescape")
            answer.get_binary()  # as a terminal would show it
            mode = paramiko.SFTPAttributes._from_msg(answer).st_mode
            yield Entry(name, mode is not None and stat.S_ISDIR(mode), mode is None or stat.S_ISREG(mode))


def rename_over(sftp: paramiko.SFTPClient, source: str, target: str) -> None:
    """Over a file of that name. Servers that know only the plain way refuse one that is there, so it goes first."""
    try:
        sftp.posix_rename(source, target)
    except OSError as error:
        if error.errno is not None:  # it is about the files, not that the server does not know how
            raise
        with suppress(FileNotFoundError):
            sftp.remove(target)
        sftp.rename(source, target)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Whatever goes wrong at a place of delivery is ``NotReached``."""
    try:
        yield
    except paramiko.AuthenticationException as error:
        raise NotReached("not_signed_in") from error
    except NotSealedHere as error:
        raise NotReached("no_secret") from error
    except paramiko.SSHException as error:
        raise NotReached("ssh", str(error).rstrip(": .")) from error
    except _NOT_SPOKEN as error:
        raise NotReached("ssh", f"{type(error).__name__}: {error}") from error
    except (OSError, EOFError) as error:
        raise NotReached("os", getattr(error, "strerror", "") or str(error) or type(error).__name__) from error


@contextmanager
def _no_longer_than(seconds: float, transport: paramiko.Transport) -> Iterator[None]:
    """Close ``transport`` when the block takes longer, whatever it waits for. Raises ``TimeoutError``."""
    is_late = Event()

    def cut() -> None:
        is_late.set()
        transport.close()

    timer = Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    except Exception as error:
        if is_late.is_set():
            raise TimeoutError(ETIMEDOUT, os.strerror(ETIMEDOUT)) from error
        raise
    finally:
        timer.cancel()


def _transport(profile: BursarProfile) -> paramiko.Transport:
    if not profile.host_key:
        raise NotReached("no_host_key", offered_key(profile))
    kind, key = read_host_key(profile.host_key)
    transport = _begin(profile, kind)
    try:
        shown = transport.get_remote_server_key()
        if not constant_time_bytes_eq(shown.asbytes(), key):
            raise NotReached("other_host_key", f"{shown.get_name()} {shown.get_base64()}")
        secret = unseal(profile.sealed_secret) if profile.sealed_secret else ""
        if not secret:
            raise NotReached("no_secret")
        if profile.sign_in == BursarProfile.SignIn.KEY:
            transport.auth_publickey(profile.username, read_key(secret))
        else:
            transport.auth_password(profile.username, secret)
    except BaseException:
        transport.close()
        raise
    return transport


def _begin(profile: BursarProfile, kind: str = "") -> paramiko.Transport:
    connected = socket.create_connection((profile.host, profile.port), timeout=TIMEOUT_S)
    transport = paramiko.Transport(connected)
    transport.banner_timeout = transport.auth_timeout = TIMEOUT_S
    kinds = ("rsa-sha2-512", "rsa-sha2-256") if kind == "ssh-rsa" else (kind,)
    if kind and set(kinds) <= set(transport.get_security_options().key_types):
        transport.get_security_options().key_types = kinds
    try:
        transport.start_client(timeout=TIMEOUT_S)
    except BaseException:
        transport.close()
        raise
    return transport
