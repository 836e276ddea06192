"""Set Next Number Value of a sequence of bursar transaction IDs, which asks before numbers are skipped (row C4)."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from amerce.access.privileges import Privilege
from amerce.inputs.errors import Refused
from amerce.institutions.bursar_sequences import NextNumber, get_bursar_sequence, lowest, transaction_id
from amerce.institutions.models import BursarSequence
from amerce.institutions.set_next_number import check_next_number, set_next_number
from amerce.web.bursar_sequence_forms import Example, NextNumberForm
from amerce.web.configuration import configuration_page, show
from amerce.web.request import StaffRequest


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.CHARGES_CONFIGURE)
def set_next_value(request: StaffRequest, sequence_id: int) -> HttpResponse:
    """Set Next Number Value: asks once more before numbers are skipped."""
    sequence = get_bursar_sequence(request.actor, sequence_id)
    form = NextNumberForm(request, sequence)
    asks = None
    if form.is_sent():
        typed = form.cleaned_data
        is_confirmed = request.POST.get("confirmed") == str(typed["next_value"])
        if typed["next_value"] != sequence.next_value and not is_confirmed:
            try:
                form.require_current(NextNumber(typed["next_value"]))
                check_next_number(sequence, typed["next_value"])
                asks = _asks(sequence, typed["next_value"])
            except Refused as refused:
                form.refuse(refused)
        elif form.attempt(set_next_number, sequence_id=sequence_id, **typed):
            written = transaction_id(sequence.prefix, sequence.padding, typed["next_value"])
            messages.success(request, _("Saved. The next exported fee gets %(id)s.") % {"id": written})
            return redirect("bursar-sequences")
    context = {
        "form": form,
        "sequence": sequence,
        "example": Example.of(sequence.prefix, sequence.padding, sequence.next_value),
        "lowest": lowest(sequence),
        "asks": asks,
    }
    return show(request, "bursar_sequence_next", context, status=422 if form.errors else 200)


def _asks(sequence: BursarSequence, next_value: int) -> dict[str, Any]:
    """What would be so once the next number is set."""
    first = lowest(sequence)
    return {
        "next_value": next_value,
        "written": transaction_id(sequence.prefix, sequence.padding, next_value),
        "first": first,
        "last": next_value - 1,
        "count": next_value - first,
    }
