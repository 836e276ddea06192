"""The tab Contact of User Details: e-mail addresses, phone numbers and addresses."""

from django import forms
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from amerce.institutions.queries import active_codes
from amerce.patrons.contacts import NOTE_LIMIT, PLACE_LIMIT, TEXT_LIMITS, TYPES
from amerce.patrons.errors import RowNotFound
from amerce.patrons.facts import ContactFacts
from amerce.patrons.models import Contact, Patron
from amerce.patrons.prefer_contact import prefer_contact
from amerce.patrons.queries import contacts_of
from amerce.patrons.remove_contact import remove_contact
from amerce.patrons.set_contact import set_contact
from amerce.web.people_wording import CONTACT_KINDS
from amerce.web.record_form import DayField, RecordForm, RemovalForm, done, edit_page, show_form
from amerce.web.record_tabs import ADD
from amerce.web.request import StaffRequest

_OFF = {"autocomplete": "off"}
_EDIT = {
    Contact.Kind.EMAIL: gettext_lazy("Edit e-mail"),
    Contact.Kind.PHONE: gettext_lazy("Edit phone"),
    Contact.Kind.ADDRESS: gettext_lazy("Edit address"),
}
_NEEDED = {
    Contact.Kind.EMAIL: gettext_lazy("Type an e-mail address."),
    Contact.Kind.PHONE: gettext_lazy("Type a phone number."),
    Contact.Kind.ADDRESS: gettext_lazy("Type the lines of the address."),
}


class ContactForm(RecordForm):
    """Of an e-mail address or a phone number only what such a thing has."""

    text = forms.CharField(required=True)
    city = forms.CharField(label=gettext_lazy("City"), required=False, max_length=PLACE_LIMIT)
    state_province = forms.CharField(label=gettext_lazy("State or province"), required=False, max_length=PLACE_LIMIT)
    postal_code = forms.CharField(label=gettext_lazy("Postal code"), required=False, max_length=PLACE_LIMIT)
    country = forms.CharField(label=gettext_lazy("Country"), required=False, max_length=PLACE_LIMIT)
    starts_on = DayField(label=gettext_lazy("From"))
    ends_on = DayField(label=gettext_lazy("Until"))
    types = forms.MultipleChoiceField(
        label=gettext_lazy("Types"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": gettext_lazy("Choose from the list.")},
    )
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=NOTE_LIMIT)
    is_preferred = forms.BooleanField(label=gettext_lazy("Preferred"), required=False)
    is_preferred_sms = forms.BooleanField(label=gettext_lazy("Preferred for text messages"), required=False)

    def __init__(self, request: StaffRequest, patron: Patron, kind: Contact.Kind, row: Contact | None) -> None:
        self.kind = kind
        initial = vars(ContactFacts.of(row)) if row else {}
        super().__init__(request, patron, initial={**initial})
        self._fit(kind)
        types = {each.code: each.label for each in active_codes(request.institution.pk, TYPES[kind])}
        for code in row.types if row else ():
            types.setdefault(code, code)
        self.fields["types"].choices = list(types.items())  # type: ignore[attr-defined]

    def facts(self) -> ContactFacts:
        typed = {name: value for name, value in self.cleaned_data.items() if name != "record_seq"}
        return ContactFacts(self.kind, **typed | {"types": tuple(typed["types"])})

    def _fit(self, kind: Contact.Kind) -> None:
        text = self.fields["text"]
        text.label = CONTACT_KINDS[kind]
        text.error_messages["required"] = _NEEDED[kind]
        attrs = {**_OFF, "class": "form-control", "autofocus": True}
        if kind == Contact.Kind.ADDRESS:
            text.widget = forms.Textarea(attrs | {"rows": 3})
            text.help_text = _("At most five lines, without the city.")
        else:
            text.widget = forms.TextInput(attrs | {"maxlength": str(TEXT_LIMITS[kind])})
            for name in ("city", "state_province", "postal_code", "country", "starts_on", "ends_on"):
                del self.fields[name]
        if kind != Contact.Kind.PHONE:
            del self.fields["is_preferred_sms"]
        for field in self.fields.values():
            field.widget.attrs.setdefault("autocomplete", "off")


@require_http_methods(["GET", "HEAD", "POST"])
@edit_page
def new_contact(request: StaffRequest, patron: Patron, kind: str) -> HttpResponse:
    if kind not in Contact.Kind.values:
        raise Http404
    return _set(request, patron, Contact.Kind(kind), None)


@require_http_methods(["GET", "HEAD", "POST"])
@edit_page
def contact(request: StaffRequest, patron: Patron, contact_id: int) -> HttpResponse:
    row = _row(request, patron, contact_id)
    return _set(request, patron, Contact.Kind(row.kind), row)


@require_http_methods(["GET", "HEAD", "POST"])
@edit_page
def contact_preference(request: StaffRequest, patron: Patron, contact_id: int) -> HttpResponse:
    row = _row(request, patron, contact_id)
    form = RemovalForm(request, patron)
    back = _back(patron)
    if form.is_bound and form.is_valid():
        outcome = form.attempt(prefer_contact, at=timezone.now(), contact_id=contact_id)
        if outcome:
            return done(request, outcome, _("This is now the preferred one."), back)
    body = "web/people/_preference_form.html"
    return show_form(request, form, body, title=_("Make preferred"), tab="contact", back=back, chosen=row)


@require_http_methods(["GET", "HEAD", "POST"])
@edit_page
def contact_removal(request: StaffRequest, patron: Patron, contact_id: int) -> HttpResponse:
    row = _row(request, patron, contact_id)
    form = RemovalForm(request, patron)
    back = _back(patron)
    if form.is_bound and form.is_valid():
        outcome = form.attempt(remove_contact, at=timezone.now(), contact_id=contact_id)
        if outcome:
            return done(request, outcome, _("It is removed."), back)
    body, title = "web/people/_removal_form.html", _("Remove contact information")
    return show_form(request, form, body, title=title, tab="contact", back=back, gone=", ".join(row.lines))


def _set(request: StaffRequest, patron: Patron, kind: Contact.Kind, row: Contact | None) -> HttpResponse:
    form = ContactForm(request, patron, kind, row)
    back = _back(patron)
    if form.is_bound and form.is_valid():
        outcome = form.attempt(set_contact, at=timezone.now(), contact=form.facts(), contact_id=row.pk if row else None)
        if outcome:
            return done(request, outcome, _("It is saved."), back)
    title = str(_EDIT[kind] if row else ADD[kind])
    body = "web/people/_contact_form.html"
    return show_form(request, form, body, title=title, tab="contact", back=back, is_address=kind == "address")


def _row(request: StaffRequest, patron: Patron, contact_id: int) -> Contact:
    row = contacts_of(request.actor, patron.pk).filter(pk=contact_id).first()
    if row is None:
        raise RowNotFound
    return row


def _back(patron: Patron) -> str:
    return reverse("patron-contact", args=[patron.pk])
