"""What becomes of a charge in the sample library: paid, waived, disputed, corrected, or nothing, by chance.

Everything is done by the commands that pages call.
"""

from collections.abc import Callable
from datetime import datetime

from amerce.access.actors import system_actor
from amerce.access.privileges import Privilege
from amerce.charges.correct import correct
from amerce.charges.dispute import dispute
from amerce.charges.models import LOST_REPLACEMENT_TYPE, Fee
from amerce.charges.outcome import Outcome
from amerce.charges.pay import pay
from amerce.charges.queries import balances, bound_unused_minor
from amerce.charges.refund import AS_CREDIT, refund
from amerce.charges.restore import restore
from amerce.charges.waive import waive
from amerce.ledger.chart import Kind
from amerce.ledger.models import Transfer
from amerce.patrons.models import Patron
from amerce.provision.demo.happenings import Happenings
from amerce.provision.demo.words import (
    CORRECTION_COMMENTS,
    DISPUTE_COMMENTS,
    PAYMENT_COMMENTS,
    REFUND_COMMENTS,
    RESTORE_COMMENTS,
    WAIVE_COMMENTS,
    WAIVE_REASONS,
)

AFTER_LOST = {"pay": 30, "pay_part": 8, "waive": 14, "dispute": 8, "nothing": 40}
_AFTER_CHARGE = {"pay": 44, "pay_all": 7, "pay_part": 9, "waive": 9, "waive_part": 3, "dispute": 7, "nothing": 21}
_AFTER_LONG = {"pay": 30, "pay_part": 8, "waive": 5, "waive_part": 3, "dispute": 6, "nothing": 48}
_AFTER_DISPUTE = {"restore": 35, "waive": 20, "nothing": 45}
"""How likely each verb is, in percent; ``nothing`` is the rest."""
_PAYMENT_TAKEN_BACK_PERCENT, _REFUND_PERCENT = 3, 4
_SMALLEST_COIN_MINOR = 5


