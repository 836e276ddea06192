"""A security key in a real browser: set up, and signed in by; the key is one that the browser plays itself."""

from tests.e2e.conftest import Desk
from tests.world import PASSWORD

KEY = {
    "protocol": "ctap2",
    "transport": "usb",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def test_a_key_is_set_up_and_signs_in(desk: Desk) -> None:
    page = desk.page
    devices = desk.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    page.goto("/my-sign-in/keys/new/")
    add = page.get_by_role("button", name="Add", exact=True)
    add.click()
    page.get_by_text("This cannot be empty.").wait_for()

    devices.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    page.get_by_label("Name of the key").fill("blue key")
    add.dblclick()
    page.get_by_role("heading", name="Recovery codes").wait_for()

    page.goto("/my-sign-in/")
    page.get_by_role("button", name="Sign out everywhere", exact=True).click()
    page.get_by_label("User name").fill("deskmanager")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Use your security key").click()
    page.get_by_text("Where do you work now?").wait_for()


def test_the_second_click_of_a_double_click_sends_nothing_after_the_key_has_answered(desk: Desk) -> None:
    page = desk.page
    devices = desk.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    page.goto("/my-sign-in/keys/new/")
    page.evaluate("() => { HTMLFormElement.prototype.submit = () => { document.title = 'sent' } }")
    page.get_by_label("Name of the key").fill("blue key")
    page.get_by_role("button", name="Add", exact=True).click()
    page.wait_for_function("() => document.title === 'sent'")

    is_held_back = page.evaluate("""() => {
        const second = new SubmitEvent("submit", { bubbles: true, cancelable: true });
        document.querySelector("form[data-security-key]").dispatchEvent(second);
        return second.defaultPrevented;
    }""")

    assert is_held_back
