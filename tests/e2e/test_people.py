"""Patron records in a real browser."""

import pytest

from amerce.patrons.models import PatronBlock
from tests.e2e.conftest import Desk
from tests.world import Library

pytestmark = pytest.mark.browser


def test_the_second_click_of_a_double_click_is_not_sent(desk: Desk, library: Library) -> None:
    desk.scan()
    desk.page.goto(f"/patrons/{library.patron.pk}/blocks/new/")
    desk.page.get_by_label("Block description").fill("Did not bring the key back")

    desk.page.get_by_role("button", name="Block", exact=True).dblclick()

    desk.page.wait_for_url("**/blocks/")
    assert desk.page.locator(".notice-refusal").count() == 0
    assert PatronBlock.objects.count() == 1
