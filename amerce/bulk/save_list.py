"""Keeping a list of users or fees that a bulk waiver shall be for, with what each line names (row B15)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.bulk.lines import read_lines
from amerce.bulk.models import IdLine, IdList
from amerce.charges.models import Fee
from amerce.events.record import record
from amerce.inputs.checks import can_be_stored, possible_ids, without_unseen
from amerce.inputs.errors import RowNotFound
from amerce.patrons.folding import fold_id
from amerce.patrons.models import Patron, PatronIdentifier
from amerce.sql import fresh, insert

BAD_LINES_SHOWN = 100
_AT_ONCE = 400
_NAME_LIMIT = 200


@dataclass(frozen=True)
class ListFacts:
    """A list with how many lines name something, and the first lines that do not."""

    id_list: IdList
    lines: int
    good: int
    bad: int
    bad_lines: tuple[IdLine, ...]


@dataclass(frozen=True)
class _Found:
    patron_id: int | None = None
    fee_id: int | None = None
    problem: str = ""


def save_list(*, actor: Actor, at: datetime, kind: IdList.Kind, content: bytes, name: str) -> ListFacts:
    """Keep the lines of a file: users by any of their identifiers, or fees by their ids.

    A line that names nobody, several, or what a line before named, is kept with its problem and otherwise left.
    Written in pieces, so that nobody waits for it; the list is of use when all of it is there. Raises ``NotAllowed``
    and of ``bulk.errors`` ``FileTooLarge``, ``FileUnreadable``, ``FileEmpty``.
    """
    require_for(actor, Privilege.BULK_WAIVE, EVERYWHERE)
    lines = read_lines(content, name)
    find = _find_users if kind == IdList.Kind.USERS else _find_fees
    made = IdList.objects.create(
        institution_id=actor.institution_id,
        kind=kind,
        name=without_unseen(name)[:_NAME_LIMIT],
        created_at=at,
        created_by=actor.name,
    )
    seen: set[int] = set()
    for begin in range(0, len(lines), _AT_ONCE):
        rows = _rows(made, lines[begin : begin + _AT_ONCE], find, seen)
        with transaction.atomic():
            insert(rows)
    with transaction.atomic():
        made.is_complete = True
        made.save(update_fields=["is_complete"])
        record("bulk_list.saved", actor=actor, at=at, data={"list": made.pk, "kind": made.kind, "lines": len(lines)})
    return list_facts(actor, made.pk)


def list_facts(actor: Actor, id_list_id: int) -> ListFacts:
    """A list of the institution that was kept whole. Raises ``NotAllowed``, ``RowNotFound``."""
    require_for(actor, Privilege.BULK_WAIVE, EVERYWHERE)
    mine = IdList.objects.filter(institution_id=actor.institution_id, is_complete=True)
    found = mine.filter(pk__in=possible_ids([id_list_id])).first()
    if found is None:
        raise RowNotFound(id_list_id)
    counts = dict(found.lines.values_list("problem").annotate(Count("pk")))
    bad = found.lines.exclude(problem="").order_by("number")[:BAD_LINES_SHOWN]
    lines, good = sum(counts.values()), counts.get("", 0)
    return ListFacts(found, lines, good, lines - good, tuple(bad))


def _rows(
    made: IdList, lines: Sequence[tuple[int, str]], find: Callable[[int, Sequence[str]], list[_Found]], seen: set[int]
) -> list[IdLine]:
    rows = []
    for (number, text), found in zip(lines, find(made.institution_id, [text for _, text in lines]), strict=True):
        named = found.fee_id or found.patron_id
        problem = found.problem or (IdLine.Problem.REPEATED if named in seen else "")
        if named:
            seen.add(named)
        rows.append(
            fresh(
                IdLine,
                institution_id=made.institution_id,
                id_list_id=made.pk,
                number=number,
                patron_id=None if problem else found.patron_id,
                fee_id=None if problem else found.fee_id,
                problem=str(problem),
                text=text if problem else "",
            )
        )
    return rows


def _find_users(institution_id: int, texts: Sequence[str]) -> list[_Found]:
    """The primary id first, else any identifier, in any case: as at the desk (``patrons.queries``)."""
    folded = [fold_id(text) if can_be_stored(text) else "" for text in texts]
    mine = Patron.objects.filter(institution_id=institution_id, primary_folded__in=folded)
    primary = dict(mine.values_list("primary_folded", "pk"))
    others: dict[str, set[int]] = {}
    identifiers = PatronIdentifier.objects.filter(institution_id=institution_id, folded__in=folded)
    for value, patron_id in identifiers.values_list("folded", "patron_id"):
        others.setdefault(value, set()).add(patron_id)
    return [_one({primary[each]} if each in primary else others.get(each, set())) for each in folded]


def _one(patron_ids: set[int]) -> _Found:
    if len(patron_ids) > 1:
        return _Found(problem=IdLine.Problem.SEVERAL)
    return _Found(patron_id=next(iter(patron_ids))) if patron_ids else _Found(problem=IdLine.Problem.UNKNOWN)


def _find_fees(institution_id: int, texts: Sequence[str]) -> list[_Found]:
    numbers = [int(text) if text.isascii() and text.isdigit() else 0 for text in texts]
    fees = Fee.objects.filter(institution_id=institution_id, pk__in=possible_ids(numbers))
    whose = dict(fees.values_list("pk", "patron_id"))
    return [
        _Found(whose[number], number)
        if number in whose
        else _Found(problem=IdLine.Problem.UNKNOWN if number else IdLine.Problem.UNREADABLE)
        for number in numbers
    ]
