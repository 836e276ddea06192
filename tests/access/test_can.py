import pytest

from amerce.access.actors import EVERYWHERE, Actor, Place, actor_for, system_actor
from amerce.access.can import NotAllowed, can, require, require_for
from amerce.access.models import RoleAssignment
from amerce.access.privileges import ROLES, Privilege
from amerce.institutions.models import Library as LibraryRow
from tests.world import Library

HERE, THERE = Place(1, 11), Place(2, 21)


def actor(scope: set[int | None], place: Place | None) -> Actor:
    return Actor(7, 1, "somebody", place, {Privilege.FEE_PAY: frozenset(scope)})


@pytest.mark.parametrize(
    ("scope", "place", "is_allowed"),
    [
        ({EVERYWHERE}, HERE, True),
        ({EVERYWHERE}, None, True),
        ({1}, HERE, True),
        ({1}, Place(1, None), True),
        ({1}, THERE, False),
        ({1}, None, False),
        ({1, 2}, THERE, True),
        ({1, EVERYWHERE}, THERE, True),
        (set(), HERE, False),
    ],
)
def test_a_privilege_holds_in_its_libraries_and_nowhere_else(
    scope: set[int | None], place: Place | None, is_allowed: bool
) -> None:
    assert can(actor(scope, place), Privilege.FEE_PAY) is is_allowed


def test_one_privilege_is_not_another() -> None:
    with pytest.raises(NotAllowed) as refused:
        require(actor({EVERYWHERE}, HERE), Privilege.FEE_WAIVE)

    assert refused.value.privilege is Privilege.FEE_WAIVE


@pytest.mark.django_db
def test_an_account_holds_the_privileges_of_all_its_roles_each_in_its_scope(library: Library) -> None:
    branch = LibraryRow.objects.create(institution=library.institution, code="BRANCH", name="Branch")
    account = library.new_account("several", "auditor")
    RoleAssignment.objects.create(
        institution=library.institution, account=account, role="circulation_desk_manager", library=branch
    )

    at_main, at_branch = actor_for(account, library.place), actor_for(account, Place(branch.pk, None))

    assert (can(at_main, Privilege.PATRON_VIEW), can(at_main, Privilege.FEE_WAIVE)) == (True, False)
    assert can(at_branch, Privilege.FEE_WAIVE)


@pytest.mark.django_db
def test_an_account_without_roles_may_do_nothing(library: Library) -> None:
    nobody = actor_for(library.new_account("nobody"), library.place)

    assert not [privilege for privilege in Privilege if can(nobody, privilege)]


@pytest.mark.django_db
def test_a_role_that_is_no_more_gives_nothing_and_breaks_nothing(library: Library) -> None:
    account = library.new_account("old", "auditor", "keeper_of_the_card_catalogue")

    held = actor_for(account, library.place)

    assert set(held.grants) == ROLES["auditor"].privileges


@pytest.mark.django_db
def test_a_role_of_another_institution_gives_nothing(library: Library, other_library: Library) -> None:
    account = library.new_account("guest")
    RoleAssignment.objects.create(institution=other_library.institution, account=account, role="user_manager")

    assert actor_for(account, library.place).grants == {}


def test_a_job_holds_just_what_it_names() -> None:
    job = system_actor(1, "overdue-fines", Privilege.FEE_ACCRUE)

    assert [privilege for privilege in Privilege if can(job, privilege)] == [Privilege.FEE_ACCRUE]
    assert (job.account_id, job.library_id, job.desk_id) == (None, None, None)


@pytest.mark.parametrize(
    ("role", "may", "may_not"),
    [
        ("circulation_desk_operator", "FEE_ADD FEE_PAY FEE_DISPUTE FEE_LINK_ITEM", "FEE_WAIVE FEE_RESTORE FEE_CREDIT"),
        ("circulation_desk_operator", "PATRON_VIEW", "PATRON_FIND_BY_NAME FEE_REFUND FEE_CORRECT FEE_EXPORT"),
        ("circulation_desk_manager", "PATRON_FIND_BY_NAME FEE_WAIVE FEE_RESTORE FEE_CREDIT", "FEE_EXPORT FEE_ACCRUE"),
        ("circulation_desk_manager", "FEE_PAY FEE_REFUND FEE_CORRECT", "JOB_RUN DATA_IMPORT"),
        ("user_manager", "FEE_PAY FEE_WAIVE FEE_CORRECT", "FEE_EXPORT JOB_RUN"),
        ("bursar_clerk", "PATRON_VIEW FEE_EXPORT", "FEE_PAY FEE_WAIVE"),
        ("auditor", "PATRON_VIEW PATRON_FIND_BY_NAME", "FEE_ADD FEE_PAY FEE_WAIVE FEE_EXPORT JOB_RUN"),
    ],
)
def test_roles_hold_what_the_rules_say(role: str, may: str, may_not: str) -> None:
    held = {privilege.name for privilege in ROLES[role].privileges}

    assert set(may.split()) <= held
    assert not set(may_not.split()) & held


@pytest.mark.parametrize(
    ("scope", "library_id", "is_allowed"),
    [
        ({EVERYWHERE}, 2, True),
        ({EVERYWHERE}, EVERYWHERE, True),
        ({1}, 1, True),
        ({1}, 2, False),
        ({1, 2}, 2, True),
        ({1}, EVERYWHERE, False),
        ({2}, 2, False),  # it holds there, but somebody works elsewhere
    ],
)
def test_what_is_changed_elsewhere_needs_the_privilege_there_too(
    scope: set[int | None], library_id: int | None, is_allowed: bool
) -> None:
    try:
        require_for(actor(scope, HERE), Privilege.FEE_PAY, library_id)
    except NotAllowed:
        assert not is_allowed
    else:
        assert is_allowed
