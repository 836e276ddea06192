import pytest
from django.core.exceptions import ValidationError

from amerce.access.actors import actor_for
from amerce.access.change_password import PasswordSame, PasswordWrong, change_password
from amerce.access.models import Account
from amerce.events.models import Event
from tests.world import NOON, PASSWORD, Library

pytestmark = pytest.mark.django_db
NEW = "a long password 1"


@pytest.fixture
def account(library: Library) -> Account:
    made = library.new_account("rokafor")
    made.must_change_password = True
    made.save()
    return made


def change(account: Account, *, current: str = PASSWORD, password: str = NEW) -> Account:
    return change_password(actor=actor_for(account, None), at=NOON, current=current, password=password)


def test_the_new_password_holds_and_nobody_has_to_change_it_again(account: Account) -> None:
    change(account)

    account.refresh_from_db()
    assert (account.check_password(NEW), account.check_password(PASSWORD)) == (True, False)
    assert not account.must_change_password
    assert Event.objects.get(name="account.password_changed").data == {"row": account.pk}


@pytest.mark.parametrize(
    ("inputs", "refusal"),
    [
        ({"current": "guess"}, PasswordWrong),
        ({"password": PASSWORD}, PasswordSame),
        ({"password": "short"}, ValidationError),
        ({"password": "password1234"}, ValidationError),
        ({"password": "rokafor-rokafor"[:11]}, ValidationError),
        ({"password": "748392017465"}, ValidationError),
    ],
)
def test_a_refusal_changes_nothing(account: Account, inputs: dict[str, str], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        change(account, **inputs)

    account.refresh_from_db()
    assert account.check_password(PASSWORD)
    assert account.must_change_password
    assert Event.objects.count() == 0
