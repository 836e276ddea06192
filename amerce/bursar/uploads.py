"""Files of payments that somebody uploads, kept until their import takes them.

Why a moment before the name: two files of one name do not meet.
"""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.bursar.errors import FileTooLarge
from amerce.bursar.places import kept, kept_whole, plain_name
from amerce.bursar.read_file import SIZE_LIMIT

_MOMENT = "%Y%m%d%H%M%S%f"
_MOMENT_DIGITS = 20
_OWN_BYTES = 120


def keep_upload(*, actor: Actor, at: datetime, name: str, size: int, pieces: Iterable[bytes]) -> str:
    """Keep an uploaded file until its import takes it; what it is called there.

    Raises ``NotAllowed``, ``FileTooLarge``.
    """
    require_for(actor, Privilege.FEE_EXPORT, EVERYWHERE)
    if size > SIZE_LIMIT:
        raise FileTooLarge(SIZE_LIMIT)
    place = uploaded(actor.institution_id, f"{at:{_MOMENT}}-{plain_name(name, _OWN_BYTES)}")
    with kept_whole(place) as out:
        for piece in pieces:
            out.write(piece)
    return place.name


def uploaded(institution_id: int, name: str) -> Path:
    """Where an uploaded file lies until its import takes it."""
    return kept(institution_id, "uploads", plain_name(name))


def own_name(name: str) -> str:
    """What an uploaded file was called where it came from."""
    moment, dash, own = name.partition("-")
    return own if dash and moment.isdigit() and len(moment) == _MOMENT_DIGITS else name


def drop_upload(institution_id: int, name: str) -> None:
    """Remove an uploaded file for which no import was queued."""
    uploaded(institution_id, name).unlink(missing_ok=True)
