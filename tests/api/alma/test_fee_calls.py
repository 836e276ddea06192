"""What holds for every call on fees: whom it names, that it is done once, and who may."""

import pytest

from amerce.charges.models import Fee
from amerce.institutions.models import Library as LibraryRow
from tests.api.alma.fees import FEES, NEW
from tests.api.programs import Program, read
from tests.charges.acts import Desk
from tests.charges.checks import nothing_written
from tests.world import Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


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
