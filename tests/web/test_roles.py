"""Configuration > Roles."""

import pytest
from django.test import Client

from amerce.access.models import Role
from amerce.access.privileges import Privilege
from amerce.access.roles import roles_of
from tests.access.changing import ADMINISTRATOR, nothing_changed
from tests.web.stamped import send
from tests.world import Library

pytestmark = pytest.mark.django_db
LIST = "/configuration/roles/"
DESK = f"{LIST}circulation_desk_operator/"
TILL = {"label": "Till", "code": "till", "may_fee_pay": "on", "may_fee_waive": "on", "ceiling_fee_waive": "20"}


@pytest.fixture
def client(sign_in) -> Client:  # type: ignore[no-untyped-def]
    return sign_in(ADMINISTRATOR)  # type: ignore[no-any-return]


def text(response) -> str:  # type: ignore[no-untyped-def]
    return " ".join(response.content.decode().split())


def test_a_role_is_made_with_a_ceiling_and_shown(client, library: Library):
    assert client.post(f"{LIST}new/", TILL).status_code == 302

    made = roles_of(library.institution.pk)["till"]
    assert made.privileges == {Privilege.FEE_PAY: None, Privilege.FEE_WAIVE: 2000}
    shown = text(client.get(LIST))
    assert "Till" in shown and "Made here" in shown and "2 privileges" in shown and "1 up to an amount" in shown
    page = text(client.get(f"{LIST}till/"))
    assert 'name="ceiling_fee_waive" value="20.00"' in page
    assert "up to $20.00" in page, "the change is told"


def test_a_role_begins_like_another(client):
    page = text(client.get(f"{LIST}new/?like=auditor"))

    assert "It begins with what “Auditor” allows." in page
    assert 'name="may_event_view" class="form-check-input"' in page
    assert client.get(f"{LIST}new/?like=king").status_code == 200


def test_a_built_in_role_is_changed_and_restored_after_showing_what_that_changes(client, library: Library):
    send(client, DESK, {"label": "Front desk", "may_patron_view": "on", "may_fee_waive": "on"})
    assert "Built in, changed" in text(client.get(LIST))
    asked = text(client.get(f"{DESK}restore/"))
    assert "Front desk" in asked and "Circulation desk operator" in asked and "Take payments" in asked
    assert "See patron records" not in asked, "what stays is not listed"

    assert send(client, f"{DESK}restore/").status_code == 302

    assert not Role.objects.exists()
    assert "Restored to the default" in text(client.get(DESK))


def test_a_role_that_is_held_is_not_removed_and_one_that_is_not_is(client, library: Library):
    client.post(f"{LIST}new/", TILL)
    account = library.new_account("somebody", "till")

    with nothing_changed():
        refused = send(client, f"{LIST}till/remove/")
    assert refused.status_code == 422
    assert "1 account holds this role. Take it away there first." in text(refused)

    account.roles.all().delete()
    assert send(client, f"{LIST}till/remove/").status_code == 302
    assert "till" not in roles_of(library.institution.pk)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"label": ""}, "This cannot be empty."),
        ({"label": "Auditor"}, "There is a “Auditor” already."),
        ({"code": "Till desk"}, "Small letters a to z, digits and underscores, a letter first."),
        ({"code": "auditor"}, "There is a “auditor” already."),
        ({"ceiling_fee_waive": "0"}, "The amount must be above zero. Empty: any amount."),
        ({"ceiling_fee_waive": "10,5"}, "Write the amount in digits with a point for the decimals, like 12.50."),
        ({"ceiling_fee_waive": "0.005"}, "USD has at most 2 decimals."),
        ({"ceiling_fee_credit": "5"}, "Tick it too, or empty the amount."),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_what_was_typed_stays(client, typed, sentence):
    with nothing_changed():
        response = client.post(f"{LIST}new/", {**TILL, **typed})

    assert response.status_code == 422
    shown = text(response)
    assert sentence in shown
    for name, value in {**TILL, **typed}.items():
        if value not in ("on", ""):
            assert f'name="{name}" value="{value}"' in shown


def test_the_last_administrator_is_told_why_not(client):
    with nothing_changed():
        response = send(client, f"{LIST}{ADMINISTRATOR}/", {"label": "Administrator", "may_account_edit": "on"})

    assert response.status_code == 422
    assert "After this nobody who can sign in would hold “Edit roles” everywhere" in text(response)


@pytest.mark.parametrize("path", ["king/", "king/remove/", "king/restore/"])
def test_a_role_that_is_not_there_is_not_found(client, path):
    assert client.get(LIST + path).status_code == 404


def test_a_role_that_was_made_here_has_nothing_to_restore(client):
    client.post(f"{LIST}new/", TILL)

    assert client.get(f"{LIST}till/restore/").status_code == 404
