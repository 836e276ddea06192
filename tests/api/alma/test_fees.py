"""Fines and fees in the dialect, call by call as the programs that use it expect them (rows G1, G2)."""

import json
from datetime import timedelta

import pytest

from amerce.charges.models import Fee
from amerce.events.models import Event
from amerce.institutions.models import Library as LibraryRow
from amerce.ledger.models import Transfer
from tests.api.goldens import same_as_golden
from tests.api.programs import Program, read, xml
from tests.charges.acts import Desk, now
from tests.charges.checks import nothing_written
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]
FEES = "/users/jdoe/fees"
NEW = {"type": {"value": "SERVICEFEE"}, "original_amount": "5.00", "owner": {"value": "MAIN"}}


# -- the list -------------------------------------------------------------------------------------------------------


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


# -- the object -----------------------------------------------------------------------------------------------------


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


def test_a_single_fee_is_read_whatever_its_status_and_parameters_are_ignored(program: Program, desk: Desk) -> None:
    fee = desk.charge(500)
    desk.pay(fee)

    assert program.get(f"{FEES}/{fee.pk}?status=ACTIVE&limit=1&offset=7")["status"] == {
        "value": "CLOSED", "desc": "Closed",
    }  # fmt: skip


# -- charging -------------------------------------------------------------------------------------------------------


def test_a_fee_is_charged_with_200_under_the_name_of_the_key(program: Program, library: Library) -> None:
    item = library.new_item("Invisible cities", "B-1")
    body = {**NEW, "comment": "Lost key", "barcode": {"value": "B-1"}, "balance": 99, "status": {"value": "CLOSED"}}

    told = program.post(FEES, body)

    fee = Fee.objects.get(pk=told["id"])
    assert (told["original_amount"], told["balance"], told["status"]["value"]) == (5.0, 5.0, "ACTIVE")
    assert (fee.original_minor, fee.item_id, fee.owner, fee.note.text) == (500, item.pk, library.library, "Lost key")
    transfer = Transfer.objects.get(fee=fee)
    assert (transfer.actor_id, transfer.actor_name) == (None, "Portal")
    assert Event.objects.get(name="fee.assessed").actor_name == "Portal"


def test_a_fee_is_charged_in_xml_too(program: Program) -> None:
    body = (
        '<?xml version="1.0"?><fee link="x"><type>SERVICEFEE</type><original_amount>7.5</original_amount>'
        '<owner desc="Main">MAIN</owner><comment>From XML</comment></fee>'
    )

    told = program.post(FEES, body, content_type="application/xml")

    assert (told["original_amount"], told["comment"]) == (7.5, "From XML")


def test_a_credit_is_sent_above_zero_and_read_back_below(program: Program) -> None:
    told = program.post(FEES, {**NEW, "type": {"value": "CREDIT"}})

    assert (told["original_amount"], told["balance"]) == (-5.0, -5.0)


def test_a_fee_bears_the_time_at_which_it_was_charged_elsewhere(program: Program) -> None:
    told = program.post(FEES, {**NEW, "creation_time": "2026-01-02T03:04:05.678Z"})

    assert told["creation_time"] == "2026-01-02T03:04:05.678Z"
    event = Event.objects.get(name="fee.assessed")
    assert event.data["posted_at"] == NOON.isoformat()


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"type": None}, "4019991"),
        ({"type": {"value": ""}}, "4019991"),
        ({"type": {"value": "NOTHING"}}, "4019992"),
        ({"type": {"value": "CUSTOMER_DEFINED_01"}}, "4019992"),
        ({"type": {"value": "OVERDUEFINE"}}, "4019992"),
        ({"original_amount": None}, "4019994"),
        ({"original_amount": ""}, "4019994"),
        ({"owner": None}, "4019996"),
        ({"owner": {"value": "NOWHERE"}}, "4019997"),
        ({"type": {"value": "CARDRENEWAL"}, "owner": {"value": "SCI"}}, "4019999"),
        ({"barcode": {"value": "no such"}}, "4019993"),
        ({"original_amount": "-5"}, "401666"),
        ({"original_amount": "5,00"}, "401666"),
        ({"original_amount": "1e3"}, "401666"),
        ({"original_amount": "0.005"}, "401666"),
        ({"original_amount": "0"}, "401666"),
        ({"original_amount": "39007054145727"}, "401666"),
        ({"comment": "x" * 1001}, "401666"),
        ({"comment": "a\u202eb"}, "401666"),
        ({"creation_time": "yesterday"}, "401666"),
        ({"creation_time": "2026-13-02T03:04:05Z"}, "401666"),
        ({"creation_time": (NOON + timedelta(seconds=1)).isoformat()}, "401666"),
    ],
)
def test_a_fee_that_cannot_be_is_refused_with_its_code(program: Program, desk: Desk, sent, code: str) -> None:  # type: ignore[no-untyped-def]
    LibraryRow.objects.create(institution=desk.library.institution, code="SCI", name="Science")
    program.post(FEES, NEW)

    with nothing_written():
        assert program.refused("post", FEES, {**NEW, **sent}) == (400, code)


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "1e3", "5.001", "-5"])
def test_a_number_is_read_by_its_digits(program: Program, desk: Desk, amount: str) -> None:
    body = json.dumps({**NEW, "original_amount": 0}).replace('"original_amount": 0', f'"original_amount": {amount}')
    desk.charge(100)

    with nothing_written():
        assert program.refused("post", FEES, body) == (400, "401666")


