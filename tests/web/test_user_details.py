"""User Details, read only."""

from collections.abc import Callable

import pytest
from django.test import Client

from amerce.patrons.models import PatronNote
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


@pytest.fixture
def client_with_open_record(sign_in: Callable[..., Client], library: Library) -> Client:
    client = sign_in()
    client.post("/patron-services/", {"typed": "jdoe"})
    return client


@pytest.mark.parametrize(
    ("section", "sentence"),
    [
        ("contact/", "Letters do not reach this patron."),
        ("identifiers/", "jdoe"),
        ("proxies/", "Nobody borrows for this patron."),
        ("notes/", "A note that pops up is shown at the desk when the record is opened."),
        ("blocks/", "Nobody set a block on this record."),
        ("", "Internal: kept here"),
    ],
)
def test_every_tab_says_something_also_when_it_holds_nothing(
    client_with_open_record: Client, library: Library, section: str, sentence: str
) -> None:
    response = client_with_open_record.get(f"/patrons/{library.patron.pk}/{section}")

    assert response.status_code == 200
    assert sentence in response.content.decode()


def test_a_tab_that_holds_something_is_marked(client_with_open_record: Client, library: Library) -> None:
    PatronNote.objects.create(
        institution=library.institution,
        patron=library.patron,
        text="Left an umbrella",
        created_at=NOON,
        created_by="rokafor",
    )

    page = client_with_open_record.get(f"/patrons/{library.patron.pk}/notes/").content.decode()

    assert "Left an umbrella" in page
    assert page.count("tab-holds") == 1
