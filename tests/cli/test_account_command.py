"""``amerce account``: what an administrator does where no page is open to anybody."""

import pytest

from amerce.access.second_factor import has_second_factor
from amerce.cli.main import main
from tests.access.test_attempts import LIMIT, fail
from tests.access.test_second_factor import with_app
from tests.world import Library

pytestmark = pytest.mark.django_db


def said(capsys, *arguments: str) -> tuple[int, str, str]:  # type: ignore[no-untyped-def]
    code = main(["account", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_unlock_says_whether_anything_had_failed(capsys, library: Library) -> None:  # type: ignore[no-untyped-def]
    library.new_account("rokafor")
    fail(LIMIT)

    assert said(capsys, "unlock", "ROkafor") == (0, "Unlocked.\n", "")
    assert said(capsys, "unlock", "rokafor") == (0, "Nothing had failed for this account.\n", "")
    assert said(capsys, "unlock", "nobody") == (1, "", "amerce: There is no account nobody.\n")


def test_reset_second_factor_removes_it(capsys, library: Library) -> None:  # type: ignore[no-untyped-def]
    account, _secret, _codes = with_app(library)

    assert said(capsys, "reset-second-factor", "rokafor") == (0, "Removed.\n", "")
    assert not has_second_factor(account)
    assert said(capsys, "reset-second-factor", "rokafor") == (0, "This account has no second factor.\n", "")
    assert said(capsys, "reset-second-factor", "nobody") == (1, "", "amerce: There is no account nobody.\n")
