"""Configuration > Security Events."""

from datetime import timedelta

import pytest
from django.test import Client

from amerce.access.privileges import ROLES, Privilege
from amerce.events.models import Event
from tests.access.changing import ADMINISTRATOR
from tests.web.stamped import send
from tests.world import NOON, PASSWORD, Library

pytestmark = pytest.mark.django_db
PAGE = "/configuration/security-events/"


@pytest.fixture
def client(sign_in) -> Client:  # type: ignore[no-untyped-def]
    return sign_in(ADMINISTRATOR)  # type: ignore[no-any-return]


def sentences(client: Client, query: str = "") -> list[tuple[str, str]]:
    """Who and what, the newest first."""
    shown = client.get(PAGE + query)
    assert shown.status_code == 200
    return [(each.who, each.sentence) for each in shown.context["happenings"]]


def test_it_tells_who_signed_in_and_who_was_refused(client, library: Library):
    library.new_account("desk")
    theirs = Client()
    theirs.post("/sign-in/", {"username": "desk", "password": "wrong"})
    theirs.post("/sign-in/", {"username": "desk", "password": PASSWORD})

    assert sentences(client) == [("Desk", "Signed in."), ("Desk", "Was refused at sign-in.")]
    assert sentences(client, "?kind=session.refused") == [("Desk", "Was refused at sign-in.")]
    assert sentences(client, "?who=DESK&kind=account.") == []


def test_it_tells_of_a_user_name_that_nobody_has_and_not_what_was_typed(client, library: Library):
    Client().post("/sign-in/", {"username": "nobody", "password": "wrong"})

    assert sentences(client, "?kind=session.refused") == [("Somebody unknown", "Was refused at sign-in.")]
    assert "nobody" not in str(Event.objects.filter(name="session.refused").values())


def test_it_tells_what_was_changed_of_roles_and_accounts(client, library: Library):
    account = library.new_account("desk")
    client.post("/configuration/roles/new/", {"label": "Till", "code": "till"})
    client.post(f"/configuration/staff-accounts/{account.pk}/roles/", {"role": "till"})
    client.post(f"/configuration/staff-accounts/{account.pk}/password/", {"password": "walnut-otter-lantern-52"})
    send(client, f"/configuration/staff-accounts/{account.pk}/", {"name": "Desk"})
    send(client, "/configuration/roles/till/", {"label": "Cash", "may_fee_pay": "on"})

    me = "General_System_Administrator-Account"
    told = [sentence for who, sentence in sentences(client) if who == me]
    assert told == [
        "Changed the role Cash.",
        "Shut the account of Desk.",
        "Set a temporary password for Desk.",
        "Changed the roles of Desk.",
        "Added the role Cash.",
    ]
    assert [sentence for _who, sentence in sentences(client, "?who=desk")] == told[1:4]


def test_it_pages_by_key_and_each_event_is_on_one_page(client, library: Library):
    Event.objects.bulk_create(
        Event(
            institution=library.institution, name="session.refused", at=NOON + timedelta(minutes=minute), actor_name="x"
        )
        for minute in range(120)
    )
    pages, query = [], ""
    while True:
        shown = client.get(PAGE + query)
        pages.append([each.at for each in shown.context["happenings"]])
        if shown.context["page"].last is None:
            break
        query = f"?before={shown.context['page'].last.pk}"

    assert [len(each) for each in pages] == [50, 50, 20]
    whole = [at for each in pages for at in each]
    assert whole == sorted(set(whole), reverse=True)


@pytest.mark.parametrize("query", ["?before=x", "?before=²", f"?before={10**30}", "?kind=x", "?who=%00", "?who=zzz"])
def test_an_address_that_was_typed_wrong_breaks_nothing(client, query):
    assert client.get(PAGE + query).status_code == 200


def test_what_happened_in_another_institution_is_not_told(client, other_library: Library):
    other_library.new_account("theirs")
    Client().post("/sign-in/", {"username": "theirs", "password": "wrong"})

    assert sentences(client) == []
    assert sentences(client, "?who=theirs") == []


def test_the_auditor_reads_it_and_changes_nothing(sign_in):
    assert Privilege.EVENT_VIEW in ROLES["auditor"].privileges

    assert sign_in("auditor").get(PAGE).status_code == 200
