"""All verbs in any order on two patrons of two institutions, beside a model that is simple enough to be believed.

The model knows nothing of transfers: a fee is what is still owed on it, a credit what is left of it. After every
step the model, the account, the sums over the fees and ``verify`` must agree.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from amerce.bulk.errors import NothingToWaive
from amerce.bulk.models import BulkWaiver
from amerce.charges import errors
from amerce.charges.models import Fee
from amerce.charges.outcome import Outcome
from amerce.charges.queries import balances
from amerce.charges.settle import Settled
from amerce.circulation.models import Loan
from amerce.inputs.errors import Refused
from amerce.ledger.models import Transfer
from amerce.ledger.verify import verify
from tests.bulk import waiving as bulk
from tests.charges.acts import Desk
from tests.charges.checks import nothing_written
from tests.world import NOON

SOAK = int(os.environ.get("AMERCE_SOAK", "0"))
"""How many examples to run long; 0 is the short run of every day."""
PROFILE = settings(
    max_examples=SOAK or 8,
    stateful_step_count=50 if SOAK else 8,
    derandomize=not SOAK,  # a change is judged by what it changed; the soak run looks for what nobody thought of
    phases=tuple(Phase) if SOAK else (Phase.generate,),  # shrinking takes minutes: the soak run does it
    suppress_health_check=list(HealthCheck),
    deadline=None,
    database=None,
    print_blob=True,
)
LOST, OVERDUE = "LOSTITEMREPLACEMENTFEE", "OVERDUEFINE"
amounts = st.integers(1, 3000)
picks = st.integers(0, 50)
whole = st.none()


@dataclass
class Debt:
    """What is owed on one fee and where: active, disputed, transferred, gone. ``of_loan``: its type, if of the loan."""

    pk: int
    owed: int
    place: str = "active"
    paid: int = 0
    refunded: int = 0
    credited: int = 0
    charged: int = 0
    of_loan: str = ""

    @property
    def is_here(self) -> bool:
        return self.place in ("active", "disputed")

    @property
    def came_in(self) -> int:
        return self.paid - self.refunded + (0 if self.is_here else self.owed)


@dataclass
class Ledger:
    """One patron as the model sees them."""

    desk: Desk
    loan: Loan
    keeps_excess: bool
    debts: dict[int, Debt] = field(default_factory=dict)
    credits: dict[int, int] = field(default_factory=dict)

    def owed(self, place: str) -> int:
        return sum(debt.owed for debt in self.debts.values() if debt.place == place)

    def of_loan(self, type_code: str) -> list[Debt]:
        return [debt for debt in self.debts.values() if debt.of_loan == type_code]

    @property
    def active(self) -> int:
        return self.owed("active") - sum(self.credits.values())

    def fill(self, pks: list[int], amount: int) -> int:
        """Settle ``pks`` one after the other; what is left over."""
        for pk in pks:
            part = min(self.debts[pk].owed, amount)
            self.settle(pk, part, paid=part)
            amount -= part
        return amount

    def settle(self, pk: int, part: int, *, paid: int = 0) -> None:
        debt = self.debts[pk]
        debt.owed -= part
        debt.paid += paid

    def spend(self, amount: int) -> None:
        for pk in sorted(self.credits):
            part = min(self.credits[pk], amount)
            self.credits[pk] -= part
            amount -= part


class EveryVerb(RuleBasedStateMachine):
    """Each rule does one thing at the desk and says what the model expects of it."""

    desks: tuple[Desk, Desk]

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.at: datetime = NOON
        self.keys = count(1)
        self.ledgers = [
            Ledger(desk, desk.new_loan(), desk.library.institution.overpayment == "credit") for desk in self.desks
        ]
        self.touched = self.ledgers[0]
        self.bulk_waivers: list[tuple[int, BulkWaiver]] = []
        self.last: tuple[Callable[..., Outcome], tuple[Any, ...], dict[str, Any]] | None = None

        for who in (0, 1):
            self.charge(who, 1000, "OTHER")
            self.charge(who, 2000, LOST)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    # -- verbs ----------------------------------------------------------------------------------------------

    @rule(who=picks, amount=amounts, type_code=st.sampled_from(["OTHER", "SERVICEFEE", LOST]))
    def charge(self, who: int, amount: int, type_code: str) -> None:
        ledger = self._ledger(who)
        fee = ledger.desk.charge(amount, type_code)
        ledger.debts[fee.pk] = Debt(fee.pk, amount)

    @rule(who=picks, amount=amounts)
    def give_credit(self, who: int, amount: int) -> None:
        ledger = self._ledger(who)
        ledger.credits[ledger.desk.charge(amount, "CREDIT").pk] = amount

    @rule(who=picks, more=amounts)
    def accrue(self, who: int, more: int) -> None:
        ledger = self._ledger(who)
        fees = ledger.of_loan(OVERDUE)
        outcome = ledger.desk.accrue(ledger.loan, sum(debt.charged for debt in fees) + more)
        assert (outcome is None) == waits(fees)
        if outcome:
            (line,) = outcome.lines
            assert line.amount_minor == more
            self._follow(ledger, OVERDUE, outcome.seq - 1)

    @rule(who=picks, total=st.integers(0, 4000), type_code=st.sampled_from([OVERDUE, LOST]))
    def bring_to(self, who: int, total: int, type_code: str) -> None:
        """Up by what is missing; down by what is open and what came in above the total, never by what was waived."""
        ledger = self._ledger(who)
        fees, seq = ledger.of_loan(type_code), self._seq(ledger)
        charged = sum(debt.charged for debt in fees)
        open_here = sum(debt.owed for debt in fees if debt.is_here)
        if total > charged:
            expected = 0 if waits(fees) else total - charged
        else:
            too_much = max(0, sum(debt.came_in - debt.credited for debt in fees) - total)
            expected = -(min(open_here, charged - total) + too_much)
        assert ledger.desk.bring_to(ledger.loan, total, type_code) == expected
        self._follow(ledger, type_code, seq)
        assert ledger.desk.bring_to(ledger.loan, total, type_code) == 0

    @rule(who=picks, ratio_bp=st.sampled_from([10_000, 5000, 3333, 0]))
    def take_back(self, who: int, ratio_bp: int) -> None:
        ledger = self._ledger(who)
        fees, seq = ledger.of_loan(LOST), self._seq(ledger)
        part = (2 * sum(debt.came_in for debt in fees) * ratio_bp + 10_000) // 20_000
        too_much = max(0, part - sum(debt.credited for debt in fees))
        open_here = sum(debt.owed for debt in fees if debt.is_here)
        assert ledger.desk.take_back(ledger.loan, ratio_bp, LOST) == open_here + too_much
        self._follow(ledger, LOST, seq)
        assert sum(debt.owed for debt in fees if debt.is_here) == 0
        assert ledger.desk.take_back(ledger.loan, ratio_bp, LOST) == 0

    @rule(who=picks, amount=amounts | whole)
    def pay_all(self, who: int, amount: int | None) -> None:
        ledger = self._ledger(who)
        active = [pk for pk in sorted(ledger.debts) if ledger.debts[pk].place == "active"]
        owed, credit = ledger.owed("active"), sum(ledger.credits.values())
        money = max(0, owed - credit) if amount is None else amount
        excess = max(0, credit_used(owed, credit) + money - owed)
        if excess and not ledger.keeps_excess:
            return self._refused(errors.MoreThanOwed, ledger.desk.pay, amount=amount)
        if not self._anything_to_settle(ledger) and not excess:
            return self._refused(errors.NothingOwed, ledger.desk.pay, amount=amount)
        outcome = self._do(ledger.desk.pay, amount=amount)
        ledger.fill(active, owed if owed < credit + money else credit + money)
        ledger.spend(credit_used(owed, credit))
        self._keep(ledger, outcome, excess)

    @rule(who=picks, which=picks, also=picks, amount=amounts | whole)
    def pay_chosen(self, who: int, which: int, also: int, amount: int | None) -> None:
        ledger = self._ledger(who)
        fees = self._fees(ledger, which, also)
        if not fees:
            return
        pks = sorted({fee.pk for fee in fees})
        owed = sum(ledger.debts[pk].owed for pk in pks if pk in ledger.debts)
        if any(fee.is_credit for fee in fees) or any(fee.status != "ACTIVE" for fee in fees):
            return self._refused(errors.ChargeError, ledger.desk.pay, *fees, amount=amount)
        money = owed if amount is None else amount
        if money > owed and not ledger.keeps_excess:
            return self._refused(errors.MoreThanOwed, ledger.desk.pay, *fees, amount=amount)
        if money == 0:
            return self._refused(errors.NothingOwed, ledger.desk.pay, *fees, amount=amount)
        outcome = self._do(ledger.desk.pay, *fees, amount=amount)
        self._keep(ledger, outcome, ledger.fill(pks, money))

    @rule(who=picks, which=picks, amount=amounts | whole)
    def waive(self, who: int, which: int, amount: int | None) -> None:
        ledger = self._ledger(who)
        for fee in self._fees(ledger, which):
            debt = ledger.debts.get(fee.pk)
            if debt is None or fee.status not in ("ACTIVE", "INDISPUTE"):
                return self._refused(errors.ChargeError, ledger.desk.waive, fee, amount=amount)
            if debt.owed == 0 or (amount or 0) > debt.owed:
                return self._refused(errors.ChargeError, ledger.desk.waive, fee, amount=amount)
            self._do(ledger.desk.waive, fee, amount=amount)
            ledger.settle(fee.pk, amount or debt.owed)

    @rule(who=picks, threshold=st.integers(1, 9000))
    def waive_in_bulk(self, who: int, threshold: int) -> None:
        """All that is active, or nothing of a patron who owes more than the threshold."""
        ledger = self._ledger(who)
        asked = {"at": self.at, "threshold_minor": threshold}
        if not 0 < ledger.owed("active") <= threshold:
            return self._refused(NothingToWaive, bulk.start, ledger.desk.library, **asked)
        waiver = bulk.start(ledger.desk.library, **asked)
        assert bulk.finish(waiver.run_id, self.at).counts["total_minor"] == ledger.owed("active")
        for debt in ledger.debts.values():
            if debt.place == "active":
                ledger.settle(debt.pk, debt.owed)
        self.bulk_waivers.append((who, waiver))

    @precondition(lambda self: self.bulk_waivers)
    @rule(which=picks)
    def undo_a_bulk_waiver(self, which: int) -> None:
        who, waiver = self.bulk_waivers.pop(which % len(self.bulk_waivers))
        ledger = self._ledger(who)
        seq = self._seq(ledger)
        bulk.undo(ledger.desk.library, waiver, self.at)
        rows = Transfer.objects.filter(account__patron=ledger.desk.patron, seq__gt=seq).select_related("corrects")
        for row in rows.order_by("seq"):
            if row.kind == "CORRECTION":
                self._take_back(ledger, row.corrects)
            else:
                self._reduce(ledger, row)

    @rule(who=picks, which=picks)
    def dispute(self, who: int, which: int) -> None:
        self._move(who, which, "dispute", "ACTIVE", "disputed")

    @rule(who=picks, which=picks)
    def restore(self, who: int, which: int) -> None:
        self._move(who, which, "restore", "INDISPUTE", "active")

    @rule(who=picks, which=picks, awaits_payment=st.booleans(), rarely=st.integers(0, 2))
    def export(self, who: int, which: int, awaits_payment: bool, rarely: int) -> None:
        if rarely == 0:
            place = "transferred" if awaits_payment else "gone"
            self._move(who, which, "export", "ACTIVE", place, awaits_payment=awaits_payment)

    @rule(who=picks, which=picks, excess=st.integers(0, 500), effect=st.sampled_from(["credit", "settle"]))
    def pay_at_the_bursar(self, who: int, which: int, excess: int, effect: str) -> None:
        ledger = self._ledger(who)
        for fee in self._fees(ledger, which):
            amount = max(fee.transferred_minor, 0)
            if not amount:
                with nothing_written():
                    assert ledger.desk.settle((fee, excess), effect=effect) == [Settled()]
                return
            (done,) = ledger.desk.settle((fee, amount + excess), effect=effect)
            assert (done.applied_minor, done.excess_minor) == (amount, excess)
            ledger.debts[fee.pk].place = "gone"
            if excess:
                ledger.credits[ledger.desk.newest_credit().pk] = excess

    @rule(who=picks, which=picks, awaits_payment=st.booleans(), rarely=st.integers(0, 2))
    def export_and_take_back(self, who: int, which: int, awaits_payment: bool, rarely: int) -> None:
        ledger = self._ledger(who)
        for fee in self._fees(ledger, which) if rarely == 0 else ():
            done = ledger.desk.export_set(fee, awaits_payment=awaits_payment)
            assert len(ledger.desk.take_back_exports(done)) == len(done.handed_over)

    @rule(who=picks, which=picks, amount=amounts, method=st.sampled_from(["CASH", ""]))
    def refund(self, who: int, which: int, amount: int, method: str) -> None:
        ledger = self._ledger(who)
        for fee in self._fees(ledger, which):
            debt = ledger.debts.get(fee.pk)
            if debt is None:
                limit = ledger.credits.get(fee.pk, 0) if method else 0
            else:
                limit = debt.paid - debt.refunded - debt.credited if debt.place in ("active", "disputed") else 0
            if amount > limit:
                return self._refused(errors.ChargeError, ledger.desk.refund, fee, amount, method=method)
            self._do(ledger.desk.refund, fee, amount, method=method)
            if debt is None:
                ledger.credits[fee.pk] -= amount
                return
            debt.refunded += amount
            if not method:
                ledger.credits[ledger.desk.newest_credit().pk] = amount

    @rule(who=picks, which=picks, also=picks)
    def correct(self, who: int, which: int, also: int) -> None:
        ledger = self._ledger(who)
        rows = list(Transfer.objects.filter(account__patron=ledger.desk.patron).order_by("-seq"))
        if not rows:
            return
        chosen = {row.pk: row for row in (rows[which % len(rows)], rows[also % len(rows)])}
        try:
            with nothing_written_on_error(), transaction.atomic():
                self._do(ledger.desk.correct, *chosen.values())
        except Refused:
            return
        for row in sorted(chosen.values(), key=lambda row: -row.seq):
            self._take_back(ledger, row)
        for row in Transfer.objects.filter(account__patron=ledger.desk.patron, seq__gt=rows[0].seq, kind="REDUCTION"):
            self._reduce(ledger, row)  # too much since it was lowered or found

    # -- the same again -------------------------------------------------------------------------------------

    @precondition(lambda self: self.last)
    @rule()
    def ask_again(self) -> None:
        verb, inputs, more = self.last
        rows = Transfer.objects.count()
        assert verb(*inputs, **more).replayed
        assert Transfer.objects.count() == rows

    @rule(who=picks, behind=st.integers(1, 3), which=picks)
    def use_a_stale_page(self, who: int, behind: int, which: int) -> None:
        ledger = self._ledger(who)
        fees = self._fees(ledger, which)
        if fees:
            stale = ledger.desk.account().seq - behind
            self._refused(errors.StaleAccount, ledger.desk.pay, *fees, expected_seq=stale)

    @rule(who=picks, which=picks, verb=st.sampled_from(["pay", "waive", "dispute", "restore", "export"]))
    def reach_for_the_other_patron(self, who: int, which: int, verb: str) -> None:
        mine, theirs = self._ledger(who), self._ledger(who + 1)
        for fee in self._fees(theirs, which):
            if Fee.objects.filter(patron=mine.desk.patron).exists():
                self._refused(errors.FeeNotFound, getattr(mine.desk, verb), fee)

    # -- what always holds ----------------------------------------------------------------------------------

    @invariant()
    def model_accounts_and_fees_agree(self) -> None:
        for ledger in self.ledgers:
            assert min([0, *(debt.owed for debt in ledger.debts.values()), *ledger.credits.values()]) == 0
            expected = (ledger.active, ledger.owed("disputed"), ledger.owed("transferred"))
            assert ledger.desk.three_balances() == expected
            fees = Fee.objects.filter(patron=ledger.desk.patron)
            sums = fees.filter(status="ACTIVE"), fees.filter(status="INDISPUTE")
            assert tuple(each.aggregate(sum=Sum("remaining_minor"))["sum"] or 0 for each in sums) == expected[:2]
            assert (fees.aggregate(sum=Sum("transferred_minor"))["sum"] or 0) == expected[2]

    @invariant()
    def verify_finds_nothing(self) -> None:
        report = verify(self.touched.desk.library.institution.pk)
        assert report.findings == []
        assert all(balance.total_minor == 0 for balance in report.trial_balances)

    # -- helpers --------------------------------------------------------------------------------------------

    def _ledger(self, who: int) -> Ledger:
        self.at += timedelta(minutes=1)
        ledger = self.ledgers[who % 2]
        ledger.desk.at = self.at
        self.touched = ledger
        return ledger

    def _fees(self, ledger: Ledger, *which: int) -> list[Fee]:
        fees = list(Fee.objects.filter(patron=ledger.desk.patron).order_by("pk"))
        return [fees[each % len(fees)] for each in which] if fees else []

    def _do(self, verb: Callable[..., Outcome], *inputs: Any, **more: Any) -> Outcome:
        """Do it with a key of its own and the page of now, so that it can be asked again."""
        desk: Desk = verb.__self__  # type: ignore[attr-defined]
        more["form_key"] = f"key {next(self.keys)}"
        if verb.__name__ != "export":
            more["expected_seq"] = balances(desk.manager, desk.patron.pk).seq
        outcome = verb(*inputs, **more)
        self.last = (verb, inputs, more)
        return outcome

    def _refused(self, error: type[Exception], verb: Callable[..., Outcome], *inputs: Any, **more: Any) -> None:
        with nothing_written():
            try:
                with transaction.atomic():
                    verb(*inputs, **more)
            except error:
                return
        raise AssertionError(f"{verb.__name__} was not refused")

    def _anything_to_settle(self, ledger: Ledger) -> bool:
        """Something is owed, or a waived lost item fee waits beside its credit."""
        return Fee.objects.filter(patron=ledger.desk.patron, status="ACTIVE", original_minor__gt=0).exists()

    def _keep(self, ledger: Ledger, outcome: Outcome, excess: int) -> None:
        kept = [line for line in outcome.lines if line.kind == "CREDIT"]
        assert [line.amount_minor for line in kept] == ([excess] if excess else [])
        for line in kept:
            ledger.credits[line.fee_id] = excess

    def _move(self, who: int, which: int, verb: str, needs: str, place: str, **more: Any) -> None:
        ledger = self._ledger(who)
        for fee in self._fees(ledger, which):
            debt = ledger.debts.get(fee.pk)
            act = getattr(ledger.desk, verb)
            if debt is None or fee.status != needs or debt.owed == 0:
                return self._refused(errors.ChargeError, act, fee, **more)
            self._do(act, fee, **more)
            debt.place = place

    def _follow(self, ledger: Ledger, type_code: str, seq: int) -> None:
        """Do in the model what was written for the loan after ``seq``; bound credits are netted in it already."""
        for row in Transfer.objects.filter(account__patron=ledger.desk.patron, seq__gt=seq).order_by("seq"):
            debt = ledger.debts.setdefault(row.fee_id, Debt(row.fee_id, 0, of_loan=type_code))
            assert debt.of_loan == type_code
            if row.kind == "CHARGE":
                debt.owed, debt.charged = debt.owed + row.amount_minor, debt.charged + row.amount_minor
                debt.place = "active"  # one that closed in dispute is owed again
            elif row.kind == "REDUCTION":
                self._reduce(ledger, row)
            else:
                assert row.kind == "PAYMENT" and row.credit_fee_id not in ledger.credits

    def _reduce(self, ledger: Ledger, row: Transfer) -> None:
        debt = ledger.debts[row.fee_id]
        debt.charged -= row.amount_minor
        if row.credit_fee_id:
            debt.credited += row.amount_minor
            ledger.credits[row.credit_fee_id] = row.amount_minor
        else:
            debt.owed -= row.amount_minor

    def _seq(self, ledger: Ledger) -> int:
        return balances(ledger.desk.manager, ledger.desk.patron.pk).seq

    def _take_back(self, ledger: Ledger, row: Transfer) -> None:
        debt, credit = ledger.debts.get(row.fee_id), row.credit_fee_id
        amount = row.amount_minor
        if row.kind == "CREDIT":
            ledger.credits[credit] -= amount
        elif row.kind == "REFUND":
            if debt is None:
                ledger.credits[credit] += amount
            else:
                debt.refunded -= amount
                if credit:
                    ledger.credits[credit] -= amount
        elif row.kind == "CHARGE":
            ledger.settle(row.fee_id, amount)
        elif row.kind == "WAIVE":
            debt.owed += amount
        elif credit is None or credit in ledger.credits:
            debt.owed += amount
            debt.paid -= amount
            if credit:
                ledger.credits[credit] += amount


def waits(fees: list[Debt]) -> bool:
    return any(debt.place == "disputed" and debt.owed for debt in fees)


def credit_used(owed: int, credit: int) -> int:
    return min(owed, credit)


class nothing_written_on_error:  # noqa: N801
    """``nothing_written``, only when an error leaves the block."""

    def __enter__(self) -> None:
        self.check = nothing_written()
        self.check.__enter__()

    def __exit__(self, kind: type[BaseException] | None, *_: Any) -> None:
        if kind:
            self.check.__exit__(None, None, None)