def test_a_number_without_places_is_a_number(program: Program) -> None:
    assert program.post(FEES, {**NEW, "original_amount": 3})["original_amount"] == 3.0
    assert program.post(FEES, {**NEW, "original_amount": 0.1})["original_amount"] == 0.1


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "null", "7", '"fee"', "\xff", "<fee>", "[" * 2000, "<!DOCTYPE x><fee/>"]
)
def test_a_body_that_cannot_be_read_is_refused(program: Program, desk: Desk, body: str) -> None:
    desk.charge(100)
    with nothing_written():
        status, code = program.refused("post", FEES, body.encode("latin-1"))

    assert (status, code) in {(400, "401666"), (400, "4019991")}


# -- paying, waiving, disputing, restoring --------------------------------------------------------------------------


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


# -- whose and which ------------------------------------------------------------------------------------------------


def test_nobody_and_nothing_have_their_codes(program: Program, desk: Desk, other_library: Library) -> None:
    fee = desk.charge(500)
    elsewhere = Desk(other_library).charge(500)

    assert program.refused("get", "/users/nobody/fees") == (400, "401651")
    assert program.refused("get", f"/users/nobody/fees/{fee.pk}") == (400, "401651")
    assert program.refused("post", "/users/nobody/fees", NEW) == (400, "401861")
    assert program.refused("post", f"/users/nobody/fees/{fee.pk}?op=pay&amount=1&method=CASH") == (400, "401651")
    for number in (elsewhere.pk, "0", "99999999999999999999", "x"):
        assert program.refused("get", f"{FEES}/{number}") == (400, "401665")
        assert program.refused("post", f"{FEES}/{number}?op=pay&amount=1&method=CASH") == (400, "401665")


def test_any_identifier_finds_the_user_or_one_of_the_type_asked_for(program: Program, library: Library) -> None:
    library.new_patron("other", identifiers={"BARCODE": "Card-7", "STUDENT_ID": "jdoe2"})

    assert program.get("/users/card-7/fees")["total_record_count"] == 0
    assert program.get("/users/CARD-7/fees?user_id_type=BARCODE")["total_record_count"] == 0
    assert program.get("/users/jdoe/fees?user_id_type=all_unique")["total_record_count"] == 0
    assert program.refused("get", "/users/card-7/fees?user_id_type=STUDENT_ID") == (400, "401890")


# -- once -----------------------------------------------------------------------------------------------------------


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


def test_an_idempotency_key_does_everything_once(program: Program, desk: Desk) -> None:
    first = program.call("post", FEES, NEW, **{"Idempotency-Key": "K1"})
    again = program.call("post", FEES, NEW, **{"Idempotency-Key": "K1"})

    assert again["Amerce-Replayed"] == "true" and read(first) == read(again)
    assert Fee.objects.count() == 1
    with nothing_written():
        other = {**NEW, "original_amount": "6.00"}
        assert program.refused("post", FEES, other, **{"Idempotency-Key": "K1"}) == (400, "401666")
        assert program.refused("post", FEES, NEW, **{"Idempotency-Key": "K" * 101}) == (400, "401666")
    path = f"{FEES}/{read(first)['id']}"
    for query in ("op=waive&amount=1&reason=OTHER", "op=dispute", "op=restore"):
        key = {"Idempotency-Key": query}
        assert "Amerce-Replayed" not in program.call("post", f"{path}?{query}", **key)
        assert program.call("post", f"{path}?{query}", **key)["Amerce-Replayed"] == "true"


def test_the_keys_of_two_programs_are_apart(program: Program, library: Library) -> None:
    other = Program.of(library, name="Kiosk")

    for each in (program, other):
        each.post(FEES, NEW, **{"Idempotency-Key": "K1"})

    assert Fee.objects.count() == 2


# -- who may --------------------------------------------------------------------------------------------------------


def test_each_call_takes_its_scope(library: Library, desk: Desk) -> None:
    fee = desk.charge(1000)
    one = f"{FEES}/{fee.pk}"
    calls = {
        "fees:read": [("get", FEES, None), ("get", one, None)],
        "fees:create": [("post", FEES, NEW)],
        "fees:pay": [
            ("post", f"{one}?op=pay&amount=1&method=CASH", None),
            ("post", f"{FEES}/all?op=pay&amount=1&method=CASH", None),
        ],
        "fees:waive": [("post", f"{one}?op=waive&amount=1&reason=OTHER", None)],
        "fees:dispute": [("post", f"{one}?op=dispute", None), ("post", f"{one}?op=restore", None)],
    }  # fmt: skip
    for scope in calls:
        program = Program.of(library, scope, name=scope)
        for needed, those in calls.items():
            for method, path, body in those:
                response = program.call(method, path, body)
                assert response.status_code == (200 if needed == scope else 403), (scope, path)
    refused = Program.of(library, "conf:read", name="conf").refused("get", FEES)
    assert refused == (403, "FORBIDDEN")


def test_a_key_of_one_library_touches_no_other_s_fees(library: Library, desk: Desk) -> None:
    other = LibraryRow.objects.create(institution=library.institution, code="SCI", name="Science")
    fee = desk.charge(1000)
    here = Program.of(library, name="Main", library_id=library.library.pk)
    there = Program.of(library, name="Science", library_id=other.pk)
    pay = f"{FEES}/{fee.pk}?op=pay&amount=1&method=CASH"

    assert here.post(pay)["transaction"][0]["received_by"] == {"value": "MAIN", "desc": "Main Library"}
    with nothing_written():
        assert there.refused("post", pay) == (400, "60340")
        assert there.refused("post", FEES, NEW) == (400, "60340")
        assert there.refused("post", FEES, {**NEW, "type": {"value": "CARDRENEWAL"}}) == (400, "60340")
        assert there.refused("post", f"{FEES}/all?op=pay&amount=1&method=CASH") == (400, "60340")
    assert there.get(FEES)["total_record_count"] == 1
