"""A patron's account in the browser: scan, pay, add, waive, dispute, restore, read."""

import re
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from amerce.charges.models import Fee
from amerce.circulation.models import Loan
from amerce.ledger.models import Transfer
from amerce.patrons.models import Note
from tests.e2e.conftest import Desk

pytestmark = pytest.mark.browser


def remaining(*fees: Fee) -> list[int]:
    return [Fee.objects.get(pk=each.pk).remaining_minor for each in fees]


def test_scan_balance_partial_payment_receipt_and_the_next_scan(desk: Desk) -> None:
    library, page = desk.library, desk.page
    old = library.charge(450, days_ago=2, item=library.new_item("The leopard"))
    new = library.charge(1900, "LOCKERKEY", days_ago=1)
    library.new_patron("next", first_name="Next", last_name="Patron")

    desk.scan("JDOE")
    expect(page.get_by_role("link", name="$23.50")).to_have_attribute("href", re.compile("/fees/$"))
    page.get_by_role("link", name="Pay").first.click()
    dialog = page.get_by_role("dialog", name="Payment Details")
    dialog.get_by_label("Payment amount").fill("20.00")
    dialog.get_by_label("Received").fill("50")
    expect(dialog.locator("[data-change]")).to_have_text("$30.00")
    expect(dialog.locator("#payment-preview")).to_contain_text("New balance $3.50")
    dialog.get_by_role("button", name="Send – pay $20.00").click()

    expect(page.get_by_role("heading", name="Paid $20.00")).to_be_visible()
    expect(page.locator(".confirmation-amount")).to_have_text("$3.50")
    assert remaining(old, new) == [0, 350]
    page.reload()
    assert Transfer.objects.filter(kind="PAYMENT").count() == 2
    expect(page.get_by_label("Scan patron's ID")).to_be_focused()
    page.get_by_role("link", name="Print").click()
    expect(page.locator(".receipt")).to_contain_text("Receipt 10001")
    page.go_back()
    page.get_by_label("Scan patron's ID").fill("next")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Patron, Next")).to_be_visible()


def test_from_scan_to_receipt_without_a_mouse(desk: Desk) -> None:
    desk.library.charge(1000)
    desk.scan()

    desk.page.keyboard.press("p")
    expect(desk.page.get_by_label("Payment amount")).to_be_focused()
    desk.page.keyboard.type("4.00")
    desk.page.keyboard.press("Enter")

    expect(desk.page.locator(".confirmation-amount")).to_have_text("$6.00")
    expect(desk.page.get_by_label("Scan patron's ID")).to_be_focused()


def test_a_double_click_pays_once(desk: Desk) -> None:
    fee = desk.library.charge(1000)
    desk.scan()
    desk.page.keyboard.press("p")
    desk.page.get_by_label("Payment amount").fill("4.00")

    desk.page.get_by_role("button", name="Send").dblclick()

    expect(desk.page.locator(".confirmation-amount")).to_have_text("$6.00")
    assert remaining(fee) == [600]


def test_a_double_click_without_script_pays_once(desk: Desk) -> None:
    fee = desk.library.charge(1000)
    desk.scan()
    desk.page.goto(f"/patrons/{desk.library.patron.pk}/payments/new/")
    desk.page.get_by_label("Payment amount").fill("4.00")

    desk.page.get_by_role("button", name="Send").dblclick()

    expect(desk.page.locator(".confirmation-amount")).to_have_text("$6.00")
    assert remaining(fee) == [600]
    assert Transfer.objects.filter(kind="PAYMENT").count() == 1


def test_a_second_tab_is_told_what_changed_and_then_pays(desk: Desk) -> None:
    fee = desk.library.charge(1000)
    desk.scan()
    desk.page.keyboard.press("p")
    desk.page.get_by_label("Payment amount").fill("4.00")
    second = desk.new_page()
    second.goto(f"/patrons/{desk.library.patron.pk}/payments/new/")
    second.get_by_label("Payment amount").fill("1.00")
    second.get_by_role("button", name="Send").click()
    expect(second.locator(".confirmation-amount")).to_have_text("$9.00")

    desk.page.get_by_role("button", name="Send").click()

    refusal = desk.page.get_by_role("alert")
    expect(refusal).to_contain_text("The account changed since this page was made")
    expect(refusal).to_contain_text("Payment $1.00")
    expect(desk.page.get_by_label("Payment amount")).to_have_value("4.00")
    assert remaining(fee) == [900]
    desk.page.get_by_role("button", name="Send").click()
    expect(desk.page.locator(".confirmation-amount")).to_have_text("$5.00")


def test_a_barcode_in_the_amount_is_refused_at_the_field(desk: Desk) -> None:
    fee = desk.library.charge(1000)
    desk.scan()
    desk.page.keyboard.press("p")
    expect(desk.page.get_by_label("Payment amount")).to_be_focused()
    desk.page.get_by_label("Payment amount").fill("39007000000001")  # typed by hand: a scan is not even sent
    desk.page.keyboard.press("Enter")

    amount = desk.page.get_by_label("Payment amount")
    expect(amount).to_have_attribute("aria-invalid", "true")
    expect(amount).to_be_focused()
    expect(desk.page.locator("#id_amount_error")).to_contain_text("Was a barcode scanned into this field?")
    assert remaining(fee) == [1000]


