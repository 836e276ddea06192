"""The history of one fee: its whole story, newest first, beside the list or as a page (row B3)."""

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amerce.access.can import can
from amerce.access.privileges import Privilege
from amerce.charges.correct import CORRECTABLE
from amerce.charges.models import Fee
from amerce.charges.queries import bound_unused_minor
from amerce.charges.statements import Step, story
from amerce.institutions.models import CodeEntry
from amerce.institutions.queries import code_labels
from amerce.money.vat import vat_of_part
from amerce.patrons.models import Patron
from amerce.web.account_page import fee_page, show
from amerce.web.fee_actions import offered
from amerce.web.request import StaffRequest
from amerce.web.wording import KINDS

LANES = 3
"""Brackets drawn beside each other; more overlap so seldom that words must do."""


@dataclass
class Chapter:
    """A step as it is drawn. ``lanes`` says for each bracket lane whether it starts, ends or passes here."""

    step: Step
    kind: str
    method: str
    reason: str
    lanes: list[str] = field(default_factory=lambda: [""] * LANES)
    corrects: Any = None
    corrected_by: Any = None
    may_correct: bool = False

    @property
    def shown_minor(self) -> int:
        """With its sign where it changed what the patron owes; a dispute only moves it."""
        return self.step.change_minor or self.step.transfer.amount_minor


@require_safe
@fee_page
def history_of_fee(request: StaffRequest, patron: Patron, fee: Fee) -> HttpResponse:
    chapters = _chapters(request, fee)
    bound_minor = bound_unused_minor(request.actor, patron.pk, [fee.pk]).get(fee.pk, 0)
    fee.offered = {verb.value for verb in offered(request.actor, fee)}  # type: ignore[attr-defined]
    context = {
        "fee": fee,
        "chapters": chapters,
        "has_lanes": any(any(each.lanes) for each in chapters),
        "bound_minor": bound_minor,
        "lending": fee.loan or fee,
        "standing_minor": fee.original_minor - fee.reduced_minor,
        "vat_minor": vat_of_part(
            before_minor=abs(fee.original_minor) - abs(fee.remaining_minor),
            after_minor=abs(fee.original_minor),
            rate_bp=fee.vat_rate_bp,
        ),
    }
    return show(request, patron, "web/fee_history/_history.html", title=_("History of a fee"), context=context)


def _chapters(request: StaffRequest, fee: Fee) -> list[Chapter]:
    institution_id = request.actor.institution_id
    methods = code_labels(institution_id, CodeEntry.Table.PAYMENT_METHOD)
    reasons = code_labels(institution_id, CodeEntry.Table.WAIVE_REASON)
    may = can(request.actor, Privilege.FEE_CORRECT)
    chapters = []
    for step in story(request.actor, fee):
        transfer = step.transfer
        corrected_by = getattr(transfer, "corrected_by", None)
        chapters.append(
            Chapter(
                step,
                str(KINDS.get(transfer.kind, transfer.kind)),
                methods.get(transfer.method, transfer.method),
                reasons.get(transfer.reason, transfer.reason),
                corrects=transfer.corrects,
                corrected_by=corrected_by,
                may_correct=may and transfer.kind in CORRECTABLE and corrected_by is None,
            )
        )
    _draw_brackets(chapters)
    return chapters


def _draw_brackets(chapters: list[Chapter]) -> None:
    """Join each correction to what it takes back, in the first lane that is free all the way."""
    place = {each.step.transfer.pk: number for number, each in enumerate(chapters)}
    for start, chapter in enumerate(chapters):
        end = place.get(chapter.corrects.pk) if chapter.corrects else None
        if end is None:
            continue
        for lane in range(LANES):
            if all(not each.lanes[lane] for each in chapters[start : end + 1]):
                for between in chapters[start + 1 : end]:
                    between.lanes[lane] = "through"
                chapter.lanes[lane], chapters[end].lanes[lane] = "start", "end"
                break
