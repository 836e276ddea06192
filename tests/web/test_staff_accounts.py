"""Configuration > Staff Accounts."""

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from amerce.access.attempts import LIMITS, Counted
from amerce.access.models import Account, RoleAssignment
from amerce.access.privileges import ROLES, Privilege
from amerce.access.providers import ProviderFacts, save_provider
from amerce.access.second_factor import KEY, has_second_factor
from amerce.events.models import Event
from amerce.institutions.models import Library as LibraryRow
from tests.access.changing import ADMINISTRATOR, administrator, nothing_changed
from tests.web.stamped import send
from tests.world import NOON, PASSWORD, Library

pytestmark = pytest.mark.django_db
LIST = "/configuration/staff-accounts/"
STRONG = "walnut-otter-lantern-52"


@pytest.fixture
def client(sign_in) -> Client:  # type: ignore[no-untyped-def]
    return sign_in(ADMINISTRATOR)  # type: ignore[no-any-return]


@pytest.fixture
def somebody(library: Library) -> Account:
    return library.new_account("rokafor", "circulation_desk_operator")


def text(response) -> str:  # type: ignore[no-untyped-def]
    return " ".join(response.content.decode().split())


def test_an_account_is_added_with_a_temporary_password_and_given_a_role(client, library: Library):
    form = client.get(f"{LIST}new/")
    suggested = form.context["form"]["password"].value()
    assert len(suggested) == 19
    assert suggested != client.get(f"{LIST}new/").context["form"]["password"].value()

    added = client.post(f"{LIST}new/", {"username": "Okafor", "name": "R. Okafor", "password": suggested})

    account = Account.objects.get(username="okafor")
    assert added["Location"] == f"{LIST}{account.pk}/roles/"
    assert account.check_password(suggested) and account.must_change_password
    client.post(f"{LIST}{account.pk}/roles/", {"role": "auditor", "library_id": library.library.pk})
    assert list(account.roles.values_list("role", "library")) == [("auditor", library.library.pk)]
    assert "Auditor in Main Library" in text(client.get(LIST))
    assert "Auditor in Main Library" in text(client.get(f"{LIST}{account.pk}/")), "the change is told"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"username": ""}, "This cannot be empty."),
        ({"username": "r okafor"}, "A user name has no spaces."),
        ({"username": "ROKAFOR"}, "There is a “rokafor” already."),
        ({"password": "short"}, "This password is too short."),
    ],
)
def test_what_cannot_be_added_is_said_at_its_field(client, somebody, typed, sentence):
    with nothing_changed():
        response = client.post(f"{LIST}new/", {"username": "new", "name": "New", "password": STRONG, **typed})

    assert response.status_code == 422
    assert sentence in text(response)


def test_accounts_are_searched_by_name_and_by_role(client, library: Library, somebody):
    library.new_account("other", "auditor")

    for query, found in (("?q=KAFO", True), ("?q=other", False), ("?role=auditor", False), ("?q=%00", False)):
        assert ("rokafor" in text(client.get(LIST + query))) is found
    assert "rokafor" in text(client.get(LIST + "?role=circulation_desk_operator&q=roka"))
    assert "Nobody found" in text(client.get(LIST + "?q=zzz"))


def test_an_account_is_shut_and_cannot_stay_signed_in(client, somebody):
    theirs = Client()
    theirs.force_login(somebody)

    assert send(client, f"{LIST}{somebody.pk}/", {"name": "R. Okafor"}).status_code == 302

    somebody.refresh_from_db()
    assert (somebody.name, somebody.is_active) == ("R. Okafor", False)
    assert "/sign-in/" in theirs.get("/")["Location"]
    assert "Shut" in text(client.get(LIST))


def test_ones_own_account_is_not_shut(client):
    me = Account.objects.get(username=f"{ADMINISTRATOR}-account")

    with nothing_changed():
        response = send(client, f"{LIST}{me.pk}/", {"name": "Me"})

    assert "This is the account you work with. Somebody else has to shut it." in text(response)


def test_a_role_that_demands_a_second_factor_is_not_used_before_there_is_one(client, somebody):
    theirs = Client()
    theirs.post("/sign-in/", {"username": "rokafor", "password": PASSWORD})
    send(client, "/configuration/sign-in/", {"second_factor_roles": ["auditor", "bursar_clerk"]})

    client.post(f"{LIST}{somebody.pk}/roles/", {"role": "user_manager"})
    assert theirs.get("/my-sign-in/").status_code == 200
    client.post(f"{LIST}{somebody.pk}/roles/", {"role": "auditor"})
    assert theirs.get("/my-sign-in/")["Location"] == "/sign-in/?next=/my-sign-in/"


def test_who_gives_themselves_such_a_role_sets_up_a_second_factor_next(client, library: Library):
    client.post("/sign-out/")
    me = library.new_account("me", ADMINISTRATOR)
    client.post("/sign-in/", {"username": "me", "password": PASSWORD})
    send(client, "/configuration/sign-in/", {"second_factor_roles": ["auditor"]})

    client.post(f"{LIST}{me.pk}/roles/", {"role": "auditor"})

    assert client.get(LIST)["Location"] == "/my-sign-in/"


def test_a_role_is_taken_away_after_a_question(client, library: Library, somebody):
    given = somebody.roles.get()
    path = f"{LIST}{somebody.pk}/roles/{given.pk}/take/"
    assert "Take the role “Circulation desk operator” away from Rokafor?" in text(client.get(path))

    assert client.post(path).status_code == 302

    assert not somebody.roles.exists()
    assert client.post(path).status_code == 404, "it was taken away before"


def test_the_last_administrator_keeps_their_role(client):
    given = RoleAssignment.objects.get(role=ADMINISTRATOR)

    with nothing_changed():
        response = client.post(f"{LIST}{given.account_id}/roles/{given.pk}/take/")

    assert response.status_code == 422
    assert "Give it to somebody else first." in text(response)


