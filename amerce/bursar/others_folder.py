"""Files in a folder in which others write too: never one that is reached by a link of theirs.

Why: the worker may read and write what they may not, and what it read is shown to a bursar's clerk.
"""

import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from errno import EACCES, EBADF, EINVAL, ELOOP, ENOSYS, ENOTSUP
from pathlib import Path
from typing import IO

_CANNOT_BE_KEPT = frozenset({EACCES, EBADF, EINVAL, ENOSYS, ENOTSUP})
"""What is said of a folder that cannot be made sure of; a disk that fails says something else."""


@dataclass(frozen=True)
class Entry:
    """What a folder holds under a name. A link is neither folder nor file."""

    name: str
    is_folder: bool
    is_file: bool


def entries(folder: Path) -> list[Entry]:
    """What is in ``folder``."""
    with os.scandir(folder) as found:
        return [
            Entry(each.name, each.is_dir(follow_symlinks=False), each.is_file(follow_symlinks=False)) for each in found
        ]


def open_there(path: Path) -> IO[bytes]:
    """Read the file at ``path``, which its neighbours may have made a link meanwhile. Raises ``OSError``."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if stat.S_ISREG(os.fstat(handle).st_mode):
        return os.fdopen(handle, "rb")
    os.close(handle)
    raise OSError(ELOOP, os.strerror(ELOOP))


def write_there(path: Path) -> IO[bytes]:
    """Write a file at ``path`` that nobody had before: what is called so goes. Raises ``OSError``.

    Who may read the folder may read it: the rest of what we write is our own alone.
    """
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with suppress(OSError):  # a share that knows no such rights, or has its own
        os.fchmod(handle, 0o600 | path.parent.stat().st_mode & 0o444)
    return os.fdopen(handle, "wb")


def folder_there(path: Path) -> Path:
    """The folder at ``path``, made as open as the one it is in if it is not there. Raises ``OSError`` for a link."""
    with suppress(FileExistsError):
        path.mkdir()
        with suppress(OSError):
            path.chmod(stat.S_IMODE(path.parent.stat().st_mode))
    if path.is_symlink():
        raise OSError(ELOOP, os.strerror(ELOOP))
    return path


def keep_on_disk(folder: Path) -> None:
    """What was renamed in ``folder`` stays so when the power goes, as far as that can be had. Raises ``OSError``.

    Some shares know no such thing, and into some folders one may write and not look: the file is there all the same,
    and whoever called that a failure would deliver it for ever.
    """
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        if error.errno not in _CANNOT_BE_KEPT:
            raise
