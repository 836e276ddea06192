"""What every form of an account makes of what was sent."""

from collections.abc import Callable

import pytest
from django.test import Client

from amerce.web.account_form import NO_ID, ids_of
from tests.charges.checks import nothing_written
from tests.web.account import open_record, words
from tests.world import Library

NOT_IDS = ["1234567890123456789", "9" * 5000, "-5", "five", "", "٣"]


def test_ids_are_taken_once_in_the_order_in_which_they_came() -> None:
    assert ids_of(["3", "1", "3", "123456789012345678"]) == [3, 1, 123456789012345678]


@pytest.mark.parametrize("text", NOT_IDS, ids=["too long", "endless", "negative", "a word", "nothing", "Arabic three"])
def test_what_is_no_id_stays_among_the_ids_as_one_that_nobody_has(text: str) -> None:
    assert ids_of(["3", text]) == [3, NO_ID]


@pytest.mark.django_db
@pytest.mark.parametrize("text", NOT_IDS[:2], ids=["too long", "endless"])
def test_a_fee_that_there_cannot_be_is_not_found_and_the_others_are_not_paid_or_waived_without_it(
    sign_in: Callable[..., Client], library: Library, text: str
) -> None:
    desk, fee = open_record(sign_in, library), library.charge(500)
    of = {"fee": [str(fee.pk), text]}

    with nothing_written():
        answers = [
            desk.get(f"payments/new/?fee={fee.pk}&fee={text}"),
            desk.get(f"payments/preview/?of=chosen&amount=5.00&fee={fee.pk}&fee={text}"),
            desk.post("payments/new/", {"of": "chosen", "amount": "5.00", "method": "CASH", **of}),
            desk.get(f"waivers/new/?fee={fee.pk}&fee={text}"),
            desk.post("waivers/new/", {f"amount_{fee.pk}": "5.00", "reason": "OTHER", "confirm": "1", **of}),
        ]

    assert [each.status_code for each in answers] == [404] * 5
    assert all("This patron has no such fine or fee." in words(each) for each in answers)


@pytest.mark.django_db
def test_a_transaction_that_there_cannot_be_is_not_found_and_the_others_are_not_taken_back(
    sign_in: Callable[..., Client], library: Library
) -> None:
    desk, fee = open_record(sign_in, library), library.charge(500)
    desk.post("payments/new/", {"of": "all", "amount": "5.00", "method": "CASH"})
    line = fee.transfers.get(kind="PAYMENT").pk

    with nothing_written():
        answer = desk.post(f"fees/{fee.pk}/corrections/{line}/", {"of": "payment", "line": [line, "9" * 30]})

    assert answer.status_code == 404
