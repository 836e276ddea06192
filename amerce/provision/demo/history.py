"""Eighteen months at the desks of the sample library: charges and what became of them, in order of time.

Why a queue of happenings: what follows a charge (a payment weeks later, a dispute, a bursar run in between)
depends on how the account stands by then, as in life. Everything is done by the commands that pages call.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count

from amerce.access.actors import Actor, system_actor
from amerce.access.privileges import Privilege
from amerce.charges.accrue import accrue
from amerce.charges.assess import assess
from amerce.charges.correct import correct
from amerce.charges.dispute import dispute
from amerce.charges.export import export
from amerce.charges.models import CREDIT_TYPE, LOST_PROCESS_TYPE, LOST_REPLACEMENT_TYPE, LOST_TYPES, Fee
from amerce.charges.outcome import Outcome
from amerce.charges.pay import pay
from amerce.charges.queries import balances, bound_unused_minor
from amerce.charges.refund import AS_CREDIT, refund
from amerce.charges.restore import restore
from amerce.charges.waive import waive
from amerce.circulation.claim_return import claim_return
from amerce.circulation.mark_found import mark_found
from amerce.circulation.mark_lost import mark_lost
from amerce.circulation.models import Item, Loan, TermsOfUse
from amerce.circulation.opening import Span, openings, whole_day
from amerce.circulation.overdue import fine_minor
from amerce.circulation.overdue_fines import OVERDUE_FINES
from amerce.circulation.queries import facts_of
from amerce.circulation.reckoning import OVERDUE_TYPE
from amerce.circulation.terms import terms_table
from amerce.ledger.chart import Kind
from amerce.ledger.models import Transfer
from amerce.patrons.models import Patron
from amerce.provision.demo.bursar import COLLECTION, STUDENTS, export_by, pay_some
from amerce.provision.demo.lending import LOST_AFTER_DAYS, YESTERDAY, Fate, Lent
from amerce.provision.demo.places import DAYS, Campus
from amerce.provision.demo.words import (
    CHARGE_COMMENTS,
    CORRECTION_COMMENTS,
    DISPUTE_COMMENTS,
    PAYMENT_COMMENTS,
    REFUND_COMMENTS,
    RESTORE_COMMENTS,
    WAIVE_COMMENTS,
    WAIVE_REASONS,
)

_BY_HAND: dict[str, tuple[int, tuple[int, ...]]] = {
    "SERVICEFEE": (30, (20, 35, 50, 75, 100, 120, 240, 360, 480, 600)),
    "OTHER": (15, (100, 250, 500, 1200, 2500)),
    "LOCKERKEY": (15, (1500,)),
    "DOCUMENTDELIVERYSERVICE": (12, (400, 650, 900, 1200)),
    "LIBRARYCARDREPLACEMENT": (10, (1000,)),
    "CARDRENEWAL": (10, (500, 2500)),
    CREDIT_TYPE: (13, (100, 250, 500, 1000, 2000)),
}
"""How often each type is added by hand, and for which amounts in cents."""
_AFTER_CHARGE = {"pay": 44, "pay_all": 7, "pay_part": 9, "waive": 9, "waive_part": 3, "dispute": 7, "nothing": 21}
_AFTER_LONG = {"pay": 30, "pay_part": 8, "waive": 5, "waive_part": 3, "dispute": 6, "nothing": 48}
_AFTER_LOST = {"pay": 30, "pay_part": 8, "waive": 14, "dispute": 8, "nothing": 40}
_AFTER_DISPUTE = {"restore": 35, "waive": 20, "nothing": 45}
_MISTAKE_PERCENT, _PAYMENT_TAKEN_BACK_PERCENT, _REFUND_PERCENT = 6, 3, 4
_BURSAR_RUNS = ((-420, False), (-270, False), (-150, True), (-105, True), (-75, True), (-45, True))
"""Day of the run, and whether the bursar reports back."""
_BURSAR_LEAST_MINOR, _BURSAR_AGE_DAYS, _BURSAR_MOST = 900, 60, 14
_JOB_STEP_DAYS = 10
_SMALLEST_COIN_MINOR = 5

Happening = Callable[[datetime], None]


class History:
    """The queue of what is going to happen. ``long`` is a patron with a long list of fees, ``none`` has not one."""

    def __init__(self, campus: Campus, patrons: Sequence[Patron], *, long: Patron, none: Patron) -> None:
        self.campus, self.rng, self.long = campus, campus.rng, long
        self.people = [each.pk for each in patrons if each not in (long, none)]
        institution_id = campus.institution.pk
        self.terms = terms_table(institution_id)
        self.openings = openings(institution_id, [each.pk for each in campus.libraries.values()])
        self.night_job = system_actor(institution_id, f"job {OVERDUE_FINES.name}", Privilege.FEE_ACCRUE)
        self.bursar_job = system_actor(institution_id, "job bursar-export", Privilege.FEE_EXPORT, Privilege.PATRON_VIEW)
        self.pay_page = system_actor(institution_id, "online payment", Privilege.FEE_PAY)
        self._queue: list[tuple[datetime, int, Happening]] = []
        self._serial = count()

    def plan(self, lent: Sequence[Lent], *, by_hand: int, long_list: int) -> None:
        """Put onto the queue what the loans cost, ``by_hand`` charges for anybody and ``long_list`` for ``long``."""
        lost = [each for each in lent if each.fate is Fate.LOST]
        for each in lent:
            if each.fate is Fate.LOST:
                self._plan_lost(each, waived=each in lost[-5:-2], found=each in lost[:3])
            elif each.fate is Fate.CLAIMED:
                self._plan_claimed(each)
            elif each.fate is Fate.LATE:
                self._plan_late(each)
        returned = [each for each in lent if each.returned_day is not None]
        for each in self.rng.sample(returned, by_hand // 5):
            self._on(each.returned_day or YESTERDAY, self._damaged(each.loan))
        weights = [weight for weight, _ in _BY_HAND.values()]
        for type_code in self.rng.choices(list(_BY_HAND), weights, k=by_hand - by_hand // 5):
            self._on(self.rng.randrange(-DAYS, 0), self._charged(self.rng.choice(self.people), type_code))
        for type_code in self.rng.choices(list(_BY_HAND)[:4], weights[:4], k=long_list):
            self._on(self.rng.randrange(-DAYS, 0), self._charged(self.long.pk, type_code))
        for day, awaits_payment in _BURSAR_RUNS:
            self._push(self.campus.moment(day, 3), self._bursar_run(awaits_payment))
        self._push(self.campus.moment(-1, 23), self._collection_run)

    def run(self, on_day: Callable[[int, int], None]) -> None:
        """Let everything happen; ``on_day`` hears how many days of how many are done."""
        done = 0
        while self._queue:
            at, _, happening = heappop(self._queue)
            happening(at)
            days = DAYS + self.campus.day_of(at)
            if days > done:
                done = days
                on_day(done, DAYS)

    # -- what loans cost ------------------------------------------------------------------------------------

    def _plan_late(self, lent: Lent) -> None:
        """The nightly job charges what is out; on return the rest is charged and people begin to pay."""
        last_day = YESTERDAY if lent.returned_day is None else lent.returned_day
        first_day = lent.due_day + self._terms_of(lent.loan).grace_minutes // (24 * 60) + 1
        is_out = lent.returned_day is None
        for day in range(first_day, last_day, _JOB_STEP_DAYS) if is_out or self._chance(15) else ():
            self._push(self.campus.moment(day, 2), self._overdue(lent, day, ends=False))
        if last_day >= first_day:
            self._push(self.campus.moment(last_day, 21), self._overdue(lent, last_day, ends=not is_out))

    def _overdue(self, lent: Lent, day: int, *, ends: bool) -> Happening:
        def happen(at: datetime) -> None:
            outcome = self._accrue(lent, day, at)
            if ends and outcome:
                self._follow(at, outcome.lines[0].fee_id, lent.loan.borrower_id)

        return happen

    def _accrue(self, lent: Lent, day: int, at: datetime) -> Outcome | None:
        """Charge what the loan costs by the end of ``day``, as the nightly job does."""
        loan, terms = lent.loan, self._terms_of(lent.loan)
        first, last = (self.campus.today + timedelta(days=each) for each in (lent.due_day + 1, day))
        late = Span(whole_day(first).begin, whole_day(last).end)
        opening = self.openings[loan.library_id]
        total_minor = fine_minor(terms, terms.overdue_rate_minor, [late], opening=opening)
        return accrue(
            actor=self.night_job,
            at=at,
            patron_id=loan.borrower_id,
            loan_id=loan.pk,
            type_code=OVERDUE_TYPE,
            total_minor=total_minor,
            item=facts_of(loan.item),
            owner_library_id=loan.library_id,
            comment="",
        )

    def _terms_of(self, loan: Loan) -> TermsOfUse:
        return self.terms.of(loan)

    def _plan_claimed(self, lent: Lent) -> None:
        """The patron is charged, says that the item is back, and disputes the fine."""
        loan = lent.loan

        def happen(at: datetime) -> None:
            outcome = self._accrue(lent, lent.due_day + 3, at)
            then, desk = at + timedelta(hours=9), self.campus.staff("desk", loan.library_id)
            claim_return(actor=desk, at=then, patron_id=loan.borrower_id, loan_id=loan.pk)
            if outcome:
                self._dispute(then, outcome.lines[0].fee_id, loan.borrower_id, goes_on=False)

        self._push(self.campus.moment(lent.due_day + 3, 2), happen)

    def _plan_lost(self, lent: Lent, *, waived: bool, found: bool) -> None:
        loan = lent.loan

        def happen(at: datetime) -> None:
            desk = self.campus.staff("desk", loan.library_id)
            mark_lost(actor=desk, at=at, patron_id=loan.borrower_id, loan_id=loan.pk)
            fees = dict(Fee.objects.filter(loan=loan, type__code__in=LOST_TYPES).values_list("type__code", "pk"))
            replacement_id = fees[LOST_REPLACEMENT_TYPE]
            if found:
                self._later(at, 2, 9, self._found(loan))
            elif waived:
                self._later(at, 2, 6, lambda then: self._waive(then, replacement_id, loan.borrower_id))
            else:
                for fee_id, chances in ((replacement_id, _AFTER_LOST), (fees.get(LOST_PROCESS_TYPE), None)):
                    if fee_id:
                        self._follow(at, fee_id, loan.borrower_id, chances)

        self._on(lent.due_day + LOST_AFTER_DAYS, happen)

    def _found(self, loan: Loan) -> Happening:
        def happen(at: datetime) -> None:
            desk = self.campus.staff("desk", loan.library_id)
            mark_found(actor=desk, at=at, patron_id=loan.borrower_id, loan_id=loan.pk)

        return happen

    def _damaged(self, loan: Loan) -> Happening:
        def happen(at: datetime) -> None:
            desk = self.campus.staff("desk", loan.library_id)
            amount_minor = self.rng.randrange(5, 40) * 100
            fee_id = self._assess(
                desk, at, loan.borrower_id, "DAMAGEDITEMFINE", amount_minor=amount_minor, item=loan.item
            )
            self._follow(at, fee_id, loan.borrower_id)

        return happen

    # -- charges by hand ------------------------------------------------------------------------------------

    def _charged(self, patron_id: int, type_code: str) -> Happening:
        def happen(at: datetime) -> None:
            is_credit = type_code == CREDIT_TYPE
            actor = self.campus.staff("deskmanager" if is_credit else "desk")
            amount_minor = self.rng.choice(_BY_HAND[type_code][1])
            fee_id = self._assess(actor, at, patron_id, type_code, amount_minor=amount_minor)
            if is_credit and self._chance(60):
                self._charged(patron_id, "LIBRARYCARDREPLACEMENT")(at + timedelta(minutes=2))
                self._later(at, 0, 30, lambda then: self._pay_all(then, fee_id, patron_id))
            elif is_credit:
                pass
            elif self._chance(_MISTAKE_PERCENT):
                self._later(at, 0, 2, lambda then: self._take_back_charge(then, fee_id, patron_id))
            else:
                self._follow(at, fee_id, patron_id)

        return happen

    def _assess(
        self, actor: Actor, at: datetime, patron_id: int, type_code: str, *, amount_minor: int, item: Item | None = None
    ) -> int:
        outcome = assess(
            actor=actor,
            at=at,
            patron_id=patron_id,
            type_code=type_code,
            amount_minor=amount_minor,
            item=facts_of(item) if item else None,
            comment=self.rng.choice(CHARGE_COMMENTS[type_code]),
        )
        return outcome.lines[0].fee_id

    # -- what becomes of them -------------------------------------------------------------------------------

    def _follow(
        self, at: datetime, fee_id: int, patron_id: int, chances: dict[str, int] | None = None, most_days: int = 75
    ) -> None:
        """Decide what is going to become of a fee, and when."""
        if chances is None:
            chances = _AFTER_LONG if patron_id == self.long.pk else _AFTER_CHARGE
        verb = self.rng.choices(list(chances), list(chances.values()))[0]
        if verb != "nothing":
            step: Callable[[datetime, int, int], None] = getattr(self, f"_{verb}")
            self._later(at, 0, most_days, lambda then: step(then, fee_id, patron_id))

    def _pay(self, at: datetime, fee_id: int, patron_id: int) -> None:
        self._pay_some(at, fee_id, patron_id, None)

    def _pay_part(self, at: datetime, fee_id: int, patron_id: int) -> None:
        payable_minor = self._payable_minor(fee_id)
        part_minor = payable_minor * self.rng.randrange(20, 80) // 100 // _SMALLEST_COIN_MINOR * _SMALLEST_COIN_MINOR
        if part_minor:
            self._pay_some(at, fee_id, patron_id, part_minor)
            if self._chance(40):
                self._later(at, 7, 60, lambda then: self._pay(then, fee_id, patron_id))

    def _pay_some(self, at: datetime, fee_id: int, patron_id: int, amount_minor: int | None) -> None:
        if not self._payable_minor(fee_id):
            return
        is_online = self._chance(25)
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
        if self._chance(_PAYMENT_TAKEN_BACK_PERCENT):
            self._later(at, 0, 1, lambda then: self._take_back_payment(then, outcome, patron_id))
        elif self._chance(_REFUND_PERCENT):
            paid_minor = outcome.amount_minor
            self._later(at, 3, 30, lambda then: self._refund(then, fee_id, patron_id, paid_minor))

    def _pay_all(self, at: datetime, fee_id: int, patron_id: int) -> None:
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

    def _waive(self, at: datetime, fee_id: int, patron_id: int) -> None:
        self._waive_some(at, fee_id, patron_id, 100)

    def _waive_part(self, at: datetime, fee_id: int, patron_id: int) -> None:
        self._waive_some(at, fee_id, patron_id, 50)

    def _waive_some(self, at: datetime, fee_id: int, patron_id: int, percent: int) -> None:
        amount_minor = self._payable_minor(fee_id, Fee.Status.ACTIVE, Fee.Status.INDISPUTE) * percent // 100
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

    def _dispute(self, at: datetime, fee_id: int, patron_id: int, *, goes_on: bool = True) -> None:
        if self._payable_minor(fee_id):
            desk = self.campus.staff("desk")
            dispute(actor=desk, at=at, patron_id=patron_id, fee_ids=[fee_id], comment=self.rng.choice(DISPUTE_COMMENTS))
            if goes_on:
                self._follow(at, fee_id, patron_id, _AFTER_DISPUTE, most_days=40)

    def _restore(self, at: datetime, fee_id: int, patron_id: int) -> None:
        if self._payable_minor(fee_id, Fee.Status.INDISPUTE):
            manager = self.campus.staff("deskmanager")
            comment = self.rng.choice(RESTORE_COMMENTS)
            restore(actor=manager, at=at, patron_id=patron_id, fee_ids=[fee_id], comment=comment)
            self._follow(at, fee_id, patron_id)

    def _take_back_charge(self, at: datetime, fee_id: int, patron_id: int) -> None:
        fee = Fee.objects.get(pk=fee_id)
        if fee.status == Fee.Status.ACTIVE and fee.remaining_minor == fee.original_minor:
            charges = Transfer.objects.filter(fee=fee, kind=Kind.CHARGE).values_list("pk", flat=True)
            self._correct(at, patron_id, list(charges))

    def _take_back_payment(self, at: datetime, outcome: Outcome, patron_id: int) -> None:
        lines = Transfer.objects.filter(institution=self.campus.institution, payment_id=outcome.payment_id)
        self._correct(at, patron_id, list(lines.values_list("pk", flat=True)))
        fee_id = outcome.lines[0].fee_id
        self._later(at, 0, 3, lambda then: self._pay_all(then, fee_id, patron_id))

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

    def _bursar_run(self, awaits_payment: bool) -> Happening:
        """Hands over what is old and large: fee by fee for good, by a run of the profile where it is paid."""

        def happen(at: datetime) -> None:
            if awaits_payment:
                run = export_by(self.campus, at, STUDENTS)
                if run is not None and run.posted_count:
                    self._push(at + timedelta(days=25), lambda then: pay_some(self.campus, then, run))
                return
            old = Fee.objects.filter(
                institution=self.campus.institution,
                status=Fee.Status.ACTIVE,
                remaining_minor__gte=_BURSAR_LEAST_MINOR,
                created_at__lt=at - timedelta(days=_BURSAR_AGE_DAYS),
            ).exclude(patron=self.long)
            for fee in old.order_by("created_at", "pk")[:_BURSAR_MOST]:
                if self._payable_minor(fee.pk):
                    export(
                        actor=self.bursar_job,
                        at=at,
                        patron_id=fee.patron_id,
                        fee_ids=[fee.pk],
                        awaits_payment=False,
                    )

        return happen

    def _collection_run(self, at: datetime) -> None:
        """The newest of all waits for its download."""
        export_by(self.campus, at, COLLECTION)

    # -- time and chance ------------------------------------------------------------------------------------

    def _payable_minor(self, fee_id: int, *statuses: Fee.Status) -> int:
        """What can still be paid of a fee that has one of the statuses, by default Active; else 0."""
        fee = Fee.objects.select_related("type").get(pk=fee_id)
        if fee.status not in (statuses or (Fee.Status.ACTIVE,)):
            return 0
        if fee.type.code != LOST_REPLACEMENT_TYPE:
            return fee.remaining_minor
        return fee.remaining_minor - bound_unused_minor(self.bursar_job, fee.patron_id, [fee_id]).get(fee_id, 0)

    def _chance(self, percent: int) -> bool:
        return self.rng.randrange(100) < percent

    def _on(self, day: int, happening: Happening) -> None:
        self._push(self.campus.opening_hour(day), happening)

    def _later(self, at: datetime, least_days: int, most_days: int, happening: Happening) -> None:
        then = self.campus.opening_hour(self.campus.day_of(at) + self.rng.randint(least_days, most_days))
        self._push(max(then, at + timedelta(minutes=5)), happening)

    def _push(self, at: datetime, happening: Happening) -> None:
        """What would happen today or later has not happened."""
        if self.campus.day_of(at) <= YESTERDAY:
            heappush(self._queue, (at, next(self._serial), happening))
