"""Whom a notification profile matches, and with how much: one statement, on every engine (row C3).

Why one: preview, live figures and run must not differ in a single rule, and a hundred thousand patrons are summed up
where their fees lie. Rules of ``seeds/configuration-patron-charges.txt``; ``docs/reference/rules.md`` says the rest.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from amerce.charges.models import Fee
from amerce.circulation.models import Loan
from amerce.institutions.days import begin_of_day, local_day
from amerce.institutions.models import Institution
from amerce.notices.profiles import INSTITUTION, ProfileFacts
from amerce.patrons.models import Patron
from amerce.sql import among


@dataclass(frozen=True)
class Owed:
    """What one patron owes one owner (``INSTITUTION`` for the institution itself), in minor units: one message."""

    patron_id: int
    owner: int
    fees: int
    total_minor: int


Place = tuple[int, int]
"""Where a list of messages goes on: patron id and owner of the last one."""
BEGIN: Place = (0, -1)


def counted_fees(institution: Institution, facts: ProfileFacts, as_of: datetime) -> QuerySet[Any]:
    """The fees that count towards the totals of a profile, with ``owner_key`` and what is ``open_minor`` of each.

    Active debts of the right owner, type and age, made before ``as_of``, of the right patrons; less the unused credits
    that are bound to them. What is disputed or transferred and every other credit does not count.
    """
    day = local_day(as_of, institution.zone)
    fees = Fee.objects.filter(
        institution=institution, status=Fee.Status.ACTIVE, original_minor__gt=0, created_at__lt=as_of
    )
    if facts.created_before_days is not None:
        fees = fees.filter(created_at__lt=_begin(day, facts.created_before_days, institution))
    if facts.created_after_days is not None:
        fees = fees.filter(created_at__gte=_begin(day, facts.created_after_days - 1, institution))
    if facts.types:
        fees = fees.filter(type_id__in=facts.types)
    fees = fees.filter(_of_owners(facts.owners)).filter(_of_patrons(institution, facts, day))
    bound = Fee.objects.filter(institution=institution, bound_to=OuterRef("pk"), remaining_minor__lt=0)
    unused = bound.order_by().values("bound_to").annotate(sum_minor=Sum("remaining_minor")).values("sum_minor")
    return fees.annotate(
        owner_key=Coalesce("owner_id", Value(INSTITUTION)),
        open_minor=F("remaining_minor") + Coalesce(Subquery(unused), Value(0)),
    )


def messages(institution: Institution, facts: ProfileFacts, as_of: datetime) -> QuerySet[Any]:
    """A row for each patron and owner whose total is within the thresholds, as ``Owed`` has it."""
    grouped = counted_fees(institution, facts, as_of).order_by().values("patron_id", "owner_key")
    found: QuerySet[Any] = grouped.annotate(
        fees=Count("pk", filter=Q(open_minor__gt=0)), total_minor=Sum("open_minor")
    ).filter(total_minor__gte=facts.minimum_minor)
    return found if facts.maximum_minor is None else found.filter(total_minor__lt=facts.maximum_minor)


def next_messages(
    institution: Institution, facts: ProfileFacts, as_of: datetime, *, after: Place, limit: int
) -> list[Owed]:
    """The messages behind ``after``, by patron and owner, at most ``limit``."""
    patron_id, owner = after
    behind = Q(patron_id__gt=patron_id) | Q(owner_key__gt=owner)
    found = messages(institution, facts, as_of).filter(behind, patron_id__gte=patron_id)
    return [_owed(each) for each in found.order_by("patron_id", "owner_key")[:limit]]


def messages_to(
    institution: Institution, facts: ProfileFacts, as_of: datetime, patron_ids: Collection[int]
) -> dict[Place, Owed]:
    """The messages to some patrons as things stand, by patron and owner: asked again under their locks."""
    found = messages(institution, facts, as_of).filter(among("patron_id", patron_ids))
    return {(each.patron_id, each.owner): each for each in map(_owed, found)}


def _owed(row: dict[str, Any]) -> Owed:
    return Owed(row["patron_id"], row["owner_key"], row["fees"], row["total_minor"])


def _begin(day: Any, days: int, institution: Institution) -> datetime:
    """When the day began that was ``days`` before ``day``; the first of all days where there were not so many."""
    return begin_of_day(day - timedelta(days=days), institution.zone)


def _of_owners(owners: tuple[int, ...]) -> Q:
    """Without any, every library: what the institution owns is chosen or left out."""
    if not owners:
        return Q(owner__isnull=False)
    chosen = Q(owner_id__in=[each for each in owners if each != INSTITUTION])
    return chosen | Q(owner__isnull=True) if INSTITUTION in owners else chosen


def _of_patrons(institution: Institution, facts: ProfileFacts, day: Any) -> Q:
    groups = facts.groups
    if not groups and institution.default_user_group_id is not None:
        groups = (institution.default_user_group_id,)
    chosen = Q(patron__group_id__in=groups) if groups else Q()
    if facts.only_active:
        expired = Q(patron__kind=Patron.Kind.EXTERNAL, patron__expires_on__lt=day)
        chosen &= Q(patron__status=Patron.Status.ACTIVE) & ~expired
    if facts.skips_borrowers:
        out = Loan.objects.filter(institution=institution, returned_at=None, closed_at=None)
        chosen &= Q(~Exists(out.filter(patron=OuterRef("patron_id"))))
    return chosen
