"""The verbs as a manager at the desk uses them, short enough that a test reads as one story."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from amerce.access.actors import Actor, system_actor
from amerce.access.privileges import Privilege
from amerce.charges.accrue import accrue
from amerce.charges.assess import ItemFacts
from amerce.charges.books import Books, open_books
from amerce.charges.correct import correct
from amerce.charges.dispute import dispute
from amerce.charges.errors import ChargeError
from amerce.charges.export import export
from amerce.charges.export_fees import Exported, export_fees
from amerce.charges.link_item import link_item
from amerce.charges.loan_charge import LoanCharge, bring_to, of_loans, take_back
from amerce.charges.models import LOST_REPLACEMENT_TYPE, Fee, FeeType
from amerce.charges.outcome import Outcome
from amerce.charges.pay import pay
from amerce.charges.queries import balances
from amerce.charges.refund import refund
from amerce.charges.request import Request
from amerce.charges.restore import restore
from amerce.charges.settle import BursarPayment, Effect, Settled, settle
from amerce.charges.take_back_exports import take_back_exports
from amerce.charges.take_back_payments import take_back_payments
from amerce.charges.waive import waive
from amerce.circulation.models import Item, Loan
from amerce.ledger.models import PatronAccount, Transfer
from amerce.patrons.models import Patron
from tests.world import NOON, Library


@dataclass
class Desk:
    """Every verb on the fees of one patron, at noon unless ``at`` says otherwise."""

    library: Library
    at: datetime = NOON
    manager: Actor = field(init=False)
    system: Actor = field(init=False)
    patron: Patron = field(init=False)

    def __post_init__(self) -> None:
        self.manager = self.library.manager
        self.patron = self.library.patron
        self.system = system_actor(
            self.library.institution.pk, "job", Privilege.FEE_ACCRUE, Privilege.FEE_EXPORT, Privilege.PATRON_VIEW
        )

    def charge(self, amount_minor: int, type_code: str = "OTHER", **more: Any) -> Fee:
        return self.library.charge(amount_minor, type_code, patron=self.patron, **more)

    def pay(self, *fees: Fee, amount: int | None = None, method: str = "CASH", **more: Any) -> Outcome:
        """Pay ``fees``; without any, all."""
        return pay(**{**self._who(), **more}, fee_ids=_ids(fees) if fees else None, amount_minor=amount, method=method)

    def waive(self, *fees: Fee, amount: int | None = None, reason: str = "OTHER", **more: Any) -> Outcome:
        return self.waive_each({fee.pk: amount for fee in fees}, reason=reason, **more)

    def waive_each(self, amounts: Mapping[int, int | None], reason: str = "OTHER", **more: Any) -> Outcome:
        return waive(**{**self._who(), **more}, amounts_minor=amounts, reason=reason)

    def dispute(self, *fees: Fee, **more: Any) -> Outcome:
        return dispute(**{**self._who(), **more}, fee_ids=_ids(fees))

    def restore(self, *fees: Fee, **more: Any) -> Outcome:
        return restore(**{**self._who(), **more}, fee_ids=_ids(fees))

    def refund(self, fee: Fee, amount: int, method: str = "CASH", **more: Any) -> Outcome:
        return refund(**{**self._who(), **more}, fee_id=fee.pk, amount_minor=amount, method=method)

    def correct(self, *transfers: Transfer, **more: Any) -> Outcome:
        return correct(**{**self._who(), **more}, transfer_ids=_ids(transfers))

    def correct_all_of(self, outcome: Outcome) -> Outcome:
        return self.correct(*Transfer.objects.filter(payment_id=outcome.payment_id))

    def export(self, *fees: Fee, awaits_payment: bool = False, **more: Any) -> Outcome:
        return export(**{**self._who(self.system), **more}, fee_ids=_ids(fees), awaits_payment=awaits_payment)

    def export_set(self, *fees: Fee, awaits_payment: bool = False, is_wanted: Any = None) -> Exported:
        """As a run does it, with the fees of whichever patrons."""
        return export_fees(
            actor=self.system,
            at=self.at,
            institution=self.library.institution,
            fees=[(fee.patron_id, fee.pk) for fee in fees],
            awaits_payment=awaits_payment,
            is_wanted=is_wanted or (lambda amounts: lambda fee_id: True),
        )

    def settle(self, *payments: tuple[Fee, int], effect: str = "credit") -> list[Settled]:
        return settle(
            actor=self.system,
            at=self.at,
            institution=self.library.institution,
            payments=[BursarPayment(fee.patron_id, fee.pk, amount) for fee, amount in payments],
            effect=Effect(effect),
        )

    def take_back_exports(self, exported: Exported) -> dict[int, int]:
        ids = [each.transfer_id for each in exported.handed_over.values()]
        return take_back_exports(actor=self.system, at=self.at, institution=self.library.institution, transfer_ids=ids)

    def take_back_payments(self, *settled: Settled) -> dict[int, ChargeError | None]:
        return take_back_payments(
            actor=self.system,
            at=self.at,
            institution=self.library.institution,
            transfer_ids=[each.transfer_id for each in settled if each.transfer_id],
            comment="Wrong file",
            data={"bursar_import": 1},
        )

    def accrue(self, loan: Loan, total: int, type_code: str = "OVERDUEFINE", **more: Any) -> Outcome | None:
        columns: dict[str, Any] = {
            **self._who(self.system),
            "item": facts(loan.item),
            "owner_library_id": loan.library_id,
            "comment": "",
            **more,
        }
        return accrue(**columns, loan_id=loan.pk, type_code=type_code, total_minor=total)

    def bring_to(self, loan: Loan, total: int, type_code: str = "OVERDUEFINE", comment: str = "") -> int:
        """As a command of circulation does it; in minor units what moved, negative when it was lowered."""
        with self._open(loan) as books:
            return bring_to(books, charge_of(loan, type_code, comment), total)

    def take_back(self, loan: Loan, ratio_bp: int = 10_000, type_code: str = LOST_REPLACEMENT_TYPE) -> int:
        with self._open(loan) as books:
            return take_back(books, charge_of(loan, type_code), ratio_bp)

    def link_item(self, fee: Fee, item: Item, **more: Any) -> Outcome:
        return link_item(**{**self._who(), **more}, fee_id=fee.pk, item=facts(item))

    def new_loan(self, item: Item | None = None) -> Loan:
        return Loan.objects.create(
            institution=self.library.institution,
            library=self.library.library,
            patron=self.patron,
            item=item or self.library.new_item(),
            loaned_at=NOON,
            due_at=NOON,
        )

    def balance(self) -> int:
        return balances(self.manager, self.patron.pk).active_minor

    def three_balances(self) -> tuple[int, int, int]:
        """Active, disputed, transferred."""
        now = balances(self.manager, self.patron.pk)
        return now.active_minor, now.disputed_minor, now.transferred_minor

    def account(self) -> PatronAccount:
        return PatronAccount.objects.get(patron=self.patron)

    def newest_credit(self) -> Fee:
        return Fee.objects.filter(patron=self.patron, type__code="CREDIT").latest("pk")

    def last_transfer(self, kind: str) -> Transfer:
        return Transfer.objects.filter(account__patron=self.patron, kind=kind).latest("seq")

    def vat_rate(self, type_code: str, rate_bp: int) -> None:
        FeeType.objects.filter(institution=self.library.institution, code=type_code).update(vat_rate_bp=rate_bp)

    @contextmanager
    def _open(self, loan: Loan) -> Iterator[Books]:
        with transaction.atomic():
            books = open_books(**self._who(self.system), also=of_loans([loan.pk]))
            yield books
            books.close(Request(verb="test", inputs={}), "loan.tested")

    def _who(self, actor: Actor | None = None) -> dict[str, Any]:
        return {"actor": actor or self.manager, "at": self.at, "patron_id": self.patron.pk}


def charge_of(loan: Loan, type_code: str, comment: str = "") -> LoanCharge:
    return LoanCharge(loan.pk, type_code, facts(loan.item), loan.library_id, comment)


def facts(item: Item) -> ItemFacts:
    return ItemFacts(item.pk, item.title, item.barcode)


def now(fee: Fee) -> Fee:
    """The fee as it stands in the database."""
    return Fee.objects.get(pk=fee.pk)


def state(fee: Fee) -> tuple[str, str, int]:
    """Status, closed_as and remainder as they stand in the database."""
    fee = now(fee)
    return fee.status, fee.closed_as, fee.remaining_minor


def shares(outcome: Outcome) -> list[tuple[int, int, int | None]]:
    """Fee, amount and the CREDIT that paid it, line by line."""
    return [(line.fee_id, line.amount_minor, line.credit_fee_id) for line in outcome.lines]


def _ids(rows: Sequence[Any]) -> list[int]:
    return [row.pk for row in rows]
