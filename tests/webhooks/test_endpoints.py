"""Endpoints: what is refused of them, and their secrets."""

from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from amerce.access.can import NotAllowed
from amerce.access.sealed import unseal
from amerce.events.models import Event
from amerce.inputs.errors import ChoiceUnknown, NameMissing, NameTaken, OutOfDate, RowNotFound
from amerce.inputs.stamp import stamp_of
from amerce.webhooks.endpoints import (
    AddressNotTaken,
    EndpointFacts,
    SecretTooShort,
    remove_endpoint,
    renew_secret,
    save_endpoint,
)
from amerce.webhooks.models import WebhookDelivery, WebhookEndpoint
from amerce.webhooks.secrets import valid_secrets
from tests.access.changing import administrator
from tests.webhooks.telling import SECRET, endpoint_at
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db
URL = "https://hooks.example/in"
FACTS: dict[str, Any] = {"name": "Campus", "url": URL, "events": ("fee.paid", "fee.created")}


def save(library: Library, endpoint_id: int | None = None, *, more: Any = None, **facts: Any):  # type: ignore[no-untyped-def]
    said = EndpointFacts(**{**FACTS, **facts})
    who = {"actor": administrator(library), "at": NOON}
    return save_endpoint(**who, facts=said, endpoint_id=endpoint_id, **(more or {}))


@contextmanager
def nothing_written():  # type: ignore[no-untyped-def]
    def rows() -> list[Any]:
        return [list(each._default_manager.order_by("pk").values()) for each in (WebhookEndpoint, Event)]

    before = rows()
    yield
    assert rows() == before


def test_an_endpoint_is_made_with_a_secret_that_is_answered_once_and_kept_sealed(library: Library) -> None:
    saved = save(library)

    row = WebhookEndpoint.objects.get()
    assert (row.name, row.url, row.is_enabled, row.updated_at) == ("Campus", URL, True, NOON)
    assert row.events == ["fee.created", "fee.paid"]
    assert saved.secret.startswith("whsec_")
    assert len(saved.secret) > 40
    assert unseal(row.sealed_secret) == saved.secret
    assert saved.secret not in str(WebhookEndpoint.objects.values().get())
    event = Event.objects.get(name="webhook.changed")
    assert event.data["before"] is None
    assert event.data["after"]["events"] == ["fee.created", "fee.paid"]
    assert saved.secret not in str(event.data)
    assert save(library, name="Other").secret != saved.secret


def test_saying_the_same_again_writes_nothing(library: Library) -> None:
    saved = save(library)

    with nothing_written():
        again = save(library, saved.endpoint_id)
    assert (again.is_changed, again.secret) == (False, "")


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        ({"name": " "}, NameMissing),
        ({"url": ""}, NameMissing),
        ({"url": "http://hooks.example/"}, AddressNotTaken),
        ({"url": "https://127.0.0.1/"}, AddressNotTaken),
        ({"url": "https://169.254.169.254/latest/meta-data"}, AddressNotTaken),
        ({"events": ()}, NameMissing),
        ({"events": ("fee.eaten",)}, ChoiceUnknown),
        ({"name": "taken"}, NameTaken),
    ],
)
def test_a_refusal_writes_nothing(library: Library, facts: dict[str, Any], error: type[Exception]) -> None:
    endpoint_at(library, URL, name="Taken")
    administrator(library)

    with nothing_written(), pytest.raises(error):
        save(library, **facts)


def test_a_short_secret_is_refused(library: Library) -> None:
    with nothing_written(), pytest.raises(SecretTooShort):
        save(library, more={"secret": "x" * 23})


def test_who_may_not_configure_the_institution_may_nothing(library: Library) -> None:
    endpoint = endpoint_at(library, URL)
    who = {"actor": library.manager, "at": NOON}
    with nothing_written():
        for act in (
            lambda: save_endpoint(**who, facts=EndpointFacts(**FACTS)),
            lambda: renew_secret(**who, endpoint_id=endpoint.pk, keeps_old=True),
            lambda: remove_endpoint(**who, endpoint_id=endpoint.pk),
        ):
            with pytest.raises(NotAllowed):
                act()


def test_an_endpoint_of_another_institution_is_not_there(library: Library, other_library: Library) -> None:
    endpoint = endpoint_at(other_library, URL)
    who = {"actor": administrator(library), "at": NOON, "endpoint_id": endpoint.pk}
    with nothing_written():
        for act in (
            lambda: save(library, endpoint.pk),
            lambda: renew_secret(**who, keeps_old=True),
            lambda: remove_endpoint(**who),
        ):
            with pytest.raises(RowNotFound):
                act()


def test_a_new_secret_leaves_the_old_one_valid_for_a_day_or_not_at_all(library: Library) -> None:
    endpoint = endpoint_at(library, URL)
    who = {"actor": administrator(library), "at": NOON, "endpoint_id": endpoint.pk}

    first = renew_secret(**who, keeps_old=True).secret
    endpoint.refresh_from_db()
    assert valid_secrets(endpoint, NOON + timedelta(hours=23)) == [first, SECRET]
    assert valid_secrets(endpoint, NOON + timedelta(hours=24)) == [first]

    second = renew_secret(**who, keeps_old=False).secret
    endpoint.refresh_from_db()
    assert valid_secrets(endpoint, NOON) == [second]


def test_a_page_that_is_out_of_date_changes_nothing(library: Library) -> None:
    endpoint = endpoint_at(library, URL)
    who = {"actor": administrator(library), "at": NOON, "endpoint_id": endpoint.pk}
    old = {"expected_stamp": stamp_of("what stood before")}
    with nothing_written():
        for act in (
            lambda: save(library, endpoint.pk, name="New", more=old),
            lambda: renew_secret(**who, keeps_old=True, **old),
            lambda: remove_endpoint(**who, **old),
        ):
            with pytest.raises(OutOfDate):
                act()


def test_another_address_or_being_enabled_again_lets_it_be_called_at_once(library: Library) -> None:
    endpoint = endpoint_at(library, URL)
    WebhookEndpoint.objects.update(failing_since=NOON, rests_until=NOON)

    save(library, endpoint.pk, url="https://other.example/")

    endpoint.refresh_from_db()
    assert (endpoint.failing_since, endpoint.rests_until) == (None, None)


def test_an_endpoint_is_removed_with_its_log(library: Library) -> None:
    endpoint = endpoint_at(library, URL)
    from amerce.webhooks.replay import send_test

    who = {"actor": administrator(library), "at": NOON, "endpoint_id": endpoint.pk}
    send_test(**who)
    remove_endpoint(**who)

    assert not WebhookEndpoint.objects.exists()
    assert not WebhookDelivery.objects.exists()
    assert Event.objects.filter(name="webhook.changed").last().data["after"] is None
