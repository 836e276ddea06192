"""What stands charged for a loan is brought to a total: by a charge, or by taking back."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amerce.charges.errors import ChargeError, NotCorrectable, PaymentAlreadyCredited
from amerce.charges.models import LOST_REPLACEMENT_TYPE, Fee
from amerce.charges.refund import refundable_minor
from amerce.circulation.models import Loan
from amerce.ledger.models import Transfer
from tests.charges.acts import Desk, now, state
from tests.charges.checks import assert_books_agree, nothing_written

pytestmark = [pytest.mark.django_db, pytest.mark.money]

OVERDUE = "OVERDUEFINE"


def charged(desk: Desk, total: int = 1000) -> tuple[Loan, Fee]:
    loan = desk.new_loan(desk.library.new_item("The leopard", "39007000000007"))
    desk.bring_to(loan, total)
    return loan, Fee.objects.get(loan=loan)


def taken_back(fee: Fee) -> tuple[int, int]:
    """In all, and as a CREDIT."""
    fee = now(fee)
    return fee.reduced_minor, fee.credited_minor


def nothing_moves(desk: Desk, loan: Loan, total: int) -> bool:
    transfers = Transfer.objects.count()
    return desk.bring_to(loan, total) == 0 and Transfer.objects.count() == transfers


def test_what_is_open_is_lowered_where_it_stands_and_the_original_stays(desk: Desk) -> None:
    loan, fee = charged(desk, 1000)

    assert desk.bring_to(loan, 700, comment="Closed on Monday") == -300

    assert (state(fee), now(fee).original_minor, taken_back(fee)) == (("ACTIVE", "", 700), 1000, (300, 0))
    row = desk.last_transfer("REDUCTION")
    assert (row.debit, row.credit, row.amount_minor) == ("income:OVERDUEFINE", "patron:active", 300)
    assert (row.credit_fee, row.note.text, desk.balance()) == (None, "Closed on Monday", 700)


@pytest.mark.parametrize("total", [1000, 700, 0])
def test_brought_to_the_same_total_twice_nothing_moves(desk: Desk, total: int) -> None:
    loan, _ = charged(desk, 1000)
    desk.bring_to(loan, total)

    assert nothing_moves(desk, loan, total)


def test_lowered_to_nothing_a_fee_is_closed_as_reduced_and_opens_when_it_grows_again(desk: Desk) -> None:
    loan, fee = charged(desk, 1000)

    desk.bring_to(loan, 0)
    lowered = state(fee)
    desk.bring_to(loan, 250)

    assert lowered == ("CLOSED", "reduced", 0)
    assert (state(fee), now(fee).original_minor, taken_back(fee)) == (("ACTIVE", "", 250), 1250, (1000, 0))


def test_what_was_paid_above_the_new_total_becomes_a_credit_that_keeps_what_the_fee_knew(desk: Desk) -> None:
    loan, fee = charged(desk, 1000)
    desk.pay()

    assert desk.bring_to(loan, 700, comment="Returned on Friday") == -300

    assert (state(fee), taken_back(fee), desk.balance()) == (("CLOSED", "paid", 0), (300, 300), -300)
    given, fee = desk.newest_credit(), now(fee)
    assert (given.original_minor, given.remaining_minor, given.bound_to) == (-300, -300, None)
    assert (given.loan, given.item, given.owner) == (fee.loan, fee.item, fee.owner)
    assert (given.title, given.barcode, given.note.text) == ("The leopard", "39007000000007", "Returned on Friday")


def test_after_a_credit_the_loan_is_charged_again_from_the_lower_total(desk: Desk) -> None:
    loan, fee = charged(desk, 1000)
    desk.pay()
    desk.bring_to(loan, 700)

    assert desk.bring_to(loan, 800) == 100

    assert (state(fee), desk.balance()) == (("ACTIVE", "", 100), -200)
    desk.pay(fee)
    assert desk.bring_to(loan, 700) == -100
    assert (taken_back(fee), desk.balance()) == ((400, 400), -400)


def test_what_is_open_falls_before_what_was_paid_becomes_a_credit(desk: Desk) -> None:
    loan, fee = charged(desk, 1000)
    desk.pay(amount=600)

    desk.bring_to(loan, 500)

    assert (state(fee), taken_back(fee), desk.balance()) == (("CLOSED", "reduced", 0), (500, 100), -100)


def test_a_waived_fine_never_becomes_money(desk: Desk) -> None:
    loan, fee = charged(desk, 1000)
    desk.waive(fee)

    assert nothing_moves(desk, loan, 700)
    assert nothing_moves(desk, loan, 0)
    assert (state(fee), desk.balance()) == (("CLOSED", "waived", 0), 0)


def test_of_a_fine_paid_and_waived_only_what_was_paid_too_much_comes_back(desk: Desk) -> None:
    loan, fee = charged(desk, 1000)
    desk.pay(amount=400)
    desk.waive(fee, amount=600)

    assert nothing_moves(desk, loan, 700)
    assert nothing_moves(desk, loan, 400)
    assert desk.bring_to(loan, 300) == -100
    assert nothing_moves(desk, loan, 300)

    assert (state(fee), taken_back(fee), desk.balance()) == (("CLOSED", "waived", 0), (100, 100), -100)


def test_a_waiver_that_is_corrected_after_a_credit_is_lowered_by_the_next_reckoning(desk: Desk) -> None:
    loan, fee = charged(desk, 1000)
    desk.pay(amount=400)
    desk.waive(fee, amount=600)
    desk.bring_to(loan, 300)

    desk.correct(desk.last_transfer("WAIVE"))
    desk.bring_to(loan, 300)

    assert (state(fee), taken_back(fee), desk.balance()) == (("CLOSED", "reduced", 0), (700, 100), -100)


def test_what_was_refunded_by_hand_is_not_given_twice(desk: Desk) -> None:
    loan, fee = charged(desk, 1000)
    desk.pay()
    desk.refund(now(fee), 200)

    desk.bring_to(loan, 700)

    assert (taken_back(fee), desk.balance()) == ((100, 100), -100)
    assert nothing_moves(desk, loan, 700)


def test_what_was_given_as_a_credit_is_not_refunded_by_hand(desk: Desk) -> None:
    loan, fee = charged(desk, 1000)
    desk.pay()
    desk.bring_to(loan, 700)

    assert refundable_minor(now(fee)) == 700
    desk.refund(fee, 700)
    assert refundable_minor(now(fee)) == 0
    assert refundable_minor(desk.newest_credit()) == 300


def test_a_disputed_fee_is_lowered_in_dispute(desk: Desk) -> None:
    loan, fee = charged(desk, 1000)
    desk.dispute(fee)

    assert desk.bring_to(loan, 700) == -300
    assert desk.bring_to(loan, 1200) == 0  # it waits

    assert (state(fee), desk.three_balances()) == (("INDISPUTE", "", 700), (0, 700, 0))
    assert desk.last_transfer("REDUCTION").credit == "patron:disputed"
    desk.restore(fee)
    assert (state(fee), desk.three_balances()) == (("ACTIVE", "", 1200), (1200, 0, 0))


def test_what_waits_is_what_was_reckoned_last_and_is_charged_once(desk: Desk) -> None:
    loan, fee = charged(desk, 1000)
    desk.dispute(fee)
    for total in (1500, 1200, 1100):
        desk.bring_to(loan, total)
    desk.restore(fee)
    desk.dispute(fee)
    desk.restore(fee)

    assert (state(fee), now(fee).waiting_minor) == (("ACTIVE", "", 1100), 0)
    assert [each.amount_minor for each in fee_transfers(fee, "CHARGE")] == [1000, 100]


def test_nothing_waits_for_a_total_that_is_no_higher(desk: Desk) -> None:
    loan, fee = charged(desk, 1000)
    desk.dispute(fee)
    desk.bring_to(loan, 1500)
    desk.bring_to(loan, 900)
    desk.restore(fee)

    assert state(fee) == ("ACTIVE", "", 900)


def test_what_was_waived_in_dispute_is_done_and_nothing_waits_any_more(desk: Desk) -> None:
    loan, fee = charged(desk, 1000)
    desk.dispute(fee)
    desk.bring_to(loan, 1500)
    desk.waive(fee)
    desk.correct(desk.last_transfer("WAIVE"))
    desk.restore(fee)

    assert state(fee) == ("ACTIVE", "", 1000)


def fee_transfers(fee: Fee, kind: str) -> list[Transfer]:
    return list(Transfer.objects.filter(fee=fee, kind=kind).order_by("seq"))


@pytest.mark.parametrize("awaits_payment", [False, True])
def test_what_the_bursar_took_above_the_new_total_becomes_a_credit(desk: Desk, awaits_payment: bool) -> None:
    loan, fee = charged(desk, 1000)
    desk.pay(amount=200)
    desk.export(fee, awaits_payment=awaits_payment)
    before = state(fee), now(fee).transferred_minor

    assert desk.bring_to(loan, 700) == -300
    assert nothing_moves(desk, loan, 700)

    assert (state(fee), now(fee).transferred_minor) == before
    assert (taken_back(fee), desk.balance()) == ((300, 300), -300)
    assert desk.bring_to(loan, 0) == -700
    assert (taken_back(fee), desk.balance(), refundable_minor(now(fee))) == ((1000, 1000), -1000, 0)


def test_of_two_fees_the_newest_is_lowered_first(desk: Desk) -> None:
    loan, exported = charged(desk, 1000)
    desk.export(exported)
    desk.bring_to(loan, 1500)
    grown = Fee.objects.get(status="ACTIVE")

    desk.bring_to(loan, 800)

    assert (state(grown), taken_back(grown)) == (("CLOSED", "reduced", 0), (500, 0))
    assert (state(exported), taken_back(exported)) == (("CLOSED", "exported", 0), (200, 200))
    assert desk.balance() == -200


def test_a_charge_corrected_by_hand_counts_as_charged_and_is_not_given_out(desk: Desk) -> None:
    loan, fee = charged(desk, 1000)
    desk.bring_to(loan, 1500)
    desk.correct(Transfer.objects.filter(kind="CHARGE").earliest("seq"))

    assert nothing_moves(desk, loan, 1500)
    assert desk.bring_to(loan, 700) == -500
    assert nothing_moves(desk, loan, 700)

    assert (state(fee), taken_back(fee), desk.balance()) == (("CLOSED", "reduced", 0), (500, 0), 0)


def test_a_reduction_is_not_corrected_by_hand(desk: Desk) -> None:
    loan, _ = charged(desk, 1000)
    desk.bring_to(loan, 700)

    with nothing_written(), pytest.raises(NotCorrectable):
        desk.correct(desk.last_transfer("REDUCTION"))


def test_a_payment_that_came_back_as_a_credit_is_not_corrected(desk: Desk) -> None:
    loan, _ = charged(desk, 1000)
    paid = desk.pay()
    desk.bring_to(loan, 700)

    with nothing_written(), pytest.raises(PaymentAlreadyCredited):
        desk.correct_all_of(paid)


def test_what_is_left_of_a_lowered_fee_is_paid_waived_disputed_and_exported_as_any(desk: Desk) -> None:
    for verb in ("pay", "waive", "dispute", "export"):
        loan = desk.new_loan()
        desk.bring_to(loan, 1000)
        desk.bring_to(loan, 700)
        outcome = getattr(desk, verb)(Fee.objects.get(loan=loan))
        assert [line.amount_minor for line in outcome.lines] == [700]


def test_the_credit_pays_other_fees_and_is_paid_out(desk: Desk) -> None:
    loan, _ = charged(desk, 1000)
    desk.pay()
    desk.bring_to(loan, 700)
    other = desk.charge(100)

    desk.pay()
    credit = desk.newest_credit()
    desk.refund(credit, 200)

    assert (state(other), state(credit), desk.balance()) == (("CLOSED", "paid", 0), ("CLOSED", "paid", 0), 0)


def test_a_type_that_is_disabled_is_charged_and_taken_back_all_the_same(desk: Desk) -> None:
    loan, fee = charged(desk, 1000)
    other = desk.new_loan()
    type(fee.type).objects.filter(pk=fee.type_id).update(is_enabled=False, is_manual=False)

    assert desk.bring_to(other, 100) == 100
    assert desk.bring_to(loan, 700) == -300


@pytest.mark.parametrize("steps", [(1000, 667, 333, 0), (1000, 999, 998, 401), (333, 1000, 1, 500, 0)])
@pytest.mark.parametrize("paid", [0, 137, 1000])
def test_the_vat_of_all_movements_sums_to_that_of_what_was_charged_settled_and_given_back(
    desk: Desk, steps: tuple[int, ...], paid: int
) -> None:
    """The parts are added up after every test (``checks.py``)."""
    desk.vat_rate(OVERDUE, 775)
    loan = desk.new_loan()
    desk.bring_to(loan, steps[0])
    if paid:
        desk.pay(amount=min(paid, steps[0]))
    for total in steps[1:]:
        desk.bring_to(loan, total)

    assert Fee.objects.get(type__code=OVERDUE).remaining_minor == max(0, steps[-1] - min(paid, steps[0]))


def test_a_credit_holds_the_vat_of_what_is_given_back(desk: Desk) -> None:
    desk.vat_rate(OVERDUE, 1000)
    loan, _ = charged(desk, 1000)
    desk.pay()

    vats = []
    for total in (667, 333, 0):
        desk.bring_to(loan, total)
        vats.append(desk.last_transfer("REDUCTION").vat_minor)

    assert vats == [30, 31, 30]


def test_a_waiver_corrected_after_the_fine_was_lowered_opens_what_was_reckoned(desk: Desk) -> None:
    loan, fee = charged(desk, 1000)
    desk.waive(fee)
    assert desk.bring_to(loan, 700) == 0

    desk.correct(desk.last_transfer("WAIVE"))

    assert (state(fee), taken_back(fee), desk.balance()) == (("ACTIVE", "", 700), (300, 0), 700)
    row = desk.last_transfer("REDUCTION")
    assert (row.amount_minor, row.note.text) == (300, "Had become too much while it was paid, waived or refunded.")
    assert now(fee).excess_minor == 0
    assert nothing_moves(desk, loan, 700)


def test_of_two_waivers_each_correction_opens_no_more_than_was_reckoned(desk: Desk) -> None:
    loan, fee = charged(desk, 1000)
    desk.waive(fee, amount=200)
    first = desk.last_transfer("WAIVE")
    desk.waive(fee)
    desk.bring_to(loan, 700)

    desk.correct(first)
    assert (state(fee), now(fee).excess_minor) == (("CLOSED", "reduced", 0), 100)
    desk.correct(desk.last_transfer("WAIVE"))

    assert (state(fee), taken_back(fee), now(fee).excess_minor) == (("ACTIVE", "", 700), (300, 0), 0)


def test_a_fine_raised_again_after_it_was_lowered_opens_whole(desk: Desk) -> None:
    loan, fee = charged(desk, 1000)
    desk.waive(fee)
    desk.bring_to(loan, 700)
    desk.bring_to(loan, 1200)

    desk.correct(desk.last_transfer("WAIVE"))

    assert (state(fee), taken_back(fee)) == (("ACTIVE", "", 1200), (0, 0))


def test_waived_in_dispute_a_lowered_fine_opens_in_dispute_for_what_was_reckoned(desk: Desk) -> None:
    loan, fee = charged(desk, 1000)
    desk.dispute(fee)
    desk.waive(fee)
    desk.bring_to(loan, 700)

    desk.correct(desk.last_transfer("WAIVE"))

    assert (state(fee), desk.three_balances()) == (("INDISPUTE", "", 700), (0, 700, 0))


def test_a_refund_corrected_after_the_fine_was_lowered_gives_the_rest_as_a_credit(desk: Desk) -> None:
    loan, fee = charged(desk, 1000)
    desk.pay(fee)
    desk.refund(fee, 1000)
    desk.bring_to(loan, 700)

    desk.correct(desk.last_transfer("REFUND"))

    assert (taken_back(fee), now(fee).excess_minor, desk.balance()) == ((300, 300), 0, -300)


def lost(desk: Desk) -> tuple[Loan, Fee]:
    loan = desk.new_loan()
    desk.bring_to(loan, 1000, LOST_REPLACEMENT_TYPE)
    return loan, Fee.objects.get(loan=loan)


def test_of_a_found_item_nothing_is_open_again_when_a_waiver_in_dispute_is_corrected(desk: Desk) -> None:
    loan, fee = lost(desk)
    desk.dispute(fee)
    desk.waive(fee, amount=600)
    desk.take_back(loan)
    assert (taken_back(fee), now(fee).excess_minor) == ((400, 0), 600)

    desk.correct(desk.last_transfer("WAIVE"))

    assert (state(fee), taken_back(fee), desk.three_balances()) == (("CLOSED", "reduced", 0), (1000, 0), (0, 0, 0))
    row = desk.last_transfer("REDUCTION")
    assert (row.amount_minor, row.note.text) == (600, "Had become too much while it was paid, waived or refunded.")
    assert (now(fee).excess_minor, desk.take_back(loan)) == (0, 0)


@pytest.mark.parametrize(("ratio_bp", "given"), [(0, 0), (2500, 250)])
def test_of_a_found_item_nothing_is_open_again_when_a_payment_that_was_kept_is_corrected(
    desk: Desk, ratio_bp: int, given: int
) -> None:
    loan, fee = lost(desk)
    first = desk.pay(amount=700)
    desk.pay(fee)
    desk.take_back(loan, ratio_bp)
    assert now(fee).excess_minor == 1000 - given

    desk.correct_all_of(first)

    assert (state(fee), taken_back(fee)) == (("CLOSED", "reduced", 0), (700 + given, given))
    assert (now(fee).excess_minor, desk.balance()) == (300 - given, -given)


def test_a_waiver_that_became_a_bound_credit_opens_nothing_after_the_item_was_found(desk: Desk) -> None:
    loan, fee = lost(desk)
    desk.waive(fee, amount=600)
    desk.take_back(loan)

    desk.correct(desk.last_transfer("PAYMENT"))
    beside_its_credit = state(fee), desk.balance()
    desk.correct(desk.last_transfer("WAIVE"))

    assert beside_its_credit == (("ACTIVE", "", 600), 0)
    assert (state(fee), taken_back(fee), desk.balance()) == (("CLOSED", "reduced", 0), (1000, 0), 0)


def test_a_refund_corrected_after_the_item_was_found_gives_nothing_that_the_ratio_kept(desk: Desk) -> None:
    loan, fee = lost(desk)
    desk.pay(fee)
    desk.take_back(loan, 5000)
    desk.refund(fee, 500)

    desk.correct(desk.last_transfer("REFUND"))

    assert (taken_back(fee), desk.balance(), refundable_minor(now(fee))) == ((500, 500), -500, 500)


def test_of_two_disputed_fees_of_a_loan_only_the_newest_waits(desk: Desk) -> None:
    loan, older = charged(desk, 1000)
    beside = desk.new_loan()
    desk.bring_to(beside, 500)
    newer = Fee.objects.get(loan=beside)
    Fee.objects.filter(pk=newer.pk).update(loan=loan)  # as other systems keep them
    desk.dispute(older, newer)

    desk.bring_to(loan, 1800)
    assert (now(older).waiting_minor, now(newer).waiting_minor) == (0, 300)
    desk.restore(older, newer)

    assert (state(older), state(newer), desk.balance()) == (("ACTIVE", "", 1000), ("ACTIVE", "", 800), 1800)
    assert nothing_moves(desk, loan, 1800)


STEPS = st.tuples(
    st.sampled_from(["bring", "waive", "pay", "refund", "correct", "dispute", "restore"]), st.integers(0, 12)
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(steps=st.lists(STEPS, min_size=3, max_size=12))
def test_in_any_order_open_paid_and_waived_are_what_was_reckoned(desk: Desk, steps: list[tuple[str, int]]) -> None:
    with transaction.atomic():
        loan, fee = charged(desk, 1000)
        reckoned = 1000
        for verb, number in steps:
            if verb == "bring":
                reckoned = 100 * number
            try:
                with transaction.atomic():
                    _step(desk, loan, fee, verb, number)
            except ChargeError:
                pass
        for row in Transfer.objects.filter(fee=fee, kind="REFUND", corrected_by=None).order_by("-seq"):
            desk.correct(row)
        for row in Transfer.objects.filter(fee=fee, kind="WAIVE", corrected_by=None).order_by("-seq"):
            desk.correct(row)
        fee = now(fee)
        if fee.status == "INDISPUTE":
            desk.restore(fee)
            fee = now(fee)
        stands_minor = fee.remaining_minor + fee.paid_minor - fee.credited_minor
        assert stands_minor <= reckoned
        if "dispute" not in {verb for verb, _ in steps}:  # in a dispute that a waiver ended nothing waits any more
            assert stands_minor == reckoned
        assert (fee.waived_minor, fee.excess_minor) == (0, 0)
        assert_books_agree()
        transaction.set_rollback(True)


def _step(desk: Desk, loan: Loan, fee: Fee, verb: str, number: int) -> None:
    left = now(fee).remaining_minor
    part = min(left, 100 * number) or None
    if verb == "bring":
        desk.bring_to(loan, 100 * number)
    elif verb == "waive":
        desk.waive(fee, amount=part)
    elif verb == "pay":
        desk.pay(fee, amount=part)
    elif verb == "refund":
        desk.refund(fee, max(1, 100 * number))
    elif verb == "correct":
        done = Transfer.objects.filter(fee=fee, kind__in=("WAIVE", "PAYMENT", "REFUND"), corrected_by=None)
        if rows := list(done.order_by("pk")):
            desk.correct(rows[number % len(rows)])
    elif verb == "dispute":
        desk.dispute(fee)
    else:
        desk.restore(fee)
