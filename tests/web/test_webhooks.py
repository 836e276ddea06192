"""Configuration > Webhooks: endpoints, their secrets, what they were sent."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from amerce.access.sealed import unseal
from amerce.webhooks.models import WebhookDelivery, WebhookEndpoint
from tests.charges.acts import Desk
from tests.outbound.conftest import receiver
from tests.outbound.receiver import Receiver, says
from tests.web.stamped import opened, send
from tests.webhooks.telling import bring_all, endpoint_at
from tests.world import NOON, Library

__all__ = ["receiver"]
pytestmark = pytest.mark.django_db
LIST, NEW = "/configuration/webhooks/", "/configuration/webhooks/new/"
TYPED: dict[str, Any] = {
    "name": "Campus",
    "url": "https://hooks.example/in",
    "is_enabled": "on",
    "events": ["fee.paid", "block.set"],
}


@pytest.fixture
def client(sign_in: Callable[..., Client]) -> Client:
    return sign_in("general_system_administrator")


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_an_endpoint_is_added_and_its_secret_is_shown_this_once(client: Client, library: Library) -> None:
    response = client.post(NEW, TYPED)

    row = WebhookEndpoint.objects.get()
    secret = re.search(r'id="made-secret" value="(\w[\w-]+)"', response.content.decode())
    assert secret
    assert secret[1] == unseal(row.sealed_secret)
    assert "no-store" in response["Cache-Control"]
    for path in (LIST, f"{LIST}{row.pk}/"):
        assert secret[1] not in text(client.get(path))
    assert "https://hooks.example/in" in text(client.get(LIST))
    assert "Added" in text(client.get(f"{LIST}{row.pk}/"))


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"name": ""}, "This cannot be empty."),
        ({"url": "http://hooks.example/"}, "An address that begins with https://."),
        ({"url": "https://10.0.0.1/"}, "This address is in a private network."),
        ({"url": "hooks"}, "An address like https://hooks.example.org/fees"),
        ({"events": []}, "Choose at least one."),
        ({"events": ["fee.eaten"]}, "fee.eaten"),
    ],
)
def test_a_refusal_says_why_at_its_field_and_saves_nothing(
    client: Client, changed: dict[str, Any], sentence: str
) -> None:
    response = client.post(NEW, {**TYPED, **changed})

    assert response.status_code == 422
    assert sentence in text(response)
    assert not WebhookEndpoint.objects.exists()


def test_a_change_is_saved_and_told_in_the_words_of_the_page(client: Client, library: Library) -> None:
    row = endpoint_at(library, "https://hooks.example/in", "fee.paid")
    path = f"{LIST}{row.pk}/"

    assert send(client, path, {**TYPED, "events": ["fee.waived"]})["Location"] == LIST

    page = text(client.get(path))
    assert "Fee paid" in page
    assert "Fee waived" in page
    row.refresh_from_db()
    assert row.events == ["fee.waived"]


def test_a_new_secret_is_shown_once_and_the_old_one_ends_when_asked(client: Client, library: Library) -> None:
    row = endpoint_at(library, "https://hooks.example/in")
    path = f"{LIST}{row.pk}/secret/"

    kept = send(client, path, {"keeps_old": "on"})
    row.refresh_from_db()
    assert unseal(row.sealed_secret) in text(kept)
    assert row.sealed_old_secret

    send(client, path)
    row.refresh_from_db()
    assert row.sealed_old_secret == ""
    assert "Secret" in text(client.get(f"{LIST}{row.pk}/")), "the history tells it"


def test_an_endpoint_is_removed_after_asking(client: Client, library: Library) -> None:
    row = endpoint_at(library, "https://hooks.example/in")
    path = f"{LIST}{row.pk}/remove/"

    assert client.post(path, {"stamp": "another"}).status_code == 422
    assert send(client, path)["Location"] == LIST

    assert not WebhookEndpoint.objects.exists()


def test_a_test_leads_to_its_page_which_looks_again_until_there_is_an_answer(
    client: Client, flushable: None, library: Library, receiver: Receiver
) -> None:
    row = endpoint_at(library, receiver.url)

    response = client.post(f"{LIST}{row.pk}/tests/")
    delivery = WebhookDelivery.objects.get()
    path = f"{LIST}deliveries/{delivery.pk}/"
    assert response["Location"] == path
    waiting = text(client.get(path))
    assert 'hx-trigger="every 1s"' in waiting
    assert "Waiting" in waiting

    bring_all(timezone.now() + timedelta(seconds=1))
    page = text(client.get(path))
    assert "hx-trigger" not in page.partition('id="delivery"')[2].partition(">")[0]
    for words in ("Delivered", "HTTP 200", "thanks", f"POST {receiver.url}", "webhook.test", "v1=…"):
        assert words in page


@pytest.mark.money
def test_the_log_is_filtered_opened_and_sent_again(
    client: Client, flushable: None, library: Library, receiver: Receiver
) -> None:
    # given one that failed for good and one that arrived
    desk, row = Desk(library), endpoint_at(library, receiver.url)
    receiver.answer = says(500, b"<b>no</b>")
    desk.charge(300)
    bring_all(NOON + timedelta(days=4))
    receiver.answer = says()
    desk.dispute(desk.charge(300))
    bring_all()
    log = f"{LIST}{row.pk}/log/"

    # then
    assert text(client.get(log)).count("/deliveries/") == 3
    failed = client.get(log, {"state": "failed"})
    assert text(failed).count("/deliveries/") == 1
    assert "HTTP 500" in text(failed)
    assert text(client.get(LIST)).count("?state=failed") == 1
    delivery = WebhookDelivery.objects.get(state="failed")
    assert "&lt;b&gt;no&lt;/b&gt;" in text(client.get(f"{LIST}deliveries/{delivery.pk}/"))
    newest = WebhookDelivery.objects.order_by("-pk")[0]
    assert text(client.get(log, {"before": newest.pk})).count("/deliveries/") == 2
    for junk in ("x", "9" * 30, "-1"):
        assert client.get(log, {"before": junk, "state": junk}).status_code == 200

    # when
    again = client.post(f"{LIST}{row.pk}/replays/", follow=True)
    assert "1 message is sent again." in text(again)
    refused = client.post(f"{LIST}deliveries/{delivery.pk}/replays/", follow=True)
    assert "This is still on its way" in text(refused)


def test_what_is_failing_is_said_on_the_list_and_on_its_page(client: Client, library: Library) -> None:
    row = endpoint_at(library, "https://hooks.example/in")
    WebhookEndpoint.objects.update(failing_since=NOON)

    assert "Failing since" in text(client.get(LIST))
    assert "Nothing arrives there since" in text(client.get(f"{LIST}{row.pk}/"))


def test_what_is_of_another_institution_is_not_found(client: Client, other_library: Library) -> None:
    row = endpoint_at(other_library, "https://hooks.example/in")
    for path in ("", "log/", "secret/", "remove/"):
        assert client.get(f"{LIST}{row.pk}/{path}").status_code == 404
    for path in (f"{LIST}{row.pk}/tests/", f"{LIST}{row.pk}/replays/", f"{LIST}deliveries/1/replays/"):
        assert client.post(path).status_code == 404
    assert client.get(f"{LIST}deliveries/{2**70}/").status_code == 404


def test_who_opens_the_page_sees_what_stands(client: Client, library: Library) -> None:
    row = endpoint_at(library, "https://hooks.example/in", "fee.paid")

    assert opened(client, f"{LIST}{row.pk}/")["stamp"]
    assert "No endpoints" not in text(client.get(LIST))
