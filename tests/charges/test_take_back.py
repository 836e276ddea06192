"""An item that was lost is found: its charge is taken back, and what was waived is never given out (row A11)."""

import pytest

from amerce.charges.models import Fee
from amerce.circulation.models import Loan
from amerce.ledger.models import Transfer
from tests.charges.acts import Desk, now, state

pytestmark = [pytest.mark.django_db, pytest.mark.money]

LOST, PROCESS = "LOSTITEMREPLACEMENTFEE", "LOSTITEMPROCESSFEE"


@pytest.fixture
def loan(desk: Desk) -> Loan:
    """Lost: 99.00 to replace the item, 20.00 to process it."""
    loan = desk.new_loan()
    desk.bring_to(loan, 9900, LOST)
    desk.bring_to(loan, 2000, PROCESS)
    return loan


@pytest.fixture
def lost(loan: Loan) -> Fee:
    return Fee.objects.get(type__code=LOST)


def credits_open() -> list[int]:
    credits = Fee.objects.filter(original_minor__lt=0, status="ACTIVE").order_by("pk")
    return list(credits.values_list("remaining_minor", flat=True))


def found_again_moves_nothing(desk: Desk, loan: Loan, ratio_bp: int = 10_000) -> bool:
    transfers = Transfer.objects.count()
    return desk.take_back(loan, ratio_bp) == 0 and Transfer.objects.count() == transfers


def test_nothing_was_paid(desk: Desk, loan: Loan, lost: Fee) -> None:
    assert desk.take_back(loan) == 9900

    assert (state(lost), credits_open(), desk.balance()) == (("CLOSED", "reduced", 0), [], 2000)
    assert found_again_moves_nothing(desk, loan)


def test_27_were_paid_and_25_waived(desk: Desk, loan: Loan, lost: Fee) -> None:
    desk.pay(lost, amount=2700)
    desk.waive(lost, amount=2500)
    assert credits_open() == [-2500]

    desk.take_back(loan)

    assert (state(lost), credits_open(), desk.balance()) == (("CLOSED", "reduced", 0), [-2700], -700)
    assert Fee.objects.get(type__code=PROCESS).remaining_minor == 2000
    assert found_again_moves_nothing(desk, loan)


def test_the_bound_credit_was_used_by_a_payment_of_all_before(desk: Desk, loan: Loan, lost: Fee) -> None:
    desk.waive(lost, amount=2500)
    desk.pay(amount=2700)
    assert (now(lost).remaining_minor, now(lost).paid_minor, credits_open()) == (4700, 2700, [])

    desk.take_back(loan)

    assert (state(lost), credits_open(), desk.balance()) == (("CLOSED", "reduced", 0), [-2700], -700)


def test_one_bound_credit_was_used_and_another_was_not(desk: Desk, loan: Loan, lost: Fee) -> None:
    desk.waive(lost, amount=1000)
    desk.pay(amount=2700)
    desk.waive(lost, amount=1500)

    desk.take_back(loan)

    assert (state(lost), credits_open(), desk.balance()) == (("CLOSED", "reduced", 0), [-2700], -700)


def test_all_was_waived(desk: Desk, loan: Loan, lost: Fee) -> None:
    desk.waive(lost)

    desk.take_back(loan)

    assert (state(lost), credits_open(), desk.balance()) == (("CLOSED", "waived", 0), [], 2000)
    assert (now(lost).reduced_minor, now(lost).waived_minor) == (0, 9900)
    assert found_again_moves_nothing(desk, loan)


def test_it_was_waived_while_in_dispute(desk: Desk, loan: Loan, lost: Fee) -> None:
    desk.pay(lost, amount=2700)
    desk.dispute(lost)
    desk.waive(lost, amount=2500)

    desk.take_back(loan)

    assert (state(lost), credits_open()) == (("CLOSED", "reduced", 0), [-2700])
    assert desk.three_balances() == (-700, 0, 0)
    assert [row.credit for row in Transfer.objects.filter(kind="REDUCTION").order_by("seq")] == [
        "patron:disputed",
        "patron:credit",
    ]


@pytest.mark.parametrize("awaits_payment", [False, True])
def test_it_went_to_the_bursar(desk: Desk, loan: Loan, lost: Fee, awaits_payment: bool) -> None:
    desk.pay(lost, amount=2700)
    desk.waive(lost, amount=2500)
    desk.export(lost, awaits_payment=awaits_payment)
    transferred = 4700 if awaits_payment else 0

    desk.take_back(loan)

    assert (credits_open(), desk.three_balances()) == ([-7400], (-5400, 0, transferred))
    assert now(lost).closed_as == ("" if awaits_payment else "exported")
    assert found_again_moves_nothing(desk, loan)


