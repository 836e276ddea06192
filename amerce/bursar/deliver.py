"""Bringing a file to where the bursar takes it from, and fetching files that lie there: a folder, or an SFTP server.

Why ``.part`` first and then renamed: whoever looks there never sees half a file.
"""

import os
import shutil
import stat
from pathlib import Path, PurePosixPath

from amerce.bursar.models import BursarProfile
from amerce.bursar.others_folder import folder_there, keep_on_disk, open_there, plain_files, write_there
from amerce.bursar.places import exchange, plain_name
from amerce.bursar.sftp import plain_errors, rename_over, sftp_session

MOMENT_S, TRANSFER_S = 60.0, 3600.0
"""How long a server has for what is asked while somebody waits, and for a file."""
_ASKED_AT_ONCE = 64
"""Pieces of a file: a server that sends the last first fills no more memory than these."""
FILES_LIMIT = 1000
"""More files in an import folder than anybody puts there; the rest waits for the next run."""
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


def waiting_files(profile: BursarProfile) -> list[str]:
    """The names of the XML files that wait in the import folder, in their order. Raises ``NotReached``."""
    if profile.destination == _SFTP:
        with sftp_session(profile, MOMENT_S) as sftp:
            there = sftp.listdir_attr(profile.import_folder or ".")
            names = [each.filename for each in there if not stat.S_ISDIR(each.st_mode or 0)]
    else:
        with plain_errors():
            names = plain_files(exchange(profile, profile.import_folder))
    return sorted(each for each in names if each.lower().endswith(".xml"))[:FILES_LIMIT]


def fetch(profile: BursarProfile, name: str, to: Path, limit: int) -> None:
    """Copy a waiting file to ``to``, no more than ``limit`` bytes and one of it. Raises ``NotReached``."""
    if profile.destination == _SFTP:
        there = _there(profile, name)
        with sftp_session(profile, TRANSFER_S) as sftp, sftp.open(there, "rb") as source, to.open("wb") as out:
            size = sftp.stat(there).st_size or 0
            source.prefetch(min(size, limit + 1), max_concurrent_requests=_ASKED_AT_ONCE)
            _copy(source, out, limit)
        return
    with plain_errors(), open_there(exchange(profile, profile.import_folder) / name) as source, to.open("wb") as out:
        _copy(source, out, limit)


def put_away(profile: BursarProfile, name: str, folder: str, reason: str = "") -> None:
    """Move a file that was dealt with into ``folder`` beside it, with ``reason`` as a text. Raises ``NotReached``."""
    if profile.destination == _SFTP:
        with sftp_session(profile, MOMENT_S) as sftp:
            away = str(PurePosixPath(profile.import_folder or ".") / folder)
            if folder not in sftp.listdir(profile.import_folder or "."):
                sftp.mkdir(away)
            if name in sftp.listdir(profile.import_folder or "."):
                rename_over(sftp, _there(profile, name), f"{away}/{name}")
            if reason:
                with sftp.open(f"{away}/{name}.txt", "w") as out:
                    out.write(reason + "\n")
        return
    with plain_errors():
        beside = exchange(profile, profile.import_folder)
        away_there = folder_there(beside / folder)
        if (beside / name).exists():
            (beside / name).replace(away_there / name)
        if reason:
            with write_there(away_there / f"{plain_name(name)}.txt") as out:
                out.write(f"{reason}\n".encode())


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


def _copy(source: object, out: object, limit: int) -> None:
    left = limit + 1
    while left > 0 and (piece := source.read(min(left, 1 << 18))):  # type: ignore[attr-defined]
        out.write(piece)  # type: ignore[attr-defined]
        left -= len(piece)
