"""Configuration > Institution Settings."""

from collections.abc import Callable

import pytest
from django.test import Client

from amerce.institutions.models import Institution
from tests.circulation.configuring import nothing_configured
from tests.web.stamped import send
from tests.world import Library

pytestmark = pytest.mark.django_db
PATH = "/configuration/institution-settings/"
TYPED = {
    "name": "North College",
    "locale": "de_DE",
    "time_zone": "Europe/Berlin",
    "currency_code": "EUR",
    "overpayment": "credit",
    "pay_all_order": "smallest",
    "amount_ceiling_minor": "250000",
    "external_ids_are_keys": "on",
    "default_user_group_id": "",
}


@pytest.fixture
def client(sign_in: Callable[..., Client]) -> Client:
    return sign_in("general_system_administrator")


def text(response) -> str:  # type: ignore[no-untyped-def]
    return " ".join(response.content.decode().split())


def test_everything_is_changed_while_there_is_no_money(client, library: Library):
    send(client, PATH, {**TYPED, "default_user_group_id": library.patron.group_id})

    kept = Institution.objects.get(pk=library.institution.pk)
    assert (kept.name, kept.locale, kept.time_zone) == ("North College", "de_DE", "Europe/Berlin")
    assert (kept.currency_code, kept.amount_ceiling_minor) == ("EUR", 25_000_000)
    assert (kept.overpayment, kept.pay_all_order) == ("credit", "smallest")
    assert kept.default_user_group_id == library.patron.group_id
    (change,) = client.get(PATH).context["changes"]
    said = {each.label: (each.before, each.after) for each in change.fields}
    assert said["Overpayment"] == ("Refuse it", "Keep it as a credit")


def test_the_currency_is_shown_and_stays_once_there_is_money(client, library: Library):
    library.charge(1000)

    assert send(client, PATH, {**TYPED, "locale": "en_US"}).status_code == 302

    assert Institution.objects.get(pk=library.institution.pk).currency_code == "USD"
    page = text(client.get(PATH))
    assert "US Dollar" in page.partition('name="currency_code"')[2].partition("</select>")[0]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"currency_code": "JPY"}, "Choose one from the list."),
        ({"currency_code": "XYZ"}, "Choose one from the list."),
        ({"name": " "}, "This cannot be empty."),
        ({"amount_ceiling_minor": "10,5"}, "Write the amount in digits with a point for the decimals, like 12.50."),
        ({"amount_ceiling_minor": "0"}, "An amount above 0 and at most $10,000,000,000.00."),
        ({"time_zone": "Mars/Olympus"}, "Choose one from the list."),
        ({"overpayment": "keep"}, "Choose one from the list."),
        ({"default_user_group_id": "99999"}, "Choose one from the list."),
    ],
)
def test_what_cannot_be_is_said_at_its_field(client, library, typed, sentence):
    with nothing_configured():
        response = send(client, PATH, {**TYPED, **typed})

    assert response.status_code == 422
    assert sentence in text(response)


def test_the_defaults_are_filled_in_and_hold_once_they_are_saved(client, library: Library):
    send(client, PATH, TYPED)
    assert 'href="?defaults"' in text(client.get(PATH))

    filled = client.get(f"{PATH}?defaults")

    shown = {each.name: each.value() for each in filled.context["form"]}
    assert shown == {
        **TYPED, "locale": "en_US", "time_zone": "UTC", "overpayment": "refuse", "pay_all_order": "oldest",
        "amount_ceiling_minor": "100000.00", "external_ids_are_keys": True, "default_user_group_id": None,
    }  # fmt: skip
    assert "Nothing is saved yet" in text(filled)
    assert Institution.objects.get().locale == "de_DE"
    typed = {**shown, "external_ids_are_keys": "on", "default_user_group_id": ""}
    assert send(client, f"{PATH}?defaults", typed, follow=True).redirect_chain == [(PATH, 302)]
    kept = Institution.objects.get()
    assert (kept.name, kept.locale, kept.time_zone, kept.currency_code) == ("North College", "en_US", "UTC", "EUR")
    assert (kept.overpayment, kept.pay_all_order, kept.amount_ceiling_minor) == ("refuse", "oldest", 10_000_000)


def test_a_form_from_the_page_of_defaults_keeps_what_was_typed(client, library: Library):
    refused = send(client, f"{PATH}?defaults", {**TYPED, "name": ""})

    assert refused.status_code == 422
    assert refused.context["form"]["locale"].value() == "de_DE"