def test_an_amount_that_was_refused_is_not_sent_again_as_it_is(desk: Desk) -> None:
    desk.library.charge(1000)
    desk.scan()
    desk.page.keyboard.press("p")
    amount = desk.page.get_by_label("Payment amount")
    expect(amount).to_be_focused()
    amount.fill("20.00")
    desk.page.keyboard.press("Enter")

    expect(desk.page.locator("#id_amount_error")).to_be_visible()
    expect(desk.page.get_by_role("button", name="Send")).to_be_disabled()
    amount.fill("4.00")
    desk.page.get_by_role("button", name="Send – pay $4.00").click()
    expect(desk.page.locator(".confirmation-amount")).to_have_text("$6.00")


def test_add_stays_add_and_close_leads_to_the_list(desk: Desk) -> None:
    page = desk.page
    desk.scan()
    desk.fees()
    page.get_by_role("link", name="Add Fine or Fee").click()
    page.get_by_label("Fee Type").select_option("CARDRENEWAL")
    expect(page.get_by_label("Owner")).to_be_disabled()
    page.get_by_label("Fee Type").select_option("OTHER")
    page.get_by_label("Fee Amount").fill("5.00")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("The active balance is now $5.00.")
    expect(page.get_by_label("Fee Amount")).to_have_value("")

    page.get_by_label("Fee Type").select_option("LOCKERKEY")
    page.get_by_label("Fee Amount").fill("12")
    page.get_by_role("button", name="Add and Close").click()

    expect(page.get_by_role("term").filter(has_text="Active balance")).to_be_visible()
    expect(page.locator(".fees tbody tr")).to_have_count(2)


def test_waive_selected_asks_to_confirm(desk: Desk) -> None:
    page = desk.page
    first, second = desk.library.charge(450), desk.library.charge(1000, "LOCKERKEY")
    desk.scan()
    desk.fees()
    for box in page.locator(".fees [name=fee]").all():
        box.check()
    expect(page.locator("[data-selection-count]")).to_have_text("2 selected · $14.50")
    page.get_by_role("button", name="Waive Selected").click()
    expect(page.get_by_role("heading", name="Waiving Fine/Fee")).to_be_visible()
    page.get_by_label("Fee amount, Locker key").fill("2.00")

    page.get_by_role("button", name="Waive", exact=True).click()
    expect(page.locator("#id_reason_error")).to_have_text("Choose a reason for waiving.")
    page.get_by_label("Waiving reason").select_option("HARDSHIP")
    page.get_by_role("button", name="Waive", exact=True).click()
    dialog = page.get_by_role("dialog", name="Confirm waiving")
    expect(dialog).to_contain_text("$6.50")
    assert remaining(first, second) == [450, 1000]
    dialog.get_by_role("button", name="Confirm").click()

    expect(page.get_by_role("status").first).to_contain_text("Waived $6.50.")
    assert remaining(first, second) == [0, 800]


def test_dispute_filter_restore(desk: Desk) -> None:
    page = desk.page
    desk.library.charge(1000)
    desk.scan()
    desk.fees()
    page.get_by_label("Actions for Other").click()
    page.get_by_role("link", name="Dispute").click()
    page.get_by_role("dialog").get_by_role("button", name="Dispute").click()
    expect(page.locator(".fees tbody tr")).to_have_count(0)

    page.get_by_label("Status").select_option("In Dispute")
    expect(page).to_have_url(re.compile("status=INDISPUTE"))
    expect(page.locator(".figure-filtered").last).to_contain_text("$10.00")
    page.get_by_label("Actions for Other").click()
    page.get_by_role("link", name="Restore").click()
    page.get_by_role("dialog").get_by_role("button", name="Restore").click()

    expect(page.get_by_role("status").first).to_contain_text("The fee is restored")
    expect(page).to_have_url(re.compile("status=INDISPUTE"))
    assert Fee.objects.get().status == "ACTIVE"


def test_the_remaining_balance_opens_the_history_beside_the_list(desk: Desk) -> None:
    page = desk.page
    desk.library.charge(1000)
    desk.scan()
    desk.fees()

    page.get_by_role("link", name="$10.00, history of Other").click()

    panel = page.locator("#fee-panel")
    expect(panel).to_contain_text("Charge")
    expect(panel).to_contain_text("remaining $10.00")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()


def test_the_menu_of_a_row_closes_once_something_is_chosen_from_it(desk: Desk) -> None:
    page = desk.page
    desk.library.charge(1000)
    desk.scan()
    desk.fees()
    menu = page.get_by_label("Actions for Other")
    menu.click()

    page.get_by_role("link", name="Dispute").click()

    expect(page.get_by_role("dialog", name="Dispute")).to_be_visible()
    expect(page.locator(".fees .actions-list").first).to_be_hidden()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(menu).to_be_focused()


