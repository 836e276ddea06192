"""Removing parts of files that a process left which was killed while it wrote them (``places.py: kept_whole``).

Why a day later, and by a run: nobody writes a file for so long, and whoever begins a run has a moment.
"""

import re
from contextlib import suppress
from datetime import datetime, timedelta

from amerce.bursar.places import PARTS, kept

LEFT_FOR = timedelta(days=1)
_OURS = re.compile(r".+\.[0-9a-f]{32}\.part")


def sweep_parts(institution_id: int, at: datetime) -> None:
    """Remove what was left by whoever was killed a day before ``at``, or longer ago."""
    for each in kept(institution_id, PARTS, "-").parent.iterdir():
        with suppress(FileNotFoundError):  # somebody else sweeps
            if _OURS.fullmatch(each.name) and each.stat().st_mtime < (at - LEFT_FOR).timestamp():
                each.unlink()
