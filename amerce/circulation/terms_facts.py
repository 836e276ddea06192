"""What terms of use say, as a form gives it, and what may be said.

Why apart from the row: the same facts are checked, saved, compared with what was there before, and reckoned with
in a preview without being saved.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from amerce.circulation.models import TermsOfUse
from amerce.circulation.policy_errors import AmountNotTaken, NoticesOutOfOrder
from amerce.inputs.checks import checked_name, checked_number, checked_row
from amerce.inputs.errors import ChoiceUnknown, Refused
from amerce.institutions.models import CodeEntry, Institution, Library
from amerce.patrons.models import UserGroup

NOTICES_LIMIT = 5
NUMBERS: Mapping[str, tuple[int, int]] = {
    "loan_length": (1, 1000),
    "renewals_limit": (0, 999),
    "grace_minutes": (0, 60 * 24 * 60),
    "recall_length": (0, 365),
    "refund_ratio_bp": (0, 10_000),
    "refund_window_days": (0, 3650),
    "days_to_lost": (1, 3650),
}
"""Each number of the terms with the least and the most it may be."""
NOTICE_DAYS = (1, 3650)
AMOUNTS = ("overdue_rate_minor", "overdue_maximum_minor", "recall_rate_minor", "replacement_minor", "process_fee_minor")
_CHOICES = {
    "loan_unit": TermsOfUse.Unit,
    "overdue_unit": TermsOfUse.Unit,
    "overdue_when_found": TermsOfUse.OverdueWhenFound,
}


@dataclass(frozen=True)
class Notice:
    """An overdue notice: so many days after the due day, with a fee in minor units or 0."""

    after_days: int
    fee_minor: int = 0


@dataclass(frozen=True, kw_only=True)
class TermsFacts:
    """Everything of ``TermsOfUse``, with the defaults that it has; ``notices`` in their order, at most five."""

    name: str
    group_id: int | None = None
    item_policy: str = ""
    library_id: int | None = None
    loan_length: int = 28
    loan_unit: str = TermsOfUse.Unit.DAY
    renewals_limit: int = 3
    overdue_rate_minor: int = 0
    overdue_unit: str = TermsOfUse.Unit.DAY
    grace_minutes: int = 0
    overdue_maximum_minor: int = 0
    charges_closed_time: bool = True
    recall_rate_minor: int = 0
    recall_length: int = 7
    uses_item_price: bool = True
    replacement_minor: int = 0
    process_fee_minor: int = 0
    refund_ratio_bp: int = 10_000
    refund_window_days: int | None = None
    overdue_when_found: str = TermsOfUse.OverdueWhenFound.UNTIL_LOST
    days_to_lost: int | None = None
    notices: tuple[Notice, ...] = ()

    def columns(self) -> dict[str, Any]:
        """The columns of ``TermsOfUse`` that these facts fill."""
        columns = {**asdict(self), "name": self.name.strip()}
        del columns["notices"]
        return columns

    def data(self) -> dict[str, Any]:
        """For an event."""
        return {**self.columns(), "notices": [[each.after_days, each.fee_minor] for each in self.notices]}


def facts_of_terms(terms: TermsOfUse) -> TermsFacts:
    """What ``terms`` say. One query, for the notices, unless they are prefetched."""
    notices = sorted(terms.notices.all(), key=lambda each: each.number)
    columns = {each: getattr(terms, each) for each in TermsFacts.__dataclass_fields__ if each != "notices"}
    return TermsFacts(**columns, notices=tuple(Notice(each.after_days, each.fee_minor) for each in notices))


def refusals_of(facts: TermsFacts, institution: Institution, *, before: TermsFacts | None) -> list[Exception]:
    """Everything in which ``facts`` cannot be taken, one for each field; what was said ``before`` may be said again."""
    found: list[Exception] = []

    def tried(check: Any, *inputs: Any, **which: Any) -> None:
        try:
            check(*inputs, **which)
        except Refused as refused:
            found.append(refused)

    tried(checked_name, "name", facts.name)
    if facts.group_id is not None:
        tried(checked_row, "group", UserGroup, institution.pk, pk=facts.group_id)
    if facts.item_policy and (before is None or facts.item_policy != before.item_policy):
        policies = {"table": CodeEntry.Table.ITEM_POLICY, "is_active": True, "code": facts.item_policy}
        tried(checked_row, "item_policy", CodeEntry, institution.pk, **policies)
    if facts.library_id is not None:
        tried(checked_row, "library", Library, institution.pk, pk=facts.library_id)
    for field, (low, high) in NUMBERS.items():
        number = getattr(facts, field)
        if number is not None:
            tried(checked_number, field, number, low, high)
    for field in AMOUNTS:
        tried(_checked_amount, field, getattr(facts, field), institution)
    for field, choices in _CHOICES.items():
        if getattr(facts, field) not in choices:
            found.append(ChoiceUnknown(field))
    tried(checked_number, "notices", len(facts.notices), 0, NOTICES_LIMIT)
    for number, notice in enumerate(facts.notices, start=1):
        tried(checked_number, f"notice_{number}_days", notice.after_days, *NOTICE_DAYS)
        tried(_checked_amount, f"notice_{number}_fee", notice.fee_minor, institution)
        if number > 1 and notice.after_days <= facts.notices[number - 2].after_days:
            found.append(NoticesOutOfOrder(number))
    return found


def _checked_amount(field: str, minor: int, institution: Institution) -> None:
    if not 0 <= minor <= institution.amount_ceiling_minor:
        raise AmountNotTaken(field, institution.amount_ceiling_minor)
