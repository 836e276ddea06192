"""Which fees a bulk waiver waives, and why not the others: one statement for the preview and for the run.

Why a verdict on each fee: what is left untouched is shown and reported by the same rule by which it is left.
"""

from collections.abc import Collection
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Exists,
    F,
    Model,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    TextChoices,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from amerce.bulk.criteria import Criteria
from amerce.bulk.models import IdLine
from amerce.charges.models import Fee
from amerce.circulation.models import Loan
from amerce.institutions.models import Institution
from amerce.sql import Ids, Select, among

_JUDGED = ("pk", "patron_id", "type__code", "verdict", "payable_minor", "total_minor")
_NEVER = datetime.max.replace(tzinfo=UTC)
_Within = tuple[datetime | None, datetime | None]


class Verdict(TextChoices):
    """What becomes of a fee that matches. The first that applies."""

    ABOVE = "above_threshold"
    OVERDUE = "overdue_loans"
    NOT_WAIVABLE = "not_waivable"
    NOTHING_OWED = "nothing_owed"
    WAIVED = "waived"


def matching(institution: Institution, criteria: Criteria) -> QuerySet[Fee]:
    """The active fees that the criteria name, whatever their users owe. CREDITs are none."""
    fees = Fee.objects.filter(institution=institution, status=Fee.Status.ACTIVE, original_minor__gt=0)
    if criteria.group_ids is not None:
        fees = fees.filter(patron__group__in=criteria.group_ids)
    if criteria.type_codes is not None:
        fees = fees.filter(type__code__in=criteria.type_codes)
    first, before = criteria.created_within(institution)
    if first:
        fees = fees.filter(created_at__gte=first)
    if before:
        fees = fees.filter(created_at__lt=before)
    if criteria.id_list_id is not None:
        lines = IdLine.objects.filter(institution=institution, id_list_id=criteria.id_list_id)
        named = Exists(lines.filter(fee=OuterRef("pk"))) | Exists(lines.filter(patron=OuterRef("patron_id"), fee=None))
        fees = fees.filter(named)
    return fees


def judged(institution: Institution, criteria: Criteria, at: datetime) -> QuerySet[Any]:
    """``matching`` with ``total_minor`` of the user, ``payable_minor`` of the fee, and the ``verdict``.

    The total is what remains of all active fees of the user, of whatever type, less the credits bound to them, and
    less all credits if the criteria say so; disputed and transferred fees are not in it (``docs/reference/rules.md``).
    """
    fees = matching(institution, criteria).annotate(
        total_minor=F("patron__account__active_minor") - _credits(criteria),
        payable_minor=F("remaining_minor") - _if_credit(_unused(bound_to=OuterRef("pk"))),
    )
    whens = [When(total_minor__gt=criteria.threshold_minor, then=Value(Verdict.ABOVE.value))]
    if criteria.excludes_overdue:
        whens.append(When(_has_overdue_loan(institution, at), then=Value(Verdict.OVERDUE.value)))
    whens += [
        When(type__is_waivable=False, then=Value(Verdict.NOT_WAIVABLE.value)),
        When(payable_minor__lte=0, then=Value(Verdict.NOTHING_OWED.value)),
    ]
    verdict = Case(*whens, default=Value(Verdict.WAIVED.value), output_field=CharField())
    return fees.annotate(verdict=verdict)


def patrons_after(institution: Institution, criteria: Criteria, after: int, fees_limit: int) -> tuple[list[int], bool]:
    """The next patrons in the order of their ids who have at most ``fees_limit`` matching fees together, but one at
    least; and whether they are the last.

    A patron is never parted: their threshold counts once. Those whom a list names are there without any fee.
    """
    within = criteria.created_within(institution)
    found = [patron_id for (patron_id,) in _walking(institution, criteria, within, fees_limit + 1).rows(after)]
    if len(found) <= fees_limit:
        return sorted(set(found)), True
    whole = [each for each in found if each != found[-1]]
    return sorted(set(whole)) or [found[0]], False


def count_patrons(institution: Institution, criteria: Criteria) -> int:
    """How many ``patrons_after`` will name in all."""
    return _walked(institution, criteria).values("patron_id").distinct().count()


def judged_of(
    institution: Institution, criteria: Criteria, at: datetime, patron_ids: Collection[int]
) -> list[dict[str, Any]]:
    """The judged fees of those patrons, by patron and id."""
    asked = (at,) if criteria.excludes_overdue else ()
    rows = _judging(institution, criteria, criteria.created_within(institution)).rows(Ids(patron_ids), *asked)
    return [dict(zip(_JUDGED, row, strict=True)) for row in rows]


@lru_cache(maxsize=16)
def _walking(institution: Institution, criteria: Criteria, within: _Within, limit: int) -> Select[Any]:
    """Compiled once for a run, not for each of its slices; ``within`` since a zone can change."""

    def build(after: int) -> QuerySet[Any]:
        rows = _walked(institution, criteria).filter(patron_id__gt=after).order_by("patron_id")
        return rows.values_list("patron_id")[:limit]

    return Select(build)


@lru_cache(maxsize=16)
def _judging(institution: Institution, criteria: Criteria, within: _Within) -> Select[Any]:
    """As ``_walking``. The time is asked only by who excludes overdue loans."""

    def build(patron_ids: Ids, at: datetime = _NEVER) -> QuerySet[Any]:
        rows = judged(institution, criteria, at).filter(among("patron_id", patron_ids))
        return rows.order_by("patron_id", "pk").values_list(*_JUDGED)

    return Select(build)


def _walked(institution: Institution, criteria: Criteria) -> QuerySet[Any]:
    """Rows with a ``patron_id``: the lines of the list if there is one, else the fees."""
    if criteria.id_list_id is None:
        return matching(institution, criteria)
    return IdLine.objects.filter(institution=institution, id_list_id=criteria.id_list_id, problem="")


def _credits(criteria: Criteria) -> Any:
    if criteria.nets_credits:
        return F("patron__account__credit_minor")
    return _if_credit(_unused(patron=OuterRef("patron_id"), bound_to__isnull=False))


def _if_credit(unused: Any) -> Any:
    """Most accounts have no unused credit, and nothing more is read for those."""
    return Case(When(patron__account__credit_minor__gt=0, then=unused), default=Value(0))


def _unused(**which: Any) -> Any:
    """The unused part of the active CREDITs ``which`` names, above zero."""
    credits = Fee.objects.filter(remaining_minor__lt=0, institution=OuterRef("institution_id"), **which)
    sums = credits.order_by().values("institution_id").annotate(unused=-Sum("remaining_minor"))
    return Coalesce(Subquery(sums.values("unused")), Value(0))


def _has_overdue_loan(institution: Institution, at: datetime) -> Any:
    """Out past due: a lost loan is, a claimed return is not."""
    late: QuerySet[Model] = Loan.objects.filter(
        institution=institution, patron=OuterRef("patron_id"), returned_at=None, closed_at=None, due_at__lt=at
    ).exclude(status=Loan.Status.CLAIMED_RETURN)
    return Exists(late)
