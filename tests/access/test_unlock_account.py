import pytest

from amerce.access.actors import system_actor
from amerce.access.can import NotAllowed
from amerce.access.privileges import Privilege
from amerce.access.unlock_account import unlock_account
from amerce.events.models import Event
from amerce.inputs.errors import RowNotFound
from tests.access.test_attempts import LIMIT, fail, sign_in
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


def unlock(library: Library, username: str = "rokafor") -> bool:
    actor = system_actor(library.institution.pk, "command line", Privilege.ACCOUNT_EDIT)
    return unlock_account(actor=actor, at=NOON, username=username)


def test_who_is_locked_signs_in_at_once(library: Library) -> None:
    account = library.new_account("rokafor")
    fail(LIMIT)

    assert unlock(library, " ROkafor ")

    assert sign_in(account, address="192.0.2.8") == account
    assert Event.objects.get(name="account.unlocked").data == {"account": account.pk}


def test_where_nothing_failed_nothing_is_written(library: Library) -> None:
    library.new_account("rokafor")

    assert not unlock(library)
    assert Event.objects.count() == 0


def test_an_account_of_another_institution_is_not_there(library: Library, other_library: Library) -> None:
    other_library.new_account("rokafor")
    fail(LIMIT)
    before = Event.objects.count()

    with pytest.raises(RowNotFound):
        unlock(library)
    assert Event.objects.count() == before


def test_who_may_not_edit_accounts_unlocks_none(library: Library) -> None:
    with pytest.raises(NotAllowed):
        unlock_account(actor=library.manager, at=NOON, username="rokafor")
