"""Configuration > Calendar: when a library is open, and when it is closed whatever the weekday (row C5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from amerce.access.privileges import Privilege
from amerce.access.queries import names_by_login
from amerce.circulation.add_closure import add_closure
from amerce.circulation.configuring import can_configure, may_configure
from amerce.circulation.models import CalendarException, OpeningHours
from amerce.circulation.policies import closures_of, get_closure, hours_of, opening_of
from amerce.circulation.remove_closure import remove_closure
from amerce.circulation.set_opening_hours import hours_said, set_opening_hours
from amerce.inputs.errors import Refused, RowNotFound
from amerce.institutions.models import Library
from amerce.institutions.queries import libraries
from amerce.web.calendar_forms import WEEKDAYS, ClosureForm, HoursForm
from amerce.web.configuration import configuration_page, show
from amerce.web.month import month_asked, month_of
from amerce.web.patron_context import TabMark
from amerce.web.policy_wording import weekday
from amerce.web.request import StaffRequest

CLOSURES_SHOWN = 100


@dataclass(frozen=True)
class Week:
    """Opening hours from a day on, each weekday with its spans."""

    valid_from: date
    is_now: bool
    days: tuple[tuple[str, tuple[OpeningHours, ...]], ...]
    updated_by: str
    updated_at: Any


@dataclass(frozen=True)
class Closing:
    """A closing as the list shows it; ``state`` is removed, past, now or coming, the last two can be removed."""

    row: CalendarException
    state: str
    may_remove: bool


@require_safe
@configuration_page(Privilege.FULFILLMENT_CONFIGURE)
def calendars(request: StaffRequest) -> HttpResponse:
    """On to the library where one works, or the first."""
    places = list(libraries(request.institution.pk))
    if not places:
        return show(request, "calendar", {"library": None})
    here = next((each for each in places if each.pk == request.actor.library_id), places[0])
    return redirect("calendar-of", library_id=here.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.FULFILLMENT_CONFIGURE)
def calendar_of(request: StaffRequest, library_id: int) -> HttpResponse:
    """The page of one library; what is posted is a closing."""
    library = _library(request, library_id)
    form = ClosureForm(request)
    if not can_configure(request.actor):
        del form.fields["whole"]
    if form.is_sent() and _closed(request, library, form):
        return redirect("calendar-of", library_id=library.pk)
    today = timezone.localdate()
    closures = list(closures_of(request.actor, library.pk)[:CLOSURES_SHOWN])
    first = month_asked(request.GET.get("month", ""), today)
    opening = opening_of(request.actor, library.pk)
    weeks = _weeks(request, list(hours_of(request.actor, library.pk)), today)
    by = [login for each in closures for login in (each.created_by, each.removed_by)]
    context = {
        "library": library,
        "names": names_by_login(request.institution.pk, [*by, *(each.updated_by for each in weeks)]),
        "tabs": _tabs(request, library),
        "may_change": can_configure(request.actor, library.pk),
        "form": form,
        "weeks": weeks,
        "closings": [_closing(request, each, today) for each in closures],
        "month": month_of(first, opening, closures, today=today, locale=request.institution.locale),
    }
    return show(request, "calendar", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.FULFILLMENT_CONFIGURE)
def edit_hours(request: StaffRequest, library_id: int) -> HttpResponse:
    library = _library(request, library_id)
    may_configure(request.actor, library.pk)
    today = timezone.localdate()
    hours = list(hours_of(request.actor, library.pk))
    form = HoursForm(request, initial=_hours_now(hours, today), stands=hours_said(hours))
    if form.is_sent() and form.attempt(
        set_opening_hours, library_id=library.pk, valid_from=form.cleaned_data["valid_from"], week=form.week()
    ):
        messages.success(request, _("Saved the opening hours of %(library)s.") % {"library": library.name})
        return redirect("calendar-of", library_id=library.pk)
    return show(request, "hours", {"library": library, "form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.FULFILLMENT_CONFIGURE)
def remove_closing(request: StaffRequest, library_id: int, closure_id: int) -> HttpResponse:
    library = _library(request, library_id)
    closure = get_closure(request.actor, closure_id)
    may_configure(request.actor, closure.library_id)
    if request.method == "POST":
        try:
            remove_closure(actor=request.actor, at=timezone.now(), closure_id=closure_id)
        except RowNotFound:
            raise
        except Refused:
            messages.info(request, _("This closing was removed before."))
        else:
            messages.success(request, _("Removed. From today on these days are open again."))
        return redirect("calendar-of", library_id=library.pk)
    return show(request, "closure_remove", {"library": library, "closure": closure})


def _closed(request: StaffRequest, library: Library, form: ClosureForm) -> bool:
    """Whether the command took it; otherwise its reason stands at its field."""
    typed = form.cleaned_data
    if not form.attempt(
        add_closure,
        library_id=None if typed.get("whole") else library.pk,
        first_on=typed["first_on"],
        last_on=typed["last_on"],
        reason=typed["reason"],
    ):
        return False
    if form.answer.run_id is None:
        messages.success(request, _("Added: %(reason)s.") % {"reason": typed["reason"]})
    else:
        messages.success(
            request,
            _("Added: %(reason)s. Fines that were charged for these days are lowered now, in the background.")
            % {"reason": typed["reason"]},
        )
    return True


def _library(request: StaffRequest, library_id: int) -> Library:
    found = next((each for each in libraries(request.institution.pk) if each.pk == library_id), None)
    if found is None:
        raise RowNotFound(library_id)
    return found


def _tabs(request: StaffRequest, chosen: Library) -> list[TabMark]:
    return [
        TabMark(str(each.pk), each.name, reverse("calendar-of", args=[each.pk]), 0, each.pk == chosen.pk)
        for each in libraries(request.institution.pk)
    ]


def _weeks(request: StaffRequest, hours: Sequence[OpeningHours], today: date) -> list[Week]:
    """The hours that hold now and those to come; those that held before are history."""
    weeks = []
    begun = [each.valid_from for each in hours if each.valid_from <= today]
    for valid_from, of_day in groupby(hours, key=lambda each: each.valid_from):
        rows = list(of_day)
        if begun and valid_from < max(begun):
            continue
        days = tuple(
            (weekday(number, request.institution), tuple(each for each in rows if each.weekday == number))
            for number in WEEKDAYS
        )
        weeks.append(Week(valid_from, valid_from <= today, days, rows[0].updated_by, rows[0].updated_at))
    return weeks


def _hours_now(hours: Sequence[OpeningHours], today: date) -> dict[str, Any]:
    """The form as it begins: the last hours that were said, from today on."""
    initial: dict[str, Any] = {"valid_from": today} | dict.fromkeys(HoursForm.TIMES)
    last = max((each.valid_from for each in hours), default=None)
    counts = dict.fromkeys(WEEKDAYS, 0)
    for each in hours:
        if each.valid_from == last:
            counts[each.weekday] += 1
            initial[f"day_{each.weekday}_opens_{counts[each.weekday]}"] = each.opens
            initial[f"day_{each.weekday}_closes_{counts[each.weekday]}"] = each.closes
    return initial


def _closing(request: StaffRequest, closure: CalendarException, today: date) -> Closing:
    state = _state(closure, today)
    may_remove = state in ("now", "coming") and can_configure(request.actor, closure.library_id)
    return Closing(closure, state, may_remove)


def _state(closure: CalendarException, today: date) -> str:
    if closure.removed_on is not None:
        return "removed"
    if closure.last_on < today:
        return "past"
    return "now" if closure.first_on <= today else "coming"
