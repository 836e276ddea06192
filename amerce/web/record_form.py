"""The base of every form that changes a patron record, and the page or dialog it is shown in.

Why a ``record_seq`` in each: a form made before the record changed is refused and told what changed, and the same
form sent twice acts once.
"""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Concatenate, ParamSpec

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_htmx.http import HttpResponseClientRedirect

from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.access.queries import account_names
from amerce.events.queries import of_patron
from amerce.patrons.errors import PersonError, RecordChanged, RowNotFound
from amerce.patrons.models import Patron
from amerce.patrons.queries import get_patron
from amerce.patrons.record import RecordOutcome
from amerce.web.forms import AmerceForm
from amerce.web.open_record import with_open_patron
from amerce.web.patron_context import patron_context
from amerce.web.people_wording import SENTENCES, event_values
from amerce.web.refusals import refusal
from amerce.web.request import StaffRequest
from amerce.web.wording import refusal_of

Rest = ParamSpec("Rest")
_CHANGES_SHOWN = 10
_SEQ_LIMIT = 2**31 - 1


class DayField(forms.DateField):
    """A day as the browser's own field for days writes it; None for no day."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
        words = {"invalid": gettext_lazy("Write a day as year-month-day, like 2027-08-31.")}
        super().__init__(
            **{"widget": widget, "input_formats": ["%Y-%m-%d"], "error_messages": words, "required": False, **options}
        )

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        return day


@dataclass(frozen=True)
class Change:
    """What happened to the record meanwhile."""

    at: datetime
    sentence: str
    actor_name: str


class RecordForm(AmerceForm):
    """``changes`` lists what happened to the record since the page was made, after a refusal because of it."""

    record_seq = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=_SEQ_LIMIT)

    def __init__(self, request: StaffRequest, patron: Patron, *, initial: dict[str, Any] | None = None) -> None:
        self.request, self.patron = request, patron
        self.changes: Sequence[Change] = ()
        data = request.POST.copy() if request.method == "POST" else None
        super().__init__(data, initial={"record_seq": patron.seq, **(initial or {})})

    def is_valid(self) -> bool:
        valid = super().is_valid()
        if "record_seq" in self.errors:
            self.errors.pop("record_seq")
            self._renew()
            self.add_error(None, _("This form came incomplete, so nothing was done. Check it and send it again."))
        return valid

    def attempt(self, command: Callable[..., RecordOutcome], **inputs: Any) -> RecordOutcome | None:
        """What ``command`` answers; None after a refusal, which then stands at its field, all values kept.

        An identifier, contact or note that is not there any more is no mistake in a form and is raised on.
        """
        try:
            return command(
                actor=self.request.actor,
                patron_id=self.patron.pk,
                expected_seq=self.cleaned_data["record_seq"],
                **inputs,
            )
        except RowNotFound:
            raise
        except PersonError as error:
            self.refuse(error)
            return None

    def refuse(self, error: Exception) -> None:
        """Put the sentence for ``error`` where it belongs."""
        if isinstance(error, RecordChanged):
            self.changes = _changes_since(self.request, self.patron, error.expected_seq)
            self._renew()
            self.show_what_stands(self.request.institution)
        refused = refusal_of(error, self.request.institution)
        self.add_error(refused.field if refused.field in self.fields else None, refused.sentence)

    def _renew(self) -> None:
        now = get_patron(self.request.actor, self.patron.pk)
        self.data["record_seq"] = str(now.seq)  # type: ignore[index]


class RemovalForm(RecordForm):
    """Nothing but the question."""


def edit_page(
    view: Callable[Concatenate[StaffRequest, Patron, Rest], HttpResponse],
) -> Callable[..., HttpResponse]:
    """A view of the open record for those who may edit it; a row that is gone is not found."""

    @with_open_patron  # type: ignore[arg-type]
    @functools.wraps(view)
    def page(request: StaffRequest, patron: Patron, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        require(request.actor, Privilege.PATRON_EDIT)
        try:
            return view(request, patron, *args, **kwargs)
        except RowNotFound as error:
            sentence = refusal_of(error, request.institution).sentence
            return refusal(request, sentence, title=_("Not found"), status=404)

    return page


def show_form(
    request: StaffRequest, form: RecordForm, body: str, *, title: str, tab: str, back: str, **context: Any
) -> HttpResponse:
    """The form in the dialog from which htmx asked, else as a page of the record."""
    patron = form.patron
    context |= {"form": form, "patron": patron, "body": body, "title": title, "back": back}
    status = 422 if form.is_bound else 200
    if request.htmx and request.htmx.target == "dialog":
        return render(request, "web/account/dialog.html", context | {"dialog": "dialog"}, status=status)
    page = patron_context(request, patron, chosen=tab) | context
    return render(request, "web/account/page.html", page, status=status)


def done(request: StaffRequest, outcome: RecordOutcome, sentence: str, url: str) -> HttpResponse:
    """Say it and go on to ``url``, also from a dialog."""
    if outcome.changed:
        messages.success(request, sentence)
    else:
        messages.info(request, _("All was so already. Nothing was changed."))
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)


def _changes_since(request: StaffRequest, patron: Patron, seq: int) -> list[Change]:
    events = of_patron(request.actor.institution_id, patron.pk).filter(name__in=SENTENCES)[:_CHANGES_SHOWN]
    later = [each for each in events if each.data.get("seq", 0) > seq]
    names = account_names(request.institution.pk, {each.actor_id for each in later if each.actor_id})
    return [
        Change(
            each.at,
            str(SENTENCES[each.name]) % event_values(each.data, request.institution),
            names.get(each.actor_id or 0, each.actor_name),
        )
        for each in later
    ]
