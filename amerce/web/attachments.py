"""The tab Attachments of User Details: everything that was written to the patron (row B12)."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, IntegerField, QuerySet, Subquery
from django.db.models.functions import Coalesce

from amerce.access.actors import Actor
from amerce.events.queries import of_patron
from amerce.letters.queries import letters_of
from amerce.patrons.models import Patron
from amerce.web.letters import PER_PAGE, shown
from amerce.web.paging import page_asked
from amerce.web.request import StaffRequest


def attachments_tab(request: StaffRequest, patron: Patron) -> dict[str, Any]:
    page = page_asked(request, letters_of(request.actor, patron.pk), PER_PAGE)
    return {"page": page, "rows": [shown(each) for each in page]}


def attachments_held(actor: Actor, patron: Patron) -> int:
    return told_held(actor, patron).letters


def events_held(actor: Actor, patron: Patron) -> int:
    return told_held(actor, patron).events


@dataclass(frozen=True)
class Told:
    """How many letters and events there are of a patron."""

    letters: int
    events: int


def told_held(actor: Actor, patron: Patron) -> Told:
    """One query for both, which are asked one after the other for the tabs of a page."""
    known: Told | None = getattr(patron, "told_held", None)
    if known is None:
        mine = Patron.objects.filter(institution_id=actor.institution_id, pk=patron.pk)
        counts = mine.values_list(
            _count(letters_of(actor, patron.pk)), _count(of_patron(actor.institution_id, patron.pk))
        )
        known = Told(*(counts.first() or (0, 0)))
        patron.told_held = known  # type: ignore[attr-defined]
    return known


def _count(rows: QuerySet[Any]) -> Coalesce:
    counted = rows.order_by().values("patron_id").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