def test_the_menu_of_the_last_row_opens_within_the_screen(desk: Desk) -> None:
    page = desk.page
    for number in range(6):
        desk.library.charge(1000 + number)
    desk.scan()
    desk.fees()
    last = page.locator(".fees details.actions").last
    page.set_viewport_size({"width": 1280, "height": round(last.bounding_box()["y"]) + 60})

    last.locator("summary").click()

    expect(last.get_by_role("link", name="History")).to_be_in_viewport(ratio=1)


PAGES: dict[str, Callable[[int, int], str]] = {
    "desk": lambda patron, fee: f"/patron-services/{patron}/?tab=fees",
    "loans": lambda patron, fee: f"/patron-services/{patron}/?tab=loans",
    "fees": lambda patron, fee: f"/patrons/{patron}/fees/?status=all",
    "empty": lambda patron, fee: f"/patrons/{patron}/fees/?status=EXPORTED",
    "payment": lambda patron, fee: f"/patrons/{patron}/payments/new/?fee={fee}",
    "paid": lambda patron, fee: f"/patrons/{patron}/payments/10001/",
    "receipt": lambda patron, fee: f"/patrons/{patron}/payments/10001/receipt/",
    "new fee": lambda patron, fee: f"/patrons/{patron}/fees/new/",
    "waive": lambda patron, fee: f"/patrons/{patron}/waivers/new/?fee={fee}",
    "history": lambda patron, fee: f"/patrons/{patron}/fees/{fee}/",
    "dispute": lambda patron, fee: f"/patrons/{patron}/fees/{fee}/dispute/",
    "refund": lambda patron, fee: f"/patrons/{patron}/fees/{fee}/refund/",
    "item": lambda patron, fee: f"/patrons/{patron}/fees/{fee}/item/",
    "events": lambda patron, fee: f"/patrons/{patron}/history/",
}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(desk: Desk, theme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    from amerce.charges.pay import pay
    from amerce.charges.waive import waive
    from tests import world

    library, page = desk.library, desk.page
    fee = library.charge(1000, item=library.new_item("Pnin"))
    library.charge(300, "CREDIT")
    place = {"at": world.NOON, "patron_id": library.patron.pk}
    pay(actor=library.manager, fee_ids=[fee.pk], amount_minor=400, method="CASH", **place)
    waive(actor=library.manager, amounts_minor={fee.pk: 100}, reason="OTHER", **place)
    page.emulate_media(color_scheme=theme)
    desk.scan()

    found = {}
    for name, path in PAGES.items():
        page.goto(path(library.patron.pk, fee.pk))
        found[name] = [(each["id"], each["nodes"][0]["html"]) for each in Axe().run(page).response["violations"]]
    page.goto(PAGES["desk"](library.patron.pk, fee.pk))
    page.keyboard.press("p")
    page.get_by_role("dialog").wait_for()
    found["dialog"] = [(each["id"], each["nodes"][0]["html"]) for each in Axe().run(page).response["violations"]]

    assert {name: violations for name, violations in found.items() if violations} == {}


def test_nothing_is_wider_than_a_phone(desk: Desk) -> None:
    fee = desk.library.charge(1000, "LOSTITEMREPLACEMENTFEE", item=desk.library.new_item("A title of many words" * 3))
    desk.scan()
    desk.page.set_viewport_size({"width": 320, "height": 720})
    for name, path in PAGES.items():
        if name in ("paid", "receipt", "refund"):
            continue
        desk.page.goto(path(desk.library.patron.pk, fee.pk))
        wide = desk.page.evaluate("document.documentElement.scrollWidth")
        assert (name, wide) == (name, 320)


def test_a_word_without_end_makes_no_list_wider_than_the_window(desk: Desk) -> None:
    word = "Donaudampfschifffahrtsgesellschaftskapitänsmützenherstellung"
    item = desk.library.new_item(f"Zur {word} : {word}en")
    fee = desk.library.charge(1000, "LOSTITEMREPLACEMENTFEE", item=item)
    at = timezone.now()
    Loan.objects.create(
        institution=fee.institution, library=fee.owner, patron=fee.patron, item=item, loaned_at=at, due_at=at
    )
    note = Note.objects.create(institution=fee.institution, patron=fee.patron, text=word, salt="s")
    Fee.objects.filter(pk=fee.pk).update(note=note, bursar_transaction_id="B-0000000032")
    desk.scan()
    for width in (1280, 1201, 1100, 768):
        desk.page.set_viewport_size({"width": width, "height": 720})
        for path in (f"/patrons/{fee.patron_id}/fees/", f"/patron-services/{fee.patron_id}/?tab=loans&display=all"):
            desk.page.goto(path)
            wide = desk.page.evaluate("document.documentElement.scrollWidth")
            assert (path, width, wide) == (path, width, width)
