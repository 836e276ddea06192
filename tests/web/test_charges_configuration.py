"""What the pages of the charges configuration have in common: who may, their titles, what is not there."""

from collections.abc import Callable

import pytest
from django.test import Client

from amerce.access.privileges import ROLES, Privilege
from amerce.charges.models import FeeType
from amerce.institutions.models import BursarSequence
from tests.circulation.configuring import nothing_configured
from tests.world import Library

pytestmark = pytest.mark.django_db
MAY = {role for role, each in ROLES.items() if Privilege.CHARGES_CONFIGURE in each.privileges}
ADMINISTRATOR = "user_administrator"


def paths(library: Library) -> list[str]:
    """Every page, with something of the library on it."""
    fee_type = FeeType.objects.get(institution=library.institution, code="OTHER").pk
    sequence = BursarSequence.objects.create(institution=library.institution, name="Bursar", start=1, next_value=1)
    return [
        "/configuration/fee-types/",
        f"/configuration/fee-types/{fee_type}/",
        f"/configuration/fee-types/{fee_type}/restore/",
        "/configuration/bursar-sequences/",
        "/configuration/bursar-sequences/new/",
        f"/configuration/bursar-sequences/{sequence.pk}/",
        f"/configuration/bursar-sequences/{sequence.pk}/next/",
        f"/configuration/bursar-sequences/{sequence.pk}/delete/",
    ]


def test_those_who_configure_charges_are_the_two_administrators():
    assert {"user_administrator", "general_system_administrator"} == MAY


def test_every_page_says_configuration_in_its_title_and_carries_no_script_of_its_own(sign_in, library):
    client = sign_in(ADMINISTRATOR)

    for path in paths(library):
        response = client.get(path)
        page = " ".join(response.content.decode().split())
        assert response.status_code == 200, path
        assert "Configuration" in page[page.index("<title>") : page.index("</title>")], path
        assert page.count("<h1>") == 1, path
        assert "<style" not in page and " style=" not in page and "<script>" not in page


@pytest.mark.parametrize("role", sorted(ROLES.keys() - MAY))
def test_who_may_not_gets_403_and_no_link(sign_in: Callable[..., Client], library: Library, role: str) -> None:
    client = sign_in(role)

    for path in paths(library):
        assert client.get(path).status_code == 403, path
        with nothing_configured():
            assert client.post(path, {"label": "x"}).status_code in (403, 405), path
    home = client.get("/configuration/").content.decode()
    assert "/configuration/fee-types/" not in home and "/configuration/bursar-sequences/" not in home


def test_what_belongs_to_another_institution_is_not_found(sign_in, library, other_library):
    client = sign_in(ADMINISTRATOR)

    for path in paths(other_library):
        if any(part.isdigit() for part in path.split("/")):
            assert client.get(path).status_code == 404, path
            with nothing_configured():
                assert client.post(path, {"label": "x"}).status_code == 404, path


SEQUENCE = "bursar-sequences/{}/"


@pytest.mark.parametrize(
    "path",
    [
        "fee-types/{}/", "fee-types/{}/restore/", SEQUENCE, f"{SEQUENCE}next/", f"{SEQUENCE}delete/",
        f"{SEQUENCE}example/",
    ],
)  # fmt: skip
def test_an_id_that_cannot_be_is_not_found(sign_in, path):
    client = sign_in(ADMINISTRATOR)

    for impossible in (0, 10**30):
        assert client.get("/configuration/" + path.format(impossible)).status_code == 404
