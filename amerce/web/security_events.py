"""Configuration > Security Events: who signed in, who was refused, what was changed of roles and accounts.

Why not page by number: the list grows at its top while somebody reads it, and counting it would read it all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from amerce.access.edit_account import CHANGED as ACCOUNT_CHANGED
from amerce.access.privileges import Privilege
from amerce.access.queries import account_names
from amerce.access.roles import RoleFacts, roles_of
from amerce.access.save_role import CHANGED as ROLE_CHANGED
from amerce.access.security_events import security_events as all_security_events
from amerce.events.models import Event
from amerce.institutions.queries import libraries
from amerce.web.configuration import configuration_page, show
from amerce.web.log_page import LogPage, number_asked
from amerce.web.request import StaffRequest

PER_PAGE = 50

SENTENCES: dict[str, str | Promise] = {
    "session.signed_in": gettext_lazy("Signed in."),
    "session.signed_out": gettext_lazy("Signed out."),
    "session.refused": gettext_lazy("Was refused at sign-in."),
    "session.ended": gettext_lazy("Ended own sign-ins elsewhere."),
    "session.locked": gettext_lazy("Was locked out after refusals."),
    "account.created": gettext_lazy("Added the account of %(account)s."),
    "account.unlocked": gettext_lazy("Lifted the lock of %(account)s."),
    "account.password_set": gettext_lazy("Set a temporary password for %(account)s."),
    ACCOUNT_CHANGED: gettext_lazy("Changed the account of %(account)s."),
    "account.password_changed": gettext_lazy("Chose another password."),
    "second_factor.added": gettext_lazy("Set up a second factor."),
    "second_factor.removed": gettext_lazy("Removed a second factor."),
    "second_factor.reset": gettext_lazy("Removed the second factors of %(account)s."),
    "second_factor.codes_made": gettext_lazy("Made recovery codes."),
    "account.linked": gettext_lazy("Linked the account of %(account)s with single sign-on."),
    "identity_provider.changed": gettext_lazy("Changed a provider of single sign-on."),
    "sign_in_settings.changed": gettext_lazy("Changed who needs a second factor."),
    ROLE_CHANGED: gettext_lazy("Changed the role %(role)s."),
    "api_key.created": gettext_lazy("Made the API key %(key)s."),
    "api_key.revoked": gettext_lazy("Revoked the API key %(key)s."),
    "api_key.refused": gettext_lazy("Was refused: no API key that is known."),
}
"""Event name to its sentence. What is not here is not on the page."""

KINDS: dict[str, str | Promise] = {
    "session.": gettext_lazy("Sign-ins"),
    "session.refused": gettext_lazy("Refused sign-ins"),
    "second_factor.": gettext_lazy("Second factors"),
    "account.": gettext_lazy("Accounts"),
    "role.": gettext_lazy("Roles"),
    "api_key.": gettext_lazy("API keys"),
}

_KEY_REFUSED: dict[str, str | Promise] = {
    "unknown": gettext_lazy("Was refused: a wrong secret for the API key %(key)s."),
    "revoked": gettext_lazy("Was refused: the API key %(key)s was revoked."),
    "expired": gettext_lazy("Was refused: the API key %(key)s has expired."),
    "scope": gettext_lazy("Was refused: the API key %(key)s lacks the scope %(scope)s."),
}
"""The beginning of an event's name to what such events are called in the filter."""


@dataclass(frozen=True)
class SecurityEvent:
    """An event in words. ``place`` is empty where no location was chosen."""

    at: datetime
    sentence: str
    is_refusal: bool
    who: str
    place: str


@dataclass(frozen=True)
class _Known:
    """What the events only name, by code and id: read once for a page of them."""

    names: Mapping[int, str]
    roles: Mapping[str, RoleFacts]
    places: Mapping[int, str]


@require_safe
@configuration_page(Privilege.EVENT_VIEW)
def security_events(request: StaffRequest) -> HttpResponse:
    """``?kind=`` is one of ``KINDS``, ``?who=`` a user name; ``?before=`` is an event id, only older ones are shown."""
    kind, who, before = request.GET.get("kind", ""), request.GET.get("who", ""), number_asked(request, "before")
    kind = kind if kind in KINDS else ""
    found = all_security_events(
        request.actor,
        [name for name in SENTENCES if name.startswith(kind)],
        username=who.strip(),
        before_id=before,
    )
    page = LogPage.of(found, PER_PAGE, before)
    known = _read(request, page.rows)
    context = {
        "happenings": [_in_words(each, known) for each in page.rows],
        "kinds": KINDS.items(),
        "kind": kind,
        "who": who,
        "is_filtered": bool(kind or who),
        "page": page,
    }
    return show(request, "security_events", context)


def _read(request: StaffRequest, events: list[Event]) -> _Known:
    institution_id = request.institution.pk
    ids = {each.actor_id for each in events if each.actor_id} | {_account_of(each) for each in events}
    return _Known(
        account_names(institution_id, ids - {0}),
        roles_of(institution_id),
        {each.pk: each.name for each in libraries(institution_id)},
    )


def _account_of(event: Event) -> int:
    """The id of the account that something was done to; 0 for other events."""
    if event.name.startswith("account.") or event.name == "second_factor.reset":
        return int(event.data.get("account") or event.data["row"])
    return 0


def _in_words(event: Event, known: _Known) -> SecurityEvent:
    code = str(event.data.get("row", ""))
    values = {
        "account": known.names.get(_account_of(event), _("account %(number)s") % {"number": _account_of(event)}),
        "key": event.data.get("name", ""),
        "scope": event.data.get("scope", ""),
        "role": known.roles[code].label if code in known.roles else _last_label(event.data) or code,
    }
    return SecurityEvent(
        event.at,
        str(_sentence(event)) % values,
        event.name in ("session.refused", "session.locked", "api_key.refused"),
        known.names.get(event.actor_id or 0, event.actor_name) or _("Somebody unknown"),
        known.places.get(event.library_id or 0, ""),
    )


def _last_label(data: Mapping[str, Any]) -> str:
    said = data.get("after") or data.get("before") or {}
    return str(said.get("label", ""))


def _sentence(event: Event) -> str | Promise:
    data = event.data
    if event.name == "api_key.refused" and "name" in data:
        return _KEY_REFUSED[data["why"]]
    if event.name == ROLE_CHANGED and data["before"] is None:
        return _("Added the role %(role)s.")
    if event.name == ROLE_CHANGED and data["after"] is None:
        return _("Removed the role %(role)s.")
    if event.name == ACCOUNT_CHANGED and "roles" in data["fields"]:
        return _("Changed the roles of %(account)s.")
    if event.name == ACCOUNT_CHANGED and "is_active" in data["fields"]:
        opened = data["after"]["is_active"]
        return _("Opened the account of %(account)s.") if opened else _("Shut the account of %(account)s.")
    return SENTENCES[event.name]