@pytest.mark.parametrize(
    ("paid", "ratio_bp", "credit"),
    [(9900, 5000, 4950), (2700, 3333, 900), (2701, 5000, 1351), (2700, 0, 0), (1, 5000, 1), (1, 4999, 0)],
)
def test_of_what_was_paid_the_ratio_half_up(desk: Desk, loan: Loan, paid: int, ratio_bp: int, credit: int) -> None:
    lost = Fee.objects.get(type__code=LOST)
    desk.pay(lost, amount=paid)

    desk.take_back(loan, ratio_bp)

    assert (now(lost).credited_minor, now(lost).remaining_minor, desk.balance()) == (credit, 0, 2000 - credit)
    assert found_again_moves_nothing(desk, loan, ratio_bp)


def test_what_was_refunded_by_hand_is_not_given_twice(desk: Desk, loan: Loan, lost: Fee) -> None:
    desk.pay(lost)
    desk.refund(lost, 1900)

    desk.take_back(loan, 5000)

    assert (now(lost).credited_minor, credits_open()) == (4000, [-4000])


def test_lost_again_it_is_charged_up_to_the_same_total(desk: Desk, loan: Loan, lost: Fee) -> None:
    desk.pay(lost, amount=2700)
    desk.waive(lost, amount=2500)
    desk.take_back(loan)

    assert desk.bring_to(loan, 9900, LOST) == 7400
    assert (state(lost), now(lost).waived_minor) == (("ACTIVE", "", 7400), 2500)
    assert desk.bring_to(loan, 9900, LOST) == 0
    assert desk.bring_to(loan, 2000, PROCESS) == 0  # once per loan


def test_found_a_second_time_half_of_what_was_paid_since_comes_back(desk: Desk, loan: Loan, lost: Fee) -> None:
    desk.pay(lost)
    desk.take_back(loan, 5000)
    assert desk.bring_to(loan, 9900, LOST) == 4950
    desk.pay(lost)

    assert desk.take_back(loan, 5000) == 2475

    assert (credits_open(), now(lost).credited_minor) == ([-4950, -2475], 7425)


def test_a_fee_raised_after_an_export_is_taken_back_with_the_exported_one(desk: Desk, loan: Loan, lost: Fee) -> None:
    desk.export(lost)
    desk.bring_to(loan, 10900, LOST)
    newer = Fee.objects.filter(type__code=LOST).latest("pk")
    desk.pay(newer, amount=400)

    assert desk.take_back(loan) == 600 + 400 + 9900

    assert (state(newer), credits_open(), desk.balance()) == (("CLOSED", "reduced", 0), [-400, -9900], -8300)


def test_a_loan_that_was_never_charged_has_nothing_to_take_back(desk: Desk, loan: Loan) -> None:
    assert found_again_moves_nothing(desk, desk.new_loan())


def test_the_vat_of_a_charge_that_is_taken_back_sums(desk: Desk) -> None:
    """The parts are added up after every test (``checks.py``)."""
    desk.vat_rate(LOST, 1900)
    loan = desk.new_loan()
    desk.bring_to(loan, 9900, LOST)
    lost = Fee.objects.get()
    desk.pay(lost, amount=2701)
    desk.waive(lost, amount=2503)

    desk.take_back(loan, 3333)

    given = desk.last_transfer("REDUCTION")
    assert (given.credit, given.amount_minor, given.vat_minor) == ("patron:credit", 900, 144)
    others = Transfer.objects.filter(seq__lt=given.seq).exclude(kind="CHARGE").values_list("vat_minor", flat=True)
    assert sum(others) == desk.last_transfer("CHARGE").vat_minor == 1581


@pytest.mark.parametrize("paid_before_the_loss", [False, True])
def test_an_overdue_fine_goes_when_the_item_is_lost_and_is_back_when_it_returns(
    desk: Desk, paid_before_the_loss: bool
) -> None:
    """0.70 overdue, then lost for 50.00 and the fine goes, 0.10 paid, returned and the fine is restored: 0.60."""
    loan = desk.new_loan()
    desk.bring_to(loan, 70)
    if paid_before_the_loss:
        desk.pay(amount=10)
    desk.bring_to(loan, 0)
    desk.bring_to(loan, 5000, LOST)
    if not paid_before_the_loss:
        desk.pay(Fee.objects.get(type__code=LOST), amount=10)
    assert desk.balance() == 4990

    desk.take_back(loan)
    desk.bring_to(loan, 70)

    assert (desk.balance(), credits_open()) == (60, [-10])
