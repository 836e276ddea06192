"""What all pages of the configuration have in common: who may, their titles, the menu."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from amerce.access.privileges import ROLES, Privilege
from amerce.circulation.models import BlockRule, CalendarException, TermsOfUse
from amerce.web.doors import DOORS
from tests.circulation.configuring import ADMINISTRATOR, item_policy, nothing_configured
from tests.web.everything import addresses, everything
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db
MAY = {role for role, each in ROLES.items() if Privilege.FULFILLMENT_CONFIGURE in each.privileges}


PARTS = {
    "bursar-sequence-example",
    "bursar-sequence-new-example",
    "calendar",
    "job-schedule-times",
    "job-schedule-switch",
    "bursar-profile-test",
    "letter-switch",
    "letter-preview",
    "letter-test",
    "notification-run",
    "notification-profile-enable",
    "notification-profile-disable",
    "notification-profile-messages",
    "webhook-test",
    "webhook-replay",
    "webhook-replay-failed",
}
"""Addresses that answer with a piece of a page, take only what is sent to them, or lead on to a library."""


def paths(library: Library) -> list[str]:
    """Every page of the configuration of circulation, with something of the library on it."""
    institution = library.institution
    terms = TermsOfUse.objects.get(institution=institution)
    policy = item_policy(library, "SHORT")
    rule = BlockRule.objects.create(institution=institution, amount_minor=1000)
    closing = CalendarException.objects.create(
        institution=institution, first_on=date(2030, 1, 1), last_on=date(2030, 1, 1), reason="New Year",
        created_at=NOON, created_by="somebody",
    )  # fmt: skip
    here = library.library.pk
    return [
        "/configuration/",
        "/configuration/terms-of-use/",
        "/configuration/terms-of-use/new/",
        f"/configuration/terms-of-use/{terms.pk}/",
        f"/configuration/terms-of-use/{terms.pk}/delete/",
        "/configuration/item-policies/",
        f"/configuration/item-policies/{policy.pk}/",
        f"/configuration/calendar/{here}/",
        f"/configuration/calendar/{here}/hours/",
        f"/configuration/calendar/{here}/closings/{closing.pk}/remove/",
        "/configuration/balance-blocks/",
        "/configuration/balance-blocks/new/",
        f"/configuration/balance-blocks/{rule.pk}/",
        f"/configuration/balance-blocks/{rule.pk}/delete/",
        "/configuration/fulfillment-settings/",
        "/configuration/history-privacy/",
    ]


def every_path(library: Library) -> list[str]:
    """Every page of the configuration, of circulation and of all else, but for what is a part of a page."""
    rows = everything(library)
    found = []
    for each in addresses():
        values = {name: rows[name] for name in each.parameters}
        if each.name == "role-restore":
            values["code"] = "auditor"  # one of ours has nothing to be restored to
        path = reverse(each.name, kwargs=values)
        if path.startswith("/configuration/") and each.name not in PARTS:
            found.append(path)
    return found


def test_every_page_says_configuration_in_its_title_and_carries_no_script_of_its_own(sign_in, library):
    pages = every_path(library)
    assert len(pages) >= 60
    client = sign_in("general_system_administrator")

    for path in pages:
        response = client.get(path)
        page = " ".join(response.content.decode().split())
        assert response.status_code == 200, path
        title = page[page.index("<title>") : page.index("</title>")]
        assert "Configuration" in title, path
        assert page.count("<h1>") == 1, path
        assert "<style" not in page and " style=" not in page and "<script>" not in page


@pytest.mark.parametrize("role", sorted(ROLES.keys() - MAY))
def test_who_may_not_configure_gets_403(sign_in: Callable[..., Client], library: Library, role: str) -> None:
    client = sign_in(role)

    for path in [*paths(library)[1:], "/configuration/calendar/"]:
        assert client.get(path).status_code == 403, path
        with nothing_configured():
            assert client.post(path, {"reason": "x", "save": "1"}).status_code in (403, 405), path


@pytest.mark.parametrize("role", ROLES)
def test_who_may_open_a_page_finds_configuration_in_the_menu_and_at_home(
    sign_in: Callable[..., Client], role: str
) -> None:
    client = sign_in(role)
    has_a_door = any(door.privilege in ROLES[role].privileges for door in DOORS)

    for path in ("/", "/patron-services/"):
        assert ('href="/configuration/"' in client.get(path).content.decode()) is has_a_door
    assert client.get("/configuration/").status_code == (200 if has_a_door else 403)


def test_what_belongs_to_another_institution_is_not_found(sign_in, library, other_library):
    client = sign_in(ADMINISTRATOR)
    theirs = [each for each in paths(other_library) if any(part.isdigit() for part in each.split("/"))]

    for path in theirs:
        assert client.get(path).status_code == 404, path
        with nothing_configured():
            assert client.post(path, {"save": "1"}).status_code == 404, path


@pytest.mark.parametrize(
    "path", ["terms-of-use/{}/", "item-policies/{}/", "calendar/{}/", "balance-blocks/{}/", "balance-blocks/{}/delete/"]
)
def test_an_id_that_cannot_be_is_not_found(sign_in, path):
    client = sign_in(ADMINISTRATOR)

    for impossible in (0, 10**30):
        assert client.get("/configuration/" + path.format(impossible)).status_code == 404
