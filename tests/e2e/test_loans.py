"""Loans in the browser: check out by scanner, renew, lost, found, return; requests; columns that persist."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from amerce.circulation.checkout import checkout
from amerce.circulation.models import Loan, Request
from amerce.circulation.place_request import place_request
from tests.e2e.conftest import READS_MS, Desk

pytestmark = pytest.mark.browser


@pytest.fixture
def has_own_clock() -> bool:
    return True


def titles(desk: Desk) -> list[str]:
    return desk.page.locator(".loans tbody .fee-title").all_inner_texts()


def test_books_scanned_one_after_the_other_are_lent_faster_than_the_server_answers(desk: Desk) -> None:
    items = [desk.library.new_item(title) for title in ("Pnin", "Stoner", "The leopard")]
    desk.scan()

    for item in items:
        desk.by_scanner(item.barcode)

    expect(desk.page.locator(".loans tbody tr")).to_have_count(3)
    assert titles(desk) == ["The leopard", "Stoner", "Pnin"]
    field = desk.page.get_by_label("Scan item barcode")
    expect(field).to_be_focused()
    expect(field).to_have_value("")
    expect(desk.page.get_by_role("status").filter(has_text="Lent: The leopard.")).to_contain_text("Standard loan")
    expect(desk.page.locator(".tab[aria-current]")).to_contain_text("3")


def test_the_next_card_follows_the_last_book(desk: Desk) -> None:
    item = desk.library.new_item("Pnin")
    desk.library.new_patron("P777", first_name="Next", last_name="Patron")
    desk.scan()
    desk.by_scanner(item.barcode)
    expect(desk.page.get_by_text("Lent: Pnin.")).to_be_visible()

    desk.by_scanner("P777")

    expect(desk.page.get_by_role("heading", name="Patron, Next")).to_be_visible()
    assert Loan.objects.get().patron == desk.library.patron


def test_a_refusal_stands_at_the_field_and_the_next_scan_replaces_the_barcode(desk: Desk) -> None:
    item = desk.library.new_item("Pnin")
    desk.scan()

    desk.by_scanner("nothing")

    field = desk.page.get_by_label("Scan item barcode")
    expect(desk.page.get_by_role("alert")).to_have_count(1)
    expect(field).to_be_focused()
    expect(field).to_have_value("nothing")
    expect(field).to_have_attribute("aria-invalid", "true")
    desk.by_scanner(item.barcode)
    expect(desk.page.get_by_text("Lent: Pnin.")).to_be_visible()
    expect(desk.page.get_by_role("alert")).to_have_count(0)
    expect(field).to_have_value("")


def test_after_an_override_the_field_is_empty_for_the_next_item(desk: Desk) -> None:
    requested, free = desk.library.new_item("Pnin"), desk.library.new_item("Stoner")
    place_request(
        actor=desk.library.operator,
        at=timezone.now(),
        patron_id=desk.library.new_patron("P777").pk,
        barcode=requested.barcode,
        pickup_library_id=desk.library.library.pk,
    )
    desk.scan()
    desk.by_scanner(requested.barcode)
    expect(desk.page.get_by_role("alert")).to_contain_text("waits for this item")

    desk.page.get_by_label("Reason for the override").fill("reads it in the room")
    desk.page.keyboard.press("Enter")

    expect(desk.page.get_by_text("Lent: Pnin.")).to_be_visible()
    field = desk.page.get_by_label("Scan item barcode")
    expect(field).to_be_focused()
    expect(field).to_have_value("")
    expect(field).not_to_have_attribute("aria-invalid", "true")
    desk.by_scanner(free.barcode)
    expect(desk.page.get_by_text("Lent: Stoner.")).to_be_visible()
    assert titles(desk) == ["Stoner", "Pnin"]


def test_of_several_scans_every_refusal_is_read(desk: Desk) -> None:
    item = desk.library.new_item("Pnin")
    desk.scan()

    with desk.server_is_slow("**/checkouts/"):
        for code in ("nothing-1", "nothing-2", item.barcode):
            desk.by_scanner(code)

    expect(desk.page.locator(".loans tbody tr")).to_have_count(1)
    expect(desk.page.get_by_role("alert")).to_have_count(2)


def test_items_are_returned_by_scanner_and_the_list_of_the_session_grows(desk: Desk) -> None:
    items = [desk.library.new_item(title) for title in ("Pnin", "Stoner")]
    desk.scan()
    for item in items:
        desk.by_scanner(item.barcode)
    expect(desk.page.locator(".loans tbody tr")).to_have_count(2)
    desk.page.get_by_role("link", name="Manage Item Returns").click()
    expect(desk.page.get_by_label("Scan item barcode")).to_be_focused()

    for item in items:
        desk.by_scanner(item.barcode)

    expect(desk.page.locator(".loans tbody tr")).to_have_count(2)
    assert titles(desk) == ["Stoner", "Pnin"]
    assert not Loan.objects.filter(returned_at=None).exists()


def on_loan(desk: Desk) -> Loan:
    """A loan from before, and the tab with all loans."""
    item = desk.library.new_item("Pnin")
    loan = checkout(
        actor=desk.library.manager,
        at=timezone.now() - timedelta(days=2),
        patron_id=desk.library.patron.pk,
        barcode=item.barcode,
    )
    desk.scan()
    desk.page.get_by_role("link", name="All loans").click()
    expect(desk.page.locator(".loans tbody tr")).to_have_count(1)
    return Loan.objects.get(pk=loan.loan_id)


def press(desk: Desk, button: str) -> None:
    """Enter on a button of the dialog by somebody who has read it: one that comes at once was meant for the page."""
    pressed = desk.page.get_by_role("dialog").get_by_role("button", name=button)
    pressed.wait_for()
    desk.page.wait_for_timeout(READS_MS)
    pressed.press("Enter")


def choose(desk: Desk, action: str) -> None:
    desk.page.get_by_label("Actions for Pnin").click()
    desk.page.locator(".loans .actions-list").get_by_text(action, exact=True).click()


def test_a_loan_is_renewed_by_the_keyboard(desk: Desk) -> None:
    loan = on_loan(desk)

    desk.page.get_by_label("Select Pnin").focus()
    desk.page.keyboard.press("Space")
    desk.page.keyboard.press("Tab")
    desk.page.get_by_role("button", name="Renew Selected").focus()
    desk.page.keyboard.press("Enter")

    expect(desk.page.get_by_text("Renewed: Pnin. Due")).to_be_visible()
    expect(desk.page.locator(".loans tbody tr")).to_contain_text("1 of 3")
    assert Loan.objects.get(pk=loan.pk).renewals == 1


def test_lost_says_what_it_costs_and_found_takes_the_replacement_back(desk: Desk) -> None:
    on_loan(desk)

    choose(desk, "Lost")
    cost = desk.page.get_by_role("dialog").locator(".receipt-total .amount").inner_text()
    press(desk, "Lost")
    expect(desk.page.get_by_text("Pnin is marked Lost.")).to_be_visible()
    expect(desk.page.locator(".record-balance-amount")).to_have_text(cost)
    choose(desk, "Found")
    expect(desk.page.get_by_role("dialog")).to_contain_text("The process fee stays.")
    press(desk, "Found")

    expect(desk.page.get_by_text("Pnin is marked Found")).to_be_visible()
    expect(desk.page.locator(".record-balance-amount")).not_to_have_text(cost)


def test_a_request_is_placed_and_cancelled_without_a_mouse(desk: Desk) -> None:
    item = desk.library.new_item("Pnin")
    desk.scan()
    desk.page.goto(desk.page.url + "?tab=requests")
    desk.page.get_by_role("link", name="Place request").press("Enter")
    desk.page.get_by_label("Barcode or title").press_sequentially(item.barcode)
    desk.page.keyboard.press("Enter")
    desk.page.get_by_role("radio").wait_for()
    expect(desk.page.get_by_role("radio")).to_be_focused()
    press(desk, "Place request")
    expect(desk.page.get_by_text("The request is placed.")).to_be_visible()

    desk.page.get_by_role("link", name="Cancel the request for Pnin").press("Enter")
    expect(desk.page.get_by_label("Notify the user")).to_be_checked()
    press(desk, "Cancel request")

    expect(desk.page.get_by_text("The request is cancelled.")).to_be_visible()
    assert Request.objects.filter(closed_at=None).count() == 0


def test_chosen_columns_are_there_after_signing_in_again(desk: Desk) -> None:
    on_loan(desk)
    expect(desk.page.get_by_role("columnheader", name="Call number")).to_have_count(0)

    desk.page.get_by_label("Choose columns").click()
    desk.page.get_by_label("Call number").check()
    desk.page.get_by_role("dialog").get_by_role("button", name="Done").click()
    expect(desk.page.get_by_role("columnheader", name="Call number")).to_have_count(1)
    desk.page.get_by_role("button", name="Sign out").click()
    desk.page.get_by_label("User name").wait_for()
    desk.sign_in("deskmanager")
    desk.scan()
    desk.page.get_by_role("link", name="All loans").click()

    expect(desk.page.get_by_role("columnheader", name="Call number")).to_have_count(1)
