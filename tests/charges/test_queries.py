"""Reading charges. That no query reads another institution is proved in ``tests/flows/test_isolation.py``."""

import pytest

from amerce.charges import queries
from amerce.charges.errors import FeeNotFound
from amerce.charges.models import Fee, FeeType
from tests.charges.acts import Desk

pytestmark = [pytest.mark.django_db, pytest.mark.money]
LOST = "LOSTITEMREPLACEMENTFEE"


def all_fees(desk: Desk):  # type: ignore[no-untyped-def]
    return queries.fees_of(desk.manager, desk.patron.pk)


def test_a_patron_who_was_never_charged_owes_nothing(desk: Desk) -> None:
    assert queries.balances(desk.manager, desk.patron.pk) == queries.Balances(0, 0, 0, 0)


def test_the_three_balances_and_the_seq_follow_every_command(desk: Desk) -> None:
    active, disputed, exported = desk.charge(100), desk.charge(200), desk.charge(400)
    desk.charge(30, "CREDIT")
    desk.dispute(disputed)
    desk.export(exported, awaits_payment=True)

    assert active.remaining_minor == 100
    assert queries.balances(desk.manager, desk.patron.pk) == queries.Balances(70, 200, 400, 6)


def test_fees_come_newest_first(desk: Desk) -> None:
    second, first, third = desk.charge(100, days_ago=2), desk.charge(100, days_ago=5), desk.charge(100)

    assert [fee.pk for fee in all_fees(desk)] == [third.pk, second.pk, first.pk]


def test_a_search_finds_by_title_barcode_external_and_receipt_number(desk: Desk) -> None:
    item = desk.library.new_item("Invisible cities", "39007000000001")
    titled, paid, other = desk.charge(100, item=item), desk.charge(100), desk.charge(100)
    receipt = desk.pay(paid, external_transaction_id="TERM-77").payment_id

    def found(text: str) -> list[int]:
        return [fee.pk for fee in queries.matching(all_fees(desk), text)]

    assert found("visible CIT") == [titled.pk]
    assert found("39007000000001") == [titled.pk]
    assert found("TERM-77") == [paid.pk]
    assert found(str(receipt)) == [paid.pk]
    assert other.pk not in found("TERM-77")


@pytest.mark.parametrize("text", ["nothing", "a\0b", "9" * 40, "%", "_", "-1", "٣"])
def test_a_search_for_what_is_not_there_finds_nothing(desk: Desk, text: str) -> None:
    desk.charge(100, item=desk.library.new_item("Invisible cities"))

    assert list(queries.matching(all_fees(desk), text)) == []


def test_a_search_names_a_fee_once_however_often_it_was_paid(desk: Desk) -> None:
    fee = desk.charge(100)
    for _ in range(3):
        desk.pay(fee, amount=10, external_transaction_id="")
    first = desk.pay(fee, amount=10, external_transaction_id="T")
    desk.correct_all_of(first)

    assert [each.pk for each in queries.matching(all_fees(desk), "T")] == [fee.pk]


@pytest.mark.parametrize("typed", ["ÜBER", "über", "Über d", "ÉTÉ", "жизнь"])
def test_a_title_is_found_in_capitals_and_in_small_letters_of_any_alphabet(desk: Desk, typed: str) -> None:
    fee = desk.charge(100, item=desk.library.new_item("Über den Été: Жизнь"))
    desk.charge(100, item=desk.library.new_item("Uber"))

    assert list(queries.matching(all_fees(desk), typed)) == [fee]


@pytest.mark.parametrize("typed", [".", "C++ (2nd", "a|b", "[x]", "50 %", "_", "\\d", "^$*?{}&~#-\t'\""])
def test_signs_in_a_search_stand_for_themselves(desk: Desk, typed: str) -> None:
    desk.charge(100, item=desk.library.new_item("Plain words 7"))
    fee = desk.charge(100, item=desk.library.new_item(f"About {typed} again"))

    assert list(queries.matching(all_fees(desk), typed)) == [fee]


def test_the_filtered_balances_are_those_of_all_matching_rows_with_credits_negative(desk: Desk) -> None:
    desk.charge(100)
    desk.charge(30, "CREDIT")
    desk.dispute(desk.charge(250, "SERVICEFEE"))
    desk.pay(desk.charge(999, "SERVICEFEE"))

    assert queries.filtered_balances(all_fees(desk)) == (70, 250)
    assert queries.filtered_balances(all_fees(desk).filter(type__code="SERVICEFEE")) == (0, 250)
    assert queries.filtered_balances(all_fees(desk).none()) == (0, 0)


