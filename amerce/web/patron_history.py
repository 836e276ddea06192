"""The tab History of User Details: what happened to the patron, in sentences."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from amerce.access.queries import account_names
from amerce.events.models import Event
from amerce.events.queries import of_patron
from amerce.institutions.models import CodeEntry, Institution
from amerce.institutions.queries import code_labels, desks
from amerce.money.format import format_amount
from amerce.patrons.models import Patron
from amerce.web import letter_wording, loan_history, network_wording, people_wording
from amerce.web.account_page import account_page
from amerce.web.job_wording import who_in_words
from amerce.web.loan_history import Told, loan_values, override_of, proxy_of, read_told
from amerce.web.paging import page_asked
from amerce.web.patron_context import patron_context
from amerce.web.people_wording import event_values
from amerce.web.request import StaffRequest
from amerce.web.tabs import DETAILS_TABS

PER_PAGE = 50

SENTENCES = {
    "fee.assessed": gettext_lazy("Charged %(amount)s."),
    "fee.raised": gettext_lazy("A fee that grows was raised by %(amount)s."),
    "fee.lowered": gettext_lazy("A fee that grows was lowered by %(amount)s."),
    "credit.granted": gettext_lazy("Gave a credit of %(amount)s."),
    "fee.paid": gettext_lazy("Paid %(amount)s, receipt %(receipt)s."),
    "fee.waived": gettext_lazy("Waived %(amount)s, reason: %(reason)s."),
    "fee.disputed": gettext_lazy("Put %(amount)s in dispute."),
    "fee.restored": gettext_lazy("Restored %(amount)s from dispute."),
    "fee.refunded": gettext_lazy("Refunded %(amount)s, receipt %(receipt)s."),
    "fee.exported": gettext_lazy("Exported %(amount)s to the bursar."),
    "credit.exported": gettext_lazy("Exported a credit of %(amount)s to the bursar."),
    "fee.settled": gettext_lazy("Payment of %(amount)s received from the bursar."),
    "credit.settled": gettext_lazy("The bursar paid out a credit of %(amount)s."),
    "bursar_payment.taken_back": gettext_lazy("Took back a payment of %(amount)s received from the bursar."),
    "fee.item_linked": gettext_lazy("Linked item %(barcode)s to a fee."),
    "transfer.corrected": gettext_lazy("Corrected %(amount)s."),
    **loan_history.SENTENCES,
    **people_wording.SENTENCES,
    **letter_wording.SENTENCES,
    **network_wording.SENTENCES,
    "balance_block.set": gettext_lazy("Blocked by what is owed."),
    "balance_block.lifted": gettext_lazy("No longer blocked by what is owed."),
    "request.replayed": gettext_lazy("The same request came again. It was answered, and nothing was done twice."),
}
"""Event name to its sentence; one that is not here is shown by its name."""

_WITH_CREDIT = {
    "fee.paid": (
        gettext_lazy("Paid %(money)s and used %(credit)s of credit, receipt %(receipt)s."),
        gettext_lazy("Used %(credit)s of credit, receipt %(receipt)s."),
    ),
    "transfer.corrected": (
        gettext_lazy("Corrected %(money)s and %(credit)s of credit."),
        gettext_lazy("Corrected %(credit)s of credit."),
    ),
}
"""What is said when credit moved too, and when only credit did."""


@dataclass(frozen=True)
class Happening:
    """An event in words. ``fees`` and ``receipt`` lead to what it speaks of; ``override`` is why a block was no bar,
    ``came`` who came for the patron."""

    at: datetime
    sentence: str
    override: str
    came: str
    fees: list[tuple[int, str]]
    receipt: int | None
    actor_name: str
    desk: str


@dataclass(frozen=True)
class _Known:
    """What the events only name, by code and id: read once for a page of them."""

    reasons: dict[str, str]
    places: dict[int, str]
    names: dict[int, str]
    told: Told


@require_safe
@account_page
def patron_history(request: StaffRequest, patron: Patron) -> HttpResponse:
    page = page_asked(request, of_patron(request.actor.institution_id, patron.pk), PER_PAGE)
    reasons = code_labels(request.actor.institution_id, CodeEntry.Table.WAIVE_REASON)
    places = {each.pk: f"{each.library.name} · {each.name}" for each in desks(request.actor.institution_id)}
    events = list(page.object_list)
    names = account_names(request.actor.institution_id, {each.actor_id for each in events if each.actor_id})
    known = _Known(reasons, places, names, read_told(request.actor, patron.pk, [each.data for each in events]))
    happenings = [_in_words(each, request.institution, known) for each in events]
    context = patron_context(request, patron, DETAILS_TABS, "history")
    return render(request, "web/patron_history.html", context | {"happenings": happenings, "page": page})


def _in_words(event: Event, institution: Institution, known: _Known) -> Happening:
    data: dict[str, Any] = event.data
    lines = data.get("lines") or []
    fee_ids = list(dict.fromkeys(each["fee_id"] for each in lines)) or ([data["fee"]] if data.get("fee") else [])
    amount_minor = sum(each["amount_minor"] for each in lines)
    credit_minor = sum(each["amount_minor"] for each in lines if _moves_credit(each))

    def money(minor: int) -> str:
        return format_amount(minor, institution.currency, institution.locale)

    values = {
        "amount": money(amount_minor),
        "money": money(amount_minor - credit_minor),
        "credit": money(credit_minor),
        "receipt": data.get("receipt") or "",
        "reason": known.reasons.get(data.get("reason", ""), data.get("reason", "")),
        "barcode": data.get("barcode", ""),
        "number": data.get("number", ""),
    }
    values |= event_values(data, institution) | loan_values(data, known.told, institution)
    sentence = loan_history.sentence_of(event.name, data) or SENTENCES.get(event.name)
    if credit_minor and event.name in _WITH_CREDIT:
        sentence = _WITH_CREDIT[event.name][credit_minor == amount_minor]
    return Happening(
        event.at,
        str(sentence) % values if sentence else event.name,
        override_of(data, known.told),
        proxy_of(data, known.told),
        [(each, _("fee %(number)s") % {"number": each}) for each in fee_ids[:5]],
        data.get("receipt") if event.name != "transfer.corrected" else None,
        known.names.get(event.actor_id or 0, who_in_words(event.actor_name)),
        known.places.get(event.desk_id or 0, ""),
    )


def _moves_credit(line: dict[str, Any]) -> bool:
    """Whether a credit paid the fee; money that is kept as a credit is a line of that credit itself."""
    return line.get("credit_fee_id") not in (None, line["fee_id"])
