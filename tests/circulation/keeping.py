"""What the tests of the jobs that keep returns for so long, and no longer, share."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Model

from amerce.charges.models import Fee
from amerce.circulation.models import Loan, LoanNote, LoanSpell, Request
from amerce.events.models import Event
from amerce.ledger.models import PatronAccount, Transfer
from tests.world import NOON

TABLES: tuple[type[Model], ...] = (Loan, LoanNote, LoanSpell, Request, Fee, Transfer, PatronAccount)


@contextmanager
def nothing_changes() -> Iterator[None]:
    """Not one row other, not one event but those of the runs themselves."""
    before = _rows()
    yield
    assert _rows() == before


def note_on(loan: Loan, text: str = "Jane called about it") -> LoanNote:
    return LoanNote.objects.create(
        institution_id=loan.institution_id, loan=loan, text=text, created_at=NOON, created_by="Operator"
    )


def charged_for(loan: Loan, fee: Fee) -> Fee:
    """A fee that was made for the item, made one of the loan."""
    fee.loan = loan
    fee.save(update_fields=["loan"])
    return fee


def midnight(days_ago: int) -> datetime:
    """The one with which the day began that was so many days before NOON's."""
    return NOON.replace(hour=0) - timedelta(days=days_ago)


def _rows() -> dict[str, Any]:
    told = Event.objects.exclude(name__startswith="job.")
    return {
        "events": list(told.order_by("pk").values()),
        **{model.__name__: list(model._default_manager.order_by("pk").values()) for model in TABLES},
    }
