"""Linking an item to a fee."""

from collections.abc import Callable

import pytest
from django.test import Client

from amerce.charges.models import Fee
from tests.charges.checks import nothing_written
from tests.web.account import Desk, open_record, text, words
from tests.world import Library

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(sign_in: Callable[..., Client], library: Library) -> Desk:
    return open_record(sign_in, library, "circulation_desk_operator")


def test_the_fee_carries_title_and_barcode_of_the_item(desk: Desk, library: Library) -> None:
    fee, item = library.charge(1000), library.new_item("Pnin")

    desk.post(f"fees/{fee.pk}/item/", {"barcode": f" {item.barcode} "})

    fee.refresh_from_db()
    assert (fee.item_id, fee.title, fee.barcode) == (item.pk, "Pnin", item.barcode)
    assert f"Linked item {item.barcode} to a fee." in words(desk.get("history/"))


@pytest.mark.parametrize(
    ("barcode", "sentence"),
    [("", "Scan or type the barcode of the item."), ("nothing", "No item has the barcode nothing.")],
)
def test_a_barcode_that_is_none_is_refused_at_its_field(
    desk: Desk, library: Library, barcode: str, sentence: str
) -> None:
    fee = library.charge(1000)

    with nothing_written():
        response = desk.post(f"fees/{fee.pk}/item/", {"barcode": barcode})

    assert response.status_code == 422
    assert sentence in words(response)
    assert 'id="id_barcode_error"' in text(response)
    assert Fee.objects.get().item_id is None
