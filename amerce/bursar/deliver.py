"""Bringing a file to where the bursar takes it from, and fetching files that lie there: a folder, or an SFTP server.

Why ``.part`` first and then renamed: whoever looks there never sees half a file.
"""

import os
import shutil
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

import paramiko
from paramiko.util import constant_time_bytes_eq

from amerce.access.sealed import NotSealedHere, unseal
from amerce.bursar.errors import NotReached
from amerce.bursar.models import BursarProfile
from amerce.bursar.places import exchange, plain_name
from amerce.bursar.save_profile import read_host_key, read_key

TIMEOUT_S = 20
"""For each answer of a server."""
FILES_LIMIT = 1000
"""More files in an import folder than anybody puts there; the rest waits for the next run."""
_SFTP = BursarProfile.Destination.SFTP


def deliver(profile: BursarProfile, path: Path, name: str) -> str:
    """Put the file there under ``name``, over one of the same name; where it is now. Raises ``NotReached``."""
    if profile.destination == _SFTP:
        with _server(profile) as sftp:
            target = str(PurePosixPath(profile.folder or ".") / name)
            sftp.put(str(path), target + ".part", confirm=True)
            _rename(sftp, target + ".part", target)
        return f"sftp://{profile.username}@{profile.host}:{profile.port}/{target.lstrip('/')}"
    with _plain_errors():
        there = exchange(profile, profile.folder) / name
        part = there.with_name(name + ".part")
        shutil.copyfile(path, part)
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(there)
    return f"{profile.folder}/{name}"


def waiting_files(profile: BursarProfile) -> list[str]:
    """The names of the XML files that wait in the import folder, in their order. Raises ``NotReached``."""
    if profile.destination == _SFTP:
        with _server(profile) as sftp:
            there = sftp.listdir_attr(profile.import_folder or ".")
            names = [each.filename for each in there if not stat.S_ISDIR(each.st_mode or 0)]
    else:
        with _plain_errors():
            names = [each.name for each in exchange(profile, profile.import_folder).iterdir() if each.is_file()]
    return sorted(each for each in names if each.lower().endswith(".xml"))[:FILES_LIMIT]


def fetch(profile: BursarProfile, name: str, to: Path, limit: int) -> None:
    """Copy a waiting file to ``to``, no more than ``limit`` bytes and one of it. Raises ``NotReached``."""
    if profile.destination == _SFTP:
        with _server(profile) as sftp, sftp.open(_there(profile, name), "rb") as source, to.open("wb") as out:
            source.prefetch(min(sftp.stat(_there(profile, name)).st_size or 0, limit + 1))
            _copy(source, out, limit)
        return
    with _plain_errors(), (exchange(profile, profile.import_folder) / name).open("rb") as source, to.open("wb") as out:
        _copy(source, out, limit)


def put_away(profile: BursarProfile, name: str, folder: str, reason: str = "") -> None:
    """Move a file that was dealt with into ``folder`` beside it, with ``reason`` as a text. Raises ``NotReached``."""
    if profile.destination == _SFTP:
        with _server(profile) as sftp:
            away = str(PurePosixPath(profile.import_folder or ".") / folder)
            if folder not in sftp.listdir(profile.import_folder or "."):
                sftp.mkdir(away)
            if name in sftp.listdir(profile.import_folder or "."):
                _rename(sftp, _there(profile, name), f"{away}/{name}")
            if reason:
                with sftp.open(f"{away}/{name}.txt", "w") as out:
                    out.write(reason + "\n")
        return
    with _plain_errors():
        beside = exchange(profile, profile.import_folder)
        (beside / folder).mkdir(exist_ok=True)
        if (beside / name).exists():
            (beside / name).replace(beside / folder / name)
        if reason:
            (beside / folder / f"{plain_name(name)}.txt").write_text(reason + "\n")


def test_connection(profile: BursarProfile) -> str:
    """Go there, write and remove a small file; what the server calls its key. Raises ``NotReached``."""
    probe = "amerce-test.part"
    if profile.destination == _SFTP:
        with _server(profile) as sftp:
            target = str(PurePosixPath(profile.folder or ".") / probe)
            with sftp.open(target, "w") as out:
                out.write("Amerce can write here.\n")
            sftp.remove(target)
        return f"{profile.host}:{profile.port}"
    with _plain_errors():
        there = exchange(profile, profile.folder) / probe
        there.write_text("Amerce can write here.\n")
        there.unlink()
    return profile.folder


test_connection.__test__ = False  # type: ignore[attr-defined]  # what is on the button; no test of pytest's


@contextmanager
def _server(profile: BursarProfile) -> Iterator[paramiko.SFTPClient]:
    """Signed in to the server, whose key must be the one that is pinned. Raises ``NotReached``."""
    transport = None
    try:
        with _plain_errors():
            transport = _transport(profile)
            sftp = paramiko.SFTPClient.from_transport(transport)
            assert sftp is not None, "the channel is open"
            channel = sftp.get_channel()
            assert channel is not None, "the channel is open"
            channel.settimeout(TIMEOUT_S)
            yield sftp
    finally:
        if transport:
            transport.close()


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


def offered_key(profile: BursarProfile) -> str:
    """The key that the server shows, to be compared with what its keeper says and then pinned."""
    transport = _begin(profile)
    try:
        shown = transport.get_remote_server_key()
        return f"{shown.get_name()} {shown.get_base64()}"
    finally:
        transport.close()


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


@contextmanager
def _plain_errors() -> Iterator[None]:
    try:
        yield
    except paramiko.AuthenticationException as error:
        raise NotReached("not_signed_in") from error
    except NotSealedHere as error:
        raise NotReached("no_secret") from error
    except paramiko.SSHException as error:
        raise NotReached("ssh", str(error)) from error
    except (OSError, EOFError) as error:
        raise NotReached("os", getattr(error, "strerror", "") or str(error) or type(error).__name__) from error


def _rename(sftp: paramiko.SFTPClient, source: str, target: str) -> None:
    """Over a file of that name. Servers that know only the plain way refuse one that is there, so it goes first."""
    try:
        sftp.posix_rename(source, target)
    except OSError as error:
        if error.errno is not None:  # it is about the files, not that the server does not know how
            raise
        with suppress(FileNotFoundError):
            sftp.remove(target)
        sftp.rename(source, target)


def _there(profile: BursarProfile, name: str) -> str:
    return str(PurePosixPath(profile.import_folder or ".") / name)


def _copy(source: object, out: object, limit: int) -> None:
    left = limit + 1
    while left > 0 and (piece := source.read(min(left, 1 << 18))):  # type: ignore[attr-defined]
        out.write(piece)  # type: ignore[attr-defined]
        left -= len(piece)
