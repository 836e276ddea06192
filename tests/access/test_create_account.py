import pytest
from django.core.exceptions import ValidationError

from amerce.access.actors import actor_for, system_actor
from amerce.access.can import NotAllowed
from amerce.access.create_account import RoleUnknown, UsernameMalformed, create_account
from amerce.access.models import Account, Role, RoleAssignment
from amerce.access.privileges import Privilege
from amerce.events.models import Event
from amerce.inputs.errors import NameMissing, NameTaken, TextMalformed, TextTooLong
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


def create(library: Library, **changed: object) -> Account:
    wanted = {"username": "Okafor", "name": "R. Okafor", "password": "a long password 1", "roles": ["auditor"]}
    actor = system_actor(library.institution.pk, "command line", Privilege.ACCOUNT_CREATE, Privilege.ROLE_EDIT)
    return create_account(**{"actor": actor, "at": NOON, **wanted, **changed})  # type: ignore[arg-type]


def test_it_makes_an_account_that_signs_in_with_its_roles_and_an_event(library: Library) -> None:
    account = create(library)

    assert (account.username, account.check_password("a long password 1")) == ("okafor", True)
    assert list(account.roles.values_list("role", "library")) == [("auditor", None)]
    assert Event.objects.get(name="account.created").data == {"account": account.pk, "roles": ["auditor"]}


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"password": "short"}, ValidationError),
        ({"password": "1234567890"}, ValidationError),
        ({"roles": ["king"]}, RoleUnknown),
        ({"username": "TAKEN"}, NameTaken),
        ({"username": " "}, NameMissing),
        ({"username": "r okafor"}, UsernameMalformed),
        ({"username": "x" * 151}, TextTooLong),
        ({"username": "okafor\0"}, TextMalformed),
        ({"name": ""}, NameMissing),
    ],
)
def test_a_refusal_makes_nothing(library: Library, changed: dict[str, object], refusal: type[Exception]) -> None:
    library.new_account("taken")
    before = (Account.objects.count(), RoleAssignment.objects.count(), Event.objects.count())

    with pytest.raises(refusal):
        create(library, **changed)

    assert (Account.objects.count(), RoleAssignment.objects.count(), Event.objects.count()) == before


def test_a_role_of_the_institution_can_be_given(library: Library) -> None:
    Role.objects.create(institution=library.institution, code="till", label="Till", privileges={})

    assert create(library, roles=["till"]).roles.get().role == "till"


def test_who_makes_accounts_but_gives_no_roles_makes_one_without(library: Library) -> None:
    helpdesk = system_actor(library.institution.pk, "helpdesk", Privilege.ACCOUNT_CREATE)

    with pytest.raises(NotAllowed):
        create(library, actor=helpdesk)

    account = create(library, actor=helpdesk, roles=[], must_change_password=True)
    assert (account.roles.count(), account.must_change_password) == (0, True)


def test_who_may_not_make_accounts_makes_none(library: Library) -> None:
    with pytest.raises(NotAllowed):
        create(library, actor=library.manager)


def test_who_administers_one_library_makes_no_account_that_may_do_things_in_all(library: Library) -> None:
    account = library.new_account("branch")
    RoleAssignment.objects.create(
        institution=library.institution,
        account=account,
        role="general_system_administrator",
        library=library.library,
    )

    with pytest.raises(NotAllowed):
        create(library, actor=actor_for(account, library.place), roles=["user_manager"])
