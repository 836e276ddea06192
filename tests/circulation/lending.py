"""Loans for tests."""

from datetime import datetime, timedelta

from amerce.circulation.models import Item, Loan
from amerce.patrons.models import Patron
from tests.world import NOON, Library


def lend(
    library: Library,
    *,
    due_at: datetime = NOON,
    patron: Patron | None = None,
    item: Item | None = None,
    loaned_at: datetime | None = None,
    returned_at: datetime | None = None,
    status: Loan.Status = Loan.Status.NORMAL,
) -> Loan:
    """A loan of four weeks, out unless ``returned_at`` says otherwise."""
    return Loan.objects.create(
        institution=library.institution,
        library=library.library,
        patron=patron or library.patron,
        item=item or library.new_item(),
        status=status,
        loaned_at=loaned_at or due_at - timedelta(days=28),
        due_at=due_at,
        returned_at=returned_at,
    )
