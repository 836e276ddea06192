"""Bringing a file to where the bursar takes it from, and fetching files that lie there: a folder, or an SFTP server.

Why ``.part`` first and then renamed: whoever looks there never sees half a file.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import paramiko

from amerce.bursar.models import BursarProfile
from amerce.bursar.others_folder import entries, folder_there, keep_on_disk, open_there, write_there
from amerce.bursar.places import exchange, kept_whole
from amerce.bursar.sftp import listing, plain_errors, rename_over, sftp_session
from amerce.inputs.checks import can_be_seen

MOMENT_S, TRANSFER_S = 60.0, 3600.0
"""How long a server has for what is asked while somebody waits, and for a file."""
_ASKED_AT_ONCE = 64
"""Pieces of a file: a server that sends the last first fills no more memory than these."""
FILES_LIMIT = 1000
"""More files in an import folder than anybody puts there; the rest waits for the next run."""
_NAME_BYTES = 251
"""What is left for a name beside ``.txt``."""
_NOT_IN_NAMES = frozenset("/\t\r\n")
_PIECE = 1 << 18
_SFTP = BursarProfile.Destination.SFTP


def deliver(profile: BursarProfile, path: Path, name: str) -> str:
    """Put the file there under ``name``, over one of the same name; where it is now. Raises ``NotReached``."""
    if profile.destination == _SFTP:
        with sftp_session(profile, TRANSFER_S) as sftp:
            target = str(PurePosixPath(profile.folder or ".") / name)
            sftp.put(str(path), target + ".part", confirm=True)
            rename_over(sftp, target + ".part", target)
        return f"sftp://{profile.username}@{profile.host}:{profile.port}/{target.lstrip('/')}"
    with plain_errors():
        there = exchange(profile, profile.folder) / name
        part = there.with_name(name + ".part")
        with path.open("rb") as source, write_there(part) as out:
            shutil.copyfileobj(source, out)
            out.flush()
            os.fsync(out.fileno())
        part.replace(there)
        keep_on_disk(there.parent)
    return f"{profile.folder}/{name}"


@dataclass(frozen=True)
class Waiting:
    """``names`` of XML files that can be taken, in their order, and what is called so too and ``cannot_be`` taken: a
    link, or a name that cannot be written here."""

    names: list[str]
    cannot_be: list[str]


def look_into(profile: BursarProfile) -> Waiting:
    """What waits in the import folder. Raises ``NotReached``."""
    if profile.destination == _SFTP:
        with sftp_session(profile, MOMENT_S) as sftp:
            found = [each for each in listing(sftp, profile.import_folder or ".") if not each.is_folder]
    else:
        with plain_errors():
            found = [each for each in entries(exchange(profile, profile.import_folder)) if not each.is_folder]
    files = sorted((each for each in found if each.name.lower().endswith(".xml")), key=lambda each: each.name)
    names = [each.name for each in files if each.is_file and _can_be_called(each.name)]
    others = [each.name for each in files if each.name not in names]
    return Waiting(names[:FILES_LIMIT], [_in_writing(each) for each in others[:FILES_LIMIT]])


def waiting_files(profile: BursarProfile) -> list[str]:
    """The names of the XML files that wait in the import folder, in their order. Raises ``NotReached``."""
    return look_into(profile).names


def fetch(profile: BursarProfile, name: str, to: Path, limit: int) -> str:
    """Copy a waiting file to ``to``, no more than ``limit`` bytes and one of it; by what ``put_away`` knows it again.

    Raises ``NotReached``.
    """
    if profile.destination == _SFTP:
        with (
            sftp_session(profile, TRANSFER_S) as sftp,
            sftp.open(_there(profile, name), "rb") as source,
            kept_whole(to) as out,
        ):
            facts = source.stat()
            source.prefetch(min(facts.st_size or 0, limit + 1), max_concurrent_requests=_ASKED_AT_ONCE)
            _copy(source, out, limit)
        return _mark(facts)
    with plain_errors(), open_there(exchange(profile, profile.import_folder) / name) as source, kept_whole(to) as out:
        facts_here = os.fstat(source.fileno())
        _copy(source, out, limit)
    return _mark(facts_here)


def mark_of_same(profile: BursarProfile, name: str, size: int, sha256: str) -> str:
    """By what ``put_away`` knows the waiting file of that name again, if it has these bytes; empty if none does.

    Raises ``NotReached``.
    """
    if profile.destination == _SFTP:
        with sftp_session(profile, TRANSFER_S) as sftp:
            if name not in {each.name for each in listing(sftp, profile.import_folder or ".")}:
                return ""
            with sftp.open(_there(profile, name), "rb") as source:
                facts = source.stat()
                if facts.st_size != size:
                    return ""
                source.prefetch(size, max_concurrent_requests=_ASKED_AT_ONCE)
                return _mark(facts) if _sha256(source, size) == sha256 else ""
    with plain_errors():
        folder = exchange(profile, profile.import_folder)
        if not any(each.name == name and each.is_file for each in entries(folder)):
            return ""
        with open_there(folder / name) as here:
            facts_here = os.fstat(here.fileno())
            is_same = facts_here.st_size == size and _sha256(here, size) == sha256
            return _mark(facts_here) if is_same else ""


def put_away(profile: BursarProfile, name: str, folder: str, reason: str = "", mark: str = "") -> bool:
    """Move a file that was dealt with into ``folder`` beside it, with ``reason`` as a text. Raises ``NotReached``.

    False is that it is another by now than the one that ``mark`` was answered for, and was left for the next import.
    """
    if profile.destination == _SFTP:
        with sftp_session(profile, MOMENT_S) as sftp:
            there, away = _there(profile, name), str(PurePosixPath(profile.import_folder or ".") / folder)
            names = {each.name for each in listing(sftp, profile.import_folder or ".")}
            if name in names and mark not in ("", _mark(sftp.stat(there))):
                return False
            if folder not in names:
                sftp.mkdir(away)
            if name in names:
                rename_over(sftp, there, f"{away}/{name}")
            if reason:
                with sftp.open(f"{away}/{name}.txt", "w") as out:
                    out.write(reason + "\n")
        return True
    with plain_errors():
        beside = exchange(profile, profile.import_folder)
        is_there = os.path.lexists(beside / name)
        if is_there and mark not in ("", _mark(os.lstat(beside / name))):
            return False
        away_there = folder_there(beside / folder)
        if is_there:
            (beside / name).replace(away_there / name)
        if reason:
            with write_there(away_there / f"{name}.txt") as out:
                out.write(f"{reason}\n".encode())
    return True


def test_connection(profile: BursarProfile) -> str:
    """Go there, write and remove a small file; what the server calls its key. Raises ``NotReached``."""
    probe = "amerce-test.part"
    if profile.destination == _SFTP:
        with sftp_session(profile, MOMENT_S) as sftp:
            target = str(PurePosixPath(profile.folder or ".") / probe)
            with sftp.open(target, "w") as out:
                out.write("Amerce can write here.\n")
            sftp.remove(target)
        return f"{profile.host}:{profile.port}"
    with plain_errors():
        there = exchange(profile, profile.folder) / probe
        with write_there(there) as out:
            out.write(b"Amerce can write here.\n")
        there.unlink()
    return profile.folder


test_connection.__test__ = False  # type: ignore[attr-defined]  # what is on the button; no test of pytest's


def _there(profile: BursarProfile, name: str) -> str:
    return str(PurePosixPath(profile.import_folder or ".") / name)


def _mark(facts: os.stat_result | paramiko.SFTPAttributes) -> str:
    """Another for a file that was written anew."""
    return f"{facts.st_size}-{getattr(facts, 'st_mtime_ns', facts.st_mtime)}"


def _can_be_called(name: str) -> bool:
    """Whether databases, pages and file systems take the name, with what is put behind it."""
    return can_be_seen(name) and not _NOT_IN_NAMES & set(name) and len(name.encode()) <= _NAME_BYTES


def _in_writing(name: str) -> str:
    return repr(name)[1:-1][:_NAME_BYTES]


def _sha256(source: Any, size: int) -> str:
    """Of so many bytes, and one more if there is one."""
    digest = hashlib.sha256()
    for piece in _pieces(source, size):
        digest.update(piece)
    return digest.hexdigest()


def _copy(source: Any, out: Any, limit: int) -> None:
    for piece in _pieces(source, limit):
        out.write(piece)


def _pieces(source: Any, limit: int) -> Iterator[bytes]:
    """No more than ``limit`` bytes and one, by which it shows that there are more."""
    left = limit + 1
    while left > 0 and (piece := source.read(min(left, _PIECE))):
        yield piece
        left -= len(piece)
