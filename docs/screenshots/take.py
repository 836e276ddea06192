"""Takes the screenshots of the documents from a running demo: ``make screenshots`` while ``make demo`` runs.

Why a script: pictures that nobody can take again are soon pictures of something else.
"""

import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).parent
CHROMIUM = {"executable_path": "/usr/bin/chromium", "args": ["--no-sandbox", "--disable-background-networking"]}


def main(port: str, patron_id: str) -> None:
    """Sign in at the demo on ``port``: as the manager, for desk, payment, loans and account; as the bursar's clerk."""
    with sync_playwright() as playwright:
        page = playwright.chromium.launch(**CHROMIUM).new_page(viewport={"width": 1280, "height": 800})
        _open_record(page, f"http://127.0.0.1:{port}", patron_id)
        page.get_by_role("link", name="Fines and Fees").first.click()
        page.wait_for_load_state("networkidle")
        page.screenshot(path=FOLDER / "patron-services.png")
        page.keyboard.press("p")
        page.get_by_label("Payment amount").wait_for()
        page.wait_for_timeout(500)
        page.screenshot(path=FOLDER / "payment-details.png")
        page.get_by_role("button", name="Cancel").click()
        page.goto(page.url.split("?")[0] + "?tab=loans&display=all")
        page.wait_for_load_state("networkidle")
        page.screenshot(path=FOLDER / "loans.png")
        page.locator("a", has_text="$").first.click()
        page.wait_for_load_state("networkidle")
        page.screenshot(path=FOLDER / "fines-fees.png")
        _reconciliation(playwright.chromium.launch(**CHROMIUM), f"http://127.0.0.1:{port}")


def _sign_in(page: Page, url: str, user_name: str) -> None:
    page.goto(url)
    page.get_by_label("User name").fill(user_name)
    page.get_by_label("Password").fill("amerce-demo")
    page.keyboard.press("Enter")


def _reconciliation(browser: Browser, url: str) -> None:
    """The bursar's clerk at the profile that reports back."""
    page = browser.new_page(viewport={"width": 1280, "height": 1100})
    _sign_in(page, url, "bursar")
    page.get_by_role("link", name="Bursar", exact=True).first.click()
    page.get_by_role("link", name="Student accounts").first.click()
    page.get_by_role("heading", name="Reconciliation: Student accounts").wait_for()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / "reconciliation.png")


def _open_record(page: Page, url: str, patron_id: str) -> None:
    _sign_in(page, url, "deskmanager")
    page.get_by_role("button", name="Use this location").wait_for()
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="Use this location").click()
    page.get_by_role("link", name="Manage Patron Services").click()
    page.get_by_label("Scan patron's ID or search for patron").fill(patron_id)
    page.keyboard.press("Enter")
    page.get_by_text("Active balance").first.wait_for()


if __name__ == "__main__":
    main(*sys.argv[1:])
