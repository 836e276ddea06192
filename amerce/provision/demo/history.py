"""Eighteen months at the desks of the sample library: what loans cost, charges by hand, runs of the bursar.

Everything is done by the commands that pages call, at its time (``happenings.py``); what becomes of a charge is the
matter of ``aftermath.py``.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from amerce.access.actors import Actor, system_actor
from amerce.access.privileges import Privilege
from amerce.charges.accrue import accrue
from amerce.charges.assess import assess
from amerce.charges.export import export
from amerce.charges.models import CREDIT_TYPE, LOST_PROCESS_TYPE, LOST_REPLACEMENT_TYPE, LOST_TYPES, Fee
from amerce.charges.outcome import Outcome
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
from amerce.patrons.models import Patron
from amerce.provision.demo.aftermath import AFTER_LOST, Aftermath
from amerce.provision.demo.bursar import COLLECTION, STUDENTS, check_some, export_by, pay_some
from amerce.provision.demo.happenings import Happening, Happenings
from amerce.provision.demo.lending import LOST_AFTER_DAYS, YESTERDAY, Fate, Lent
from amerce.provision.demo.places import DAYS, Campus
from amerce.provision.demo.words import CHARGE_COMMENTS

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
_MISTAKE_PERCENT = 6
_BURSAR_RUNS = ((-420, False), (-270, False), (-150, True), (-105, True), (-75, True), (-45, True))
"""Day of the run, and whether the bursar reports back."""
_BURSAR_LEAST_MINOR, _BURSAR_AGE_DAYS, _BURSAR_MOST = 900, 60, 14
_JOB_STEP_DAYS = 10


class History:
    """What is put onto the queue of happenings. ``long`` is a patron with a long list of fees, ``none`` has not one."""

    def __init__(self, campus: Campus, patrons: Sequence[Patron], *, long: Patron, none: Patron) -> None:
        self.campus, self.rng, self.long = campus, campus.rng, long
        self.people = [each.pk for each in patrons if each not in (long, none)]
        institution_id = campus.institution.pk
        self.terms = terms_table(institution_id)
        self.openings = openings(institution_id, [each.pk for each in campus.libraries.values()])
        self.night_job = system_actor(institution_id, f"job {OVERDUE_FINES.name}", Privilege.FEE_ACCRUE)
        self.bursar_job = system_actor(institution_id, "job bursar-export", Privilege.FEE_EXPORT, Privilege.PATRON_VIEW)
        self.happenings = Happenings(campus)
        self.aftermath = Aftermath(self.happenings, long)

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
            self.happenings.on(each.returned_day or YESTERDAY, self._damaged(each.loan))
        weights = [weight for weight, _ in _BY_HAND.values()]
        for type_code in self.rng.choices(list(_BY_HAND), weights, k=by_hand - by_hand // 5):
            self.happenings.on(self.rng.randrange(-DAYS, 0), self._charged(self.rng.choice(self.people), type_code))
        for type_code in self.rng.choices(list(_BY_HAND)[:4], weights[:4], k=long_list):
            self.happenings.on(self.rng.randrange(-DAYS, 0), self._charged(self.long.pk, type_code))
        for day, awaits_payment in _BURSAR_RUNS:
            self.happenings.push(self.campus.moment(day, 3), self._bursar_run(awaits_payment))
        self.happenings.push(self.campus.moment(-1, 23), self._collection_run)
        self.happenings.push(self.campus.moment(-1, 22), lambda at: check_some(self.campus, at))

    # -- what loans cost ------------------------------------------------------------------------------------

    def _plan_late(self, lent: Lent) -> None:
        """The nightly job charges what is out; on return the rest is charged and people begin to pay."""
        last_day = YESTERDAY if lent.returned_day is None else lent.returned_day
        first_day = lent.due_day + self._terms_of(lent.loan).grace_minutes // (24 * 60) + 1
        is_out = lent.returned_day is None
        for day in range(first_day, last_day, _JOB_STEP_DAYS) if is_out or self.happenings.chance(15) else ():
            self.happenings.push(self.campus.moment(day, 2), self._overdue(lent, day, ends=False))
        if last_day >= first_day:
            self.happenings.push(self.campus.moment(last_day, 21), self._overdue(lent, last_day, ends=not is_out))

    def _overdue(self, lent: Lent, day: int, *, ends: bool) -> Happening:
        def happen(at: datetime) -> None:
            outcome = self._accrue(lent, day, at)
            if ends and outcome:
                self.aftermath.follow(at, outcome.lines[0].fee_id, lent.loan.borrower_id)

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
                self.aftermath.dispute(then, outcome.lines[0].fee_id, loan.borrower_id, goes_on=False)

        self.happenings.push(self.campus.moment(lent.due_day + 3, 2), happen)

    def _plan_lost(self, lent: Lent, *, waived: bool, found: bool) -> None:
        loan = lent.loan

        def happen(at: datetime) -> None:
            desk = self.campus.staff("desk", loan.library_id)
            mark_lost(actor=desk, at=at, patron_id=loan.borrower_id, loan_id=loan.pk)
            fees = dict(Fee.objects.filter(loan=loan, type__code__in=LOST_TYPES).values_list("type__code", "pk"))
            fee_id, waive = fees[LOST_REPLACEMENT_TYPE], self.aftermath.waive
            if found:
                self.happenings.later(at, 2, 9, self._found(loan))
            elif waived:
                self.happenings.later(at, 2, 6, lambda then: waive(then, fee_id, loan.borrower_id))
            else:
                self.aftermath.follow(at, fee_id, loan.borrower_id, AFTER_LOST)
                if process_id := fees.get(LOST_PROCESS_TYPE):
                    self.aftermath.follow(at, process_id, loan.borrower_id)

        self.happenings.on(lent.due_day + LOST_AFTER_DAYS, happen)

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
            self.aftermath.follow(at, fee_id, loan.borrower_id)

        return happen

    # -- charges by hand ------------------------------------------------------------------------------------

    def _charged(self, patron_id: int, type_code: str) -> Happening:
        def happen(at: datetime) -> None:
            is_credit = type_code == CREDIT_TYPE
            actor = self.campus.staff("deskmanager" if is_credit else "desk")
            amount_minor = self.rng.choice(_BY_HAND[type_code][1])
            fee_id = self._assess(actor, at, patron_id, type_code, amount_minor=amount_minor)
            if is_credit and self.happenings.chance(60):
                self._charged(patron_id, "LIBRARYCARDREPLACEMENT")(at + timedelta(minutes=2))
                self.happenings.later(at, 0, 30, lambda then: self.aftermath.pay_all(then, fee_id, patron_id))
            elif is_credit:
                pass
            elif self.happenings.chance(_MISTAKE_PERCENT):
                self.happenings.later(at, 0, 2, lambda then: self.aftermath.take_back_charge(then, fee_id, patron_id))
            else:
                self.aftermath.follow(at, fee_id, patron_id)

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

    # -- the bursar -----------------------------------------------------------------------------------------

    def _bursar_run(self, awaits_payment: bool) -> Happening:
        """Hands over what is old and large: fee by fee for good, by a run of the profile where it is paid."""

        def happen(at: datetime) -> None:
            if awaits_payment:
                run = export_by(self.campus, at, STUDENTS)
                if run is not None and run.posted_count:
                    self.happenings.push(at + timedelta(days=25), lambda then: pay_some(self.campus, then, run))
                return
            old = Fee.objects.filter(
                institution=self.campus.institution,
                status=Fee.Status.ACTIVE,
                remaining_minor__gte=_BURSAR_LEAST_MINOR,
                created_at__lt=at - timedelta(days=_BURSAR_AGE_DAYS),
            ).exclude(patron=self.long)
            for fee in old.order_by("created_at", "pk")[:_BURSAR_MOST]:
                if self.aftermath.payable_minor(fee.pk):
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
