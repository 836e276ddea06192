"""The tab General: editing the record, and User Management, Add user (row F1)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.validators import EmailValidator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.institutions.models import CodeEntry, Institution
from amerce.institutions.queries import active_codes
from amerce.patrons.create_patron import create_patron
from amerce.patrons.details import ID_LIMIT, NAME_LIMIT, PROTECTED, Details
from amerce.patrons.edit_patron import edit_patron
from amerce.patrons.errors import PersonError
from amerce.patrons.facts import ContactFacts, IdentifierFacts
from amerce.patrons.models import Contact, Patron
from amerce.patrons.queries import user_groups
from amerce.web.forms import AmerceForm
from amerce.web.people_wording import FIELDS
from amerce.web.record_form import DayField, RecordForm, done, edit_page, show_form
from amerce.web.request import StaffRequest
from amerce.web.wording import refusal_of

_OFF = {"autocomplete": "off"}
_EMAIL = EmailValidator(gettext_lazy("Write an e-mail address, like name@example.org."))
_CHOOSE = {"invalid_choice": gettext_lazy("Choose from the list.")}


def _text(limit: int, **options: Any) -> forms.CharField:
    attrs = {**_OFF, "maxlength": str(limit)}
    return forms.CharField(**{"required": False, "max_length": limit, "widget": forms.TextInput(attrs), **options})


class DetailsFields(AmerceForm):
    """The fields of a record, in the order of the page."""

    first_name = _text(NAME_LIMIT, label=FIELDS["first_name"])
    middle_name = _text(NAME_LIMIT, label=FIELDS["middle_name"])
    last_name = _text(NAME_LIMIT, label=FIELDS["last_name"])
    primary_id = _text(
        ID_LIMIT,
        label=FIELDS["primary_id"],
        required=True,
        error_messages={"required": gettext_lazy("Type a primary ID.")},
    )
    group = forms.TypedChoiceField(
        label=FIELDS["group"], required=False, coerce=int, empty_value=None, error_messages=_CHOOSE
    )
    status = forms.ChoiceField(
        label=FIELDS["status"],
        choices=[(Patron.Status.ACTIVE, gettext_lazy("Active")), (Patron.Status.INACTIVE, gettext_lazy("Inactive"))],
        error_messages=_CHOOSE,
    )
    expires_on = DayField(label=FIELDS["expires_on"], help_text=gettext_lazy("Empty: never."))
    preferred_language = forms.ChoiceField(
        label=FIELDS["preferred_language"],
        required=False,
        help_text=gettext_lazy("The language of letters."),
        error_messages=_CHOOSE,
    )

    def offer(self, institution: Institution, language: str = "", group_id: int | None = None) -> None:
        """Fill the lists; ``language`` and ``group_id`` are those of the record, which may be chosen no more."""
        offered = (each for each in user_groups(institution.pk) if each.is_active or each.pk == group_id)
        groups = [(each.pk, f"{each.code} {each.label}") for each in offered]
        self.fields["group"].choices = [("", _("none")), *groups]  # type: ignore[attr-defined]
        codes = active_codes(institution.pk, CodeEntry.Table.LANGUAGE)
        languages = {each.code: each.label for each in codes}
        if language:
            languages.setdefault(language, language)
        self.fields["preferred_language"].choices = [  # type: ignore[attr-defined]
            ("", _("the institution's")),
            *languages.items(),
        ]

    def details(self) -> Details:
        typed = self.cleaned_data
        return Details(
            primary_id=typed["primary_id"],
            first_name=typed["first_name"],
            middle_name=typed["middle_name"],
            last_name=typed["last_name"],
            group_id=typed["group"],
            status=typed["status"],
            expires_on=typed["expires_on"],
            preferred_language=typed["preferred_language"],
        )


class PatronForm(RecordForm, DetailsFields):
    """Of an external record, what its source keeps is shown and closed."""

    def __init__(self, request: StaffRequest, patron: Patron) -> None:
        names = (*PROTECTED, "status", "preferred_language")
        initial = {name: getattr(patron, name) for name in names} | {"group": patron.group_id}
        super().__init__(request, patron, initial=initial)
        self.offer(request.institution, patron.preferred_language, patron.group_id)
        if patron.is_external:
            for name in PROTECTED:
                self.fields[name].disabled = True


class NewPatronForm(DetailsFields):
    barcode = _text(ID_LIMIT, label=gettext_lazy("Barcode"))
    email = _text(254, label=gettext_lazy("E-mail"), validators=[_EMAIL])
    phone = _text(255, label=gettext_lazy("Phone"))

    def __init__(self, request: StaffRequest) -> None:
        super().__init__(request.POST if request.method == "POST" else None)
        self.offer(request.institution)
        self.fields["first_name"].widget.attrs["autofocus"] = True
        # A scanner ends each barcode with Enter, which must not make a record yet.
        self.fields["barcode"].widget.attrs["data-enter-leads-to"] = "id_email"

    def identifiers(self) -> list[IdentifierFacts]:
        barcode = self.cleaned_data["barcode"]
        return [IdentifierFacts("BARCODE", barcode)] if barcode else []

    def contacts(self) -> list[ContactFacts]:
        typed = [(kind, self.cleaned_data[kind.value]) for kind in (Contact.Kind.EMAIL, Contact.Kind.PHONE)]
        return [ContactFacts(kind, text, is_preferred=True) for kind, text in typed if text]


@require_http_methods(["GET", "HEAD", "POST"])
@edit_page
def edit(request: StaffRequest, patron: Patron) -> HttpResponse:
    form = PatronForm(request, patron)
    back = reverse("patron-details", args=[patron.pk])
    if form.is_bound and form.is_valid():
        outcome = form.attempt(edit_patron, at=timezone.now(), details=form.details())
        if outcome:
            return done(request, outcome, _("The record is changed."), back)
    title = _("Edit the record")
    return show_form(request, form, "web/people/_patron_form.html", title=title, tab="general", back=back)


@require_http_methods(["GET", "HEAD", "POST"])
def new_user(request: StaffRequest) -> HttpResponse:
    """User Management, Add user: an internal record, open when it is made."""
    require(request.actor, Privilege.PATRON_EDIT)
    form = NewPatronForm(request)
    if form.is_bound and form.is_valid():
        try:
            outcome = create_patron(
                actor=request.actor,
                at=timezone.now(),
                details=form.details(),
                identifiers=form.identifiers(),
                contacts=form.contacts(),
            )
        except PersonError as error:
            _refuse(form, error, request.institution)
        else:
            request.open_records.open(outcome.patron_id, timezone.now())
            messages.success(request, _("The record is made."))
            return redirect("patron-details", outcome.patron_id)
    return render(request, "web/new_user.html", {"form": form}, status=422 if form.is_bound else 200)


def _refuse(form: NewPatronForm, error: PersonError, institution: Institution) -> None:
    refused = refusal_of(error, institution)
    field = {"value": "barcode", "type": "barcode", "text": "email"}.get(refused.field, refused.field)
    form.add_error(field if field in form.fields else None, refused.sentence)
