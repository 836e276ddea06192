"""The menu in the browser: on one line at a desk, folded away where it has no room."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Desk

pytestmark = pytest.mark.browser
PHONE = {"width": 320, "height": 568}


def test_a_phone_shows_the_scan_field_and_the_amount_at_once(desk: Desk) -> None:
    page = desk.page
    desk.library.charge(1000)
    page.set_viewport_size(PHONE)
    page.goto("/patron-services/")
    field = page.get_by_label("Scan patron's ID")
    expect(field).to_be_in_viewport(ratio=1)
    expect(field).to_be_focused()

    desk.scan()

    expect(page.get_by_role("link", name="$10.00")).to_be_in_viewport(ratio=1)
    expect(page.get_by_label("Scan item barcode")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("width", [320, 768])
def test_the_folded_menu_is_opened_and_closed_by_the_keyboard(desk: Desk, width: int) -> None:
    page = desk.page
    page.set_viewport_size({"width": width, "height": 720})
    page.goto("/returns/")
    menu, summary = page.get_by_role("navigation", name="Menu"), page.locator(".menu-fold summary")
    sign_out = page.get_by_role("button", name="Sign out")
    expect(menu).to_be_hidden()
    expect(sign_out).to_be_hidden()

    summary.focus()
    page.keyboard.press("Enter")
    expect(menu).to_be_visible()
    expect(sign_out).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.keyboard.press("Tab")
    expect(menu.get_by_role("link", name="Manage Patron Services")).to_be_focused()
    page.keyboard.press("Tab")
    here = menu.get_by_role("link", name="Manage Item Returns")
    expect(here).to_be_focused()
    expect(here).to_have_attribute("aria-current", "page")

    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(summary).to_be_focused()


def test_a_desk_has_the_menu_on_one_line(desk: Desk) -> None:
    desk.page.goto("/returns/")

    expect(desk.page.get_by_role("navigation", name="Menu")).to_be_visible()
    expect(desk.page.locator(".menu-fold")).to_be_hidden()
