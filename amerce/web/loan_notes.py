"""The notes of a loan: what the green check mark leads to, and writing another (row A5)."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from amerce.access.can import can, require
from amerce.access.privileges import Privilege
from amerce.access.queries import names_by_login
from amerce.circulation.add_loan_note import add_loan_note
from amerce.circulation.models import Loan
from amerce.circulation.queries import notes_of
from amerce.patrons.models import Patron
from amerce.web.forms import AmerceForm
from amerce.web.loan_wording import LOAN_REFUSALS, refusal_of
from amerce.web.request import StaffRequest
from amerce.web.service_page import loan_page, show, way_back


class NoteForm(AmerceForm):
    text = forms.CharField(
        label=gettext_lazy("Add a note"),
        widget=forms.Textarea({"rows": 3, "autocomplete": "off", "autofocus": True}),
        error_messages={"required": gettext_lazy("Write the note first.")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@loan_page
def loan_notes(request: StaffRequest, patron: Patron, loan: Loan) -> HttpResponse:
    may_write = can(request.actor, Privilege.LOAN_NOTE)
    form = NoteForm(request.POST if request.method == "POST" else None)
    if form.is_bound:
        require(request.actor, Privilege.LOAN_NOTE)
        if form.is_valid() and _written(request, patron, loan, form):
            messages.success(request, _("The note is written."))
            here = reverse("loan-notes", args=[patron.pk, loan.pk])
            return redirect(f"{here}?{urlencode({'next': way_back(request, patron)})}")
    notes = notes_of(request.actor, loan)
    context = {
        "form": form,
        "loan": loan,
        "loan_notes": notes,
        "names": names_by_login(request.institution.pk, (each.created_by for each in notes)),
        "may_write": may_write,
    }
    status = 422 if form.is_bound else 200
    return show(request, patron, "web/loan_notes/_notes.html", title=_("Loan Notes"), context=context, status=status)


def _written(request: StaffRequest, patron: Patron, loan: Loan, form: NoteForm) -> bool:
    try:
        add_loan_note(
            actor=request.actor,
            at=timezone.now(),
            patron_id=patron.pk,
            loan_id=loan.pk,
            text=form.cleaned_data["text"],
        )
    except LOAN_REFUSALS as error:
        form.add_error("text", refusal_of(error, request.institution).sentence)
        return False
    return True
