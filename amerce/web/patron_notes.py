"""The tab Notes of User Details: writing, changing and deleting a note."""

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from amerce.institutions.models import CodeEntry
from amerce.institutions.queries import active_codes
from amerce.patrons.delete_patron_note import delete_patron_note
from amerce.patrons.errors import RowNotFound
from amerce.patrons.models import Patron, PatronNote
from amerce.patrons.write_patron_note import TEXT_LIMIT, NoteFacts, write_patron_note
from amerce.web.record_form import RecordForm, RemovalForm, done, edit_page, show_form
from amerce.web.request import StaffRequest

_TABLE = CodeEntry.Table.NOTE_TYPE
_CHOOSE = {
    "required": gettext_lazy("Choose a type from the list."),
    "invalid_choice": gettext_lazy("Choose a type from the list."),
}


class NoteForm(RecordForm):
    type = forms.ChoiceField(label=gettext_lazy("Type"), error_messages=_CHOOSE)
    text = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=TEXT_LIMIT,
        widget=forms.Textarea({"rows": 4, "autocomplete": "off", "autofocus": True}),
        error_messages={"required": gettext_lazy("Write the note.")},
    )
    is_popup = forms.BooleanField(
        label=gettext_lazy("Pop up"),
        help_text=gettext_lazy("Shown at the desk as soon as the record is opened."),
        required=False,
    )
    is_user_viewable = forms.BooleanField(
        label=gettext_lazy("User viewable"),
        help_text=gettext_lazy("The patron may read it too."),
        required=False,
    )

    def __init__(self, request: StaffRequest, patron: Patron, row: PatronNote | None) -> None:
        names = ("type", "text", "is_popup", "is_user_viewable")
        super().__init__(request, patron, initial={name: getattr(row, name) for name in names} if row else {})
        types = {each.code: each.label for each in active_codes(request.institution.pk, _TABLE)}
        if row:
            types.setdefault(row.type, row.type)
        self.fields["type"].choices = list(types.items())  # type: ignore[attr-defined]

    def facts(self) -> NoteFacts:
        return NoteFacts(**{name: value for name, value in self.cleaned_data.items() if name != "record_seq"})


@require_http_methods(["GET", "HEAD", "POST"])
@edit_page
def note(request: StaffRequest, patron: Patron, note_id: int | None = None) -> HttpResponse:
    """Write one, or change the one of ``note_id``."""
    row = _row(patron, note_id) if note_id else None
    form = NoteForm(request, patron, row)
    back = reverse("patron-notes", args=[patron.pk])
    if form.is_bound and form.is_valid():
        outcome = form.attempt(write_patron_note, at=timezone.now(), note=form.facts(), note_id=note_id)
        if outcome:
            return done(request, outcome, _("The note is saved."), back)
    title = _("Edit note") if row else _("Add note")
    return show_form(request, form, "web/people/_note_form.html", title=title, tab="notes", back=back)


@require_http_methods(["GET", "HEAD", "POST"])
@edit_page
def note_removal(request: StaffRequest, patron: Patron, note_id: int) -> HttpResponse:
    row = _row(patron, note_id)
    form = RemovalForm(request, patron)
    back = reverse("patron-notes", args=[patron.pk])
    if form.is_bound and form.is_valid():
        outcome = form.attempt(delete_patron_note, at=timezone.now(), note_id=note_id)
        if outcome:
            return done(request, outcome, _("The note is deleted."), back)
    body = "web/people/_removal_form.html"
    return show_form(request, form, body, title=_("Delete note"), tab="notes", back=back, gone=row.text, deletes=True)


def _row(patron: Patron, note_id: int) -> PatronNote:
    row = patron.notes.filter(pk=note_id).first()
    if row is None:
        raise RowNotFound
    return row
