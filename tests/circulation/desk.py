"""The desk as loan tests use it: the commands that users call, with who and when filled in."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from amerce.access.actors import Actor
from amerce.charges.models import Fee
from amerce.charges.queries import balances
from amerce.circulation.checkout import checkout
from amerce.circulation.claim_return import claim_return
from amerce.circulation.mark_found import mark_found
from amerce.circulation.mark_lost import mark_lost
from amerce.circulation.models import Item, Loan, Request
from amerce.circulation.outcome import LoanOutcome
from amerce.circulation.place_request import place_request
from amerce.circulation.renew import renew
from amerce.circulation.return_item import return_item
from amerce.patrons.models import Patron
from tests.world import NOON, Library

DUE = datetime(2026, 3, 30, 23, 59, 59, tzinfo=UTC)
"""When a loan made at ``NOON`` by the terms of the tests is due."""


@dataclass
class LoanDesk:
    """Works for the patron of ``library`` unless told otherwise, as the operator, at ``NOON``."""

    library: Library

    def _to(self, patron: Patron | None) -> int:
        return (patron or self.library.patron).pk

    def _as(self, actor: Actor | None) -> Actor:
        return actor or self.library.operator

    def lend(
        self, item: Item, *, at: datetime = NOON, patron: Patron | None = None, actor: Actor | None = None
    ) -> Loan:
        outcome = checkout(actor=self._as(actor), at=at, patron_id=self._to(patron), barcode=item.barcode)
        return Loan.objects.select_related("item").get(pk=outcome.loan_id)

    def take_back(self, loan: Loan, *, at: datetime, **columns: Any) -> LoanOutcome:
        actor = columns.pop("actor", None)
        return return_item(actor=self._as(actor), at=at, barcode=loan.item.barcode, **columns)

    def renew(self, *loans: Loan, at: datetime, actor: Actor | None = None, **columns: Any) -> list[LoanOutcome]:
        ids = [each.pk for each in loans]
        whose = loans[0].borrower_id if loans else self.library.patron.pk
        return renew(actor=self._as(actor), at=at, patron_id=whose, loan_ids=ids, **columns)

    def claim(self, loan: Loan, *, at: datetime, actor: Actor | None = None) -> LoanOutcome:
        return claim_return(actor=self._as(actor), at=at, patron_id=loan.borrower_id, loan_id=loan.pk)

    def lose(self, loan: Loan, *, at: datetime, actor: Actor | None = None) -> LoanOutcome:
        return mark_lost(actor=self._as(actor), at=at, patron_id=loan.borrower_id, loan_id=loan.pk)

    def find(self, loan: Loan, *, at: datetime, actor: Actor | None = None) -> LoanOutcome:
        return mark_found(actor=self._as(actor), at=at, patron_id=loan.borrower_id, loan_id=loan.pk)

    def request(self, item: Item, *, at: datetime = NOON, patron: Patron | None = None, **columns: Any) -> Request:
        given = {
            "actor": self.library.operator,
            "barcode": item.barcode,
            "pickup_library_id": self.library.library.pk,
            **columns,
        }
        return place_request(at=at, patron_id=self._to(patron), **given).request

    def balance_minor(self, patron: Patron | None = None) -> int:
        return balances(self.library.manager, self._to(patron)).active_minor

    def fines(self, loan: Loan) -> dict[str, int]:
        """What stands charged for the loan, by fee type."""
        fees = Fee.objects.filter(loan=loan, original_minor__gt=0)
        charged: dict[str, int] = {}
        for code, original, reduced in fees.values_list("type__code", "original_minor", "reduced_minor"):
            charged[code] = charged.get(code, 0) + original - reduced
        return charged
