"""A scanner is a keyboard: a card that is scanned finds a patron and never pays (and what Esc and Enter may do)."""

import re

import pytest
from playwright.sync_api import expect

from amerce.charges.models import Fee
from amerce.ledger.models import Transfer
from tests.e2e.conftest import READS_MS, Desk

pytestmark = pytest.mark.browser


@pytest.fixture
def has_own_clock() -> bool:
    return True


def test_a_scan_that_begins_with_p_opens_no_payment(desk: Desk) -> None:
    desk.library.charge(1000)
    desk.scan()

    desk.by_scanner("P12345")

    expect(desk.page.get_by_role("alert")).to_have_text("No item has the barcode P12345.")
    assert not Transfer.objects.filter(kind="PAYMENT").exists()


def test_the_next_card_opens_the_next_patron_from_wherever_the_record_is(desk: Desk) -> None:
    library, page = desk.library, desk.page
    library.charge(1000)
    library.new_patron("P777", first_name="Next", last_name="Patron")
    following = page.get_by_role("heading", name="Patron, Next")

    desk.scan()
    desk.by_scanner("P777")
    expect(following).to_be_visible()

    desk.scan()
    page.goto(f"/patrons/{library.patron.pk}/")
    desk.by_scanner("P777")
    expect(following).to_be_visible()

    desk.scan()
    desk.fees()
    page.locator(".fees [name=fee]").check()
    expect(page.locator(".fees [name=fee]")).to_be_focused()
    desk.by_scanner("P777")
    expect(following).to_be_visible()

    desk.scan()
    desk.fees()
    page.get_by_role("link", name="$10.00, history of Other").click()
    expect(page.locator("#fee-panel")).to_contain_text("Charge")
    desk.by_scanner("P777")
    expect(following).to_be_visible()
    assert not Transfer.objects.filter(kind="PAYMENT").exists()


def test_a_card_scanned_into_the_amount_is_said_at_the_field_and_not_sent(desk: Desk) -> None:
    desk.library.charge(1000)
    desk.scan()
    desk.page.keyboard.press("p")
    amount = desk.page.get_by_label("Payment amount")
    expect(amount).to_be_focused()

    desk.by_scanner("390070000000017")

    expect(desk.page.get_by_role("alert")).to_have_text("That looks like a scan, so nothing was sent.")
    expect(amount).to_be_focused()
    with desk.clock_stands():
        desk.by_hand("4.00")
    expect(desk.page.get_by_role("alert")).to_have_count(0)
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator(".confirmation-amount")).to_have_text("$6.00")


def test_what_is_typed_while_the_payment_is_on_its_way_is_not_lost(desk: Desk) -> None:
    desk.library.charge(1000)
    desk.scan()

    with desk.clock_stands(), desk.server_is_slow("**/payments/new/"):
        desk.by_hand("p4.00")

    amount = desk.page.get_by_label("Payment amount")
    expect(amount).to_have_value("4.00")
    desk.page.wait_for_timeout(READS_MS)
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator(".confirmation-amount")).to_have_text("$6.00")


def test_an_enter_that_was_meant_for_the_page_before_pays_nothing(desk: Desk) -> None:
    fee = desk.library.charge(1000)
    desk.scan()
    amount = desk.page.get_by_label("Payment amount")

    with desk.clock_stands():
        desk.page.get_by_role("link", name="Pay").first.press("Enter")
        expect(amount).to_be_focused()
        desk.page.keyboard.press("Enter")

    amount.fill("4.00")
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator(".confirmation-amount")).to_have_text("$6.00")
    assert Fee.objects.get(pk=fee.pk).remaining_minor == 600


def test_a_letter_typed_by_hand_goes_to_the_search(desk: Desk) -> None:
    desk.scan()

    with desk.clock_stands():
        desk.by_hand("jd")

    expect(desk.page.locator("[data-search-field]")).to_have_value("jd")
    expect(desk.page.locator("[data-search-field]")).to_be_focused()


def test_a_barcode_scanned_into_a_new_fee_leads_to_the_comment(desk: Desk) -> None:
    page = desk.page
    item = desk.library.new_item("Pnin")
    desk.scan()
    page.goto(f"/patrons/{desk.library.patron.pk}/fees/new/")
    page.get_by_label("Fee Type").select_option("OTHER")
    page.get_by_label("Item barcode").focus()

    desk.by_scanner(item.barcode)

    expect(page.get_by_label("Comment")).to_be_focused()
    assert not Fee.objects.exists()
    page.get_by_label("Fee Amount").fill("5.00")
    page.get_by_label("Fee Amount").press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("The active balance is now $5.00.")
    assert Fee.objects.get().title == "Pnin"


def test_a_lost_connection_is_said_in_the_dialog(desk: Desk) -> None:
    page = desk.page
    desk.library.charge(1000)
    desk.scan()
    page.keyboard.press("p")
    page.get_by_label("Payment amount").fill("4.00")
    expect(page.locator("#payment-preview")).to_contain_text("New balance $6.00")
    desk.expected += ["net::ERR_FAILED", "htmx:sendError"]
    page.route("**/payments/new/", lambda route: route.abort())

    page.get_by_role("button", name="Send").click()

    dialog = page.get_by_role("dialog", name="Payment Details")
    expect(dialog.get_by_role("alert")).to_contain_text("it is not certain that this was done")


def test_esc_takes_one_step_at_a_time_and_never_closes_a_record_over_what_was_typed(desk: Desk) -> None:
    page = desk.page
    desk.library.charge(1000)
    desk.scan()
    page.keyboard.press("p")
    amount = page.get_by_label("Payment amount")
    expect(amount).to_be_focused()
    page.keyboard.type("4.00")
    page.keyboard.press("Escape")
    expect(amount).not_to_be_focused()
    expect(amount).to_have_value("4.00")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)

    page.goto(f"/patrons/{desk.library.patron.pk}/fees/new/")
    page.get_by_label("Fee Amount").fill("5.00")
    for _press in range(3):
        page.keyboard.press("Escape")
    expect(page.get_by_role("status").first).to_contain_text("Press Done to close the record")
    expect(page.get_by_label("Fee Amount")).to_have_value("5.00")

    page.get_by_label("Fee Amount").fill("")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile("/patron-services/$"))


def test_too_little_received_is_said_and_enough_of_it_shows_the_change(desk: Desk) -> None:
    page = desk.page
    desk.library.charge(2000)
    desk.scan()
    page.keyboard.press("p")
    page.get_by_label("Received").fill("5")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Less than the payment amount")
    assert not Transfer.objects.filter(kind="PAYMENT").exists()

    page.get_by_label("Received").fill("50")
    expect(page.get_by_role("alert")).to_have_count(0)
    page.keyboard.press("Enter")

    expect(page.locator(".confirmation-change")).to_have_text("Received $50.00 · Change $30.00")
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("link", name="Print")).to_be_focused()
