"""``amerce apikey``: keys made where a script can keep them."""

import pytest
from django.utils import timezone

from amerce.access.key_actor import KeyRefused, caller_of
from amerce.access.models import ApiKey
from amerce.cli.main import main
from tests.world import Library

pytestmark = pytest.mark.django_db


def said(capsys, *arguments: str) -> tuple[int, str, str]:  # type: ignore[no-untyped-def]
    code = main(["apikey", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_create_prints_the_key_alone_and_the_key_works(capsys, library: Library) -> None:  # type: ignore[no-untyped-def]
    code, out, err = said(capsys, "create", "Portal", "--scope", "fees:read", "fees:pay", "--scope", "conf:read")

    assert (code, err) == (0, "")
    caller = caller_of(out.removesuffix("\n"), at=timezone.now(), address="")
    assert caller.scopes == {"fees:read", "fees:pay", "conf:read"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["Portal", "--scope", "nothing"], "A scope is unknown; there are: users:read"),
        (["Kiosk", "--scope", "all"], "There is a key “Kiosk” already; a name is used once."),
        (["", "--scope", "all"], "A name has 1 to 150 characters that can be seen."),
        (["Portal", "--scope", "all", "--library", "NONE"], "There is no library NONE."),
        (
            ["Portal", "--scope", "jobs:read", "--library", "MAIN"],
            "jobs:read goes over all libraries, so a key of one library cannot have it.",
        ),
        (["Portal", "--scope", "all", "--expires", "soon"], "soon is no day; write 2027-08-31."),
        (["Portal", "--scope", "all", "--expires", "2020-01-01"], "2020-01-01 is over."),
        (["Portal", "--scope", "all", "--per-second", "-1"], "Calls per second are from 0 to 10000."),
    ],
)
def test_a_mistake_is_one_sentence(capsys, library: Library, arguments, sentence) -> None:  # type: ignore[no-untyped-def]
    said(capsys, "create", "Kiosk", "--scope", "all")

    code, out, err = said(capsys, "create", *arguments)

    assert (code, out) == (1, "") and sentence in err
    assert ApiKey.objects.count() == 1


def test_list_names_keys_and_revoke_ends_one(capsys, library: Library) -> None:  # type: ignore[no-untyped-def]
    _code, key, _err = said(capsys, "create", "Portal", "--scope", "fees:read", "--library", "MAIN")

    listed = said(capsys, "list")[1]
    assert listed == f"Portal, amk_{key[4:14]}_…, fees:read, only MAIN, last used never\n"
    assert said(capsys, "revoke", "portal") == (0, "Revoked.\n", "")
    assert said(capsys, "revoke", "portal") == (0, "It was revoked before.\n", "")
    assert said(capsys, "revoke", "nobody") == (1, "", "amerce: There is no key “nobody”.\n")
    with pytest.raises(KeyRefused):
        caller_of(key.strip(), at=timezone.now(), address="")
