"""All fees of a user: listed, and paid at once (rows G1, G2)."""

import pytest

from tests.api.alma.fees import FEES
from tests.api.programs import Program, read, xml
from tests.charges.acts import Desk, now
from tests.charges.checks import nothing_written
from tests.world import Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def test_nothing_owed_is_a_list_without_the_key_fee(program: Program) -> None:
    assert program.get(FEES) == {"total_record_count": 0, "total_sum": 0.0, "currency": "USD"}
    listed = xml(program.call("get", f"{FEES}?format=xml"))
    assert (listed.tag, dict(listed.attrib), len(listed)) == (
        "fees", {"total_record_count": "0", "total_sum": "0.0", "currency": "USD"}, 0,
    )  # fmt: skip


def test_the_list_is_of_active_fees_unless_a_status_is_asked_for(program: Program, desk: Desk) -> None:
    active, disputed, paid = desk.charge(300), desk.charge(200), desk.charge(100)
    desk.dispute(disputed)
    desk.pay(paid)
    sent = desk.charge(700)
    desk.export(sent, awaits_payment=True)

    def ids(status: str) -> list[str]:
        return [each["id"] for each in program.get(f"{FEES}?status={status}").get("fee", [])]

    assert [each["id"] for each in program.get(FEES)["fee"]] == [str(active.pk)]
    assert ids("active") == [str(active.pk)]
    assert (ids("INDISPUTE"), ids("EXPORTED"), ids("CLOSED")) == ([str(disputed.pk)], [str(sent.pk)], [str(paid.pk)])
    assert program.get(f"{FEES}?status=EXPORTED")["fee"][0]["balance"] == 0.0
    assert program.refused("get", f"{FEES}?status=PAID") == (400, "401666")


def test_the_sum_is_of_the_balances_with_credits_below_zero(program: Program, desk: Desk) -> None:
    desk.charge(1007)
    desk.charge(1000, "CREDIT")

    listed = program.get(FEES)

    assert (listed["total_record_count"], listed["total_sum"], listed["currency"]) == (2, 0.07, "USD")
    assert '"total_sum": 0.07' in program.call("get", FEES).content.decode()


def test_amounts_are_in_the_decimals_of_the_currency() -> None:
    yen = Library.new("YEN", "JPY")
    dinar = Library.new("DINAR", "KWD")
    Desk(yen).charge(1500)
    Desk(dinar).charge(1250)

    assert Program.of(yen).get(FEES)["total_sum"] == 1500.0
    assert Program.of(dinar).get(FEES)["total_sum"] == 1.25


def test_a_long_list_is_sent_in_slices_and_whole(program: Program, desk: Desk, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("amerce.api.alma.fees.WHOLE_LIST", 3)
    fees = [desk.charge(100 + number) for number in range(8)]
    desk.pay(fees[0], amount=50)

    response = program.call("get", FEES)
    listed = read(response)

    assert response.streaming
    assert [each["id"] for each in listed["fee"]] == [str(each.pk) for each in reversed(fees)]
    assert (listed["total_record_count"], listed["total_sum"]) == (8, 7.78)
    assert listed["fee"][-1]["transaction"][0]["amount"] == 0.5
    in_xml = xml(program.call("get", f"{FEES}?format=xml"))
    assert [each.findtext("id") for each in in_xml] == [str(each.pk) for each in reversed(fees)]
    assert in_xml.get("total_sum") == "7.78"


def test_pay_all_uses_credits_first_and_answers_what_is_still_active(program: Program, desk: Desk) -> None:
    first, second = desk.charge(500, days_ago=2), desk.charge(700, days_ago=1)
    desk.charge(100, "CREDIT")

    left = program.post("/users/JDOE/fees/all?op=pay&amount=6.5&method=CREDIT_CARD", "")

    assert [(each["id"], each["balance"]) for each in left["fee"]] == [(str(second.pk), 4.5)]
    assert (left["total_sum"], left["total_record_count"]) == (4.5, 1)
    assert now(first).status == "CLOSED"
    done = program.post("/users/jdoe/fees/all?op=pay&amount=ALL&method=CASH")
    assert done == {"total_record_count": 0, "total_sum": 0.0, "currency": "USD"}


@pytest.mark.parametrize("query", ["op=waive&amount=1", "op=pay&amount=&method=CASH", "op=pay&amount=99&method=CASH"])
def test_pay_all_refuses_as_paying_one_does(program: Program, desk: Desk, query: str) -> None:
    desk.charge(500)
    with nothing_written():
        assert program.refused("post", f"/users/jdoe/fees/all?{query}") == (400, "401666")
