"""Many desks at once on the same copies, committed for real, on both engines."""

import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from amerce.charges.models import Fee
from amerce.charges.pay import pay
from amerce.charges.waive import waive
from amerce.circulation.blocks import PatronBlocked
from amerce.circulation.checkout import checkout
from amerce.circulation.errors import AlreadyRequested, ItemOnLoan, LoanError
from amerce.circulation.models import Item, Loan, LoanSpell, Request, TermsOfUse
from amerce.circulation.place_request import place_request
from amerce.circulation.return_item import return_item
from amerce.events.models import Event
from amerce.inputs.errors import Refused
from amerce.ledger.verify import verify
from amerce.patrons.models import Patron
from tests.charges.checks import assert_books_agree
from tests.circulation.desk import LoanDesk
from tests.flows.test_at_once import at_once, kinds
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.money, pytest.mark.usefixtures("flushable")]

DESKS = 12
LATE = datetime(2026, 4, 9, 12, 0, tzinfo=UTC)
"""Ten days after what was lent at noon is due."""


@pytest.fixture
def desk() -> LoanDesk:
    library = Library.new("MAIN")
    assert library.operator and library.manager, "both are there before anything is done at once"
    return LoanDesk(library)


@pytest.fixture
def item(desk: LoanDesk) -> Item:
    return desk.library.new_item()


def assert_whole(desk: LoanDesk) -> None:
    assert_books_agree()
    assert verify(desk.library.institution.pk).findings == []


def lending(desk: LoanDesk, item: Item, patron: Patron) -> Callable[[], Any]:
    operator = desk.library.operator
    return lambda: checkout(actor=operator, at=NOON, patron_id=patron.pk, barcode=item.barcode)


def test_a_copy_that_many_lend_at_once_is_lent_once_and_the_others_are_told_why(desk: LoanDesk, item: Item) -> None:
    patrons = [desk.library.new_patron(f"patron-{number}") for number in range(DESKS)]

    answers = at_once(*[lending(desk, item, each) for each in patrons])

    assert kinds(answers) == {"LoanOutcome": 1, ItemOnLoan.__name__: DESKS - 1}
    assert not any(each.with_this_patron for each in answers if isinstance(each, ItemOnLoan))
    assert Loan.objects.count() == Event.objects.filter(name="loan.checked_out").count() == 1
    assert_whole(desk)


def test_a_copy_lent_to_one_patron_at_many_desks_is_told_to_be_theirs(desk: LoanDesk, item: Item) -> None:
    answers = at_once(*[lending(desk, item, desk.library.patron)] * DESKS)

    assert kinds(answers) == {"LoanOutcome": 1, ItemOnLoan.__name__: DESKS - 1}
    assert all(each.with_this_patron for each in answers if isinstance(each, ItemOnLoan))


def test_a_loan_that_many_mark_lost_is_charged_once(desk: LoanDesk, item: Item) -> None:
    TermsOfUse.objects.update(replacement_minor=9900, process_fee_minor=2000)
    loan = desk.lend(item)

    answers = at_once(*[lambda: desk.lose(loan, at=NOON)] * DESKS)

    assert kinds(answers) == {"LoanOutcome": 1, "LoanStatusForbids": DESKS - 1}
    assert desk.balance_minor() == 11900
    assert LoanSpell.objects.count() == 1
    assert_whole(desk)


def test_a_late_loan_that_many_take_back_is_charged_once(desk: LoanDesk, item: Item) -> None:
    loan = desk.lend(item)

    answers = at_once(*[lambda: desk.take_back(loan, at=LATE)] * DESKS)

    assert kinds(answers) == {"LoanOutcome": 1, "NotOnLoan": DESKS - 1}
    assert desk.fines(loan) == {"OVERDUEFINE": 250}
    assert_whole(desk)


def test_a_late_loan_that_many_renew_is_charged_and_renewed_once_each_time_there_is_left(
    desk: LoanDesk, item: Item
) -> None:
    TermsOfUse.objects.update(renewals_limit=2)
    loan = desk.lend(item)

    answers = at_once(*[lambda: desk.renew(loan, at=LATE)] * DESKS)

    assert kinds(answers) == {"list": 2, "RenewalsUsedUp": DESKS - 2}
    assert (Loan.objects.get().renewals, desk.fines(loan)) == (2, {"OVERDUEFINE": 250})
    assert_whole(desk)


def test_a_patron_who_asks_at_many_desks_waits_once(desk: LoanDesk, item: Item) -> None:
    answers = at_once(*[lambda: ask(desk, item, desk.library.patron)] * DESKS)

    assert kinds(answers) == {"Request": 1, AlreadyRequested.__name__: DESKS - 1}
    assert Request.objects.count() == 1


