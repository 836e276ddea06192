"""A real browser in front of a real server. Needs Debian's chromium; without it these tests are skipped."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Route, expect

from tests import world
from tests.world import Library

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # sync playwright runs a loop in this thread
PATIENCE_MS = 120_000  # a machine with two cores may be busy with other tests
expect.set_options(timeout=PATIENCE_MS)
BY_HAND_MS = 130  # between two keys of a person, who may have read what is there before the next
READS_MS = 1_000
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/e2e/" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser():  # type: ignore[no-untyped-def]
    from playwright.sync_api import sync_playwright

    if not os.path.exists(CHROMIUM):  # noqa: PTH110
        pytest.skip("no chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def library(flushable: None, monkeypatch: pytest.MonkeyPatch) -> Library:
    """A library whose days are those of the browser's clock."""
    monkeypatch.setattr(world, "NOON", timezone.now() - timedelta(minutes=1))
    return Library.new("MAIN")


@pytest.fixture
def has_own_clock() -> bool:
    """Whether the pages of the desk have a clock that ``Desk.clock_stands`` can stop; modules say so for themselves."""
    return False


@pytest.fixture
def desk(library: Library, live_server, browser, has_own_clock: bool) -> Iterator["Desk"]:  # type: ignore[no-untyped-def]
    """A manager's browser at the desk. What it complains about on the console fails the test."""
    library.new_account("deskmanager", "circulation_desk_manager")
    context = browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    if has_own_clock:
        context.clock.install()  # before the first page: one that changes clocks takes itself for idle
    made = Desk(library, context)
    made.sign_in("deskmanager")
    yield made
    context.close()
    assert made.complaints == []


class Desk:
    def __init__(self, library: Library, context) -> None:  # type: ignore[no-untyped-def]
        self.library, self.context = library, context
        self.complaints: list[str] = []
        self.expected = ["status of 422", "htmx:afterRequest", "htmx:sendAbort"]
        self.page = self.new_page()

    def new_page(self):  # type: ignore[no-untyped-def]
        page = self.context.new_page()
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def _listen(self, message) -> None:  # type: ignore[no-untyped-def]
        # A refusal is an answer of 422, which the browser reports by itself, and htmx names a preview that gave way
        # to a newer one; everything else is ours.
        if message.type in ("error", "warning") and not any(each in message.text for each in self.expected):
            self.complaints.append(message.text)

    def sign_in(self, username: str) -> None:
        self.page.goto("/")
        self.page.get_by_label("User name").fill(username)
        self.page.get_by_label("Password").fill(world.PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.get_by_label("Circulation Desk 1").check()
        self.page.locator("form.places [type=submit]").click()
        expect(self.page.get_by_label("Scan patron's ID")).to_be_focused()

    def scan(self, typed: str = "jdoe") -> None:
        self.page.goto("/patron-services/")
        self.page.keyboard.type(typed)  # the scan field has the focus
        self.page.keyboard.press("Enter")
        self.page.wait_for_url("**/patron-services/*/")

    @contextmanager
    def clock_stands(self) -> Iterator[None]:
        """Let time pass for the page when the test says so, however slowly this machine hands the keys on."""
        clock = self.page.clock
        clock.pause_at((self.page.evaluate("Date.now()") + READS_MS) / 1000)
        yield
        clock.resume()

    def by_scanner(self, code: str) -> None:
        """A scanner is a keyboard that types at once and ends with Enter."""
        with self.clock_stands():
            self.page.keyboard.type(code)
            self.page.keyboard.press("Enter")

    def by_hand(self, keys: str) -> None:
        """While the clock stands: key by key, as a person types."""
        for key in keys:
            self.page.keyboard.type(key)
            self.page.clock.run_for(BY_HAND_MS)

    @contextmanager
    def server_is_slow(self, at: str) -> Iterator[None]:
        """Hold the first request to an address that matches until the block ends, as a busy server would."""
        held: list[Route] = []

        def hold(route: Route) -> None:
            held.append(route)

        self.page.route(at, hold, times=1)
        yield
        while not held:
            self.page.wait_for_timeout(10)
        held[0].continue_()

    def fees(self, query: str = "") -> None:
        self.page.goto(f"/patrons/{self.library.patron.pk}/fees/{query}")
