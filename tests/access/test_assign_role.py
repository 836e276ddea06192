import threading

import pytest
from django.db import connection

from amerce.access.actors import EVERYWHERE, Place, actor_for
from amerce.access.assign_role import assign_role, revoke_role
from amerce.access.can import can
from amerce.access.locked import NobodyLeft
from amerce.access.models import RoleAssignment
from amerce.access.privileges import Privilege
from amerce.access.save_role import add_role
from amerce.events.models import Event
from amerce.inputs.errors import ChoiceUnknown, RowNotFound
from amerce.institutions.models import Library as LibraryRow
from tests.access.changing import ADMINISTRATOR, administrator, nothing_changed, said
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db
MANAGER = "circulation_desk_manager"


def test_a_role_is_given_in_one_library_and_holds_there_alone(library: Library) -> None:
    branch = LibraryRow.objects.create(institution=library.institution, code="BRANCH", name="Branch")
    account = library.new_account("somebody", "auditor")

    assert assign_role(actor=administrator(library), at=NOON, account_id=account.pk, role=MANAGER, library_id=branch.pk)

    assert can(actor_for(account, Place(branch.pk, None)), Privilege.FEE_WAIVE)
    assert not can(actor_for(account, library.place), Privilege.FEE_WAIVE)
    assert Event.objects.get(name="account.changed").data == {
        "row": account.pk,
        "fields": ["roles"],
        "before": {"roles": [["auditor", None]]},
        "after": {"roles": [["auditor", None], [MANAGER, branch.pk]]},
    }


def test_a_role_of_the_institution_is_given(library: Library) -> None:
    actor, account = administrator(library), library.new_account("somebody")
    add_role(actor=actor, at=NOON, code="till", said=said(fee_pay=None))

    assert assign_role(actor=actor, at=NOON, account_id=account.pk, role="till")
    assert can(actor_for(account, None), Privilege.FEE_PAY)


def test_given_twice_it_is_held_once(library: Library) -> None:
    actor, account = administrator(library), library.new_account("somebody", "auditor")

    with nothing_changed():
        assert not assign_role(actor=actor, at=NOON, account_id=account.pk, role="auditor")


def test_a_role_or_a_library_that_is_not_ours_is_refused(library: Library, other_library: Library) -> None:
    actor, account = administrator(library), library.new_account("somebody")
    theirs = other_library.library.pk

    for role, library_id in (("king", EVERYWHERE), ("auditor", theirs), ("auditor", 0), ("auditor", 10**30)):
        with nothing_changed(), pytest.raises(ChoiceUnknown):
            assign_role(actor=actor, at=NOON, account_id=account.pk, role=role, library_id=library_id)


def test_a_role_is_taken_away_once(library: Library) -> None:
    actor, account = administrator(library), library.new_account("somebody", "auditor", MANAGER)
    assignment_id = account.roles.get(role=MANAGER).pk

    revoke_role(actor=actor, at=NOON, account_id=account.pk, assignment_id=assignment_id)

    assert list(account.roles.values_list("role", flat=True)) == ["auditor"]
    account.refresh_from_db()
    assert account.updated_by == actor.name
    with nothing_changed(), pytest.raises(RowNotFound):
        revoke_role(actor=actor, at=NOON, account_id=account.pk, assignment_id=assignment_id)


def test_a_role_of_another_account_is_not_taken_away(library: Library) -> None:
    actor, account = administrator(library), library.new_account("somebody", "auditor")
    other = library.new_account("other", "auditor")

    with nothing_changed(), pytest.raises(RowNotFound):
        revoke_role(actor=actor, at=NOON, account_id=account.pk, assignment_id=other.roles.get().pk)


def test_the_last_administrator_keeps_the_role_that_holds_everywhere(library: Library) -> None:
    actor = administrator(library)
    in_one_library = library.new_account("branch")
    RoleAssignment.objects.create(
        institution=library.institution, account=in_one_library, role=ADMINISTRATOR, library=library.library
    )
    mine = RoleAssignment.objects.get(account_id=actor.account_id, role=ADMINISTRATOR)

    with nothing_changed(), pytest.raises(NobodyLeft):
        revoke_role(actor=actor, at=NOON, account_id=actor.account_id or 0, assignment_id=mine.pk)


@pytest.mark.money  # on both engines, since each locks in its own way
def test_two_administrators_cannot_take_each_others_role_away_at_once(flushable: None) -> None:
    library = Library.new("MAIN")
    two = [library.new_account(name, ADMINISTRATOR) for name in ("one", "two")]
    start, refused = threading.Barrier(2), []

    def take(mine: int) -> None:
        other = two[1 - mine]
        actor, assignment_id = actor_for(two[mine], None), other.roles.get().pk
        start.wait()
        try:
            revoke_role(actor=actor, at=NOON, account_id=other.pk, assignment_id=assignment_id)
        except NobodyLeft as error:
            refused.append(error.privilege)
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=(mine,)) for mine in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert RoleAssignment.objects.filter(role=ADMINISTRATOR).count() == 1
    assert len(refused) == 1
