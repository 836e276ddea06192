import pytest

from amerce.access.backend import LocalAccounts
from tests.world import PASSWORD, Library

pytestmark = pytest.mark.django_db
BACKEND = LocalAccounts()


@pytest.mark.parametrize("typed", ["desk", "DESK", " Desk "])
def test_a_username_has_no_case(library: Library, typed: str) -> None:
    account = library.new_account("desk")

    assert BACKEND.authenticate(None, username=typed, password=PASSWORD) == account


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("desk", "wrong"),
        ("desk", ""),
        ("desk", PASSWORD.upper()),
        ("desk", None),
        ("nobody", PASSWORD),
        ("", PASSWORD),
        (None, PASSWORD),
        ("de\0sk", PASSWORD),
        ("x" * 5000, PASSWORD),
    ],
)
def test_a_wrong_name_or_password_is_refused(library: Library, username: str | None, password: str | None) -> None:
    library.new_account("desk")

    assert BACKEND.authenticate(None, username=username, password=password) is None


def test_an_inactive_account_neither_signs_in_nor_stays_signed_in(library: Library) -> None:
    account = library.new_account("desk")
    account.is_active = False
    account.save()

    assert BACKEND.authenticate(None, username="desk", password=PASSWORD) is None
    assert BACKEND.get_user(account.pk) is None


def test_a_demo_account_only_works_in_demo_mode(library: Library, settings) -> None:  # type: ignore[no-untyped-def]
    account = library.new_account("desk")
    account.is_demo = True
    account.save()

    settings.DEMO = True
    assert BACKEND.authenticate(None, username="desk", password=PASSWORD) == account
    assert BACKEND.get_user(account.pk) == account
    settings.DEMO = False
    assert BACKEND.authenticate(None, username="desk", password=PASSWORD) is None
    assert BACKEND.get_user(account.pk) is None


def test_an_account_that_is_gone_is_nobody() -> None:
    assert BACKEND.get_user(999_999) is None
