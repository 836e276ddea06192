"""The words of a letter in a real browser: the preview follows what is typed, and what is typed can still be saved."""

from amerce.letters.models import LetterTemplate
from tests.e2e.conftest import Desk

PATH = "/configuration/letters/PAYMENT_RECEIPT/en/"


def test_the_preview_follows_every_change_and_the_words_are_saved_once(desk: Desk) -> None:
    page = desk.page
    desk.library.new_account("sysadmin", "general_system_administrator")
    desk.context.clear_cookies()
    desk.sign_in("sysadmin")
    page.goto(PATH)
    shown = page.frame_locator("iframe[name=preview]")
    for words in ("First words", "Second words", "Third words"):
        page.get_by_label("HTML").fill(f"<p>{words} to {{{{ patron.name }}}}</p>")
        shown.get_by_text(f"{words} to").wait_for()

    page.get_by_label("To the patron with this ID").fill("jdoe")
    page.keyboard.press("Enter")
    shown.get_by_text("Third words to Jane Doe").wait_for()
    assert not LetterTemplate.objects.exists()

    page.get_by_role("button", name="Save").dblclick()
    page.get_by_text("Saved. Letters are written so from now on.").wait_for()
    assert LetterTemplate.objects.get().html == "<p>Third words to {{ patron.name }}</p>"
