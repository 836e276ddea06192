"""Many at once, committed for real, each thread with its own connection, on both engines."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.db import connection

from amerce.charges.errors import StaleAccount, StatusForbids
from amerce.charges.models import Fee
from amerce.inputs.errors import Refused
from amerce.institutions.models import BursarSequence, NumberSequence
from amerce.ledger.models import Idempotency, PatronAccount, Transfer
from amerce.ledger.verify import verify
from tests.charges.acts import Desk, now
from tests.charges.checks import assert_books_agree
from tests.world import Library

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.money, pytest.mark.usefixtures("flushable")]

THREADS = 20


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Start all ``acts`` at the same moment; what each answered or raised, in their order."""
    start = threading.Barrier(len(acts))
    answers: list[Any] = [None] * len(acts)

    def run(number: int) -> None:
        try:
            start.wait()
            answers[number] = acts[number]()
        except Exception as error:
            answers[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
        assert not thread.is_alive(), "a thread hangs"
    return answers


def kinds(answers: Sequence[Any]) -> Counter[str]:
    return Counter(type(answer).__name__ for answer in answers)


@pytest.fixture
def desk() -> Desk:
    return Desk(Library.new("MAIN"))


def assert_whole(desk: Desk) -> None:
    assert_books_agree()
    assert verify(desk.library.institution.pk).findings == []


def test_twenty_who_pay_one_fee_pay_it_once(desk: Desk) -> None:
    fee = desk.charge(1000)

    answers = at_once(*[lambda: desk.pay(fee)] * THREADS)

    assert kinds(answers) == {"Outcome": 1, StatusForbids.__name__: 19}
    assert Transfer.objects.filter(kind="PAYMENT").count() == 1
    assert now(fee).remaining_minor == 0
    assert_whole(desk)


def test_twenty_who_reckon_one_loan_anew_charge_it_once_and_take_it_back_once(desk: Desk) -> None:
    loan = desk.new_loan()

    raised = at_once(*[lambda: desk.bring_to(loan, 1000)] * THREADS)
    desk.pay(amount=600)
    lowered = at_once(*[lambda: desk.bring_to(loan, 500)] * THREADS)
    found = at_once(*[lambda: desk.take_back(loan, type_code="OVERDUEFINE")] * THREADS)

    assert (Counter(raised), Counter(lowered)) == ({1000: 1, 0: 19}, {-500: 1, 0: 19})
    assert Counter(found) == {500: 1, 0: 19}
    assert desk.balance() == -600
    assert_whole(desk)


def test_twenty_who_pay_from_the_same_page_are_told_that_it_changed(desk: Desk) -> None:
    fee = desk.charge(1000)

    answers = at_once(*[lambda: desk.pay(fee, amount=10, expected_seq=1)] * THREADS)

    assert kinds(answers) == {"Outcome": 1, StaleAccount.__name__: 19}
    assert now(fee).remaining_minor == 990
    assert_whole(desk)


def test_twenty_parts_of_one_fee_are_all_kept(desk: Desk) -> None:
    fee = desk.charge(1000)

    answers = at_once(*[lambda: desk.pay(fee, amount=50)] * THREADS)

    assert kinds(answers) == {"Outcome": 20}
    assert (now(fee).status, now(fee).paid_minor) == ("CLOSED", 1000)
    assert_whole(desk)


def test_the_same_form_sent_twenty_times_at_once_pays_once_and_answers_all_the_same(desk: Desk) -> None:
    fee = desk.charge(1000)

    answers = at_once(*[lambda: desk.pay(fee, amount=400, form_key="page-1", expected_seq=1)] * THREADS)

    assert kinds(answers) == {"Outcome": 20}
    assert sorted(answer.replayed for answer in answers) == [False, *[True] * 19]
    assert len({(answer.lines, answer.payment_id, answer.seq) for answer in answers}) == 1
    assert (Transfer.objects.filter(kind="PAYMENT").count(), Idempotency.objects.count()) == (1, 1)
    assert_whole(desk)


def test_receipts_of_twenty_patrons_are_unique_and_without_gaps(desk: Desk) -> None:
    desks = []
    for number in range(THREADS):
        each = Desk(desk.library)
        each.patron = desk.library.new_patron(f"patron-{number}")
        each.charge(300)
        desks.append(each)

    def pay_thrice(each: Desk) -> Callable[[], list[int]]:
        return lambda: [each.pay(amount=100).payment_id or 0 for _ in range(3)]

    answers = at_once(*[pay_thrice(each) for each in desks])

    numbers = sorted(number for answer in answers for number in answer)
    assert numbers == list(range(10_001, 10_061))
    assert NumberSequence.objects.get(institution=desk.library.institution).next_value == 10_061
    assert_whole(desk)


def test_bursar_ids_of_twenty_exports_are_unique_and_without_gaps(desk: Desk) -> None:
    institution, library = desk.library.institution, desk.library.library
    columns = {"institution": institution, "start": 1, "next_value": 1, "padding": 6}
    BursarSequence.objects.create(**columns, name="All", prefix="ALL-")
    BursarSequence.objects.create(**columns, name="Main", prefix="MAIN-", library=library)
    each_exports = []
    for number in range(THREADS):
        each = Desk(desk.library)
        each.patron = desk.library.new_patron(f"patron-{number}")
        fees = [each.charge(300), each.charge(200, "CARDRENEWAL"), each.charge(100)]
        order = fees if number % 2 else fees[::-1]
        each_exports.append(lambda each=each, order=order: [each.export(fee, awaits_payment=True) for fee in order])

    answers = at_once(*each_exports)

    assert kinds(answers) == {"list": THREADS}
    given = Counter(Fee.objects.values_list("bursar_transaction_id", flat=True))
    library_owned, institution_owned = 2 * THREADS, THREADS
    assert given == Counter(
        [f"MAIN-{number:06}" for number in range(1, library_owned + 1)]
        + [f"ALL-{number:06}" for number in range(1, institution_owned + 1)]
    )
    assert_whole(desk)


def test_of_twenty_exports_those_that_find_no_room_are_refused_and_take_no_number(desk: Desk) -> None:
    BursarSequence.objects.create(institution=desk.library.institution, name="All", start=95, next_value=95, padding=2)
    fees = [desk.charge(300) for _ in range(THREADS)]

    answers = at_once(*[lambda fee=fee: desk.export(fee) for fee in fees])

    assert kinds(answers) == {"Outcome": 5, "SequenceFull": 15}
    given = Fee.objects.exclude(bursar_transaction_id="").values_list("bursar_transaction_id", flat=True)
    assert sorted(given) == ["95", "96", "97", "98", "99"]
    assert Transfer.objects.filter(kind="EXPORT").count() == 5
    assert_whole(desk)


def test_first_charges_at_once_make_one_account(desk: Desk) -> None:
    answers = at_once(*[lambda: desk.charge(100)] * 8)

    assert kinds(answers) == {"Fee": 8}
    assert PatronAccount.objects.count() == 1
    assert desk.balance() == 800
    assert_whole(desk)


def test_verbs_in_opposite_orders_for_some_seconds_neither_deadlock_nor_lose_anything(desk: Desk) -> None:
    fees = [desk.charge(100_000, type_code) for type_code in ("OTHER", "LOSTITEMREPLACEMENTFEE", "SERVICEFEE")]
    second = Desk(desk.library)
    second.patron = desk.library.new_patron("second")
    others = [second.charge(100_000) for _ in range(3)]
    until = time.monotonic() + 4

    def keep(seed: int) -> Callable[[], Counter[str]]:
        def run() -> Counter[str]:
            dice, done = random.Random(seed), Counter[str]()
            while time.monotonic() < until:
                here, mine = (desk, fees) if dice.random() < 0.7 else (second, others)
                pair = dice.sample(mine, 2)
                acts = {
                    "waive": lambda h=here, p=pair: h.waive(*p, amount=1),
                    "pay": lambda h=here, p=pair: h.pay(*reversed(p), amount=2),
                    "pay all": lambda h=here: h.pay(amount=1),
                    "dispute": lambda h=here, p=pair: h.dispute(*p),
                    "restore": lambda h=here, p=pair: h.restore(*reversed(p)),
                    "charge": lambda h=here: h.charge(5),
                }
                name = dice.choice(list(acts))
                try:
                    acts[name]()
                    done[name] += 1
                except Refused:
                    done["refused"] += 1
            return done

        return run

    answers = at_once(*[keep(seed) for seed in range(8)])

    assert [answer for answer in answers if not isinstance(answer, Counter)] == []
    total = sum(answers, Counter())
    assert all(total[name] for name in ("waive", "pay", "dispute", "restore", "charge")), total
    waived = Transfer.objects.filter(kind="WAIVE").count()
    assert waived == 2 * total["waive"]
    assert Fee.objects.filter(original_minor=5).count() == total["charge"]
    assert_whole(desk)
