from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError

from amerce.access.actors import EVERYWHERE
from amerce.access.can import NotAllowed
from amerce.access.privileges import Privilege
from amerce.access.set_password import set_password
from amerce.events.models import Event
from amerce.inputs.errors import RowNotFound
from tests.access.changing import ADMINISTRATOR, administrator, nothing_changed
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db
PASSWORD = "walnut-otter-lantern-52"


def test_a_password_of_somebody_elses_has_to_be_changed(library: Library) -> None:
    actor, account = administrator(library), library.new_account("desk")
    signed_in = account.get_session_auth_hash()

    set_password(actor=actor, at=NOON, account_id=account.pk, password=PASSWORD)

    account.refresh_from_db()
    assert account.check_password(PASSWORD) and account.must_change_password
    assert account.get_session_auth_hash() != signed_in, "who is signed in with the old one is so no more"
    event = Event.objects.get(name="account.password_set")
    assert (event.actor_id, event.data) == (actor.account_id, {"row": account.pk})


@pytest.mark.parametrize("password", ["", "short", "1234567890", "password123"])
def test_a_password_against_the_rules_is_refused(library: Library, password: str) -> None:
    actor, account = administrator(library), library.new_account("desk")

    with nothing_changed(), pytest.raises(ValidationError):
        set_password(actor=actor, at=NOON, account_id=account.pk, password=password)


def test_who_edits_accounts_but_not_roles_does_not_become_an_administrator_by_a_password(library: Library) -> None:
    administrators = library.new_account("chief", ADMINISTRATOR)
    helpdesk = replace(administrator(library), grants={Privilege.ACCOUNT_EDIT: frozenset({EVERYWHERE})})

    with nothing_changed(), pytest.raises(NotAllowed):
        set_password(actor=helpdesk, at=NOON, account_id=administrators.pk, password=PASSWORD)
    set_password(actor=helpdesk, at=NOON, account_id=library.new_account("desk").pk, password=PASSWORD)


def test_an_account_elsewhere_is_not_found(library: Library, other_library: Library) -> None:
    actor, theirs = administrator(library), other_library.new_account("theirs")

    with nothing_changed(), pytest.raises(RowNotFound):
        set_password(actor=actor, at=NOON, account_id=theirs.pk, password=PASSWORD)
