"""Counting calls across threads and processes without a database: a small file that all of them have in memory.

Why not rows: every call would write, and SQLite has one writer. Why not the memory of each process: there are four,
and a limit of fifty would be two hundred. Machines count for themselves.
"""

import fcntl
import hashlib
import mmap
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Lock

from django.conf import settings

_SLOTS = 4096
_SLOT = struct.Struct("<QII")
"""Whose it is, the window, and the calls in it."""


class CallCounts:
    """The file of counts. Two names that share a slot take turns in it, so that neither is refused for the other;
    where it ``is_shared`` they share the limit too, so that it is not avoided by way of another name.
    """

    def __init__(self, path: Path, *, is_shared: bool = False) -> None:
        self._threads = Lock()
        self._is_shared = is_shared
        self._file: int | None = None
        size = _SLOTS * _SLOT.size
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            if os.fstat(self._file).st_size < size:
                os.ftruncate(self._file, size)
            self._counts = mmap.mmap(self._file, size)
        except OSError:  # no data folder to write into: each process counts for itself
            self._file, self._counts = None, mmap.mmap(-1, size)

    def take(self, name: str, *, limit: int, window: int) -> bool:
        """Count one more in ``window``, a number that grows with time; False when ``limit`` were counted in it."""
        owner = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")
        place = owner % _SLOTS * _SLOT.size
        with self._alone(place):
            whose, current, calls = _SLOT.unpack_from(self._counts, place)
            if current != window or (whose != owner and not self._is_shared):
                calls = 0
            if calls >= limit:
                return False
            _SLOT.pack_into(self._counts, place, owner, window, calls + 1)
            return True

    @contextmanager
    def _alone(self, place: int) -> Iterator[None]:
        with self._threads:
            if self._file is None:
                yield
                return
            fcntl.lockf(self._file, fcntl.LOCK_EX, _SLOT.size, place)
            try:
                yield
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN, _SLOT.size, place)


@cache
def call_counts() -> CallCounts:
    """Those of this installation, in ``DATA_DIR/api-calls``."""
    return CallCounts(settings.DATA_DIR / "api-calls")


@cache
def guess_counts() -> CallCounts:
    """Tries of a password, all counted by the minute, in ``DATA_DIR/api-guesses``."""
    return CallCounts(settings.DATA_DIR / "api-guesses", is_shared=True)
