"""A fee and its transactions as the dialect has them."""

import pytest

from amerce.charges.models import Fee
from tests.api.alma.fees import FEES
from tests.api.goldens import same_as_golden
from tests.api.programs import Program
from tests.charges.acts import Desk
from tests.world import Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def told_fee(library: Library, desk: Desk) -> Fee:
    fee = desk.charge(1000, "LOCKERKEY", item=library.new_item("The leopard", "39007054145727"))
    desk.dispute(fee, comment="Was <not> me & mine")
    desk.restore(fee)
    desk.pay(fee, amount=300, method="ONLINE", external_transaction_id="T-1")
    desk.waive(fee, amount=200, reason="GOODWILL", comment="Nice")
    return fee


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_fee_in_both_forms(program: Program, library: Library, desk: Desk, form: str) -> None:
    fee = told_fee(library, desk)
    ids = {fee.pk: "FEE"}

    same_as_golden(f"fee.{form}", program.call("get", f"{FEES}/{fee.pk}?format={form}"), ids)
    same_as_golden(f"fees.{form}", program.call("get", f"{FEES}?format={form}"), ids)


def test_a_fee_without_item_or_comment_says_null_or_nothing(program: Program, desk: Desk) -> None:
    fee = program.get(f"{FEES}/{desk.charge(100).pk}")

    assert (fee["title"], fee["barcode"]) == (None, None)
    assert {"comment", "transaction", "bursar_transaction_id"} & set(fee) == set()


def test_links_are_on_the_host_that_was_asked(program: Program, desk: Desk) -> None:
    fee = desk.charge(100)

    told = program.get(f"{FEES}/{fee.pk}", Host="localhost:8123")

    assert told["link"] == f"http://localhost:8123/almaws/v1/users/jdoe/fees/{fee.pk}"
    assert told["user_primary_id"] == {"value": "jdoe", "link": "http://localhost:8123/almaws/v1/users/jdoe"}


def test_what_the_institution_owns_names_the_institution(program: Program, desk: Desk) -> None:
    fee = desk.charge(100, "CARDRENEWAL")

    assert program.get(f"{FEES}/{fee.pk}")["owner"] == {"value": "MAIN", "desc": "MAIN University"}


def test_a_credit_is_below_zero_and_its_use_is_a_payment_below_zero(program: Program, desk: Desk) -> None:
    credit, debt = desk.charge(500, "CREDIT"), desk.charge(300)
    desk.pay()

    told = program.get(f"{FEES}/{credit.pk}")

    assert (told["original_amount"], told["balance"]) == (-5.0, -2.0)
    assert [(each["type"]["value"], each["amount"]) for each in told["transaction"]] == [("PAYMENT", -3.0)]
    paid = program.get(f"{FEES}/{debt.pk}")
    assert [(each["type"]["value"], each["amount"]) for each in paid["transaction"]] == [("PAYMENT", 3.0)]


def test_a_correction_is_told_with_its_sign(program: Program, desk: Desk) -> None:
    fee = desk.charge(500)
    desk.correct_all_of(desk.pay(fee, amount=200))

    told = program.get(f"{FEES}/{fee.pk}")

    assert told["balance"] == 5.0
    assert [(each["type"]["value"], each["amount"]) for each in told["transaction"]] == [
        ("CORRECTION", -2.0), ("PAYMENT", 2.0),
    ]  # fmt: skip
