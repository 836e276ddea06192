"""The tab Attachments of User Details: everything that was written to the patron (row B12)."""

from typing import Any

from django.core.paginator import Paginator

from amerce.access.actors import Actor
from amerce.letters.queries import letters_of
from amerce.patrons.models import Patron
from amerce.web.letters import PER_PAGE, shown
from amerce.web.request import StaffRequest


def attachments_tab(request: StaffRequest, patron: Patron) -> dict[str, Any]:
    page = Paginator(letters_of(request.actor, patron.pk), PER_PAGE).get_page(request.GET.get("page"))
    return {"page": page, "rows": [shown(each) for each in page]}


def attachments_held(actor: Actor, patron: Patron) -> int:
    return letters_of(actor, patron.pk).count()
