"""The tab Identifiers of User Details: the list, adding, changing and removing."""

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from amerce.institutions.models import CodeEntry
from amerce.institutions.queries import active_codes
from amerce.patrons.errors import RowNotFound
from amerce.patrons.facts import IdentifierFacts
from amerce.patrons.models import Patron, PatronIdentifier
from amerce.patrons.queries import identifiers_of
from amerce.patrons.remove_identifier import remove_identifier
from amerce.patrons.set_identifier import NOTE_LIMIT, VALUE_LIMIT, set_identifier
from amerce.web.record_form import RecordForm, RemovalForm, done, edit_page, show_form
from amerce.web.request import StaffRequest

_TABLE = CodeEntry.Table.IDENTIFIER_TYPE


class IdentifierForm(RecordForm):
    type = forms.ChoiceField(
        label=gettext_lazy("Type"),
        error_messages={
            "required": gettext_lazy("Choose a type from the list."),
            "invalid_choice": gettext_lazy("Choose a type from the list."),
        },
    )
    value = forms.CharField(
        label=gettext_lazy("Identifier"),
        max_length=VALUE_LIMIT,
        # A scanner ends each identifier with Enter: it leads on, so that the note can still be typed.
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false", "autofocus": True}),
        error_messages={"required": gettext_lazy("Scan or type the identifier.")},
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=NOTE_LIMIT,
        widget=forms.TextInput({"autocomplete": "off"}),
    )

    def __init__(self, request: StaffRequest, patron: Patron, row: PatronIdentifier | None) -> None:
        initial = {"type": row.type, "value": row.value, "note": row.note} if row else {}
        super().__init__(request, patron, initial=initial)
        types = {each.code: each.label for each in active_codes(request.institution.pk, _TABLE)}
        if row:
            types.setdefault(row.type, row.type)
        self.fields["type"].choices = list(types.items())  # type: ignore[attr-defined]

    def facts(self) -> IdentifierFacts:
        typed = self.cleaned_data
        return IdentifierFacts(typed["type"], typed["value"], typed["note"])


@require_http_methods(["GET", "HEAD", "POST"])
@edit_page
def identifier(request: StaffRequest, patron: Patron, identifier_id: int | None = None) -> HttpResponse:
    """Add one, or change the one of ``identifier_id``."""
    row = _row(request, patron, identifier_id) if identifier_id else None
    form = IdentifierForm(request, patron, row)
    back = reverse("patron-identifiers", args=[patron.pk])
    if form.is_bound and form.is_valid():
        outcome = form.attempt(set_identifier, at=timezone.now(), identifier=form.facts(), identifier_id=identifier_id)
        if outcome:
            return done(request, outcome, _("The identifier is saved."), back)
    title = _("Edit identifier") if row else _("Add identifier")
    return show_form(request, form, "web/people/_identifier_form.html", title=title, tab="identifiers", back=back)


@require_http_methods(["GET", "HEAD", "POST"])
@edit_page
def identifier_removal(request: StaffRequest, patron: Patron, identifier_id: int) -> HttpResponse:
    row = _row(request, patron, identifier_id)
    form = RemovalForm(request, patron)
    back = reverse("patron-identifiers", args=[patron.pk])
    if form.is_bound and form.is_valid():
        outcome = form.attempt(remove_identifier, at=timezone.now(), identifier_id=identifier_id)
        if outcome:
            return done(request, outcome, _("The identifier is removed."), back)
    title = _("Remove identifier")
    body = "web/people/_removal_form.html"
    return show_form(request, form, body, title=title, tab="identifiers", back=back, gone=row.value)


def _row(request: StaffRequest, patron: Patron, identifier_id: int) -> PatronIdentifier:
    row = identifiers_of(request.actor, patron.pk).filter(pk=identifier_id).first()
    if row is None:
        raise RowNotFound
    return row