@pytest.mark.parametrize("typed", [{}, {"role": "king"}, {"role": "patron"}, {"role": "auditor", "library_id": "999"}])
def test_a_role_or_a_place_that_cannot_be_given_is_refused(client, somebody, typed):
    with nothing_changed():
        response = client.post(f"{LIST}{somebody.pk}/roles/", typed)

    assert response.status_code == 422
    assert "Choose one from the list." in text(response)


def test_a_temporary_password_is_set_and_never_shown_again(client, somebody):
    path = f"{LIST}{somebody.pk}/password/"

    with nothing_changed():
        assert client.post(path, {"password": "short"}).status_code == 422
    done = client.post(path, {"password": STRONG}, follow=True)

    somebody.refresh_from_db()
    assert somebody.check_password(STRONG) and somebody.must_change_password
    assert STRONG not in done.content.decode()
    assert "The password is temporary" in text(done)


def test_it_says_what_somebody_may_do_and_why_and_of_the_rest_who_may(client, library: Library, somebody):
    branch = LibraryRow.objects.create(institution=library.institution, code="BRANCH", name="Branch")
    client.post(
        "/configuration/roles/new/",
        {"label": "Till", "code": "till", "may_fee_waive": "on", "ceiling_fee_waive": "20"},
    )
    client.post(f"{LIST}{somebody.pk}/roles/", {"role": "till", "library_id": branch.pk})

    response = client.get(f"{LIST}{somebody.pk}/privileges/")

    told = {each.name: each for _title, group in response.context["groups"] for each in group}
    assert told["Take payments"].why == ["Circulation desk operator, everywhere"]
    assert told["Waive"].why == ["Till, in Branch, up to $20.00"]
    assert told["Correct"].why == []
    assert told["Correct"].who_may == "Circulation desk manager, User manager"
    assert len([each for each in told.values() if each.why]) == len(
        ROLES["circulation_desk_operator"].privileges | {Privilege.FEE_WAIVE}
    )


def test_the_lock_of_failed_sign_ins_is_lifted_after_a_question(client, somebody):
    path = f"{LIST}{somebody.pk}/"
    assert "Lift the sign-in lock" not in text(client.get(path)), "nothing is locked"
    for _each in range(LIMITS[Counted.ACCOUNT]):
        Client().post("/sign-in/", {"username": "rokafor", "password": "wrong"})
    assert "The account is locked until" in text(client.get(path))
    assert "Lift the sign-in lock of Rokafor?" in text(client.get(f"{path}lock/"))

    assert "Rokafor can sign in again." in text(client.post(f"{path}lock/", follow=True))

    assert Client().post("/sign-in/", {"username": "rokafor", "password": PASSWORD}).status_code == 302
    assert Event.objects.get(name="account.unlocked").data == {"account": somebody.pk}
    assert "Lift the sign-in lock" not in text(client.get(path))


def test_second_factors_are_removed_after_a_question(client, somebody):
    path = f"{LIST}{somebody.pk}/"
    assert "Remove second factors" not in text(client.get(path)), "there is none"
    Authenticator.objects.create(user=somebody, type=KEY, data={"name": "Blue key", "credential": {}})
    assert "Remove second factors" in text(client.get(path))
    with nothing_changed():
        assert "Remove the second factors of Rokafor?" in text(client.get(f"{path}second-factors/"))

    done = client.post(f"{path}second-factors/", follow=True)

    assert "Removed. Rokafor signs in with the password alone." in text(done)
    assert not has_second_factor(somebody)
    assert Event.objects.get(name="second_factor.reset").data == {"row": somebody.pk}
    assert "Rokafor has no second factor." in text(client.post(f"{path}second-factors/", follow=True))


def test_it_says_who_gave_a_role_and_that_a_provider_gives_it_again(client, library: Library, somebody):
    provider_id = save_provider(
        actor=administrator(library),
        at=NOON,
        facts=ProviderFacts(label="University", protocol="oidc", server="https://id.example", client_id="amerce"),
        client_secret="secret",
    )
    given = RoleAssignment.objects.create(
        institution=library.institution, account=somebody, role="auditor", provider_id=provider_id
    )

    page = text(client.get(f"{LIST}{somebody.pk}/roles/"))
    assert "University, at each sign-in" in page and ">Hand<" in page
    assert "gives it again at the next sign-in" in text(client.get(f"{LIST}{somebody.pk}/roles/{given.pk}/take/"))
    by_hand = somebody.roles.get(provider=None)
    assert "gives it again" not in text(client.get(f"{LIST}{somebody.pk}/roles/{by_hand.pk}/take/"))


@pytest.mark.parametrize("tab", ["", "roles/", "privileges/", "password/", "lock/", "second-factors/"])
def test_an_account_of_another_institution_is_not_found(client, other_library: Library, tab):
    theirs = other_library.new_account("theirs")

    for account_id in (theirs.pk, 0, 10**30):
        assert client.get(f"{LIST}{account_id}/{tab}").status_code == 404


def test_who_edits_accounts_only_sees_roles_and_gives_none(library: Library, somebody):
    from amerce.access.models import Role

    Role.objects.create(
        institution=library.institution, code="helpdesk", label="Helpdesk", privileges={"account.edit": None}
    )
    client = Client()
    client.force_login(library.new_account("helper", "helpdesk"))

    page = text(client.get(f"{LIST}{somebody.pk}/roles/"))
    assert "Circulation desk operator" in page and "Give a role" not in page and "Take away" not in page
    with nothing_changed():
        assert client.post(f"{LIST}{somebody.pk}/roles/", {"role": "auditor"}).status_code == 403