class Aftermath:
    """The verbs on a fee, each at a time with the fee and its patron. ``long`` is the patron with a long list."""

    def __init__(self, happenings: Happenings, long: Patron) -> None:
        self.happenings, self.long = happenings, long
        self.campus, self.rng = happenings.campus, happenings.rng
        institution_id = self.campus.institution.pk
        self.pay_page = system_actor(institution_id, "online payment", Privilege.FEE_PAY)
        self._looker = system_actor(institution_id, "demo", Privilege.PATRON_VIEW)
        self._verbs: dict[str, Callable[[datetime, int, int], None]] = {
            "pay": self._pay,
            "pay_all": self.pay_all,
            "pay_part": self._pay_part,
            "waive": self.waive,
            "waive_part": self._waive_part,
            "dispute": self.dispute,
            "restore": self._restore,
        }

    def follow(
        self, at: datetime, fee_id: int, patron_id: int, chances: dict[str, int] | None = None, most_days: int = 75
    ) -> None:
        """Decide what is going to become of a fee, and when."""
        if chances is None:
            chances = _AFTER_LONG if patron_id == self.long.pk else _AFTER_CHARGE
        verb = self.rng.choices(list(chances), list(chances.values()))[0]
        if verb != "nothing":
            step = self._verbs[verb]
            self.happenings.later(at, 0, most_days, lambda then: step(then, fee_id, patron_id))

    def _pay(self, at: datetime, fee_id: int, patron_id: int) -> None:
        self._pay_some(at, fee_id, patron_id, None)

    def _pay_part(self, at: datetime, fee_id: int, patron_id: int) -> None:
        payable_minor = self.payable_minor(fee_id)
        part_minor = payable_minor * self.rng.randrange(20, 80) // 100 // _SMALLEST_COIN_MINOR * _SMALLEST_COIN_MINOR
        if part_minor:
            self._pay_some(at, fee_id, patron_id, part_minor)
            if self.happenings.chance(40):
                self.happenings.later(at, 7, 60, lambda then: self._pay(then, fee_id, patron_id))

    def _pay_some(self, at: datetime, fee_id: int, patron_id: int, amount_minor: int | None) -> None:
        if not self.payable_minor(fee_id):
            return
        is_online = self.happenings.chance(25)
        outcome = pay(
            actor=self.pay_page if is_online else self.campus.staff("desk"),
            at=at,
            patron_id=patron_id,
            fee_ids=[fee_id],
            amount_minor=amount_minor,
            method="ONLINE" if is_online else self.rng.choice(("CASH", "CASH", "CREDIT_CARD")),
            external_transaction_id=f"WEB-{self.rng.randrange(16**8):08x}" if is_online else "",
            comment="" if is_online else self.rng.choice(PAYMENT_COMMENTS),
        )
        if self.happenings.chance(_PAYMENT_TAKEN_BACK_PERCENT):
            self.happenings.later(at, 0, 1, lambda then: self._take_back_payment(then, outcome, patron_id))
        elif self.happenings.chance(_REFUND_PERCENT):
            paid_minor = outcome.amount_minor
            self.happenings.later(at, 3, 30, lambda then: self._refund(then, fee_id, patron_id, paid_minor))

    def pay_all(self, at: datetime, fee_id: int, patron_id: int) -> None:
        """At the desk, with everything that is open, credits first."""
        desk = self.campus.staff("desk")
        if balances(desk, patron_id).active_minor > 0:
            pay(
                actor=desk,
                at=at,
                patron_id=patron_id,
                fee_ids=None,
                amount_minor=None,
                method=self.rng.choice(("CASH", "CREDIT_CARD")),
                comment=self.rng.choice(PAYMENT_COMMENTS),
            )

    def waive(self, at: datetime, fee_id: int, patron_id: int) -> None:
        self._waive_some(at, fee_id, patron_id, 100)

    def _waive_part(self, at: datetime, fee_id: int, patron_id: int) -> None:
        self._waive_some(at, fee_id, patron_id, 50)

    def _waive_some(self, at: datetime, fee_id: int, patron_id: int, percent: int) -> None:
        amount_minor = self.payable_minor(fee_id, Fee.Status.ACTIVE, Fee.Status.INDISPUTE) * percent // 100
        if amount_minor:
            reason = self.rng.choice(WAIVE_REASONS)
            waive(
                actor=self.campus.staff("deskmanager"),
                at=at,
                patron_id=patron_id,
                amounts_minor={fee_id: amount_minor},
                reason=reason,
                comment=self.rng.choice(WAIVE_COMMENTS[reason]),
            )

    def dispute(self, at: datetime, fee_id: int, patron_id: int, *, goes_on: bool = True) -> None:
        if self.payable_minor(fee_id):
            desk = self.campus.staff("desk")
            dispute(actor=desk, at=at, patron_id=patron_id, fee_ids=[fee_id], comment=self.rng.choice(DISPUTE_COMMENTS))
            if goes_on:
                self.follow(at, fee_id, patron_id, _AFTER_DISPUTE, most_days=40)

    def _restore(self, at: datetime, fee_id: int, patron_id: int) -> None:
        if self.payable_minor(fee_id, Fee.Status.INDISPUTE):
            manager = self.campus.staff("deskmanager")
            comment = self.rng.choice(RESTORE_COMMENTS)
            restore(actor=manager, at=at, patron_id=patron_id, fee_ids=[fee_id], comment=comment)
            self.follow(at, fee_id, patron_id)

    def take_back_charge(self, at: datetime, fee_id: int, patron_id: int) -> None:
        fee = Fee.objects.get(pk=fee_id)
        if fee.status == Fee.Status.ACTIVE and fee.remaining_minor == fee.original_minor:
            charges = Transfer.objects.filter(fee=fee, kind=Kind.CHARGE).values_list("pk", flat=True)
            self._correct(at, patron_id, list(charges))

    def _take_back_payment(self, at: datetime, outcome: Outcome, patron_id: int) -> None:
        lines = Transfer.objects.filter(institution=self.campus.institution, payment_id=outcome.payment_id)
        self._correct(at, patron_id, list(lines.values_list("pk", flat=True)))
        fee_id = outcome.lines[0].fee_id
        self.happenings.later(at, 0, 3, lambda then: self.pay_all(then, fee_id, patron_id))

    def _correct(self, at: datetime, patron_id: int, transfer_ids: list[int]) -> None:
        correct(
            actor=self.campus.staff("deskmanager"),
            at=at,
            patron_id=patron_id,
            transfer_ids=transfer_ids,
            comment=self.rng.choice(CORRECTION_COMMENTS),
        )

    def _refund(self, at: datetime, fee_id: int, patron_id: int, amount_minor: int) -> None:
        fee = Fee.objects.get(pk=fee_id)
        if fee.status == Fee.Status.CLOSED and fee.closed_as == Fee.ClosedAs.PAID:
            refund(
                actor=self.campus.staff("deskmanager"),
                at=at,
                patron_id=patron_id,
                fee_id=fee_id,
                amount_minor=amount_minor,
                method=self.rng.choice(("CASH", "CREDIT_CARD", AS_CREDIT)),
                comment=self.rng.choice(REFUND_COMMENTS),
            )

    def payable_minor(self, fee_id: int, *statuses: Fee.Status) -> int:
        """What can still be paid of a fee that has one of the statuses, by default Active; else 0."""
        fee = Fee.objects.select_related("type").get(pk=fee_id)
        if fee.status not in (statuses or (Fee.Status.ACTIVE,)):
            return 0
        if fee.type.code != LOST_REPLACEMENT_TYPE:
            return fee.remaining_minor
        return fee.remaining_minor - bound_unused_minor(self._looker, fee.patron_id, [fee_id]).get(fee_id, 0)
