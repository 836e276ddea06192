"""What stops a patron from borrowing, renewing or asking for an item, and how it is let through (row C7).

Why here and not on the patron: a block follows from what is owed now, so a payment lifts it with nothing to update.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeAlias

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.models import Fee
from amerce.charges.request import COMMENT_LIMIT
from amerce.circulation.models import BlockRule
from amerce.inputs.checks import checked_text
from amerce.institutions.models import Institution
from amerce.patrons.blocks import holding
from amerce.patrons.models import Patron, PatronBlock
from amerce.patrons.notes import write_note
from amerce.patrons.queries import PatronNotFound
from amerce.sql import Select


class Action(StrEnum):
    """What a block may forbid."""

    CHECKOUT = "checkout"
    RENEWAL = "renewal"
    REQUEST = "request"


@dataclass(frozen=True)
class OwesTooMuch:
    """The active balance, net of credits, is ``limit_minor`` or more."""

    limit_minor: int
    balance_minor: int
    code = "owes_too_much"


@dataclass(frozen=True)
class OwesTooLong:
    """The oldest fee that is still owed was made on ``since``, ``days`` or more ago."""

    days: int
    since: date
    code = "owes_too_long"


@dataclass(frozen=True)
class Manual:
    """Somebody set it by hand."""

    text: str
    code = "manual"


@dataclass(frozen=True)
class Expired:
    """The record was valid until ``on``."""

    on: date
    code = "expired"


@dataclass(frozen=True)
class Inactive:
    """The record is switched off."""

    code = "inactive"


@dataclass(frozen=True)
class Awaited:
    """Somebody else is the first who waits for the copy. ``name`` is empty for who has no clearance for names."""

    request_id: int
    name: str
    code = "awaited"


Block: TypeAlias = OwesTooMuch | OwesTooLong | Manual | Expired | Inactive | Awaited
_FORBIDDEN_BY: dict[str, frozenset[Action]] = {
    PatronBlock.Type.GENERAL: frozenset(Action),
    PatronBlock.Type.LOAN: frozenset({Action.CHECKOUT, Action.RENEWAL}),
}


@dataclass(frozen=True)
class ByDebt:
    """What a patron's debt of ``balance_minor`` ``forbids``, and by which limits it does."""

    forbids: frozenset[Action]
    balance_minor: int
    blocks: tuple[OwesTooMuch | OwesTooLong, ...]


class PatronBlocked(Exception):
    """The patron is blocked, and nobody with the privilege said why it should be let through."""

    def __init__(self, patron_id: int, blocks: Sequence[Block]) -> None:
        super().__init__(f"patron {patron_id} is blocked: {', '.join(each.code for each in blocks)}")
        self.patron_id = patron_id
        self.blocks = tuple(blocks)


def blocks_of(actor: Actor, patron_id: int, action: Action, *, at: datetime) -> tuple[Block, ...]:
    """Everything that forbids ``action`` to the patron at ``at``, as ``forbidden`` says; empty when nothing does."""
    return forbidden(actor, patron_id, at=at)[action]


def forbidden(actor: Actor, patron_id: int, *, at: datetime) -> dict[Action, tuple[Block, ...]]:
    """For each action everything that forbids it to the patron at ``at``.

    The rule is the one of the patron's group, else the one of no group. It looks at what is owed net of credits, and
    its limits are inclusive: 10.00 blocks at 10.00 and no more after a payment of 0.01. Age counts days in the
    institution's zone. One query, and one more when somebody set a block. Raises ``PatronNotFound``.
    """
    return forbidden_to(borrower(actor, patron_id), at=at)


def borrower(actor: Actor, patron_id: int) -> Patron:
    """The patron with what ``forbidden_to`` looks at, and with the institution. Raises ``PatronNotFound``.

    For a command that needs the patron anyway. One query.
    """
    require(actor, Privilege.PATRON_VIEW)
    patron = _STANDING.first(actor.institution_id, patron_id)
    if patron is None:
        raise PatronNotFound(patron_id)
    return patron


def forbidden_to(patron: Patron, *, at: datetime) -> dict[Action, tuple[Block, ...]]:
    """As ``forbidden``, of a ``borrower``."""
    today = at.astimezone(patron.institution.zone).date()
    always, by_hand, owed = _record(patron, today), _set_by_hand(patron, today), _owed(patron, today)
    return {
        each: (
            *always,
            *(Manual(block.description) for block in by_hand if each in _FORBIDDEN_BY[block.type]),
            *(owed if getattr(patron, f"blocks_{each}") else ()),
        )
        for each in Action
    }


