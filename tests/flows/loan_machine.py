"""All loan commands in any order with all that moves money, exports, closings and the nightly run between them.

After every step each loan costs what ``loan_model`` counts, the accounts hold what follows from it, and ``verify``
finds nothing.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from amerce.access.actors import EVERYWHERE, system_actor
from amerce.access.privileges import Privilege
from amerce.charges.errors import ChargeError, StatusForbids
from amerce.charges.models import Fee
from amerce.charges.queries import balances
from amerce.charges.refund import AS_CREDIT
from amerce.circulation.accrue_loans import accrue_loans, growth_of
from amerce.circulation.add_closure import add_closure
from amerce.circulation.blocks import PatronBlocked
from amerce.circulation.cancel_request import cancel_request
from amerce.circulation.checkout import checkout
from amerce.circulation.claim_return import claim_return
from amerce.circulation.close_paid_lost_loan import close_paid_lost_loan
from amerce.circulation.errors import LoanError
from amerce.circulation.late_loans import late_loans
from amerce.circulation.mark_found import mark_found
from amerce.circulation.mark_lost import mark_lost
from amerce.circulation.models import Loan, Request, TermsOfUse
from amerce.circulation.place_request import place_request
from amerce.circulation.recalculate import RECALCULATE
from amerce.circulation.renew import renew
from amerce.circulation.return_item import return_item
from amerce.inputs.errors import Refused
from amerce.jobs.models import JobRun
from amerce.ledger.models import Transfer
from amerce.ledger.verify import verify
from tests.charges.acts import Desk, now
from tests.charges.checks import nothing_written
from tests.flows.loan_model import (
    GRACE_DAYS,
    GROWING,
    LENGTH_DAYS,
    LOST,
    MAXIMUM,
    OVERDUE,
    PROCESS,
    PROCESS_FEE,
    RATE,
    RECALL_DAYS,
    RECALL_RATE,
    RECALLED,
    RENEWALS,
    REPLACEMENT,
    Charge,
    Charges,
    Lent,
    Policy,
    morning,
    noon,
)
from tests.world import NOON

picks = st.integers(0, 50)
_ON_LIST = ("NORMAL", "RENEW", "RECALL")


class EveryLoanCommand(RuleBasedStateMachine):
    """Two patrons and three copies. Each rule does one thing and does in the model what must follow."""

    desk: Desk

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.day = 0
        self.loans: dict[int, Lent] = {}
        self.waiting: list[tuple[int, int]] = []
        self.cash = [0, 0]
        self.credit = [0, 0]
        self.patrons = [self.desk.patron, self.desk.library.new_patron("second")]
        self.items = [self.desk.library.new_item() for _ in range(3)]
        self.actor = replace(
            self.desk.manager, grants={each: frozenset({EVERYWHERE}) for each in Privilege}, name="everybody"
        )
        self.policy = Policy(keeps_overdue=True, when_found="until_lost", refund_ratio_bp=10_000)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    @initialize(
        keeps=st.booleans(),
        found=st.sampled_from(["until_lost", "until_found", "nothing"]),
        ratio=st.sampled_from([10_000, 5000, 0]),
    )
    def decide(self, keeps: bool, found: str, ratio: int) -> None:
        self.policy = Policy(keeps, found, ratio)
        institution = self.desk.library.institution
        institution.overdue_at_lost_loan = keeps
        institution.save()
        TermsOfUse.objects.filter(institution=institution).update(
            loan_length=LENGTH_DAYS, renewals_limit=RENEWALS, overdue_rate_minor=RATE, recall_rate_minor=RECALL_RATE,
            overdue_maximum_minor=MAXIMUM, grace_minutes=GRACE_DAYS * 24 * 60, charges_closed_time=False,
            recall_length=RECALL_DAYS, replacement_minor=REPLACEMENT, process_fee_minor=PROCESS_FEE,
            refund_ratio_bp=ratio, overdue_when_found=found,
        )  # fmt: skip
        for number in (0, 1):
            self.lend(number, number)

    # -- lending --------------------------------------------------------------------------------------------

    @rule(days=st.integers(1, 9))
    def wait(self, days: int) -> None:
        self.day += days

    @rule(who=st.integers(0, 1), what=st.integers(0, 2))
    def lend(self, who: int, what: int) -> None:
        inputs = {**self._who(who), "barcode": self.items[what].barcode}
        if any(each.item == what and each.is_out for each in self.loans.values()):
            return self._refused(LoanError, checkout, **inputs)
        first = next((waits for waits, item in self.waiting if item == what), who)
        if first != who:
            self._refused(PatronBlocked, checkout, **inputs)
            inputs["override_reason"] = "Only until tomorrow"
        outcome = checkout(**inputs)
        due = self.policy.open_day(self.day + LENGTH_DAYS)
        self.loans[outcome.loan_id] = Lent(who, what, self.day, due)
        if (who, what) in self.waiting:
            self.waiting.remove((who, what))

    @rule(what=st.integers(0, 2), back=st.integers(0, 12), dated_back=st.booleans())
    def take_back(self, what: int, back: int, dated_back: bool) -> None:
        inputs: dict[str, Any] = {"actor": self.actor, "at": self.at, "barcode": self.items[what].barcode}
        loan = self._bringable(what)
        on = self.day - back if dated_back else self.day
        if dated_back:
            inputs["returned_at"] = self._noon_of(on)
        if loan is None or on < max(loan.lent_on, loan.renewed_on):
            return self._refused(LoanError, return_item, **inputs)
        return_item(**inputs)
        was = loan.status
        loan.end_spell(on)
        loan.returned, loan.status = on, loan.status_on_loan
        if was == "LOST":
            self._find(loan)
        self._reckon(loan)

    @rule(which=picks)
    def renew(self, which: int) -> None:
        for pk, loan in self._chosen(which):
            inputs = {**self._who(loan.who), "loan_ids": [pk]}
            wanted = any(what == loan.item and who != loan.who for who, what in self.waiting)
            if not loan.is_out or loan.status not in ("NORMAL", "RENEW") or wanted or loan.renewals >= RENEWALS:
                return self._refused(LoanError, renew, **inputs)
            renew(**inputs)
            if self.day > loan.due:
                self._reckon(loan)
                loan.lates.append((loan.due, self.day))
            loan.due = max(loan.due, self.policy.open_day(self.day + LENGTH_DAYS))
            loan.renewed_on, loan.renewals, loan.status = self.day, loan.renewals + 1, "RENEW"

    @rule(which=picks)
    def claim(self, which: int) -> None:
        for pk, loan in self._chosen(which):
            if not loan.is_out or loan.status not in _ON_LIST:
                return self._refused(LoanError, claim_return, **self._who(loan.who), loan_id=pk)
            claim_return(**self._who(loan.who), loan_id=pk)
            loan.status = "CLAIMED_RETURN"
            loan.claimed.append([self.day, None])

    @rule(which=picks)
    def lose(self, which: int) -> None:
        for pk, loan in self._chosen(which):
            if not loan.is_out or loan.status == "LOST":
                return self._refused(LoanError, mark_lost, **self._who(loan.who), loan_id=pk)
            mark_lost(**self._who(loan.who), loan_id=pk)
            loan.end_spell(self.day)
            loan.lost.append([self.day, None])
            loan.status = "LOST"
            self._reckon(loan)
            self._bring(loan, LOST, max(REPLACEMENT, self._charged(loan, LOST)))
            self._bring(loan, PROCESS, PROCESS_FEE)

    @rule(which=picks)
    def find(self, which: int) -> None:
        for pk, loan in self._chosen(which):
            if not loan.is_out or loan.status not in ("CLAIMED_RETURN", "LOST"):
                return self._refused(LoanError, mark_found, **self._who(loan.who), loan_id=pk)
            mark_found(**self._who(loan.who), loan_id=pk)
            was = loan.status
            loan.end_spell(self.day)
            loan.status = loan.status_on_loan
            if was == "LOST":
                self._find(loan)
                if any(each in loan.charges for each in GROWING):
                    self._reckon(loan)

    @rule(who=st.integers(0, 1), what=st.integers(0, 2))
    def ask_for(self, who: int, what: int) -> None:
        inputs = {**self._who(who), "barcode": self.items[what].barcode}
        inputs["pickup_library_id"] = self.desk.library.library.pk
        out = next((each for each in self.loans.values() if each.item == what and each.is_out), None)
        if (who, what) in self.waiting or (out and out.who == who):
            return self._refused(LoanError, place_request, **inputs)
        place_request(**inputs)
        self.waiting.append((who, what))
        if out and out.status in ("NORMAL", "RENEW"):
            out.recalled, out.status, out.due_before = True, "RECALL", out.due
            out.due = min(out.due, self.policy.open_day(self.day + RECALL_DAYS))

    @precondition(lambda self: self.waiting)
    @rule(which=picks)
    def give_up(self, which: int) -> None:
        who, what = sorted(self.waiting)[which % len(self.waiting)]
        request = Request.objects.get(patron=self.patrons[who], item=self.items[what], closed_at=None)
        cancel_request(**self._who(who), request_id=request.pk)
        self.waiting.remove((who, what))
        out = next((each for each in self.loans.values() if each.item == what and each.is_out), None)
        if out and out.recalled and not any(each == what for _who, each in self.waiting):
            out.recalled, out.due = False, out.due_before
            out.status = out.status_on_loan if out.status == "RECALL" else out.status
            if any(each in out.charges for each in GROWING):
                self._reckon(out)

    # -- money ----------------------------------------------------------------------------------------------

    @rule(which=picks, part=st.integers(1, 3))
    def pay(self, which: int, part: int) -> None:
        for who, fee, charge in self._fee(which):
            if charge.is_disputed or not charge.owed:
                return self._refused(ChargeError, self._desk(who).pay, fee)
            amount = -(-charge.owed // part)
            self._desk(who).pay(fee, amount=amount)
            charge.paid += amount
            self.cash[who] += amount

    @rule(who=st.integers(0, 1))
    def pay_all(self, who: int) -> None:
        mine = [each for each in self._charges(who) if not each.is_disputed]
        owed = sum(each.owed for each in mine)
        try:
            with transaction.atomic():
                self._desk(who).pay()
        except Refused:
            assert owed == 0
            return
        for each in mine:
            each.paid += each.owed
        self.cash[who] += max(0, owed - self.credit[who])
        self.credit[who] -= min(owed, self.credit[who])

    @rule(which=picks, part=st.integers(1, 3))
    def waive(self, which: int, part: int) -> None:
        for who, fee, charge in self._fee(which):
            if not charge.owed:
                return self._refused(ChargeError, self._desk(who).waive, fee)
            amount = -(-charge.owed // part)
            self._desk(who).waive(fee, amount=amount)
            charge.waived += amount
            self._end_disputes()

    @rule(which=picks, part=st.integers(1, 3), kept=st.booleans())
    def refund(self, which: int, part: int, kept: bool) -> None:
        for who, fee, charge in self._fee(which):
            method = AS_CREDIT if kept else "CASH"
            left = 0 if charge.exported else charge.kept
            if not left:
                return self._refused(ChargeError, self._desk(who).refund, fee, 1, method)
            amount = -(-left // part)
            self._desk(who).refund(fee, amount, method)
            charge.refunded += amount
            self.cash[who] -= 0 if kept else amount
            self.credit[who] += amount if kept else 0

    @rule(which=picks, awaits_payment=st.booleans(), rarely=st.integers(0, 2))
    def export(self, which: int, awaits_payment: bool, rarely: int) -> None:
        """What the bursar takes over counts as if it came in."""
        for who, fee, charge in self._fee(which) if rarely == 0 else ():
            if charge.is_disputed or not charge.owed:
                return self._refused(ChargeError, self._desk(who).export, fee, awaits_payment=awaits_payment)
            self._desk(who).export(fee, awaits_payment=awaits_payment)
            self.cash[who] += charge.owed
            charge.exported = charge.owed

    @rule(which=picks)
    def correct(self, which: int) -> None:
        """Of a payment in cash, or of a waiver that made no credit."""
        done = Transfer.objects.filter(account__patron__in=self.patrons, kind__in=("PAYMENT", "WAIVE"))
        done = done.filter(credit_fee=None, corrected_by=None).select_related("fee__type").order_by("-pk")
        if not done:
            return
        row = done[which % len(done)]
        loan = self.loans[row.fee.loan_id]
        charge = self._charge_of(row.fee)
        desk = self._desk(loan.who)
        if charge.exported or (row.kind == "PAYMENT" and row.amount_minor > charge.kept):
            return self._refused(ChargeError, desk.correct, row)
        try:
            with transaction.atomic():
                desk.correct(row)
        except StatusForbids:  # a credit bound to it would be left alone
            return
        if row.kind == "PAYMENT":
            charge.paid -= row.amount_minor
            self.cash[loan.who] -= row.amount_minor
        else:
            charge.waived -= row.amount_minor
        if now(row.fee).status == "INDISPUTE" and not charge.is_disputed:
            charge.is_disputed, charge.disputed_on = True, self.day
        charge.open_again()
        self._end_disputes()

    @rule(which=picks)
    def dispute(self, which: int) -> None:
        for who, fee, charge in self._fee(which):
            if charge.is_disputed or not charge.owed:
                return self._refused(ChargeError, self._desk(who).dispute, fee)
            self._desk(who).dispute(fee)
            charge.is_disputed, charge.disputed_on = True, self.day

    @rule(which=picks)
    def restore(self, which: int) -> None:
        for who, fee, charge in self._fee(which):
            if not charge.is_disputed:
                return self._refused(ChargeError, self._desk(who).restore, fee)
            self._desk(who).restore(fee)
            loan, waited = self.loans[fee.loan_id], charge.waiting
            self._end_dispute(loan, fee.type.code, charge)
            charge.charged += waited
            if waited:
                loan.charged_on = self.day

    # -- what runs by itself --------------------------------------------------------------------------------

    @rule()
    def accrue(self) -> None:
        """What the nightly run does with every late loan."""
        institution = self.desk.library.institution
        today = self.at.date()
        late = list(late_loans(institution, today).select_related("item", "patron"))
        growth = growth_of(institution, late, self._noon_of(self.day) + timedelta(hours=12))
        with transaction.atomic():
            accrue_loans(actor=self.actor, at=self.at, loans=late, growth=growth)
        for loan in self.loans.values():
            if loan.is_out and loan.status in _ON_LIST and loan.due < self.day:
                totals = loan.totals(self.policy, morning(self.day + 1))
                for type_code in GROWING:
                    charged = self._charged(loan, type_code)
                    if type_code == OVERDUE and loan.recalled and totals[RECALLED]:
                        self._lower(loan, type_code, totals[type_code])
                    elif totals[type_code] > charged and not self._is_disputed(loan, type_code):
                        self._bring(loan, type_code, totals[type_code])

    @rule(ago=st.integers(0, 12), length=st.integers(1, 3))
    def close_afterwards(self, ago: int, length: int) -> None:
        """A closing of days that passed, and the run that lowers fines by exactly those days."""
        first = self.day - ago
        days = {"first_on": self._noon_of(first).date(), "last_on": self._noon_of(first + length - 1).date()}
        added = add_closure(
            actor=self.actor, at=self.at, library_id=self.desk.library.library.pk, reason="Water", **days
        )
        before = set(self.policy.closed)
        self.policy.closed |= set(range(first, first + length))
        if added.run_id is not None:
            step = RECALCULATE.slice(JobRun.objects.get(pk=added.run_id), self.actor, self.at)
            assert step.is_last
        for loan in self.loans.values():
            charged = any(self._charged(loan, each) for each in GROWING)
            out = loan.lent_on < first + length and (loan.returned is None or loan.returned >= first)
            if not charged or not out or loan.charged_on is None:
                continue
            until = morning(loan.charged_on + 1)
            old, new = loan.totals(self.policy, until, before), loan.totals(self.policy, until)
            for type_code in GROWING:
                less = old[type_code] - new[type_code]
                if less > 0:
                    reckoned = loan.charges[type_code].reckoned if type_code in loan.charges else 0
                    lower = max(new[type_code], reckoned - less)
                    self._lower(loan, type_code, lower)

    @rule(which=picks)
    def close_what_is_settled(self, which: int) -> None:
        actor = system_actor(self.actor.institution_id, "tests", Privilege.LOAN_MARK)
        for pk, loan in self._chosen(which):
            owed = sum(loan.charges[each].owed for each in (LOST, PROCESS) if each in loan.charges)
            expected = loan.is_out and loan.status == "LOST" and not owed
            assert close_paid_lost_loan(actor=actor, at=self.at, loan_id=pk) == expected
            loan.closed = loan.closed or expected

    # -- what always holds ----------------------------------------------------------------------------------

    @invariant()
    def every_loan_is_as_the_model_says(self) -> None:
        rows = {each.pk: each for each in Loan.objects.filter(patron__in=self.patrons)}
        for pk, loan in self.loans.items():
            row = rows[pk]
            assert (row.status, row.returned_at is None, row.closed_at is None) == (
                loan.status, loan.returned is None, not loan.closed,
            )  # fmt: skip
            assert row.due_at.date() == self._noon_of(loan.due).date()

    @invariant()
    def every_fee_is_as_the_model_says(self) -> None:
        fees = Fee.objects.filter(patron__in=self.patrons, original_minor__gt=0).select_related("type")
        assert len(fees) == sum(len(each) for loan in self.loans.values() for each in loan.charges.values())
        for fee in fees:
            charge = self._charge_of(fee)
            assert (fee.original_minor - fee.reduced_minor, fee.paid_minor, fee.waived_minor, fee.credited_minor) == (
                charge.charged, charge.paid, charge.waived, charge.credited,
            ), fee.type.code  # fmt: skip
            assert (fee.waiting_minor, fee.excess_minor) == (charge.waiting, charge.excess)
            assert (fee.status == "INDISPUTE") == charge.is_disputed
            assert (fee.status == "EXPORTED" or fee.closed_as == "exported") == (charge.exported > 0)
            assert 0 <= charge.owed <= fee.remaining_minor
            assert charge.kept >= 0, "what was waived became money"
            assert fee.type.code != PROCESS or fee.original_minor == PROCESS_FEE

    @invariant()
    def every_account_is_as_the_model_says(self) -> None:
        for who, patron in enumerate(self.patrons):
            charges = self._charges(who)
            assert self.credit[who] <= self.cash[who]
            assert self.cash[who] == sum(each.kept for each in charges) + self.credit[who]
            owed = sum(each.owed for each in charges if not each.is_disputed)
            disputed = sum(each.owed for each in charges if each.is_disputed)
            now = balances(self.actor, patron.pk)
            assert (now.active_minor, now.disputed_minor) == (owed - self.credit[who], disputed)

    @invariant()
    def verify_finds_nothing(self) -> None:
        assert verify(self.desk.library.institution.pk).findings == []

    # -- helpers --------------------------------------------------------------------------------------------

    @property
    def at(self) -> Any:
        return self._noon_of(self.day)

    def _noon_of(self, day: int) -> Any:
        return NOON + timedelta(days=day)

    def _who(self, who: int) -> dict[str, Any]:
        return {"actor": self.actor, "at": self.at, "patron_id": self.patrons[who].pk}

    def _desk(self, who: int) -> Desk:
        desk = Desk(self.desk.library, self.at)
        desk.patron = self.patrons[who]
        return desk

    def _of(self, who: int) -> list[Lent]:
        return [loan for loan in self.loans.values() if loan.who == who]

    def _chosen(self, which: int) -> list[tuple[int, Lent]]:
        """The loans on the lists more often than those that are not."""
        out = [each for each in self.loans.items() if each[1].is_out]
        among = [*out, *out, *self.loans.items()]
        return [among[which % len(among)]] if among else []

    def _fee(self, which: int) -> list[tuple[int, Fee, Charge]]:
        fees = Fee.objects.filter(patron__in=self.patrons, original_minor__gt=0).select_related("type").order_by("pk")
        if not fees:
            return []
        fee = fees[which % len(fees)]
        return [(self.loans[fee.loan_id].who, fee, self._charge_of(fee))]

    def _charge_of(self, fee: Fee) -> Charge:
        charges = self.loans[fee.loan_id].charges[fee.type.code]
        return charges[Fee.objects.filter(loan=fee.loan_id, type=fee.type_id, pk__lt=fee.pk).count()]

    def _charges(self, who: int) -> list[Charge]:
        return [each for loan in self._of(who) for charges in loan.charges.values() for each in charges]

    def _bringable(self, what: int) -> Lent | None:
        mine = [loan for loan in self.loans.values() if loan.item == what]
        if out := [loan for loan in mine if loan.is_out]:
            return out[0]
        last = mine[-1] if mine else None  # one that was lent since was found without its loser
        return last if last and last.closed and last.returned is None else None

    def _refused(self, error: type[Exception], command: Any, *inputs: Any, **more: Any) -> None:
        with nothing_written():
            try:
                with transaction.atomic():
                    command(*inputs, **more)
            except error:
                return
        raise AssertionError(f"{command.__name__} was not refused")

    def _charged(self, loan: Lent, type_code: str) -> int:
        return loan.charges[type_code].charged if type_code in loan.charges else 0

    def _bring(self, loan: Lent, type_code: str, total: int) -> None:
        before = self._charged(loan, type_code)
        if not total and type_code not in loan.charges:
            return
        charges = loan.charges.setdefault(type_code, Charges())
        credited = charges.credited
        charges.bring_to(total)
        self.credit[loan.who] += charges.credited - credited
        if charges.charged > before and type_code in GROWING:
            loan.charged_on = self.day
        self._end_disputes()

    def _lower(self, loan: Lent, type_code: str, total: int) -> None:
        if type_code in loan.charges:
            charges = loan.charges[type_code]
            credited = charges.credited
            charges.lower_to(total)
            self.credit[loan.who] += charges.credited - credited
            self._end_disputes()

    def _is_disputed(self, loan: Lent, type_code: str) -> bool:
        return any(each.is_disputed for each in loan.charges.get(type_code, ()))

    def _reckon(self, loan: Lent) -> None:
        for type_code, total in loan.totals(self.policy, noon(self.day)).items():
            self._bring(loan, type_code, total)

    def _find(self, loan: Lent) -> None:
        if LOST in loan.charges:
            charges = loan.charges[LOST]
            credited = charges.credited
            charges.take_back(self.policy.refund_ratio_bp)
            self.credit[loan.who] += charges.credited - credited
            self._end_disputes()

    def _end_disputes(self) -> None:
        for loan in self.loans.values():
            for type_code, charges in loan.charges.items():
                for charge in charges:
                    if charge.is_disputed and not charge.owed:
                        self._end_dispute(loan, type_code, charge)

    def _end_dispute(self, loan: Lent, type_code: str, charge: Charge) -> None:
        charge.is_disputed, charge.waiting = False, 0
        if type_code in GROWING:
            loan.dispute_days |= set(range(charge.disputed_on, self.day))
