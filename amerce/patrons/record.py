"""What every command on a patron record begins and ends with: the row locked, the page not out of date, one event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from amerce.access.actors import Actor
from amerce.events.record import record
from amerce.patrons.errors import RecordChanged, RowProtected
from amerce.patrons.models import Patron
from amerce.patrons.queries import PatronNotFound


@dataclass(frozen=True)
class RecordOutcome:
    """``row_id`` is the identifier, contact, note or proxy; ``changed`` is False when all was so already."""

    patron_id: int
    seq: int
    row_id: int | None = None
    changed: bool = True


def lock_record(actor: Actor, patron_id: int, expected_seq: int) -> Patron:
    """The patron's row, locked until the transaction ends. Raises ``PatronNotFound``, ``RecordChanged``.

    Why without the key: money that is written for the patron meanwhile only refers to the row.
    """
    rows = Patron.objects.select_for_update(no_key=True).filter(institution_id=actor.institution_id)
    patron = rows.filter(pk=patron_id).first()
    if patron is None:
        raise PatronNotFound(patron_id)
    if patron.seq != expected_seq:
        raise RecordChanged(expected_seq, patron.seq)
    return patron


def close_record(
    patron: Patron,
    event: str,
    *,
    actor: Actor,
    at: datetime,
    data: Mapping[str, Any],
    columns: Sequence[str] = (),
    row_id: int | None = None,
) -> RecordOutcome:
    """Write ``columns`` of the patron and the event; the record is one change further."""
    patron.seq += 1
    patron.save(update_fields=[*columns, "seq"])
    record(event, actor=actor, at=at, patron_id=patron.pk, data={"seq": patron.seq, **data})
    return RecordOutcome(patron.pk, patron.seq, row_id)


def refuse_loaded(patron: Patron, *, is_loaded: bool) -> None:
    """Raises ``RowProtected`` for a row that the source keeps."""
    if is_loaded and patron.is_external:
        raise RowProtected(patron.source_system)
