"""The menu, and the first page, which has the same entries as doors."""

import pytest
from django.test import Client

from tests.world import Library

pytestmark = pytest.mark.django_db


def _entries(client: Client, path: str) -> dict[str, list[str]]:
    shown = client.get(path)
    assert shown.status_code == 200
    return {part.value: [each.entry.url_name for each in entries] for part, entries in shown.context["menu"]()}


@pytest.mark.parametrize(
    ("role", "entries"),
    [
        ("circulation_desk_operator", {"fulfillment": ["patron-services", "returns", "letters"]}),
        (
            "user_manager",
            {
                "fulfillment": ["patron-services", "returns", "letters", "users"],
                "charges": ["bulk-waiving"],
                "whole": ["jobs"],
            },
        ),
        ("bursar_clerk", {"fulfillment": ["patron-services"], "charges": ["bursar"], "whole": ["jobs"]}),
    ],
)
def test_a_role_finds_all_it_may_open_and_nothing_else(sign_in, library: Library, role: str, entries):
    client = sign_in(role)

    assert _entries(client, "/") == entries


def test_every_entry_of_the_menu_is_a_door_of_the_first_page(sign_in, library: Library):
    client = sign_in("user_manager")

    page = client.get("/").content.decode()
    for path in (
        "/patron-services/",
        "/returns/",
        "/letters/",
        "/users/",
        "/jobs/",
        "/user-management/bulk-fine-waiving/",
    ):
        assert f'<a class="door" href="{path}"' in page


def test_the_entry_of_the_page_and_of_those_below_it_is_marked(sign_in, library: Library):
    client = sign_in("user_manager")

    assert 'href="/users/" aria-current="page"' in " ".join(client.get("/users/").content.decode().split())
    below = " ".join(client.get("/user-management/bulk-fine-waiving/runs/").content.decode().split())
    assert 'href="/user-management/bulk-fine-waiving/" aria-current="true"' in below
