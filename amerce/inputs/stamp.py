"""The stamp of what a page shows, by which a command knows that it still stands when the page is sent back.

Why a hash of what is said and no counter: it needs no column, so that settings, a row with its lines, and rows that
belong together are kept from being overwritten in one way.
"""

import hashlib
import json
from dataclasses import asdict, is_dataclass
from typing import Any

from amerce.inputs.errors import OutOfDate


def stamp_of(said: object) -> str:
    """64 characters that are the same as long as ``said`` is: facts (a dataclass) or plain values, in an order."""
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=_plain).encode()).hexdigest()


def require_unchanged(stands: object, expected_stamp: str | None) -> None:
    """Raise ``OutOfDate`` unless ``stands``, read under the lock, has the stamp that the page was made with.

    None is for callers without a page, who say what shall be whatever stands.
    """
    if expected_stamp is not None and stamp_of(stands) != expected_stamp:
        raise OutOfDate


def _plain(value: Any) -> Any:
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else str(value)
