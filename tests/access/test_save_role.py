import pytest

from amerce.access.actors import actor_for
from amerce.access.can import can, ceiling_minor
from amerce.access.locked import NobodyLeft
from amerce.access.models import Role
from amerce.access.privileges import ROLES, Privilege
from amerce.access.roles import roles_of
from amerce.access.save_role import (
    CeilingOutOfRange,
    PrivilegeNotForRoles,
    RoleCodeMalformed,
    RoleSaid,
    add_role,
    save_role,
)
from amerce.events.models import Event
from amerce.inputs.errors import NameMissing, NameTaken, OutOfDate, RowNotFound, TextMalformed, TextTooLong
from amerce.inputs.stamp import stamp_of
from tests.access.changing import ADMINISTRATOR, administrator, nothing_changed, said
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db
DESK = "circulation_desk_operator"


def test_a_role_is_made_and_its_holder_may_what_it_says(library: Library) -> None:
    actor = administrator(library)

    made = add_role(actor=actor, at=NOON, code="till", said=said("Till", fee_pay=None, fee_waive=2000))

    holder = actor_for(library.new_account("somebody", "till"), library.place)
    assert made.is_changed
    assert (can(holder, Privilege.FEE_PAY), can(holder, Privilege.FEE_CREDIT)) == (True, False)
    assert ceiling_minor(holder, Privilege.FEE_WAIVE) == 2000
    event = Event.objects.get(name="role.changed")
    assert (event.actor_id, event.data) == (
        actor.account_id,
        {
            "row": "till",
            "before": None,
            "after": {"label": "Till", "fee.pay": "unlimited", "fee.waive": 2000},
        },
    )
    row = Role.objects.get()
    assert (row.updated_by, row.updated_at) == (actor.name, NOON)


def test_a_built_in_role_is_changed_for_its_institution_alone(library: Library, other_library: Library) -> None:
    desk = said("Front desk", patron_view=None, fee_waive=2000)

    save_role(actor=administrator(library), at=NOON, code=DESK, said=desk)

    assert RoleSaid.of(roles_of(library.institution.pk)[DESK]) == desk
    assert roles_of(other_library.institution.pk)[DESK].privileges.keys() == ROLES[DESK].privileges
    before = Event.objects.get(name="role.changed").data["before"]
    assert before["label"] == "Circulation desk operator"
    assert set(before) == {"label", *ROLES[DESK].privileges}


def test_saving_what_it_says_already_writes_nothing(library: Library) -> None:
    actor = administrator(library)
    save_role(actor=actor, at=NOON, code=DESK, said=said(fee_pay=None))

    with nothing_changed():
        assert not save_role(actor=actor, at=NOON, code=DESK, said=said(fee_pay=None)).is_changed


@pytest.mark.parametrize(
    ("code", "wanted", "refusal"),
    [
        ("", said(), NameMissing),
        ("Till", said(), RoleCodeMalformed),
        ("1till", said(), RoleCodeMalformed),
        ("new", said(), RoleCodeMalformed),
        ("till desk", said(), RoleCodeMalformed),
        ("till/..", said(), RoleCodeMalformed),
        ("t" * 61, said(), TextTooLong),
        ("auditor", said(), NameTaken),
        ("till", said("Auditor"), NameTaken),
        ("till", said("auditor "), NameTaken),
        ("till", said(" "), NameMissing),
        ("till", said("T\u202ellit"), TextMalformed),
        ("till", said(fee_waive=0), CeilingOutOfRange),
        ("till", said(fee_waive=-1), CeilingOutOfRange),
        ("till", said(fee_waive=10**15 + 1), CeilingOutOfRange),
        ("till", said(patron_view=100), CeilingOutOfRange),
        ("till", said(fee_accrue=None), PrivilegeNotForRoles),
        ("till", said(loan_purge=None), PrivilegeNotForRoles),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_made(
    library: Library, code: str, wanted: RoleSaid, refusal: type[Exception]
) -> None:
    actor = administrator(library)

    with nothing_changed(), pytest.raises(refusal):
        add_role(actor=actor, at=NOON, code=code, said=wanted)


def test_two_roles_have_not_the_same_name(library: Library) -> None:
    with pytest.raises(NameTaken):
        save_role(actor=administrator(library), at=NOON, code=DESK, said=said("Auditor"))


@pytest.mark.parametrize("code", ["", "king", "KING\0"])
def test_a_role_that_is_not_there_is_not_found(library: Library, code: str) -> None:
    with nothing_changed_after(library), pytest.raises(RowNotFound):
        save_role(actor=administrator(library), at=NOON, code=code, said=said())


def nothing_changed_after(library: Library):  # type: ignore[no-untyped-def]
    administrator(library)
    return nothing_changed()


def test_a_page_that_is_out_of_date_is_refused(library: Library) -> None:
    actor = administrator(library)
    seen = stamp_of(RoleSaid.of(roles_of(library.institution.pk)[DESK]))
    save_role(actor=actor, at=NOON, code=DESK, said=said("First"), expected_stamp=seen)

    with nothing_changed(), pytest.raises(OutOfDate):
        save_role(actor=actor, at=NOON, code=DESK, said=said("Second"), expected_stamp=seen)


@pytest.mark.parametrize("kept", ["role_edit", "account_edit"])
def test_the_last_who_may_edit_roles_and_accounts_keeps_both(library: Library, kept: str) -> None:
    actor = administrator(library)

    with nothing_changed(), pytest.raises(NobodyLeft):
        save_role(actor=actor, at=NOON, code=ADMINISTRATOR, said=said("Administrator", **{kept: None}))


def test_what_another_role_gives_everywhere_may_leave_this_one(library: Library) -> None:
    actor = administrator(library)
    add_role(actor=actor, at=NOON, code="keeper", said=said("Keeper", role_edit=None, account_edit=None))
    library.new_account("keeper", "keeper")

    assert save_role(actor=actor, at=NOON, code=ADMINISTRATOR, said=said("Administrator", role_edit=None)).is_changed
