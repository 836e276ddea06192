"""Where files lie in the data folder: those that were made and received, and the folders that profiles name.

Why below one folder of each institution: whoever edits a profile chooses where the worker reads and writes, and must
not choose anything else, such as what another institution exchanges.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from uuid import uuid4

from django.conf import settings

from amerce.bursar.errors import FolderUnsafe
from amerce.bursar.models import BursarProfile
from amerce.bursar.others_folder import keep_on_disk

PARTS = "parts"
"""The folder among what is kept in which files lie while they are written."""
_PLAIN = re.compile(r"[\w][\w .-]*(/[\w][\w .-]*)*")
_NAME_BYTES = 150
"""With a number before it and an ending behind, no more than any disk takes."""
_UNSAFE = re.compile(r"[^\w.-]+")


def kept(institution_id: int, *parts: str) -> Path:
    """A path among what is kept of runs and imports; its folder is made."""
    path = Path(settings.DATA_DIR, "bursar-files", str(institution_id), *parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def exchange(profile: BursarProfile, folder: str) -> Path:
    """A folder that the profile names, among those of its institution; it is made. Raises ``FolderUnsafe``."""
    below = checked_folder("folder", folder)
    path = Path(settings.DATA_DIR, "bursar", plain_name(profile.institution.code), below)
    path.mkdir(parents=True, exist_ok=True)
    return path


@contextmanager
def kept_whole(path: Path) -> Iterator[IO[bytes]]:
    """Write a file that is there as a whole or not at all, also when the disk is full or the power goes.

    The part has a name of its own, since a job and a download may write the same file at the same time, and lies among
    the parts of its institution, where ``sweep_parts`` finds what a process left that was killed.
    """
    part = _parts_of(path) / f"{path.name}.{uuid4().hex}.part"
    try:
        with part.open("wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    keep_on_disk(path.parent)


def _parts_of(path: Path) -> Path:
    """The folder for parts of what is kept of an institution; of any other file the one in which it lies."""
    of_all = Path(settings.DATA_DIR, "bursar-files")
    if of_all not in path.parents:
        return path.parent
    return kept(int(path.relative_to(of_all).parts[0]), PARTS, "-").parent


def checked_folder(field: str, folder: str) -> str:
    """``folder`` without the space around it. Raises ``FolderUnsafe`` for what leads out of its place."""
    plain = folder.strip().strip("/")
    if plain and (not _PLAIN.fullmatch(plain) or ".." in plain.split("/")):
        raise FolderUnsafe(field)
    return plain


def plain_name(name: str, limit: int = _NAME_BYTES) -> str:
    """What a file that came from elsewhere is called here, in ``limit`` bytes."""
    plain = _UNSAFE.sub("-", Path(name.replace("\\", "/")).name).strip(".-")
    return plain.encode()[-limit:].decode(errors="ignore") or "file.xml"