@pytest.mark.parametrize("fee_id", [0, -1, 2**70, 999_999_999])
def test_a_fee_that_is_not_there_is_not_found(desk: Desk, fee_id: int) -> None:
    with pytest.raises(FeeNotFound):
        queries.get_fee(desk.manager, desk.patron.pk, fee_id)
    with pytest.raises(FeeNotFound):
        queries.chosen_fees(desk.manager, desk.patron.pk, [fee_id])
    assert queries.bound_unused_minor(desk.manager, desk.patron.pk, [fee_id]) == {}


def test_chosen_fees_come_oldest_first(desk: Desk) -> None:
    young, old = desk.charge(100), desk.charge(100, days_ago=3)

    assert queries.chosen_fees(desk.manager, desk.patron.pk, [young.pk, old.pk]) == [old, young]


def test_the_unused_bound_credit_is_told_per_fee(desk: Desk) -> None:
    lost, plain = desk.charge(9900, LOST), desk.charge(100)
    desk.waive(lost, amount=2500)
    desk.waive(lost, amount=100)

    assert queries.bound_unused_minor(desk.manager, desk.patron.pk, [lost.pk, plain.pk]) == {lost.pk: 2600}


def test_the_history_of_a_fee_holds_what_touched_it_newest_first_with_what_it_corrects(desk: Desk) -> None:
    fee, other = desk.charge(1000), desk.charge(500)
    desk.pay(fee, amount=400)
    payment = desk.last_transfer("PAYMENT")
    desk.correct(payment)
    desk.pay(other)

    rows = list(queries.history(desk.manager, fee))

    assert [row.kind for row in rows] == ["CORRECTION", "PAYMENT", "CHARGE"]
    assert (rows[0].corrects, rows[1].corrected_by) == (payment, rows[0])


def test_the_history_of_a_credit_holds_what_it_paid(desk: Desk) -> None:
    credit = desk.charge(300, "CREDIT")
    desk.charge(100)
    desk.pay()

    assert [row.kind for row in queries.history(desk.manager, credit)] == ["PAYMENT", "CREDIT"]


def test_a_receipt_holds_the_lines_of_its_payment_in_order(desk: Desk) -> None:
    old, young = desk.charge(100, days_ago=1), desk.charge(100)
    outcome = desk.pay(amount=150)

    assert [(line.fee_id, line.amount_minor) for line in queries.receipt(desk.manager, outcome.payment_id)] == [
        (old.pk, 100),
        (young.pk, 50),
    ]
    assert queries.receipt(desk.manager, 999) == []


def test_a_page_that_is_out_of_date_is_told_what_happened_since(desk: Desk) -> None:
    fee = desk.charge(1000)
    desk.pay(fee, amount=400)
    desk.dispute(fee)

    changes = queries.changes_since(desk.manager, desk.patron.pk, 1)

    assert [(row.kind, row.amount_minor) for row in changes] == [("PAYMENT", 400), ("DISPUTE", 600)]


def test_only_enabled_types_made_by_hand_can_be_created_and_away_from_a_desk_only_the_institutions(desk: Desk) -> None:
    def codes(role: str, *, at_desk: bool = True) -> set[str]:
        return {each.code for each in queries.creatable_types(desk.library.staff(role, at_desk=at_desk))}

    manager, operator = codes("circulation_desk_manager"), codes("circulation_desk_operator")
    institutions = {"CARDRENEWAL", "ISSUELIBRARYCARD", "LIBRARYCARDREPLACEMENT"}

    assert {"OTHER", "SERVICEFEE", "LOCKERKEY", "DAMAGEDITEMFINE", LOST} | institutions <= operator
    assert manager - operator == {"CREDIT"}
    assert not manager & {"OVERDUEFINE", "CUSTOMER_DEFINED_01"}
    assert codes("circulation_desk_manager", at_desk=False) == institutions


def test_an_extra_type_can_be_created_once_it_is_enabled(desk: Desk) -> None:
    FeeType.objects.filter(institution=desk.library.institution, code="CUSTOMER_DEFINED_01").update(is_enabled=True)

    assert "CUSTOMER_DEFINED_01" in {each.code for each in queries.creatable_types(desk.manager)}


def test_the_number_of_queries_does_not_grow_with_the_number_of_fees(desk: Desk, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    for _ in range(12):
        desk.charge(100)

    with django_assert_num_queries(1):
        assert [fee.type.label for fee in all_fees(desk)][:1] == ["Other"]
    with django_assert_num_queries(1):
        queries.balances(desk.manager, desk.patron.pk)
    assert Fee.objects.count() == 12
