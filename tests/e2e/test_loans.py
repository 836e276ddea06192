"""Loans in the browser: check out by scanner, renew, lost, found, return; requests; columns that persist."""

import pytest
from playwright.sync_api import expect

from amerce.circulation.models import Loan
from tests.e2e.conftest import Desk

pytestmark = pytest.mark.browser


def on_a_busy_machine(desk: Desk) -> None:
    """Let a scanner be slow: what is tested is what a scan does, not how fast this machine passes keys on."""
    desk.page.add_init_script("window.burstMs = 3000")


def scanned(desk: Desk, code: str) -> None:
    desk.page.keyboard.type(code)
    desk.page.keyboard.press("Enter")


def titles(desk: Desk) -> list[str]:
    return desk.page.locator(".loans tbody .fee-title").all_inner_texts()


def test_books_scanned_one_after_the_other_are_lent_faster_than_the_server_answers(desk: Desk) -> None:
    on_a_busy_machine(desk)
    items = [desk.library.new_item(title) for title in ("Pnin", "Stoner", "The leopard")]
    desk.scan()

    for item in items:
        scanned(desk, item.barcode)

    expect(desk.page.locator(".loans tbody tr")).to_have_count(3)
    assert titles(desk) == ["The leopard", "Stoner", "Pnin"]
    field = desk.page.get_by_label("Scan item barcode")
    expect(field).to_be_focused()
    expect(field).to_have_value("")
    expect(desk.page.get_by_role("status").filter(has_text="Lent: The leopard.")).to_contain_text("Standard loan")
    expect(desk.page.locator(".tab[aria-current]")).to_contain_text("3")


def test_the_next_card_follows_the_last_book(desk: Desk) -> None:
    on_a_busy_machine(desk)
    item = desk.library.new_item("Pnin")
    desk.library.new_patron("P777", first_name="Next", last_name="Patron")
    desk.scan()
    scanned(desk, item.barcode)
    expect(desk.page.get_by_text("Lent: Pnin.")).to_be_visible()

    scanned(desk, "P777")

    expect(desk.page.get_by_role("heading", name="Patron, Next")).to_be_visible()
    assert Loan.objects.get().patron == desk.library.patron


def test_a_refusal_stands_at_the_field_and_the_next_scan_replaces_the_barcode(desk: Desk) -> None:
    on_a_busy_machine(desk)
    item = desk.library.new_item("Pnin")
    desk.scan()

    scanned(desk, "nothing")

    field = desk.page.get_by_label("Scan item barcode")
    expect(desk.page.get_by_role("alert")).to_have_count(1)
    expect(field).to_be_focused()
    expect(field).to_have_value("nothing")
    expect(field).to_have_attribute("aria-invalid", "true")
    scanned(desk, item.barcode)
    expect(desk.page.get_by_text("Lent: Pnin.")).to_be_visible()
    expect(desk.page.get_by_role("alert")).to_have_count(0)
    expect(field).to_have_value("")


def test_of_several_scans_every_refusal_is_read(desk: Desk) -> None:
    on_a_busy_machine(desk)
    item = desk.library.new_item("Pnin")
    desk.scan()

    def late(route) -> None:  # type: ignore[no-untyped-def]
        answer = route.fetch()
        desk.page.wait_for_timeout(1000)
        route.fulfill(response=answer)

    desk.page.route("**/checkouts/", late, times=1)

    for code in ("nothing-1", "nothing-2", item.barcode):
        scanned(desk, code)

    expect(desk.page.locator(".loans tbody tr")).to_have_count(1)
    expect(desk.page.get_by_role("alert")).to_have_count(2)


def test_items_are_returned_by_scanner_and_the_list_of_the_session_grows(desk: Desk) -> None:
    on_a_busy_machine(desk)
    items = [desk.library.new_item(title) for title in ("Pnin", "Stoner")]
    desk.scan()
    for item in items:
        scanned(desk, item.barcode)
    expect(desk.page.locator(".loans tbody tr")).to_have_count(2)
    desk.page.get_by_role("link", name="Manage Item Returns").click()
    expect(desk.page.get_by_label("Scan item barcode")).to_be_focused()

    for item in items:
        scanned(desk, item.barcode)

    expect(desk.page.locator(".loans tbody tr")).to_have_count(2)
    assert titles(desk) == ["Stoner", "Pnin"]
    assert not Loan.objects.filter(returned_at=None).exists()
