"""A form of the configuration that is refused has the focus in the first field that has to change."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from tests.circulation.configuring import nothing_configured
from tests.web.test_two_people import PAGES
from tests.world import Library

pytestmark = pytest.mark.django_db

EMPTY = [
    ("/configuration/terms-of-use/new/", "name"),
    ("/configuration/item-policies/", "code"),
    ("/configuration/waive-reasons/", "code"),
    ("/configuration/payment-methods/", "code"),
    ("/configuration/code-tables/NoteTypes/", "code"),
    ("/configuration/user-groups/new/", "code"),
    ("/configuration/institution-settings/", "name"),
    ("/configuration/libraries/new/", "code"),
    ("/configuration/desks/new/", "library_id"),
    ("/configuration/printers/new/", "code"),
    ("/configuration/bursar-sequences/new/", "name"),
    ("/configuration/roles/new/", "label"),
    ("/configuration/staff-accounts/new/", "username"),
    ("/configuration/single-sign-on/new/", "label"),
    ("/configuration/history-privacy/", "anonymise_after_days"),
]


@pytest.fixture
def client(sign_in: Callable[..., Client], library: Library) -> Client:
    return sign_in("general_system_administrator")


def focused(response) -> list[str]:  # type: ignore[no-untyped-def]
    """The tags that ask for the focus, in the order of the page."""
    return [tag for tag in re.findall(r"<[a-z]+ [^>]*>", response.content.decode()) if " autofocus" in tag]


@pytest.mark.parametrize(("path", "name"), EMPTY)
def test_the_first_field_that_is_refused_has_the_focus(client: Client, path: str, name: str) -> None:
    with nothing_configured():
        response = client.post(path)

    assert response.status_code == 422
    (tag,) = focused(response)
    assert f'name="{name}"' in tag and 'aria-invalid="true"' in tag


def test_where_no_field_is_refused_the_sentence_about_the_whole_has_it(client: Client, library: Library) -> None:
    path, _first, second = PAGES[0].values[0](library)
    stale = {**second, "stamp": ""}

    response = client.post(path, stale)

    assert response.status_code == 422
    (tag,) = focused(response)
    assert 'tabindex="-1"' in tag and 'role="alert"' in tag


def test_a_page_that_was_not_refused_asks_for_no_focus(client: Client) -> None:
    assert focused(client.get("/configuration/libraries/new/")) == []
