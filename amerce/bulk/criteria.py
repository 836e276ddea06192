"""Whom and what a bulk waiver is for (row B15).

Why a value of its own: the page previews it, the run keeps it, and both select by it in one place.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from amerce.bulk.errors import DayOutOfRange, DaysReversed, ListUnusable, NothingChosenOf, ThresholdMissing
from amerce.bulk.models import IdList
from amerce.charges.models import CREDIT_TYPE, FeeType
from amerce.inputs.checks import checked_number, possible_ids
from amerce.inputs.errors import ChoiceUnknown
from amerce.institutions.days import begin_of_day
from amerce.institutions.models import Institution
from amerce.patrons.models import UserGroup

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)
"""Between which a fee was created: a day at the end of all days has no next one that ends it."""


@dataclass(frozen=True, kw_only=True)
class Criteria:
    """``threshold_minor`` is held against what a user owes in all. ``group_ids`` and ``type_codes`` None mean all.

    ``created_from`` and ``created_to`` are whole days in the institution's zone, both counted in. With
    ``nets_credits`` the user's credits are taken off the total; credits bound to a fee always are. ``id_list_id``
    leaves only the users, or the fees, of that list.
    """

    threshold_minor: int
    group_ids: tuple[int, ...] | None
    type_codes: tuple[str, ...] | None
    excludes_overdue: bool = False
    created_from: date | None = None
    created_to: date | None = None
    nets_credits: bool = False
    id_list_id: int | None = None

    def as_json(self) -> dict[str, Any]:
        """As a JSON column gives it back."""
        kept = asdict(self)
        for name in ("created_from", "created_to"):
            kept[name] = kept[name] and kept[name].isoformat()
        for name in ("group_ids", "type_codes"):
            kept[name] = None if kept[name] is None else sorted(kept[name])
        return kept

    def created_within(self, institution: Institution) -> tuple[datetime | None, datetime | None]:
        """From which moment on, and before which, a fee was created."""
        first, last = self.created_from, self.created_to
        return (
            begin_of_day(first, institution.zone) if first else None,
            begin_of_day(last + timedelta(days=1), institution.zone) if last else None,
        )


def from_json(kept: Mapping[str, Any]) -> Criteria:
    """The criteria that ``as_json`` gave."""
    days = {name: date.fromisoformat(kept[name]) if kept[name] else None for name in ("created_from", "created_to")}
    lists = {name: None if kept[name] is None else tuple(kept[name]) for name in ("group_ids", "type_codes")}
    return Criteria(**{**kept, **days, **lists})


def check_criteria(criteria: Criteria, institution: Institution) -> None:
    """Raise ``ThresholdMissing``, ``NothingChosenOf``, ``DayOutOfRange``, ``DaysReversed``, ``ListUnusable``, or of
    ``inputs.errors`` ``NumberOutOfRange`` and ``ChoiceUnknown``.
    """
    if criteria.threshold_minor <= 0:
        raise ThresholdMissing
    checked_number("threshold_minor", criteria.threshold_minor, 1, institution.amount_ceiling_minor)
    for field in ("group_ids", "type_codes"):
        if getattr(criteria, field) == ():
            raise NothingChosenOf(field)
    for field in ("created_from", "created_to"):
        day = getattr(criteria, field)
        if day is not None and not FIRST_DAY <= day <= LAST_DAY:
            raise DayOutOfRange(field, FIRST_DAY, LAST_DAY)
    if criteria.created_from and criteria.created_to and criteria.created_from > criteria.created_to:
        raise DaysReversed
    mine = {"institution_id": institution.pk}
    if criteria.group_ids is not None:
        groups = UserGroup.objects.filter(**mine, pk__in=possible_ids(criteria.group_ids))
        if groups.count() != len(set(criteria.group_ids)):
            raise ChoiceUnknown("group_ids")
    if criteria.type_codes is not None:
        types = FeeType.objects.filter(**mine, code__in=criteria.type_codes).exclude(code=CREDIT_TYPE)
        if types.count() != len(set(criteria.type_codes)):
            raise ChoiceUnknown("type_codes")
    if criteria.id_list_id is not None:
        lists = IdList.objects.filter(**mine, pk__in=possible_ids([criteria.id_list_id]), is_complete=True)
        if not lists.exists():
            raise ListUnusable
