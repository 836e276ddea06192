"""Reading accounts: each institution its own, and only who may."""

import pytest

from amerce.access.can import NotAllowed
from amerce.access.explain import explain
from amerce.access.models import Role
from amerce.access.privileges import ONLY_JOBS, Privilege
from amerce.access.queries import get_account, holders, staff_accounts
from amerce.access.security_events import security_events
from amerce.inputs.errors import RowNotFound
from tests.access.changing import administrator
from tests.world import Library

pytestmark = pytest.mark.django_db


def test_accounts_and_their_roles_are_seen_in_their_own_institution_only(
    library: Library, other_library: Library
) -> None:
    for each in (library, other_library):
        each.new_account(f"auditor-{each.institution.code.lower()}", "auditor")
    actor = administrator(library)

    assert [each.username for each in staff_accounts(actor, role="auditor")] == ["auditor-main"]
    assert not staff_accounts(actor, "auditor-other")
    assert holders(library.institution.pk) == {"auditor": 1, "general_system_administrator": 1}
    with pytest.raises(RowNotFound):
        get_account(actor, other_library.staff("auditor").account_id or 0)


def test_who_may_not_edit_accounts_does_not_read_them(library: Library) -> None:
    manager = library.manager

    for ask in (
        lambda: staff_accounts(manager),
        lambda: get_account(manager, manager.account_id or 0),
        lambda: security_events(manager, ["session.signed_in"]),
    ):
        with pytest.raises(NotAllowed):
            ask()


def test_it_explains_each_privilege_by_the_roles_that_give_it_here(library: Library, other_library: Library) -> None:
    Role.objects.create(
        institution=other_library.institution, code="auditor", label="Theirs", privileges={"fee.pay": None}
    )
    account = library.new_account("somebody", "auditor", "gone")

    told = {each.privilege: each for each in explain(account)}

    assert set(told) == set(Privilege) - ONLY_JOBS
    assert [each.role_code for each in told[Privilege.EVENT_VIEW].given] == ["auditor"]
    assert told[Privilege.FEE_PAY].given == []
    assert "auditor" not in [each.code for each in told[Privilege.FEE_PAY].who_may]
