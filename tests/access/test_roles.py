"""An institution's own roles, and the ceilings of what they allow."""

import pytest

from amerce.access.actors import actor_for
from amerce.access.can import AboveCeiling, can, ceiling_minor, require_amount
from amerce.access.models import Role, RoleAssignment
from amerce.access.privileges import ROLES, WITH_CEILING, Privilege
from amerce.access.roles import default_privileges, roles_of, who_may
from amerce.institutions.models import Library as LibraryRow
from tests.world import Library

pytestmark = pytest.mark.django_db
WAIVE, PAY = Privilege.FEE_WAIVE, Privilege.FEE_PAY


def role(library: Library, code: str, **privileges: int | None) -> Role:
    """``fee_waive=2000``: the role ``code`` allows it up to 20.00."""
    given = {name.replace("_", ".", 1): ceiling for name, ceiling in privileges.items()}
    return Role.objects.create(institution=library.institution, code=code, label=code.title(), privileges=given)


def test_a_role_of_the_institution_gives_what_it_says(library: Library) -> None:
    role(library, "till", fee_pay=None, patron_view=None)

    held = actor_for(library.new_account("somebody", "till"), library.place)

    assert set(held.grants) == {PAY, Privilege.PATRON_VIEW}


def test_a_changed_role_is_as_the_institution_says(library: Library, other_library: Library) -> None:
    role(library, "auditor", fee_pay=None)

    mine = actor_for(library.new_account("mine", "auditor"), library.place)
    theirs = actor_for(other_library.new_account("theirs", "auditor"), other_library.place)

    assert set(mine.grants) == {PAY}
    assert set(theirs.grants) == ROLES["auditor"].privileges


def test_a_privilege_that_is_no_more_is_left_out(library: Library) -> None:
    Role.objects.create(
        institution=library.institution, code="old", label="Old", privileges={"card.file": None, "fee.pay": None}
    )

    assert set(actor_for(library.new_account("somebody", "old"), library.place).grants) == {PAY}


def test_a_ceiling_lets_through_what_it_names_and_a_cent_more_is_refused(library: Library) -> None:
    role(library, "till", fee_waive=2000)
    actor = actor_for(library.new_account("somebody", "till"), library.place)

    require_amount(actor, WAIVE, 2000)
    with pytest.raises(AboveCeiling) as refused:
        require_amount(actor, WAIVE, 2001)

    assert (refused.value.privilege, refused.value.amount_minor, refused.value.ceiling_minor) == (WAIVE, 2001, 2000)


def test_of_several_roles_the_highest_ceiling_counts_and_none_counts_most(library: Library) -> None:
    role(library, "low", fee_waive=500, fee_pay=500)
    role(library, "high", fee_waive=2000)
    role(library, "free", fee_pay=None)

    actor = actor_for(library.new_account("somebody", "low", "high", "free"), library.place)

    assert (ceiling_minor(actor, WAIVE), ceiling_minor(actor, PAY)) == (2000, None)


def test_a_ceiling_of_another_library_does_not_count_here(library: Library) -> None:
    branch = LibraryRow.objects.create(institution=library.institution, code="BRANCH", name="Branch")
    role(library, "low", fee_waive=500)
    account = library.new_account("somebody", "low")
    RoleAssignment.objects.create(
        institution=library.institution, account=account, role="circulation_desk_manager", library=branch
    )

    actor = actor_for(account, library.place)

    assert (can(actor, WAIVE), ceiling_minor(actor, WAIVE)) == (True, 500)


def test_only_what_moves_money_has_a_ceiling() -> None:
    assert {each.value.partition(".")[0] for each in WITH_CEILING} == {"fee", "bulk"}


def test_an_institution_has_the_built_in_roles_and_its_own(library: Library, other_library: Library) -> None:
    role(library, "till", fee_pay=2000)
    role(library, "auditor", fee_pay=None)
    role(other_library, "foreign", fee_pay=None)

    found = roles_of(library.institution.pk)

    assert list(found) == [*ROLES, "till"]
    assert (found["till"].is_built_in, found["till"].is_changed, found["till"].privileges) == (
        False,
        False,
        {PAY: 2000},
    )
    assert (found["auditor"].is_built_in, found["auditor"].is_changed) == (True, True)
    assert found["user_manager"].privileges == default_privileges("user_manager")


def test_who_may_names_the_roles_that_reach_the_amount(library: Library) -> None:
    role(library, "till", fee_waive=2000)
    may = ["Circulation desk manager", "User manager"]

    assert who_may(library.institution.pk, WAIVE, 2000) == [*may, "Till"]
    assert who_may(library.institution.pk, WAIVE, 2001) == may
