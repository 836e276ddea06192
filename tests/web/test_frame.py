"""What every page has: the closed door, the policy of content, the refusals, the tools of templates."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.test import Client
from django.urls import URLPattern, get_resolver

from amerce.access.models import RoleAssignment
from amerce.web.templatetags.amerce import amount, day, moment, plain
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db
OPEN_TO_ALL = {
    "sign-in",
    "account_login",
    "second-step",
    "mfa_authenticate",
    "sign-in-give-up",
    "sign-in-with",
    "openid_connect_callback",
    "saml_metadata",
    "saml_acs",
    "saml_finish_acs",
    "saml_sls",
    "healthz",
    "api-docs",
    "openapi",
}


def _pages(patterns) -> list[URLPattern]:  # type: ignore[no-untyped-def]
    return [
        page for each in patterns for page in (_pages(each.url_patterns) if hasattr(each, "url_patterns") else [each])
    ]


def test_every_page_but_sign_in_and_health_is_closed() -> None:
    open_pages = {
        each.name
        for each in _pages(get_resolver().url_patterns)
        if each.name and not getattr(each.callback, "login_required", True)
    }

    assert open_pages == OPEN_TO_ALL


def test_health_is_told_to_anybody(client: Client) -> None:
    response = client.get("/healthz")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_no_page_carries_a_script_or_style_of_its_own(sign_in: Callable[..., Client], library: Library) -> None:
    client = sign_in("circulation_desk_manager")
    client.post("/patron-services/", {"typed": "jdoe"})

    for path in ("/", "/location/", "/patron-services/", f"/patron-services/{library.patron.pk}/", "/nowhere/"):
        response = client.get(path)
        page = response.content.decode()
        assert "<style" not in page
        assert " style=" not in page
        assert " onclick=" not in page
        assert "<script>" not in page
        assert "'unsafe" not in response["Content-Security-Policy"]


def test_the_pages_of_staff_are_never_kept_by_the_browser(sign_in: Callable[..., Client]) -> None:
    assert "no-store" in sign_in().get("/patron-services/")["Cache-Control"]


def test_the_menu_offers_patron_services_once_on_every_page(sign_in: Callable[..., Client]) -> None:
    client = sign_in()

    for path in ("/", "/location/", "/patron-services/"):
        assert client.get(path).content.decode().count("Manage Patron Services</a>") == 1


def test_who_lacks_a_privilege_is_told_in_a_sentence(sign_in: Callable[..., Client], library: Library) -> None:
    client = sign_in()
    RoleAssignment.objects.all().delete()

    page = client.post("/patron-services/", {"typed": "jdoe"})
    fragment = client.post("/patron-services/", {"typed": "jdoe"}, headers={"HX-Request": "true"})

    sentence = "Your roles do not allow this at the location where you work now."
    assert (page.status_code, fragment.status_code) == (403, 403)
    assert sentence in page.content.decode()
    assert "<html" in page.content.decode()
    assert sentence in fragment.content.decode()
    assert "<html" not in fragment.content.decode()
    assert fragment["HX-Retarget"] == "#notices"


def test_a_form_without_its_token_is_refused_in_a_sentence(library: Library) -> None:
    strict = Client(enforce_csrf_checks=True)

    response = strict.post("/sign-in/", {"username": "rokafor", "password": "x"})

    assert response.status_code == 403
    assert "This form is too old or came from somewhere else, so nothing was done." in response.content.decode()


def test_filters_write_money_in_the_institutions_manner(library: Library) -> None:
    assert amount(123450, library.institution) == "$1,234.50"
    assert amount(-325, library.institution) == "-$3.25"
    assert amount(None, library.institution) == ""
    assert plain(123450, library.institution) == "1234.50"


@time_machine.travel(datetime(2026, 3, 2, 12, 0, tzinfo=UTC), tick=False)
def test_filters_write_days_in_the_institutions_zone_with_the_weekday_when_near(library: Library) -> None:
    institution = library.institution
    institution.locale, institution.time_zone = "en_US", "America/New_York"

    assert day(date(2026, 3, 8), institution) == "Sun, Mar 8, 2026"
    assert day(date(2026, 3, 9), institution) == "Mar 9, 2026"
    assert day(datetime(2026, 2, 1, 3, 0, tzinfo=UTC), institution) == "Jan 31, 2026"
    assert moment(NOON, institution) == "Mon, Mar 2, 2026, 7:00\u202fAM"
    assert day(None, institution) == ""
