"""Checking out on the Loans tab."""

from collections.abc import Callable

import pytest
import time_machine
from django.test import Client

from amerce.circulation.models import BlockRule, Item, Loan, Request
from amerce.events.models import Event
from tests.circulation.lending import lend
from tests.web.account import Desk, open_record, text, words
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db
TAB = {"HX-Request": "true", "HX-Target": "record-tabs"}


@pytest.fixture
def desk(sign_in: Callable[..., Client], library: Library) -> Desk:
    return open_record(sign_in, library, "circulation_desk_operator")


@pytest.fixture
def manager(sign_in: Callable[..., Client], library: Library) -> Desk:
    return open_record(sign_in, library, "circulation_desk_manager")


@pytest.fixture
def item(library: Library) -> Item:
    return library.new_item("Pnin", "39007123")


def test_a_barcode_lends_the_item_and_the_line_says_until_when_and_by_which_terms(
    sign_in: Callable[..., Client], library: Library, item: Item
) -> None:
    with time_machine.travel(NOON, tick=False):
        desk = open_record(sign_in, library, "circulation_desk_operator")
        answer = desk.post("checkouts/", {"barcode": " 39007123 "}, headers=TAB)

    loan = Loan.objects.get()
    assert (loan.patron_id, loan.item_id, loan.loaned_at) == (library.patron.pk, item.pk, NOON)
    assert answer.status_code == 200
    said = words(answer)
    assert "Lent: Pnin. Due Mar 30, 2026, 11:59 PM, by the terms Standard loan." in said
    assert '<tr class="just-now">' in text(answer)


def test_without_script_the_page_says_it(desk: Desk, item: Item) -> None:
    answer = desk.post("checkouts/", {"barcode": item.barcode}, follow=True)

    assert "Lent: Pnin." in words(answer)
    assert "Loans of this session" in words(answer)


@pytest.mark.parametrize(
    ("barcode", "sentence"),
    [("", "Scan or type the barcode of the item."), ("nothing", "No item has the barcode nothing.")],
)
def test_what_is_no_barcode_is_refused_at_the_field(desk: Desk, barcode: str, sentence: str) -> None:
    answer = desk.post("checkouts/", {"barcode": barcode}, headers=TAB)

    assert answer.status_code == 422
    page = text(answer)
    assert f'<p class="field-error" role="alert">{sentence}</p>' in page
    assert f'id="item-said" data-refused="{barcode}"' in page
    assert 'aria-describedby="item-said" autofocus data-selected' in page
    assert not Loan.objects.exists()


def test_what_somebody_else_has_is_refused_without_saying_who(desk: Desk, library: Library, item: Item) -> None:
    lend(library, patron=library.new_patron("other", first_name="Otto", last_name="Other"), item=item)

    answer = desk.post("checkouts/", {"barcode": item.barcode}, headers=TAB)

    assert answer.status_code == 422
    assert "on loan to somebody else" in words(answer)
    assert "Other" not in words(answer)
    assert Loan.objects.count() == 1


def test_a_blocked_patron_is_refused_with_the_reasons_and_only_some_may_override(
    desk: Desk, manager: Desk, library: Library, item: Item
) -> None:
    BlockRule.objects.create(institution=library.institution, amount_minor=1000)
    library.charge(1000)

    refused = desk.post("checkouts/", {"barcode": item.barcode}, headers=TAB)
    offered = manager.post("checkouts/", {"barcode": item.barcode}, headers=TAB)

    assert refused.status_code == offered.status_code == 422
    assert "This patron is blocked: owes $10.00 or more." in words(refused)
    assert "override_reason" not in text(refused)
    assert 'name="override_reason"' in text(offered)
    assert not Loan.objects.exists()

    lent = manager.post("checkouts/", {"barcode": item.barcode, "override_reason": "Exam tomorrow"}, headers=TAB)

    assert lent.status_code == 200
    assert Loan.objects.get().patron_id == library.patron.pk
    assert "override" in Event.objects.get(name="loan.checked_out").data


def test_what_somebody_else_waits_for_is_said_and_lent_only_for_a_reason(
    desk: Desk, manager: Desk, library: Library, item: Item
) -> None:
    waiting = library.new_patron("first", first_name="First", last_name="Waiting")
    Request.objects.create(
        institution=library.institution, patron=waiting, item=item, pickup=library.library, placed_at=NOON
    )

    refused = desk.post("checkouts/", {"barcode": item.barcode}, headers=TAB)
    offered = manager.post("checkouts/", {"barcode": item.barcode}, headers=TAB)

    assert refused.status_code == offered.status_code == 422
    assert "Not lent: another patron waits for this item. Overriding this takes the privilege and a reason." in words(
        refused
    )
    assert "override_reason" not in text(refused)
    assert "Not lent: Waiting, First waits for this item. Overriding this takes the privilege and a reason." in words(
        offered
    )
    assert 'name="override_reason"' in text(offered)
    assert not Loan.objects.exists()

    manager.post("checkouts/", {"barcode": item.barcode, "override_reason": "Until tomorrow"}, headers=TAB)

    assert Loan.objects.get().patron_id == library.patron.pk
    history = words(manager.get("history/"))
    assert "In spite of another patron" in history
    assert "request: Until tomorrow" in history


def test_what_is_no_item_but_a_card_opens_that_patrons_record(desk: Desk, library: Library) -> None:
    following = library.new_patron("P777", first_name="Next", last_name="Patron")

    answer = desk.post("checkouts/", {"barcode": "p777"}, headers=TAB)

    assert answer["HX-Redirect"] == f"/patron-services/{following.pk}/"
    assert "Patron, Next" in words(desk.client.get(answer["HX-Redirect"]))


def test_a_card_that_is_also_a_barcode_is_an_item_in_the_field_and_a_patron_from_anywhere(
    desk: Desk, library: Library, item: Item
) -> None:
    following = library.new_patron(item.barcode, first_name="Next", last_name="Patron")

    elsewhere = desk.post("checkouts/", {"barcode": item.barcode, "anywhere": "1"}, headers=TAB)
    assert elsewhere["HX-Redirect"] == f"/patron-services/{following.pk}/"
    assert not Loan.objects.exists()

    assert desk.post("checkouts/", {"barcode": item.barcode}, headers=TAB).status_code == 200
    assert Loan.objects.get().patron_id == library.patron.pk


def test_who_may_not_lend_has_no_field_and_is_refused(
    sign_in: Callable[..., Client], library: Library, item: Item
) -> None:
    auditor = open_record(sign_in, library, "auditor")

    page = text(auditor.client.get(f"/patron-services/{library.patron.pk}/"))
    answer = auditor.post("checkouts/", {"barcode": item.barcode}, headers=TAB)

    assert "Scan item barcode" not in page
    assert answer.status_code == 403
    assert not Loan.objects.exists()


def test_a_record_that_is_not_open_lends_nothing(sign_in: Callable[..., Client], library: Library, item: Item) -> None:
    answer = sign_in().post(f"/patrons/{library.patron.pk}/checkouts/", {"barcode": item.barcode})

    assert answer["Location"] == "/patron-services/"
    assert not Loan.objects.exists()


def test_the_scan_field_has_no_focus_until_it_was_used(desk: Desk, library: Library, item: Item) -> None:
    before = text(desk.client.get(f"/patron-services/{library.patron.pk}/"))
    after = text(desk.post("checkouts/", {"barcode": item.barcode}, headers=TAB))

    assert "data-takes-scans >" in before
    assert "data-takes-scans autofocus>" in after.replace("autofocus >", "autofocus>").replace("  ", " ")
