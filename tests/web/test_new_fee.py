"""Add Fine or Fee."""

from collections.abc import Callable

import pytest
from django.test import Client

from amerce.charges.models import Fee
from tests.charges.checks import nothing_written
from tests.web.account import Desk, field_value, open_record, text, words
from tests.world import Library

pytestmark = pytest.mark.django_db
NEW = "fees/new/"


@pytest.fixture
def desk(sign_in: Callable[..., Client], library: Library) -> Desk:
    return open_record(sign_in, library, "circulation_desk_operator")


def fee(**more: str) -> dict[str, str]:
    return {"type": "OTHER", "amount": "5.00", **more}


def test_add_stays_and_add_and_close_leads_back_to_the_list(desk: Desk, library: Library) -> None:
    item = library.new_item("Pnin")

    stays = desk.post(NEW, fee(add="1", barcode=item.barcode, comment="Torn page"))
    closes = desk.post(NEW, fee(close="1", type="LOCKERKEY", amount="12"))

    assert (stays["Location"], closes["Location"]) == (desk.url(NEW), desk.url("fees/"))
    first, second = Fee.objects.order_by("pk")
    assert (first.original_minor, first.title, first.barcode) == (500, "Pnin", item.barcode)
    assert first.owner_id == library.library.pk
    assert first.note is not None
    assert first.note.text == "Torn page"
    assert (second.original_minor, second.type.code) == (1200, "LOCKERKEY")


def test_the_page_says_what_was_added_and_the_new_balance(desk: Desk, library: Library) -> None:
    library.charge(1000)

    read = words(desk.client.post(desk.url(NEW), fee(form_key="k", seq=str(desk.seq), add="1"), follow=True))

    assert "Added: Other, $5.00. The active balance is now $15.00." in read


def test_the_same_form_twice_charges_once(desk: Desk) -> None:
    form = fee(form_key="k" * 32, seq="0", add="1")

    desk.post(NEW, form)
    again = desk.client.post(desk.url(NEW), form, follow=True)

    assert Fee.objects.count() == 1
    assert "Other, $5.00, was added before. Nothing was charged twice." in words(again)


def test_only_types_are_offered_that_may_be_created_here(
    sign_in: Callable[..., Client], library: Library, desk: Desk
) -> None:
    client = sign_in("user_manager", at_desk=False)
    client.post("/patron-services/", {"typed": "jdoe"})

    operator, manager = desk.page(NEW), open_record(sign_in, library).page(NEW)
    nowhere = Desk(client, library).page(NEW)

    assert 'value="OTHER"' in operator
    assert 'value="OVERDUEFINE"' not in operator
    assert 'value="CREDIT"' not in operator
    assert 'value="CREDIT"' in manager
    assert 'value="OTHER"' not in nowhere
    assert 'data-owner="library"' in operator


def test_a_credit_is_typed_positive(sign_in: Callable[..., Client], library: Library) -> None:
    manager = open_record(sign_in, library)

    manager.post(NEW, fee(type="CREDIT", amount="3.00", add="1"))

    assert Fee.objects.get().remaining_minor == -300


def test_a_type_of_the_institution_has_no_library_as_owner(desk: Desk, library: Library) -> None:
    desk.post(NEW, fee(type="CARDRENEWAL", owner=str(library.library.pk), add="1"))

    assert Fee.objects.get().owner is None


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"type": ""}, "type", "Choose a fee type from the list."),
        ({"type": "OVERDUEFINE"}, "type", "Choose a fee type from the list."),
        ({"type": "CREDIT"}, "type", "Choose a fee type from the list."),
        ({"amount": ""}, "amount", "Type an amount."),
        ({"amount": "10,5"}, "amount", "Write the amount in digits"),
        ({"amount": "-1"}, "amount", "The amount must be above zero."),
        ({"amount": "39007000000001"}, "amount", "Was a barcode scanned into this field?"),
        ({"barcode": "nothing"}, "barcode", "No item has the barcode nothing."),
        ({"owner": "999999"}, "owner", "Choose a library from the list."),
        ({"owner": "x"}, "owner", "Choose a library from the list."),
        ({"comment": "x" * 1001}, "comment", "At most 1000 characters, please."),
    ],
)
def test_a_refusal_stands_at_its_field_and_keeps_what_was_typed(
    desk: Desk, typed: dict[str, str], field: str, sentence: str
) -> None:
    with nothing_written():
        response = desk.post(NEW, fee(**{"comment": "kept", "amount": "7.77", **typed}))

    page = text(response)
    assert response.status_code == 422
    assert sentence in page
    assert f'id="id_{field}_error"' in page
    assert field_value(page, "amount") == typed.get("amount", "7.77")


def test_an_item_of_another_institution_is_unknown(desk: Desk, other_library: Library) -> None:
    item = other_library.new_item()

    with nothing_written():
        response = desk.post(NEW, fee(barcode=item.barcode))

    assert f"No item has the barcode {item.barcode}." in text(response)


def test_who_may_not_add_gets_403(sign_in: Callable[..., Client], library: Library) -> None:
    auditor = open_record(sign_in, library, "auditor")

    with nothing_written():
        assert auditor.get(NEW).status_code == 403
        assert auditor.post(NEW, fee()).status_code == 403