def owing_too_much(institution: Institution, patron_ids: Sequence[int], *, at: datetime) -> dict[int, ByDebt]:
    """Those of the patrons whom what they owe forbids something at ``at``, by id, with what it is. One query."""
    patrons = _with_standing(Patron.objects.filter(institution=institution, pk__in=patron_ids))
    today = at.astimezone(institution.zone).date()
    found = {}
    for patron in patrons.select_related("institution"):
        forbids = frozenset(each for each in Action if getattr(patron, f"blocks_{each}"))
        owed = _owed(patron, today) if forbids else []
        if owed:
            found[patron.pk] = ByDebt(forbids, patron.balance_minor, tuple(owed))
    return found


def let_through(
    actor: Actor, patron_id: int, blocks: Sequence[Block], override_reason: str = ""
) -> dict[str, dict[str, Any]]:
    """What goes into the data of the event of a command that ``blocks`` would forbid: nothing without any block.

    Raises ``PatronBlocked`` when no reason is given, ``NotAllowed`` when the actor may not override, ``TextTooLong``.
    The reason is kept as a note, because an event holds no words.
    """
    if not blocks:
        return {}
    reason = override_reason.strip()
    if not reason:
        raise PatronBlocked(patron_id, blocks)
    require(actor, Privilege.BLOCK_OVERRIDE)
    checked_text("override_reason", reason, COMMENT_LIMIT)
    note = write_note(institution_id=actor.institution_id, patron_id=patron_id, text=reason)
    assert note is not None, "a reason is not empty"
    return {"override": {"note": note.pk, "blocks": [each.code for each in blocks]}}


def _record(patron: Patron, today: date) -> list[Block]:
    found: list[Block] = [Inactive()] if patron.status == Patron.Status.INACTIVE else []
    if patron.expires_on is not None and patron.expires_on < today:
        found.append(Expired(patron.expires_on))
    return found


def _set_by_hand(patron: Any, today: date) -> list[PatronBlock]:
    if not patron.has_manual_block:
        return []
    blocks = PatronBlock.objects.filter(holding(today), institution_id=patron.institution_id, patron=patron)
    return list(blocks.order_by("pk"))


def _owed(patron: Any, today: date) -> list[OwesTooMuch | OwesTooLong]:
    """Nothing for whom credits outweigh what is open: such a patron owes nothing, however old the fee is."""
    if patron.balance_minor <= 0:
        return []
    found: list[OwesTooMuch | OwesTooLong] = []
    if patron.amount_minor is not None and patron.balance_minor >= patron.amount_minor:
        found.append(OwesTooMuch(patron.amount_minor, patron.balance_minor))
    if patron.age_days is not None and patron.oldest_owed_at is not None:
        since = patron.oldest_owed_at.astimezone(patron.institution.zone).date()
        if (today - since).days >= patron.age_days:
            found.append(OwesTooLong(patron.age_days, since))
    return found


def _standing(institution_id: int, patron_id: int) -> QuerySet[Patron]:
    """The patron with the institution, and ``_with_standing``: all in one, since it is asked in every checkout."""
    mine = Patron.objects.filter(institution_id=institution_id, pk=patron_id)
    return _with_standing(mine.select_related("institution"))


def _with_standing(patrons: QuerySet[Patron]) -> QuerySet[Any]:
    """Patrons with what is owed, since when, what the rule says, and whether somebody set a block.

    A lost item fee that was waived keeps its remainder beside a bound credit (row B7) and is not owed any more.
    """
    bound = Fee.objects.filter(bound_to=OuterRef("pk")).order_by().values("bound_to")
    unused = Coalesce(Subquery(bound.annotate(unused=Sum("remaining_minor")).values("unused")), 0)
    owed = Fee.objects.filter(
        institution=OuterRef("institution"),
        patron=OuterRef("pk"),
        status=Fee.Status.ACTIVE,
        remaining_minor__gt=-unused,
    )
    rules = BlockRule.objects.filter(
        Q(group=None) | Q(group=OuterRef("group")), institution=OuterRef("institution")
    ).order_by(F("group").asc(nulls_last=True))
    return patrons.annotate(
        balance_minor=Coalesce(F("account__active_minor") - F("account__credit_minor"), 0),
        oldest_owed_at=Subquery(owed.order_by("created_at").values("created_at")[:1]),
        has_manual_block=Exists(PatronBlock.objects.filter(patron=OuterRef("pk"), lifted_at=None)),
        **{column: Subquery(rules.values(column)[:1]) for column in _RULE},
    )


_RULE = ("amount_minor", "age_days", *(f"blocks_{each}" for each in Action))
"""The columns of the rule of the patron's group, else of the one of no group."""
_STANDING = Select(_standing)
