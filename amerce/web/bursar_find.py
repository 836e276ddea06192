"""Bursar > Find: what is known of an export number, a bursar transaction ID or the name of a file; and from there, as
from any line of the bursar's, into the account of the patron.
"""

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.bursar.finding import fee_at_bursar, fees_called, imports_called, lines_with, payments_with, runs_called
from amerce.patrons.queries import get_patron
from amerce.web.bursar_lines import line_in_words, outcome_in_words, outstanding_minor
from amerce.web.bursar_page import bursar_page
from amerce.web.fee_list import ALL
from amerce.web.request import StaffRequest

LIMIT = 100
"""More of one kind than anybody reads; a bursar transaction ID has a few at the most."""
TEXT_LIMIT = 200


@require_safe
@bursar_page
def find_at_bursar(request: StaffRequest) -> HttpResponse:
    """``?q=``; one export or one file and nothing else is opened at once."""
    text = request.GET.get("q", "").strip()[:TEXT_LIMIT]
    runs = list(runs_called(request.actor, text)[:LIMIT])
    files = list(imports_called(request.actor, text)[:LIMIT])
    fee_ids = fees_called(request.actor, text)
    lines = list(lines_with(request.actor, fee_ids)[:LIMIT])
    payments = list(payments_with(request.actor, fee_ids, text)[:LIMIT]) if text else []
    if not lines and not payments and len(runs) + len(files) == 1:
        return redirect("bursar-run", runs[0].pk) if runs else redirect("bursar-file-of-payments", files[0].pk)
    context = {
        "text": text,
        "runs": runs,
        "files": files,
        "lines": [(line, *line_in_words(line), outstanding_minor(line)) for line in lines],
        "payments": [(each, *outcome_in_words(each, each.file)) for each in payments],
    }
    return render(request, "web/bursar/find.html", context)


@require_POST
@bursar_page
def open_bursar_fee(request: StaffRequest, fee_id: int) -> HttpResponse:
    """Opens the patron's record, as a scan of their ID does, and shows the fee in their list."""
    require(request.actor, Privilege.PATRON_VIEW)
    fee = fee_at_bursar(request.actor, fee_id)
    patron = get_patron(request.actor, fee.patron_id)
    now = timezone.now()
    if request.open_records.renew(patron.pk, now) is None:
        request.open_records.open(patron.pk, now)
    asked = {"status": ALL, **({"q": fee.bursar_transaction_id} if fee.bursar_transaction_id else {})}
    return redirect(f"{reverse('patron-fees', args=[patron.pk])}?{urlencode(asked)}")
