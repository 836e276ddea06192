"""Acting for the patron whose proxy's card was scanned."""

from collections.abc import Callable

import pytest
from django.test import Client

from amerce.circulation.models import Loan
from amerce.events.models import Event
from amerce.patrons.models import Patron, Proxy
from amerce.patrons.set_proxy import set_proxy
from tests.web.account import Desk, text, words
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


@pytest.fixture
def proxy(library: Library) -> Patron:
    proxy = library.new_patron("helper", first_name="Hal", last_name="Helper")
    Proxy.objects.create(
        institution=library.institution, patron=library.patron, proxy=proxy, created_at=NOON, created_by="Operator"
    )
    return proxy


@pytest.fixture
def client(sign_in: Callable[..., Client], proxy: Patron) -> Client:
    """An operator who scanned the proxy's card."""
    client = sign_in("circulation_desk_operator")
    client.post("/patron-services/", {"typed": "helper"})
    return client


def test_the_proxys_record_offers_to_act_and_the_loan_is_the_patrons(client, library, proxy):
    offered = text(client.get(f"/patron-services/{proxy.pk}/"))
    assert f'name="patron" value="{library.patron.pk}" aria-label="Act for Doe, Jane">' in offered

    acting = client.post(f"/patrons/{proxy.pk}/proxies/acting/", {"patron": library.patron.pk}, follow=True)

    assert acting.redirect_chain == [(f"/patron-services/{library.patron.pk}/", 302)]
    assert "Proxy is here Helper, Hal acts for this patron." in words(acting)

    barcode = library.new_item("Pnin").barcode
    client.post(f"/patrons/{library.patron.pk}/checkouts/", {"barcode": barcode})

    assert Loan.objects.get().patron_id == library.patron.pk
    assert Event.objects.get(name="loan.checked_out").data["proxy"] == proxy.pk
    assert "Helper, Hal came as proxy." in words(client.get(f"/patrons/{library.patron.pk}/history/"))


def test_what_is_paid_and_given_back_says_who_came_and_is_the_patrons(sign_in, library, proxy):
    fee = library.charge(1000)
    client = sign_in("circulation_desk_manager")
    client.post("/patron-services/", {"typed": "helper"})
    client.post(f"/patrons/{proxy.pk}/proxies/acting/", {"patron": library.patron.pk})
    desk = Desk(client, library)

    desk.post("payments/new/", {"of": "all", "amount": "10.00", "method": "CASH"})
    desk.post(f"fees/{fee.pk}/refund/", {"amount": "2.50", "method": "CASH"})

    told = Event.objects.filter(name__in=("fee.paid", "fee.refunded"))
    assert [(each.patron_id, each.data["proxy"]) for each in told] == [(library.patron.pk, proxy.pk)] * 2
    assert words(desk.get("history/")).count("Helper, Hal came as proxy.") == 2


def test_that_somebody_became_a_proxy_does_not_read_as_if_they_had_come(client, library):
    other = library.new_patron("other")
    manager = library.staff("user_manager")
    set_proxy(actor=manager, at=NOON, patron_id=library.patron.pk, expected_seq=0, proxy_id=other.pk)
    client.post("/patron-services/", {"typed": "other"})
    client.post(f"/patrons/{other.pk}/proxies/acting/", {"patron": library.patron.pk})
    desk = Desk(client, library)
    desk.post("checkouts/", {"barcode": library.new_item().barcode})

    said = words(desk.get("history/"))

    assert said.count("came as proxy.") == 1
    assert "Added a proxy." in said


def test_a_payment_by_who_is_no_proxy_any_more_is_taken_and_names_nobody(client, library, proxy):
    library.charge(1000)
    client.post(f"/patrons/{proxy.pk}/proxies/acting/", {"patron": library.patron.pk})
    Proxy.objects.all().delete()

    Desk(client, library).post("payments/new/", {"of": "all", "amount": "10.00", "method": "CASH"})

    assert "proxy" not in Event.objects.get(name="fee.paid").data


def test_the_patrons_own_card_ends_it(client, library, proxy):
    client.post(f"/patrons/{proxy.pk}/proxies/acting/", {"patron": library.patron.pk})

    opened = client.post("/patron-services/", {"typed": "jdoe"}, follow=True)
    client.post(f"/patrons/{library.patron.pk}/checkouts/", {"barcode": library.new_item().barcode})

    assert "Proxy is here" not in words(opened)
    assert "proxy" not in Event.objects.get(name="loan.checked_out").data


def test_a_proxy_removed_meanwhile_borrows_nothing(client, library, proxy):
    client.post(f"/patrons/{proxy.pk}/proxies/acting/", {"patron": library.patron.pk})
    Proxy.objects.all().delete()

    answer = client.post(f"/patrons/{library.patron.pk}/checkouts/", {"barcode": library.new_item().barcode})

    assert answer.status_code == 422
    assert "Who came may not borrow for this patron" in words(answer)
    assert not Loan.objects.exists()


@pytest.mark.parametrize("chosen", ["", "x", "999999"])
def test_for_nobody_else_can_they_act(client, library, proxy, chosen):
    answer = client.post(f"/patrons/{proxy.pk}/proxies/acting/", {"patron": chosen})

    assert answer.status_code == 404
    assert "Helper, Hal is no proxy of this patron." in words(answer)
    assert client.get(f"/patron-services/{library.patron.pk}/").status_code == 302


def test_a_record_that_is_not_open_acts_for_nobody(sign_in, library, proxy):
    client = sign_in("circulation_desk_operator")

    answer = client.post(f"/patrons/{proxy.pk}/proxies/acting/", {"patron": library.patron.pk})

    assert answer["Location"] == "/patron-services/"
    assert client.get(f"/patron-services/{library.patron.pk}/").status_code == 302
