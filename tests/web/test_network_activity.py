"""The tab Network Activity: asked when it is there, marked when something is owed elsewhere (rows B13, B14)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from amerce.events.models import Event
from tests.charges.acts import Desk
from tests.network.asking import OWES, alma_error, in_alma, let, local, remote
from tests.outbound.conftest import receiver
from tests.outbound.receiver import Receiver
from tests.world import Library

__all__ = ["receiver"]
pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def client(sign_in: Callable[..., Client], library: Library) -> Client:
    client = sign_in("circulation_desk_operator")
    client.post("/patron-services/", {"typed": "jdoe"})
    return client


@pytest.fixture
def tab(library: Library) -> str:
    return f"/patrons/{library.patron.pk}/network/"


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_the_tab_is_there_at_once_and_asks_when_it_is(client: Client, library: Library, tab: str, receiver: Receiver):
    let(library, asks=True)
    remote(library, receiver)

    page = text(client.get(tab))

    assert "Asking the members of the network" in page
    assert f'hx-post="{tab}asking/"' in page
    assert receiver.got == []
    assert not Event.objects.filter(name="network.looked").exists()


def test_it_shows_what_is_owed_at_each_member_and_in_each_currency(
    client: Client, library: Library, other_library: Library, tab: str, receiver: Receiver
) -> None:
    let(library, asks=True)
    let(other_library, shares=True)
    local(other_library, library)
    local(library, other_library)
    remote(library, receiver)
    receiver.answer = in_alma(OWES)
    Desk(other_library).charge(700, item=other_library.new_item("<b>Invisible cities</b>"))

    part = text(client.post(f"{tab}asking/", **HTMX))

    for words in ("CA$3.50", "$7.00", "The leopard", "Overdue fine", "CA$5.00", "-CA$1.50", "Neighbour"):
        assert words in part
    assert "&lt;b&gt;Invisible cities&lt;/b&gt;" in part
    assert '<span id="mark-network" hx-swap-oob="true"><span class="tab-held">2</span>' in part
    assert "<html" not in part
    whole = text(client.post(f"{tab}asking/"))
    assert "<html" in whole
    assert "CA$3.50" in whole


def test_a_member_that_cannot_be_asked_says_so_and_the_others_stand(
    client: Client, library: Library, other_library: Library, tab: str, receiver: Receiver
) -> None:
    let(library, asks=True)
    remote(library, receiver)
    local(library, other_library)

    receiver.answer = receiver.hang
    remote(library, receiver, "Slow", timeout_s=1, is_active=False)
    receiver.answer = alma_error("UNAUTHORIZED", 401)
    part = text(client.post(f"{tab}asking/", **HTMX))

    assert "Could not be asked: the API key was refused." in part
    assert "This institution does not share what its patrons owe." in part
    receiver.answer = alma_error("GENERAL", 500)
    assert "Could not be reached." in text(client.post(f"{tab}asking/", **HTMX))
    receiver.answer = alma_error("401861")
    assert "Not known there." in text(client.post(f"{tab}asking/", **HTMX))


def test_without_a_network_the_tab_says_so(client: Client, tab: str) -> None:
    assert "No network" in text(client.post(f"{tab}asking/", **HTMX))


def test_other_tabs_ask_once_for_the_mark_and_remember_the_number_for_minutes(
    client: Client, library: Library, tab: str, receiver: Receiver
) -> None:
    # given
    let(library, asks=True)
    remote(library, receiver)
    receiver.answer = in_alma(OWES)
    record, mark = f"/patrons/{library.patron.pk}/", f"{tab}mark/"

    # when
    before = text(client.get(record))
    answer = text(client.post(mark, **HTMX))
    after = text(client.get(record))

    # then
    assert f'hx-post="{mark}"' in before
    assert answer == '<span class="tab-held">1</span><span class="visually-hidden">holds something</span>'
    assert mark not in after
    assert '<span class="tab-mark" id="mark-network" ><span class="tab-held">1</span>' in after
    assert "leopard" not in str(dict(client.session)), "what is owed elsewhere is not kept"
    with time_machine.travel(timezone.now() + timedelta(minutes=4)):
        client.get(record)
    with time_machine.travel(timezone.now() + timedelta(minutes=8)):
        client.get(record)
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert f'hx-post="{mark}"' in text(client.get(record))


def test_where_nobody_is_asked_no_other_patron_asks_for_a_mark_either(
    client: Client, library: Library, tab: str
) -> None:
    assert text(client.post(f"{tab}mark/", **HTMX)) == ""
    library.new_patron("asmith")
    client.post("/patron-services/", {"typed": "asmith"})

    other = library.institution  # one session, another patron
    from amerce.patrons.models import Patron

    patron = Patron.objects.get(institution=other, primary_id="asmith")
    assert "/network/mark/" not in text(client.get(f"/patrons/{patron.pk}/"))


def test_each_look_stands_in_the_history_of_the_patron(
    client: Client, library: Library, tab: str, receiver: Receiver
) -> None:
    let(library, asks=True)
    remote(library, receiver)
    receiver.answer = in_alma(OWES)
    client.post(f"{tab}asking/", **HTMX)

    page = text(client.get(f"/patrons/{library.patron.pk}/history/"))

    assert "Asked the members of the fulfillment network what is owed there." in page


def test_a_record_that_is_not_open_asks_nobody(client: Client, library: Library, tab: str, receiver: Receiver) -> None:
    let(library, asks=True)
    remote(library, receiver)
    client.post(f"/patron-services/{library.patron.pk}/done/")

    assert client.post(f"{tab}asking/")["Location"] == "/patron-services/"
    assert receiver.got == []
