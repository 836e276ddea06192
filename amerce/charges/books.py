"""A patron's account opened under lock: what every charge command works on.

Why one class: the order of locks, the replay of a request, the VAT of a part and the step from transfer to fee
must be the same for every verb. A verb says what moves; the books see to it that it is written once and whole.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q

from amerce.access.actors import Actor
from amerce.charges.allocation import check_amount
from amerce.charges.codes import fee_type
from amerce.charges.draft import Draft, Move, event_data, write
from amerce.charges.errors import KeyConflict, PaymentTakenBack, StaleAccount
from amerce.charges.locks import lock_account, lock_fees
from amerce.charges.models import CREDIT_TYPE, Fee, FeeType
from amerce.charges.outcome import Outcome, from_json
from amerce.charges.project import project
from amerce.charges.request import COMMENT_LIMIT, FORM_SCOPE, Request
from amerce.charges.states import Verb, check_debt, check_status
from amerce.events.record import record
from amerce.inputs.checks import checked_text
from amerce.institutions.models import Institution
from amerce.ledger import chart
from amerce.ledger.chart import Kind
from amerce.ledger.hashing import hash_of
from amerce.ledger.models import Idempotency, PatronAccount, Transfer
from amerce.ledger.post import keep_result
from amerce.money.vat import vat_of_part
from amerce.patrons.models import Note
from amerce.patrons.notes import new_note
from amerce.sql import Select, fresh


@dataclass
class Books:
    """An account and the fees concerned, locked until the end of the transaction.

    ``at`` is the time that the ledger holds, and ``recorded_at`` when it is written, which differs for what was charged
    elsewhere before. ``types`` are fee types that were looked up before. ``draft`` is what ``close`` will write.
    """

    actor: Actor
    at: datetime
    institution: Institution
    account: PatronAccount
    fees: dict[int, Fee]
    types: dict[str, FeeType] = field(default_factory=dict)
    recorded_at: datetime | None = None
    draft: Draft = field(init=False)
    _bound: dict[int, list[Fee]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.draft = Draft(self.account)
        for fee in self.fees.values():
            self._know_bound(fee)

    # -- replay ---------------------------------------------------------------------------------------------

    def answered(self, request: Request) -> Outcome | None:
        """The first answer to this request, if it was asked before.

        Raises ``KeyConflict`` when one of its keys was used with other inputs, ``PaymentTakenBack`` when what an
        external transaction id stands for was corrected, and ``StaleAccount`` when the page is out of date and the
        request is new.
        """
        for key in request.keys:
            row = _BY_KEY.first(self.institution.pk, self.account.patron_id, key.scope, key.key)
            if row is None:
                continue
            if key.scope != FORM_SCOPE:
                self._refuse_taken_back(key.key, row.result["payment_id"])
            if row.input_hash != hash_of(key.inputs):
                raise KeyConflict(key.scope, key.key)
            self._record("request.replayed", {"verb": request.verb, "scope": key.scope})
            return from_json(row.result)
        if request.expected_seq is not None and request.expected_seq != self.account.seq:
            raise StaleAccount(self.account.patron_id, request.expected_seq, self.account.seq)
        return None

    def _refuse_taken_back(self, key: str, payment_id: int) -> None:
        """Answering with a payment that was corrected would tell a clerk that money was taken which was not.

        Only ``pay`` has external keys and it always gives a receipt, so there is a ``payment_id``. Asked before the
        inputs are compared: whatever the amount is now, the id belongs to what was taken back.
        """
        lines = Transfer.objects.filter(institution_id=self.institution.pk, payment_id=payment_id)
        if lines.filter(corrected_by__isnull=False).exists():
            raise PaymentTakenBack(key, payment_id)

    # -- check ----------------------------------------------------------------------------------------------

    def fee(self, fee_id: int, verb: Verb) -> Fee:
        """The locked fee, if its status allows ``verb``."""
        check_status(self.fees[fee_id], verb)
        return self.fees[fee_id]

    def debt(self, fee_id: int, verb: Verb) -> Fee:
        """The locked fee, if it is not a CREDIT and its status allows ``verb``."""
        check_debt(self.fees[fee_id], verb)
        return self.fees[fee_id]

    def bound_credits(self, fee: Fee) -> list[Fee]:
        """Unused credits that only ``fee`` may use (row B7)."""
        return [each for each in self._bound.get(fee.pk, ()) if each.remaining_minor]

    def of_loan(self, loan_id: int, type_code: str) -> list[Fee]:
        """The fees of a loan of one type, oldest first, those opened just now included."""
        return [
            fee
            for fee in (*self.fees.values(), *self.draft.new_fees)
            if fee.loan_id == loan_id and fee.type.code == type_code
        ]

    def payable_minor(self, fee: Fee) -> int:
        """What can still be paid or waived: the remainder less the unused credits bound to it."""
        return fee.remaining_minor + sum(credit.remaining_minor for credit in self.bound_credits(fee))

    def check_amount(self, amount_minor: int) -> None:
        check_amount(self.institution, amount_minor)

    # -- post and project -----------------------------------------------------------------------------------

    def open_fee(
        self, fee_type: FeeType, *, note: Note | None = None, bound_to: Fee | None = None, **columns: Any
    ) -> Fee:
        """A new fee of zero; the first ``move`` gives it its amount and ``close`` writes it.

        ``columns`` by the names they have in the table: ``item_id``, not ``item``.
        """
        fee = fresh(
            Fee,
            institution_id=self.institution.pk,
            patron_id=self.account.patron_id,
            type_id=fee_type.pk,
            status_at=self.at,
            original_minor=0,
            remaining_minor=0,
            vat_rate_bp=fee_type.vat_rate_bp,
            bound_to_id=bound_to.pk if bound_to else None,
            **{"created_at": self.at, **columns},
        )
        fee.type, fee.note = fee_type, note
        self.draft.new_fees.append(fee)
        self._know_bound(fee)
        return fee

    def fee_type(self, code: str) -> FeeType:
        """The fee type of ``code``, disabled or not. Raises ``TypeUnknown`` when there is none."""
        if code not in self.types:
            self.types[code] = fee_type(self.institution.pk, code)
        return self.types[code]

    def open_credit(self, **columns: Any) -> Fee:
        """A new CREDIT of zero, as ``open_fee``."""
        return self.open_fee(self.fee_type(CREDIT_TYPE), **columns)

    def move(
        self,
        kind: Kind,
        *,
        debit: str,
        credit: str,
        amount_minor: int,
        fee: Fee,
        credit_fee: Fee | None = None,
        corrected_kind: Kind | None = None,
        **columns: Any,
    ) -> None:
        """Move money from ``credit`` to ``debit`` for ``fee``, in memory until ``close``.

        ``columns`` are further columns of the transfer: method, reason, note, external_transaction_id.
        """
        given_back = Kind.REFUND in (kind, corrected_kind) or (kind is Kind.REDUCTION and credit_fee is not None)
        before, remaining_before = self._vat_base(fee, kind, given_back), fee.remaining_minor
        project(
            fee,
            credit_fee,
            kind=kind,
            debit=debit,
            credit=credit,
            amount_minor=amount_minor,
            at=self.at,
            corrected_kind=corrected_kind,
        )
        after = self._vat_base(fee, kind, given_back)
        if kind in (Kind.DISPUTE, Kind.RESTORE):  # nothing is settled: the VAT of what changes sides
            before, after = fee.original_minor - amount_minor, fee.original_minor
        vat_minor = vat_of_part(before_minor=before, after_minor=after, rate_bp=fee.vat_rate_bp)
        self.draft.moves.append(
            Move(
                kind, debit, credit, amount_minor, vat_minor, fee, credit_fee,
                remaining_before, fee.remaining_minor, columns,
            )
        )  # fmt: skip

    def use_credit(self, fee: Fee, credit: Fee, amount_minor: int, **columns: Any) -> None:
        """Pay ``amount_minor`` of ``fee`` from an unused CREDIT."""
        self.move(
            Kind.PAYMENT,
            debit=chart.CREDIT,
            credit=receivable(fee),
            amount_minor=amount_minor,
            fee=fee,
            credit_fee=credit,
            **columns,
        )

    def let_wait(self, fee: Fee, amount_minor: int) -> None:
        """Keep with a fee in dispute what it will grow by once it is restored."""
        if fee.waiting_minor != amount_minor:
            fee.waiting_minor = amount_minor
            self.draft.reckoned.append(fee)

    def let_exceed(self, fee: Fee, amount_minor: int) -> None:
        """Keep with a fee what is too much of it and could not be taken back, since it is not open."""
        if fee.excess_minor != amount_minor:
            fee.excess_minor = amount_minor
            self.draft.reckoned.append(fee)

    def net_bound_credits(self, fee: Fee) -> None:
        """Let ``fee`` use up the credits bound to it, before it leaves the active balance."""
        for credit in self.bound_credits(fee):
            self.use_credit(fee, credit, -credit.remaining_minor)

    def note(self, comment: str) -> Note | None:
        """Keep a comment, so that the transfers written with it hold its hash."""
        checked_text("comment", comment, COMMENT_LIMIT)
        note = new_note(institution_id=self.institution.pk, patron_id=self.account.patron_id, text=comment)
        if note:
            self.draft.notes.append(note)
        return note

    def give_receipt(self) -> None:
        """Group all movements under the next receipt number.

        ``close`` takes it, right before it writes transfers: everybody in the institution who pays waits for its row.
        """
        self.draft.needs_receipt = True

    # -- record ---------------------------------------------------------------------------------------------

    def close(self, request: Request, event: str, data: Mapping[str, Any] | None = None) -> Outcome:
        """Write fees and transfers, the event and the keys, and answer what was done."""
        write([self.draft], actor=self.actor, at=self.at, institution=self.institution)
        moves, payment_id = self.draft.moves, self.draft.payment_id
        outcome = Outcome(
            verb=request.verb,
            patron_id=self.account.patron_id,
            payment_id=payment_id,
            lines=tuple(move.line() for move in moves),
            balance_minor=self.account.balance_minor,
            disputed_minor=self.account.disputed_minor,
            transferred_minor=self.account.transferred_minor,
            seq=self.account.seq,
        )
        result = outcome.as_json()
        self._record(event, {**event_data(payment_id, moves), **(data or {})})
        for key in request.keys:
            keep_result(
                account=self.account, scope=key.scope, key=key.key, inputs=key.inputs, result=result, at=self.at
            )
        return outcome

    def _know_bound(self, fee: Fee) -> None:
        if fee.bound_to_id:
            self._bound[fee.bound_to_id].append(fee)

    def _record(self, event: str, data: Mapping[str, Any]) -> None:
        """When it happens: what follows from an event of long ago would be given up, and a feed take it for settled."""
        record(event, actor=self.actor, at=self.recorded_at or self.at, patron_id=self.account.patron_id, data=data)

    def _vat_base(self, fee: Fee, kind: Kind, given_back: bool) -> int:
        """The running total whose growth holds the VAT of a movement: what was charged, given back or settled."""
        if kind is Kind.CHARGE:
            return fee.original_minor
        if given_back:
            return fee.refunded_minor + fee.credited_minor
        return fee.original_minor - self.payable_minor(fee)


def open_books(
    *,
    actor: Actor,
    at: datetime,
    patron_id: int,
    fee_ids: Sequence[int] = (),
    also: Q | None = None,
    recorded_at: datetime | None = None,
) -> Books:
    """Lock the account, then the fees by id with the credits bound to them, and all fees that match ``also``.

    Raises ``PatronNotFound`` and ``FeeNotFound`` for what is not this institution's or not this patron's.
    """
    account = lock_account(actor.institution_id, patron_id)
    fees = lock_fees(actor.institution_id, patron_id, fee_ids, also)
    return Books(
        actor=actor, at=at, institution=account.institution, account=account, fees=fees, recorded_at=recorded_at
    )


def receivable(fee: Fee) -> str:
    """The ledger account in which the remainder of ``fee`` stands now."""
    return chart.DISPUTED if fee.status == Fee.Status.INDISPUTE else chart.ACTIVE


_BY_KEY = Select(
    lambda institution_id, patron_id, scope, key: Idempotency.objects.filter(
        institution_id=institution_id, patron_id=patron_id, scope=scope, key=key
    )
)
