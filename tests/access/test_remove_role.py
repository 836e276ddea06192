import pytest

from amerce.access.models import RoleAssignment
from amerce.access.remove_role import RoleHeld, RoleIsBuiltIn, remove_role
from amerce.access.restore_role import NoDefault, restore_role, role_default
from amerce.access.roles import roles_of
from amerce.access.save_role import RoleSaid, add_role, save_role
from amerce.events.models import Event
from amerce.inputs.errors import OutOfDate, RowNotFound
from amerce.inputs.stamp import stamp_of
from tests.access.changing import administrator, nothing_changed, said
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db
DESK = "circulation_desk_operator"


@pytest.fixture
def till(library: Library) -> str:
    return add_role(actor=administrator(library), at=NOON, code="till", said=said("Till", fee_pay=None)).code


def test_a_role_that_nobody_holds_is_removed(library: Library, till: str) -> None:
    remove_role(actor=administrator(library), at=NOON, code=till)

    assert till not in roles_of(library.institution.pk)
    assert Event.objects.filter(name="role.changed").latest("pk").data == {
        "row": "till",
        "before": {"label": "Till", "fee.pay": "unlimited"},
        "after": None,
    }


def test_a_role_that_somebody_holds_stays(library: Library, till: str) -> None:
    account = library.new_account("somebody", till)
    RoleAssignment.objects.create(institution=library.institution, account=account, role=till, library=library.library)
    account.is_active = False
    account.save()

    with nothing_changed(), pytest.raises(RoleHeld) as refused:
        remove_role(actor=administrator(library), at=NOON, code=till)

    assert refused.value.accounts == 1


def test_a_built_in_role_and_one_that_is_not_there_are_not_removed(library: Library, till: str) -> None:
    actor = administrator(library)

    for code, refusal in ((DESK, RoleIsBuiltIn), ("king", RowNotFound)):
        with nothing_changed(), pytest.raises(refusal):
            remove_role(actor=actor, at=NOON, code=code)


def test_a_role_that_changed_since_it_was_asked_is_not_removed(library: Library, till: str) -> None:
    actor = administrator(library)
    seen = stamp_of(RoleSaid.of(roles_of(library.institution.pk)[till]))
    save_role(actor=actor, at=NOON, code=till, said=said("Till", fee_pay=None, fee_waive=None))

    with nothing_changed(), pytest.raises(OutOfDate):
        remove_role(actor=actor, at=NOON, code=till, expected_stamp=seen)


def test_a_built_in_role_goes_back_to_what_it_came_with(library: Library) -> None:
    actor = administrator(library)
    save_role(actor=actor, at=NOON, code=DESK, said=said("Front desk", fee_pay=500))

    assert restore_role(actor=actor, at=NOON, code=DESK).is_changed

    role = roles_of(library.institution.pk)[DESK]
    assert (RoleSaid.of(role), role.is_changed) == (role_default(DESK), False)
    data = Event.objects.filter(name="role.changed").latest("pk").data
    assert data["before"] == {"label": "Front desk", "fee.pay": 500}
    assert data["after"]["label"] == "Circulation desk operator"


def test_one_that_is_as_it_came_is_left_alone(library: Library) -> None:
    actor = administrator(library)

    with nothing_changed():
        assert not restore_role(actor=actor, at=NOON, code=DESK).is_changed


def test_a_role_of_the_institution_has_nothing_to_go_back_to(library: Library, till: str) -> None:
    actor = administrator(library)

    for code, refusal in ((till, NoDefault), ("king", RowNotFound)):
        with nothing_changed(), pytest.raises(refusal):
            restore_role(actor=actor, at=NOON, code=code)
