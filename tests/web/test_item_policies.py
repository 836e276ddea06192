"""Configuration > Item Policies."""

from collections.abc import Callable

import pytest
from django.test import Client

from amerce.institutions.models import CodeEntry
from tests.circulation.configuring import ADMINISTRATOR, item_policy, nothing_configured
from tests.web.stamped import send

pytestmark = pytest.mark.django_db
LIST = "/configuration/item-policies/"


@pytest.fixture
def client(sign_in: Callable[..., Client]) -> Client:
    return sign_in(ADMINISTRATOR)


def test_a_policy_is_added_renamed_and_taken_out_of_use(client, library):
    assert "No item policies" in client.get(LIST).content.decode()

    client.post(LIST, {"code": "SHORT", "label": "Short loan"})
    entry = CodeEntry.objects.get(table="ItemPolicy")
    assert "In use" in client.get(LIST).content.decode()
    send(client, f"{LIST}{entry.pk}/", {"label": "By the hour"})

    entry.refresh_from_db()
    assert (entry.label, entry.is_active) == ("By the hour", False)
    shown = client.get(LIST).content.decode()
    assert "Out of use" in shown and "fulfillment_administrator-account" in shown


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"code": "", "label": "x"}, "This cannot be empty."),
        ({"code": "short", "label": "x"}, "There is a “SHORT” already."),
        ({"code": "NEW", "label": "short"}, "There is a “Short” already."),
    ],
)
def test_what_cannot_be_added_is_said_at_its_field(client, library, typed, sentence):
    item_policy(library, "SHORT")

    with nothing_configured():
        response = client.post(LIST, typed)

    assert response.status_code == 422
    assert sentence in response.content.decode()
