"""Configuration > User Groups."""

from collections.abc import Callable

import pytest
from django.test import Client

from amerce.patrons.models import UserGroup
from tests.circulation.configuring import nothing_configured
from tests.web.stamped import send
from tests.world import Library

pytestmark = pytest.mark.django_db
LIST = "/configuration/user-groups/"


@pytest.fixture
def client(sign_in: Callable[..., Client]) -> Client:
    return sign_in("user_administrator")


def text(response) -> str:  # type: ignore[no-untyped-def]
    return " ".join(response.content.decode().split())


def test_a_group_is_added_and_taken_out_of_use(client, library: Library):
    client.post(f"{LIST}new/", {"code": "90", "label": "Alumni", "is_active": "on"})
    group = UserGroup.objects.get(code="90")

    send(client, f"{LIST}{group.pk}/", {"label": "Alumni and friends", "is_proxy": "on"})

    group.refresh_from_db()
    assert (group.label, group.is_proxy, group.is_active) == ("Alumni and friends", True, False)
    shown = text(client.get(LIST))
    assert "Alumni and friends" in shown and "Out of use" in shown and "proxies" in shown


def test_the_default_group_stays_in_use(client, library: Library):
    group = library.patron.group
    library.institution.default_user_group = group
    library.institution.save()

    with nothing_configured():
        response = send(client, f"{LIST}{group.pk}/", {"label": group.label})

    assert "It is the default user group, so it stays in use until there is another." in text(response)
    assert UserGroup.objects.get(pk=group.pk).is_active


def test_a_code_that_is_taken_is_said(client, library):
    with nothing_configured():
        response = client.post(f"{LIST}new/", {"code": "22", "label": "Others", "is_active": "on"})

    assert response.status_code == 422 and "There is a “22” already." in text(response)


def test_a_group_out_of_use_is_offered_only_where_it_is_kept(sign_in, library: Library):
    UserGroup.objects.filter(code="22").update(is_active=False)
    client = sign_in("user_manager")

    assert "22 " not in text(client.get("/users/new/")).partition('name="group"')[2].partition("</select>")[0]
