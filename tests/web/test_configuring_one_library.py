"""Who configures one library: the pages show what can be changed there, and the rest to read."""

import pytest
from django.test import Client
from django.utils import timezone

from amerce.access.models import RoleAssignment
from amerce.circulation.models import BlockRule, CalendarException, TermsOfUse
from amerce.institutions.models import Library as LibraryRow
from tests.circulation.configuring import ADMINISTRATOR, item_policy, nothing_configured
from tests.web.test_terms import typed
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db
ROOT = "/configuration/"


@pytest.fixture
def branch(library: Library) -> LibraryRow:
    return LibraryRow.objects.create(institution=library.institution, code="BRANCH", name="Branch")


@pytest.fixture
def client(library: Library) -> Client:
    """At the Main Library's desk, with a role for the Main Library alone."""
    account = library.new_account("scoped")
    RoleAssignment.objects.create(
        institution=library.institution, account=account, role=ADMINISTRATOR, library=library.library
    )
    client = Client()
    client.force_login(account)
    client.post("/location/", {"place": f"desk-{library.desk.pk}"})
    return client


def text(client: Client, path: str) -> str:
    response = client.get(ROOT + path)
    assert response.status_code == 200, path
    return " ".join(response.content.decode().split())


def terms_of(library: Library, name: str, place: LibraryRow | None) -> TermsOfUse:
    return TermsOfUse.objects.create(institution=library.institution, name=name, library=place)


def test_terms_of_other_libraries_are_read_and_not_opened(client, library, branch):
    mine = terms_of(library, "Mine", library.library)
    theirs = terms_of(library, "Theirs", branch)
    everybodys = TermsOfUse.objects.get(library=None)

    listed = text(client, f"terms-of-use/?library={branch.pk}")

    assert f'href="/configuration/terms-of-use/{mine.pk}/"' in listed
    for each in (theirs, everybodys):
        assert each.name in listed
        assert f'href="/configuration/terms-of-use/{each.pk}/"' not in listed
        assert client.get(f"{ROOT}terms-of-use/{each.pk}/").status_code == 403
        assert client.get(f"{ROOT}terms-of-use/{each.pk}/delete/").status_code == 403


def test_new_terms_are_for_the_own_library(client, library, branch):
    form = text(client, "terms-of-use/new/")

    assert f'<option value="{library.library.pk}">Main Library</option>' in form
    assert "Any library" not in form and ">Branch<" not in form
    for place in ("", branch.pk):
        with nothing_configured():
            refused = client.post(f"{ROOT}terms-of-use/new/", typed(name="New", library=place))
        assert refused.status_code in {403, 422}
    assert client.post(f"{ROOT}terms-of-use/new/", typed(name="New", library=library.library.pk)).status_code == 302


def test_what_holds_for_every_library_is_read_and_not_changed(client, library):
    policy = item_policy(library, "SHORT")
    rule = BlockRule.objects.create(institution=library.institution, amount_minor=1000)

    for page, forbidden in (
        ("item-policies/", [f"item-policies/{policy.pk}/"]),
        ("balance-blocks/", ["balance-blocks/new/", f"balance-blocks/{rule.pk}/", f"balance-blocks/{rule.pk}/delete/"]),
        ("fulfillment-settings/", []),
        ("history-privacy/", []),
    ):
        shown = text(client, page)
        assert "You can look at this. It holds for every library, and your role does not." in shown
        assert '<button type="submit" class="btn btn-primary"' not in shown, page
        for path in forbidden:
            assert f'href="{ROOT}{path}"' not in shown
            assert client.get(ROOT + path).status_code == 403, path
    with nothing_configured():
        assert client.post(f"{ROOT}item-policies/", {"code": "LONG", "label": "Long"}).status_code == 403
        assert client.post(f"{ROOT}fulfillment-settings/", {"accrues_nightly": "on"}).status_code == 403
        days = {"returns_kept_days": "90", "anonymise_after_days": "30"}
        assert client.post(f"{ROOT}history-privacy/", days).status_code == 403


def test_the_calendar_of_another_library_is_read_and_the_own_one_changed(client, library, branch):
    everywhere = CalendarException.objects.create(
        institution=library.institution, first_on="2030-01-01", last_on="2030-01-01", reason="New Year",
        created_at=NOON, created_by="somebody",
    )  # fmt: skip
    here, there = f"calendar/{library.library.pk}/", f"calendar/{branch.pk}/"

    mine, theirs = text(client, here), text(client, there)

    assert "Change opening hours" in mine and "Add a closing" in mine and "You can look at this." not in mine
    assert 'name="whole"' not in mine, "not every library"
    assert "Change opening hours" not in theirs and "Add a closing" not in theirs
    assert "You can look at this. Your role does not reach to Branch." in theirs
    removal = f"{here}closings/{everywhere.pk}/remove/"
    assert removal not in mine
    for path in (removal, f"{there}hours/"):
        assert client.get(ROOT + path).status_code == 403, path
    today = timezone.localdate().isoformat()
    closing = {"first_on": today, "last_on": today, "reason": "Snow"}
    with nothing_configured():
        assert client.post(ROOT + there, closing).status_code == 403
    assert client.post(ROOT + here, {**closing, "whole": "on"}).status_code == 302
    assert CalendarException.objects.get(reason="Snow").library == library.library
