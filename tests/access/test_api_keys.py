"""API keys: made, listed and revoked."""

from datetime import date

import pytest

from amerce.access.api_keys import DayOver, api_keys, create_api_key, hash_of_secret, revoke_api_key
from amerce.access.models import ApiKey
from amerce.access.scopes import SCOPES
from amerce.events.models import Event
from amerce.inputs.errors import ChoiceUnknown, NameMissing, NameTaken, NumberOutOfRange, RowNotFound
from tests.access.changing import administrator, nothing_changed
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


def make(library: Library, name: str = "Portal", scopes: tuple[str, ...] = ("fees:read",), **inputs):  # type: ignore[no-untyped-def]
    return create_api_key(actor=administrator(library), at=NOON, name=name, scopes=scopes, **inputs)


def test_a_key_is_told_once_and_kept_as_a_hash(library: Library) -> None:
    made = make(library, library_id=library.library.pk, expires_on=date(2027, 8, 31), calls_per_second=7)

    row = ApiKey.objects.get(pk=made.key_id)
    mark, prefix, secret = made.key.split("_")
    assert (mark, prefix, row.secret_hash) == ("amk", row.prefix, hash_of_secret(secret))
    assert secret not in str(vars(row))
    assert (row.scopes, row.library_id, row.expires_on, row.calls_per_second) == (
        ["fees:read"], library.library.pk, date(2027, 8, 31), 7,
    )  # fmt: skip
    event = Event.objects.get(name="api_key.created")
    assert event.data == {
        "row": row.pk, "name": "Portal", "scopes": ["fees:read"], "library": library.library.pk,
    }  # fmt: skip


def test_scopes_are_read_however_they_are_joined_and_all_is_every_one(library: Library) -> None:
    joined = make(library, scopes=("Fees Pay", "users.read", "fees:pay"))
    every = make(library, "Everything", scopes=("all",))

    assert ApiKey.objects.get(pk=joined.key_id).scopes == ["users:read", "fees:pay"]
    assert ApiKey.objects.get(pk=every.key_id).scopes == list(SCOPES)


@pytest.mark.parametrize(
    ("inputs", "error"),
    [
        ({"name": " "}, NameMissing),
        ({"name": "KIOSK"}, NameTaken),
        ({"scopes": ()}, NameMissing),
        ({"scopes": ("fees:read", "fees:burn")}, ChoiceUnknown),
        ({"library_id": 0}, ChoiceUnknown),
        ({"calls_per_second": -1}, NumberOutOfRange),
        ({"expires_on": date(2026, 3, 1)}, DayOver),
    ],
)
def test_a_key_that_makes_no_sense_is_refused(library: Library, inputs, error) -> None:  # type: ignore[no-untyped-def]
    make(library, "Kiosk")

    with nothing_changed(), pytest.raises(error):
        make(library, **inputs)


def test_a_library_of_another_institution_is_none(library: Library, other_library: Library) -> None:
    with pytest.raises(ChoiceUnknown):
        make(library, library_id=other_library.library.pk)


def test_a_key_is_revoked_once_and_its_name_stays_taken(library: Library, other_library: Library) -> None:
    made = make(library)
    actor = administrator(library)

    assert revoke_api_key(actor=actor, at=NOON, key_id=made.key_id)
    assert not revoke_api_key(actor=actor, at=NOON, key_id=made.key_id)
    row = ApiKey.objects.get(pk=made.key_id)
    assert (row.revoked_at, row.revoked_by) == (NOON, actor.name)
    assert Event.objects.filter(name="api_key.revoked").count() == 1
    with pytest.raises(NameTaken):
        make(library)
    with pytest.raises(RowNotFound):
        revoke_api_key(actor=administrator(other_library), at=NOON, key_id=made.key_id)


def test_keys_that_hold_are_listed_first_and_none_of_another_institution(
    library: Library, other_library: Library
) -> None:
    gone = make(library, "Archive")
    make(library, "Portal")
    make(other_library, "Elsewhere")
    revoke_api_key(actor=administrator(library), at=NOON, key_id=gone.key_id)

    assert [each.name for each in api_keys(administrator(library))] == ["Portal", "Archive"]
