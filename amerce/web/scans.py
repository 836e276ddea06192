"""What a scan means on a page for items: the Loans tab, and Manage Item Returns (row A2).

Somebody with a queue scans a card, the books, the next card, and looks at the screen only when something is wrong. So
the field takes what is scanned anywhere on the page, it keeps the focus once it was used, and what is no item's
barcode but a patron's id opens that patron's record: the next card follows the last book. A record is opened without
the focus in the field, because then P pays with one key, and a scan needs no focus.

In the field an item goes before a patron. After a scan from elsewhere on the page a patron goes first, since a card
scanned anywhere has always opened its record.
"""

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from amerce.patrons.models import Patron
from amerce.patrons.queries import find_by_identifier
from amerce.web.account_page import go
from amerce.web.request import StaffRequest


def scanned_from_anywhere(request: StaffRequest) -> bool:
    """Whether what was scanned was meant for no field."""
    return "anywhere" in request.POST


def patron_of_card(request: StaffRequest, scanned: str) -> Patron | None:
    """The one patron who has this id."""
    found = find_by_identifier(request.actor, scanned)
    return found[0] if len(found) == 1 else None


def open_record_of(request: StaffRequest, patron: Patron) -> HttpResponse:
    """A new session with the patron whose card was scanned."""
    request.open_records.open(patron.pk, timezone.now())
    return go(request, reverse("patron-record", args=[patron.pk]))
