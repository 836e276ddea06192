"""One fee read, paid, waived, disputed and restored (row G2)."""

import pytest

from amerce.ledger.models import Transfer
from tests.api.alma.fees import FEES
from tests.api.programs import Program, read
from tests.charges.acts import Desk
from tests.charges.checks import nothing_written

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def test_a_single_fee_is_read_whatever_its_status_and_parameters_are_ignored(program: Program, desk: Desk) -> None:
    fee = desk.charge(500)
    desk.pay(fee)

    assert program.get(f"{FEES}/{fee.pk}?status=ACTIVE&limit=1&offset=7")["status"] == {
        "value": "CLOSED", "desc": "Closed",
    }  # fmt: skip


@pytest.mark.parametrize("body", [None, "", "null", "{}", {"amount": 99}, "<fee/>"])
def test_a_fee_is_paid_by_the_query_alone_whatever_the_body(program: Program, desk: Desk, body: object) -> None:
    fee = desk.charge(1000)

    told = program.post(f"{FEES}/{fee.pk}?op=pay&amount=4&method=ONLINE&comment=Web", body)

    assert (told["balance"], told["transaction"][0]["amount"]) == (6.0, 4.0)
    assert told["transaction"][0]["payment_method"] == {"value": "ONLINE", "desc": "Online"}
    assert told["transaction"][0]["comment"] == "Web"
    assert told["transaction"][0]["created_by"] == "Portal"
    assert "received_by" not in told["transaction"][0]


def test_a_form_as_body_changes_nothing_of_what_is_done(program: Program, desk: Desk) -> None:
    fee = desk.charge(1000)

    told = program.post(
        f"{FEES}/{fee.pk}?op=pay&amount=4&method=CASH",
        "op=waive&amount=10",
        content_type="application/x-www-form-urlencoded",
    )

    assert told["balance"] == 6.0


def test_a_fee_is_waived_disputed_and_restored(program: Program, desk: Desk) -> None:
    fee = desk.charge(1000)
    path = f"{FEES}/{fee.pk}"

    waived = program.post(f"{path}?op=waive&amount=2.50&reason=GOODWILL&comment=None")
    assert (waived["balance"], waived["original_amount"]) == (7.5, 10.0)
    assert waived["transaction"][0]["reason"] == {"value": "GOODWILL", "desc": "Goodwill"}
    assert "comment" not in waived["transaction"][0]
    disputed = program.post(f"{path}?op=dispute&amount=None&comment=Not+mine")
    assert (disputed["status"]["value"], disputed["balance"]) == ("INDISPUTE", 7.5)
    assert program.post(f"{path}?op=waive&amount=1&reason=OTHER")["status"]["value"] == "INDISPUTE"
    restored = program.post(f"{path}?op=restore&amount=None")
    assert (restored["status"]["value"], restored["balance"]) == ("ACTIVE", 6.5)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "401666"),
        ("op=burn", "401666"),
        ("op=pay&method=CASH", "401666"),
        ("op=pay&amount=ALL&method=CASH", "401666"),
        ("op=pay&amount=None&method=CASH", "401666"),
        ("op=pay&amount=10.01&method=CASH", "401666"),
        ("op=pay&amount=1.004987654321&method=CASH", "401666"),
        ("op=pay&amount=1", "401666"),
        ("op=pay&amount=1&method=GOLD", "401666"),
        ("op=waive&amount=1", "401666"),
        ("op=waive&amount=1&reason=WHIM", "401666"),
        ("op=waive&amount=11&reason=OTHER", "401666"),
        ("op=restore", "401666"),
        ("op=pay&amount=1&method=CASH&external_transaction_id=" + "x" * 151, "401666"),
    ],
)
def test_what_makes_no_sense_is_refused(program: Program, desk: Desk, query: str, code: str) -> None:
    fee = desk.charge(1000)

    with nothing_written():
        assert program.refused("post", f"{FEES}/{fee.pk}?{query}") == (400, code)


def test_a_fee_in_dispute_or_closed_is_not_paid(program: Program, desk: Desk) -> None:
    fee = desk.charge(1000)
    desk.dispute(fee)
    with nothing_written():
        assert program.refused("post", f"{FEES}/{fee.pk}?op=pay&amount=1&method=CASH") == (400, "401666")
    desk.restore(fee)
    desk.pay(fee)
    with nothing_written():
        assert program.refused("post", f"{FEES}/{fee.pk}?op=pay&amount=1&method=CASH") == (400, "401666")


def test_a_credit_is_not_waived(program: Program, desk: Desk) -> None:
    credit = desk.charge(1000, "CREDIT")
    with nothing_written():
        assert program.refused("post", f"{FEES}/{credit.pk}?op=waive&amount=1&reason=OTHER") == (400, "401666")


@pytest.mark.parametrize("sent", ["0.09999999999999998", "0.1000000000001", "0.10"])
def test_what_a_float_made_of_a_unit_is_read_as_that_unit(program: Program, desk: Desk, sent: str) -> None:
    fee = desk.charge(1000)

    assert program.post(f"{FEES}/{fee.pk}?op=pay&amount={sent}&method=CASH")["transaction"][0]["amount"] == 0.1


def test_the_same_external_transaction_id_pays_once(program: Program, desk: Desk) -> None:
    fee, other = desk.charge(1000), desk.charge(1000)
    pay = f"{FEES}/{fee.pk}?op=pay&method=ONLINE&external_transaction_id=T-1&amount="
    first = program.call("post", pay + "4")

    again = program.call("post", pay + "4.00")

    assert "Amerce-Replayed" not in first and again["Amerce-Replayed"] == "true"
    assert read(first) == read(again)
    assert Transfer.objects.filter(kind="PAYMENT").count() == 1
    with nothing_written():
        assert program.refused("post", pay + "5") == (400, "401666")
    elsewhere = program.post(f"{FEES}/{other.pk}?op=pay&method=ONLINE&external_transaction_id=T-1&amount=4")
    assert elsewhere["balance"] == 6.0


def test_an_institution_may_have_external_ids_that_come_twice(program: Program, desk: Desk) -> None:
    desk.library.institution.external_ids_are_keys = False
    desk.library.institution.save()
    fee = desk.charge(1000)
    pay = f"{FEES}/{fee.pk}?op=pay&method=ONLINE&external_transaction_id=T-1&amount=4"

    assert (program.post(pay)["balance"], program.post(pay)["balance"]) == (6.0, 2.0)
