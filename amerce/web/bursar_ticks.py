"""A line that could not be booked: ticked off with a note once somebody dealt with it, and that undone (row D7)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from amerce.access.actors import EVERYWHERE
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.access.queries import names_by_login
from amerce.bursar.reconciliation import get_payment
from amerce.bursar.tick_off import NOTE_LIMIT, tick_off
from amerce.bursar.undo_tick import undo_tick
from amerce.web.bursar_page import bursar_page
from amerce.web.policy_forms import PolicyForm
from amerce.web.request import StaffRequest


class TickForm(PolicyForm):
    note = forms.CharField(
        label=gettext_lazy("What was done instead"),
        help_text=gettext_lazy("It is kept for good: write a receipt or a transaction rather than a person's name."),
        max_length=NOTE_LIMIT,
        widget=forms.Textarea({"rows": 2, "autocomplete": "off", "autofocus": True}),
        error_messages={"required": gettext_lazy("Say what was done instead, for whoever asks later.")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@bursar_page
def bursar_tick(request: StaffRequest, line_id: int) -> HttpResponse:
    """The line; POST ticks it off."""
    require_for(request.actor, Privilege.FEE_EXPORT, EVERYWHERE)
    form = TickForm(request)
    if form.is_sent() and form.attempt(tick_off, line_id=line_id, **form.cleaned_data):
        messages.success(request, _("Ticked off."))
        return redirect("bursar-unmatched")
    return render(request, "web/bursar/tick.html", _context(request, form, line_id), status=422 if form.errors else 200)


@require_POST
@bursar_page
def bursar_tick_undo(request: StaffRequest, line_id: int) -> HttpResponse:
    undo_tick(actor=request.actor, at=timezone.now(), line_id=line_id)
    messages.success(request, _("The line waits for a hand again."))
    return redirect("bursar-unmatched")


def _context(request: StaffRequest, form: TickForm, line_id: int) -> dict[str, Any]:
    line = get_payment(request.actor, line_id)
    tick = getattr(line, "tick", None)
    names = names_by_login(request.institution.pk, [tick.ticked_by] if tick else [])
    return {
        "line": line,
        "tick": tick,
        "ticked_by": names.get(tick.ticked_by, tick.ticked_by) if tick else "",
        "form": form,
    }
