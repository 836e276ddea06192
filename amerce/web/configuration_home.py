"""Configuration: all its pages as cards in groups, each with who changed it last, and a search over all settings."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from amerce.access.queries import account_names
from amerce.events.models import Event
from amerce.events.queries import last_changes
from amerce.web.configuration import show
from amerce.web.configuration_search import search
from amerce.web.doors import Door, Group, doors_for
from amerce.web.refusals import not_allowed
from amerce.web.request import StaffRequest

TYPED_LIMIT = 200


@dataclass(frozen=True)
class Card:
    """A door and its last change; nobody changed it yet where ``at`` is None."""

    door: Door
    by: str = ""
    at: datetime | None = None


@require_safe
def configuration(request: StaffRequest) -> HttpResponse:
    doors = doors_for(request.actor)
    if not doors:
        return not_allowed(request)
    typed = request.GET.get("q", "")[:TYPED_LIMIT].strip()
    context: dict[str, Any] = {"typed": typed}
    if typed:
        context["found"] = search(doors, typed)
    else:
        context["groups"] = _cards(request, doors)
    return show(request, "index", context)


def _cards(request: StaffRequest, doors: list[Door]) -> list[tuple[str, str, list[Card]]]:
    """Name, title and cards of each group that has any."""
    changes = last_changes(request.actor.institution_id, {each.changed for each in doors if each.changed})
    names = account_names(request.actor.institution_id, {each.actor_id for each in changes.values() if each.actor_id})
    cards = {door: _card(door, changes, names) for door in doors}
    groups = [
        (group.value, str(group.label), [card for door, card in cards.items() if door.group is group])
        for group in Group
    ]
    return [each for each in groups if each[2]]


def _card(door: Door, changes: dict[tuple[str, str | None], Event], names: dict[int, str]) -> Card:
    of_tables = [(door.changed, each) for each in door.tables or (None,)]
    known = [changes[each] for each in of_tables if each in changes]
    last = max(known, key=lambda each: each.pk, default=None)
    return Card(door, names.get(last.actor_id or 0, last.actor_name), last.at) if last else Card(door)
