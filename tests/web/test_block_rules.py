"""Configuration > Balance Blocks."""

from collections.abc import Callable

import pytest
from django.test import Client

from amerce.circulation.models import BlockRule
from amerce.patrons.models import UserGroup
from tests.circulation.configuring import ADMINISTRATOR, nothing_configured
from tests.web.stamped import send
from tests.world import Library

pytestmark = pytest.mark.django_db
LIST, NEW = "/configuration/balance-blocks/", "/configuration/balance-blocks/new/"
TICKED = {"blocks_checkout": "on", "blocks_renewal": "on", "blocks_request": "on"}


@pytest.fixture
def client(sign_in: Callable[..., Client]) -> Client:
    return sign_in(ADMINISTRATOR)


def text(response) -> str:  # type: ignore[no-untyped-def]
    return " ".join(response.content.decode().split())


def test_a_rule_is_added_and_shown(client, library):
    assert "No patron is blocked because of what they owe." in text(client.get(LIST))

    client.post(NEW, {"amount_minor": "10", "age_days": "", **TICKED})

    rule = BlockRule.objects.get()
    assert (rule.group, rule.amount_minor, rule.age_days) == (None, 1000, None)
    shown = text(client.get(LIST))
    assert "Every other group" in shown and "$10.00" in shown
    assert 'title="fulfillment_administrator-account">Fulfillment_Administrator-Account<' in shown


def test_a_rule_is_changed_for_a_group_and_deleted(client, library: Library):
    group = UserGroup.objects.get(institution=library.institution, code="22")
    client.post(NEW, {"group_id": group.pk, "age_days": "30", "blocks_request": "on"})
    rule = BlockRule.objects.get()
    form = text(client.get(f"{LIST}{rule.pk}/"))
    assert 'name="age_days" value="30"' in form

    send(client, f"{LIST}{rule.pk}/", {"group_id": group.pk, "age_days": "60", "amount_minor": "2.50"})

    rule.refresh_from_db()
    assert (rule.amount_minor, rule.age_days, rule.blocks_request) == (250, 60, False)
    assert group.label in text(client.get(f"{LIST}{rule.pk}/delete/"))
    assert send(client, f"{LIST}{rule.pk}/delete/").status_code == 302
    assert not BlockRule.objects.exists()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({}, "Type an amount, or an age, or both."),
        ({"amount_minor": "10,5"}, "Write the amount in digits with a point for the decimals, like 12.50."),
        ({"amount_minor": ".45"}, "Write 0.45, with the leading 0."),
        ({"age_days": "0"}, "A whole number from 1 to"),
        ({"amount_minor": "5", "group_id": "999999"}, "Choose one from the list."),
    ],
)
def test_what_cannot_be_is_said_at_its_field(client, typed, sentence):
    with nothing_configured():
        response = client.post(NEW, {**TICKED, **typed})

    assert response.status_code == 422
    assert sentence in text(response)


def test_an_amount_of_nothing_is_refused(client):
    with nothing_configured():
        assert client.post(NEW, {"amount_minor": "0", **TICKED}).status_code == 422


def test_a_second_rule_for_a_group_is_refused(client):
    client.post(NEW, {"amount_minor": "10", **TICKED})

    with nothing_configured():
        response = client.post(NEW, {"amount_minor": "20", **TICKED})

    assert "There is a rule for this group already." in text(response)