def test_a_loan_that_many_ask_for_is_recalled_once(desk: LoanDesk, item: Item) -> None:
    patrons = [desk.library.new_patron(f"patron-{number}") for number in range(DESKS)]
    loan = desk.lend(item)

    answers = at_once(*[lambda each=each: ask(desk, item, each) for each in patrons])

    assert kinds(answers) == {"Request": DESKS}
    assert Event.objects.filter(name="loan.recalled").count() == 1
    assert Loan.objects.get(pk=loan.pk).status == "RECALL"


def test_all_commands_on_a_few_copies_for_some_seconds_neither_deadlock_nor_lose_anything(desk: LoanDesk) -> None:
    TermsOfUse.objects.update(
        replacement_minor=9900, process_fee_minor=2000, renewals_limit=9, recall_rate_minor=100, recall_length=3
    )
    library = desk.library
    patrons = [library.patron, *(library.new_patron(f"patron-{number}") for number in range(2))]
    items = [library.new_item() for _ in range(4)]
    until = time.monotonic() + 5
    latest = until + 40  # a renewal is rare while everybody waits for every copy, so on until each was done once
    succeeded: set[str] = set()

    def goes_on() -> bool:
        return time.monotonic() < until or (not succeeded >= set(ACTS) and time.monotonic() < latest)

    def keep(seed: int) -> Callable[[], Counter[str]]:
        def run() -> Counter[str]:
            dice, done = random.Random(seed), Counter[str]()
            while goes_on():
                name = dice.choice(list(ACTS))
                at = NOON + timedelta(days=dice.randrange(90))
                try:
                    if ACTS[name](desk, dice.choice(items), dice.choice(patrons), at):
                        done[name] += 1
                        succeeded.add(name)
                except (LoanError, PatronBlocked, Refused):
                    done["refused"] += 1
            return done

        return run

    answers = at_once(*[keep(seed) for seed in range(8)])

    assert [answer for answer in answers if not isinstance(answer, Counter)] == []
    total = sum(answers, Counter())
    assert set(total) >= {*ACTS, "refused"}, total
    assert all(Loan.objects.filter(item=each, returned_at=None, closed_at=None).count() <= 1 for each in items)
    assert Event.objects.filter(name="loan.checked_out").count() == total["lend"] == Loan.objects.count()
    assert Event.objects.filter(name="loan.returned").count() == total["take back"]
    assert_whole(desk)


def ask(desk: LoanDesk, item: Item, patron: Patron) -> Request:
    return place_request(
        actor=desk.library.operator,
        at=NOON,
        patron_id=patron.pk,
        barcode=item.barcode,
        pickup_library_id=desk.library.library.pk,
    ).request


def _lend(desk: LoanDesk, item: Item, patron: Patron, at: datetime) -> Any:
    return desk.lend(item, at=at, patron=patron)


def _take_back(desk: LoanDesk, item: Item, patron: Patron, at: datetime) -> Any:
    return return_item(actor=desk.library.operator, at=at, barcode=item.barcode)


def _ask(desk: LoanDesk, item: Item, patron: Patron, at: datetime) -> Any:
    return ask(desk, item, patron)


def _on_the_loan(name: str) -> Callable[[LoanDesk, Item, Patron, datetime], Any]:
    def act(desk: LoanDesk, item: Item, patron: Patron, at: datetime) -> Any:
        loan = Loan.objects.filter(item=item, returned_at=None, closed_at=None).select_related("item").first()
        return loan and getattr(desk, name)(loan, at=at)

    return act


def _pay_all(desk: LoanDesk, item: Item, patron: Patron, at: datetime) -> Any:
    return pay(actor=desk.library.operator, at=at, patron_id=patron.pk, fee_ids=None, amount_minor=10, method="CASH")


def _waive_one(desk: LoanDesk, item: Item, patron: Patron, at: datetime) -> Any:
    fee = Fee.objects.filter(patron=patron, remaining_minor__gt=0).order_by("?").first()
    return fee and waive(
        actor=desk.library.manager, at=at, patron_id=patron.pk, amounts_minor={fee.pk: 5}, reason="OTHER"
    )


ACTS: dict[str, Callable[[LoanDesk, Item, Patron, datetime], Any]] = {
    "lend": _lend,
    "take back": _take_back,
    "renew": _on_the_loan("renew"),
    "claim": _on_the_loan("claim"),
    "lose": _on_the_loan("lose"),
    "find": _on_the_loan("find"),
    "ask": _ask,
    "pay": _pay_all,
    "waive": _waive_one,
}
