"""What was done on open books and is not written yet, and how it is written.

Why for many accounts as for one: what a job writes must be what the command would have written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from amerce.access.actors import Actor
from amerce.charges.models import LOST_TYPES, Fee
from amerce.charges.outcome import Line
from amerce.charges.project import PROJECTED
from amerce.institutions.models import Institution
from amerce.institutions.sequences import RECEIPT, next_number
from amerce.ledger.chart import Kind
from amerce.ledger.models import PatronAccount, Transfer
from amerce.ledger.post import Posting, post_all
from amerce.patrons.models import Note
from amerce.sql import insert, update_all


@dataclass(frozen=True, eq=False)
class Move:
    """One movement on ``fee``, of which ``before_minor`` remained before and ``after_minor`` after it.

    ``columns`` are further columns of the transfer.
    """

    kind: Kind
    debit: str
    credit: str
    amount_minor: int
    vat_minor: int
    fee: Fee
    credit_fee: Fee | None
    before_minor: int
    after_minor: int
    columns: Mapping[str, Any]

    def posting(self, payment_id: int | None) -> Posting:
        """What the ledger writes of it, once its fees have their ids."""
        return Posting(
            kind=self.kind,
            debit=self.debit,
            credit=self.credit,
            amount_minor=self.amount_minor,
            fee_id=self.fee.pk,
            credit_fee_id=self.credit_fee.pk if self.credit_fee else None,
            vat_minor=self.vat_minor,
            payment_id=payment_id,
            **self.columns,
        )

    def line(self) -> Line:
        """What the answer and the event say of it."""
        return Line(
            kind=self.kind.value,
            fee_id=self.fee.pk,
            amount_minor=self.amount_minor,
            before_minor=self.before_minor,
            after_minor=self.after_minor,
            status=str(self.fee.status),
            credit_fee_id=self.credit_fee.pk if self.credit_fee else None,
        )


@dataclass
class Draft:
    """What is to be written on ``account``: comments, new fees, movements, and fees whose reckoning changed.

    ``gives_ids``: its fees were given bursar transaction ids.
    """

    account: PatronAccount
    notes: list[Note] = field(default_factory=list)
    new_fees: list[Fee] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    reckoned: list[Fee] = field(default_factory=list)
    needs_receipt: bool = False
    gives_ids: bool = False
    payment_id: int | None = None


def write(drafts: Sequence[Draft], *, actor: Actor, at: datetime, institution: Institution) -> list[Transfer]:
    """Write notes, fees, transfers and accounts, each by one statement, and give every draft its receipt number.
    Answers the transfers in the order of drafts and their moves.

    The accounts are there once each, locked by the transaction this runs in, and so are the fees.
    """
    insert([note for draft in drafts for note in draft.notes])
    new_fees = [fee for draft in drafts for fee in draft.new_fees]
    for fee in new_fees:
        if fee.note:
            fee.note_id = fee.note.pk
    insert(new_fees)
    for draft in drafts:
        if draft.needs_receipt:
            draft.payment_id = next_number(institution.pk, RECEIPT)
    pages = [(draft.account, [move.posting(draft.payment_id) for move in draft.moves]) for draft in drafts]
    rows = post_all([page for page in pages if page[1]], actor=actor, at=at, currency_code=institution.currency_code)
    moved = {fee.pk: fee for draft in drafts for move in draft.moves for fee in (move.fee, move.credit_fee) if fee}
    moved |= {fee.pk: fee for draft in drafts for fee in draft.reckoned}
    for fee in new_fees:
        moved.pop(fee.pk, None)
    given = ("bursar_transaction_id",) if any(draft.gives_ids for draft in drafts) else ()
    update_all(list(moved.values()), (*PROJECTED, "waiting_minor", "excess_minor", *given))
    return rows


def event_data(payment_id: int | None, moves: Sequence[Move]) -> dict[str, Any]:
    """What the event of ``moves`` says: lines, and the loans whose lost charges moved.

    What hangs on the event asks whether these loans are settled (``circulation/close_paid_lost_loan.py``).
    """
    data: dict[str, Any] = {"receipt": payment_id, "lines": [move.line().as_json() for move in moves]}
    lost = {move.fee.loan_id for move in moves if move.fee.loan_id and move.fee.type.code in LOST_TYPES}
    return {**data, "lost_loans": sorted(lost)} if lost else data
