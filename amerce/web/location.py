"""Choosing where one works: a library and its circulation desk, or the library "not at desk" (row A1)."""

from dataclasses import dataclass

from django.core.signing import BadSignature
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from amerce.access.actors import actor_for
from amerce.events.record import record
from amerce.institutions.models import Library
from amerce.institutions.queries import open_desks, open_libraries
from amerce.web.account_form import ids_of
from amerce.web.next_page import next_page
from amerce.web.place import ChosenPlace, at_desk, keep_place, not_at_desk
from amerce.web.request import StaffRequest

_LAST_CHOICE = "amerce_location"
_YEAR_S = 365 * 24 * 3600


@dataclass(frozen=True)
class Option:
    """``value`` is what the form sends: ``desk-7``, or ``library-2`` for "not at desk"."""

    value: str
    label: str


@require_http_methods(["GET", "HEAD", "POST"])
def location(request: StaffRequest) -> HttpResponse:
    going_to = _going_to(request)
    if request.method != "POST":
        return _page(request, going_to, preset=_preset(request))
    choice = request.POST.get("place", "")
    chosen = _find(request.institution.pk, choice)
    if chosen is None:
        return _page(request, going_to, preset=choice, error=_("Choose where you work now."))
    _choose(request, chosen)
    response = redirect(going_to)
    # This computer usually stands at the same desk: the next person to sign in finds it chosen already.
    response.set_signed_cookie(_LAST_CHOICE, choice, max_age=_YEAR_S, httponly=True, samesite="Lax")
    return response


def _going_to(request: StaffRequest) -> str:
    """Where the person was going. Who comes from signing in is going to the desk, not to the page that leads there."""
    wish = next_page(request)
    signed_in_now = request.place is None and wish == reverse("home")
    return reverse("patron-services") if signed_in_now or not wish else wish


def _choose(request: StaffRequest, chosen: ChosenPlace) -> None:
    keep_place(request.session, chosen.place)
    actor = actor_for(request.user, chosen.place)
    record("location.chosen", actor=actor, at=timezone.now(), data={})


def _find(institution_id: int, choice: str) -> ChosenPlace | None:
    """The place of an option's value, if it is one of the institution's."""
    kind, _dash, number = choice.partition("-")
    find = {"desk": at_desk, "library": not_at_desk}.get(kind)
    return find(institution_id, ids_of([number])[0]) if find else None


def _preset(request: StaffRequest) -> str:
    if request.place:
        place = request.place.place
        return f"desk-{place.desk_id}" if place.desk_id else f"library-{place.library_id}"
    try:
        return str(request.get_signed_cookie(_LAST_CHOICE, default=""))
    except BadSignature:
        return ""


def _page(request: StaffRequest, going_to: str, *, preset: str, error: str = "") -> HttpResponse:
    groups = _options(request.institution.pk)
    values = [each.value for options in groups.values() for each in options]
    chosen = preset if preset in values else _only(groups)
    context = {
        "groups": groups,
        "chosen": chosen,
        "focused": chosen or next(iter(values), ""),
        "next": going_to,
        "error": error,
    }
    return render(request, "web/location.html", context, status=422 if error else 200)


def _only(groups: dict[Library, list[Option]]) -> str:
    """The one place there is to work at, when there is one library with one desk or with none."""
    if len(groups) != 1:
        return ""
    options = [each for options in groups.values() for each in options]
    at_desks = [each.value for each in options if each.value.startswith("desk-")]
    return (at_desks or [options[0].value])[0] if len(at_desks) <= 1 else ""


def _options(institution_id: int) -> dict[Library, list[Option]]:
    """Each library with its desks, "not at desk" last."""
    groups: dict[Library, list[Option]] = {each: [] for each in open_libraries(institution_id)}
    for desk in open_desks(institution_id):
        groups[desk.library].append(Option(f"desk-{desk.pk}", desk.name))
    for library, options in groups.items():
        options.append(Option(f"library-{library.pk}", _("not at desk")))
    return groups
