"""What the commands share that write a row of the configuration: finding it, keeping its names apart, its event."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Model

from amerce.access.actors import Actor
from amerce.events.record import record
from amerce.inputs.checks import possible_ids
from amerce.inputs.errors import NameTaken, Refused, RowNotFound

CODE_LIMIT = 60

Row = TypeVar("Row", bound=Model)


class LastInUse(Refused):
    """It is the last one that is active, and without any the desks stand still."""

    field = "is_active"


@dataclass(frozen=True)
class RowSaved:
    """``is_changed`` is false for a row that said all of it before: then nothing was written."""

    row_id: int
    is_changed: bool


def own_row(model: type[Row], actor: Actor, row_id: int | None) -> Row | None:
    """The row of the actor's institution; None to make a new one. Raises ``RowNotFound``."""
    if row_id is None:
        return None
    mine = model._default_manager.filter(institution_id=actor.institution_id, pk__in=possible_ids([row_id]))
    found = mine.first()
    if found is None:
        raise RowNotFound(row_id)
    return found


def require_free(model: type[Model], actor: Actor, row_id: int | None, names: Mapping[str, str], **within: Any) -> None:
    """Raise ``NameTaken`` where another row among those ``within`` has one of ``names``, in any case."""
    others = model._default_manager.filter(institution_id=actor.institution_id, **within).exclude(pk=row_id or 0)
    for other in others:
        for field, name in names.items():
            if getattr(other, field).casefold() == name.casefold():
                raise NameTaken(field, getattr(other, field))


def require_another_active(model: type[Model], actor: Actor, row_id: int | None, **within: Any) -> None:
    """Raise ``LastInUse`` unless another row among those ``within`` is active."""
    others = model._default_manager.filter(institution_id=actor.institution_id, is_active=True, **within)
    if not others.exclude(pk=row_id or 0).exists():
        raise LastInUse


def write_row(
    model: type[Row],
    event: str,
    *,
    actor: Actor,
    at: datetime,
    row: Row | None,
    before: Any,
    after: Any,
) -> RowSaved:
    """Write the facts ``after``, a dataclass, into ``row``, or into a new one, and the ``event`` with both."""
    columns = {**asdict(after), "updated_by": actor.name, "updated_at": at}
    if row is None:
        row = model._default_manager.create(institution_id=actor.institution_id, **columns)
    else:
        for name, value in columns.items():
            setattr(row, name, value)
        row.save(update_fields=list(columns))
    data = {"row": row.pk, "before": asdict(before) if before else None, "after": asdict(after)}
    record(event, actor=actor, at=at, data=data)
    return RowSaved(row.pk, is_changed=True)
