"""Making API keys, listing and revoking them (rows F2, G1)."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.apps import apps
from django.db import IntegrityError, transaction

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.models import ApiKey
from amerce.access.privileges import Privilege
from amerce.access.scopes import checked_scopes
from amerce.events.record import record
from amerce.inputs.checks import checked_name, checked_number, checked_row, possible_ids
from amerce.inputs.errors import NameTaken, Refused, RowNotFound

NAME_LIMIT = 150
CALLS_PER_SECOND = 50
MOST_CALLS_PER_SECOND = 10_000
_MARK = "amk"
_PREFIX_BYTES, _SECRET_BYTES = 5, 24


class DayOver(Refused):
    """The key would be over before it is made."""

    field = "expires_on"


@dataclass(frozen=True)
class MadeKey:
    """``key`` is the whole of it, which is kept nowhere."""

    key_id: int
    key: str


def create_api_key(
    *,
    actor: Actor,
    at: datetime,
    name: str,
    scopes: Sequence[str],
    library_id: int | None = None,
    expires_on: date | None = None,
    calls_per_second: int = CALLS_PER_SECOND,
) -> MadeKey:
    """Make a key that may do what ``scopes`` say, everywhere or in one library, through the day ``expires_on``.

    Raises ``NotAllowed``, ``NameMissing``, ``NameTaken`` also by a key that was revoked, ``TextTooLong``,
    ``TextMalformed``, ``ChoiceUnknown`` for a scope or the library, ``ScopeOfEveryLibrary`` for one that a key of one
    library cannot hold, ``NumberOutOfRange``, ``DayOver``.
    """
    require_for(actor, Privilege.API_KEY_EDIT, EVERYWHERE)
    name = checked_name("name", name, NAME_LIMIT)
    given = checked_scopes(scopes, in_one_library=library_id is not None)
    checked_number("calls_per_second", calls_per_second, 0, MOST_CALLS_PER_SECOND)
    if library_id is not None:
        checked_row("library_id", apps.get_model("institutions", "Library"), actor.institution_id, pk=library_id)
    if expires_on is not None and expires_on < at.date():
        raise DayOver
    prefix, secret = secrets.token_hex(_PREFIX_BYTES), secrets.token_hex(_SECRET_BYTES)
    row = ApiKey(
        institution_id=actor.institution_id,
        name=name,
        prefix=prefix,
        secret_hash=hash_of_secret(secret),
        scopes=list(given),
        library_id=library_id,
        expires_on=expires_on,
        calls_per_second=calls_per_second,
        created_at=at,
        created_by=actor.name,
    )
    with transaction.atomic():
        if ApiKey.objects.filter(institution_id=actor.institution_id, name__iexact=name).exists():
            raise NameTaken("name", name)
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError as error:  # somebody made it in the same moment
            raise NameTaken("name", name) from error
        data = {"row": row.pk, "name": name, "scopes": list(given), "library": library_id}
        record("api_key.created", actor=actor, at=at, data=data)
    return MadeKey(row.pk, f"{_MARK}_{prefix}_{secret}")


def revoke_api_key(*, actor: Actor, at: datetime, key_id: int) -> bool:
    """End a key for good; False when it was revoked before. Raises ``NotAllowed``, ``RowNotFound``."""
    require_for(actor, Privilege.API_KEY_EDIT, EVERYWHERE)
    with transaction.atomic():
        mine = ApiKey.objects.select_for_update().filter(institution_id=actor.institution_id)
        row = mine.filter(pk__in=possible_ids([key_id])).first()
        if row is None:
            raise RowNotFound(key_id)
        if row.revoked_at is not None:
            return False
        row.revoked_at, row.revoked_by = at, actor.name
        row.save(update_fields=["revoked_at", "revoked_by"])
        record("api_key.revoked", actor=actor, at=at, data={"row": row.pk, "name": row.name})
    return True


def api_keys(actor: Actor) -> list[ApiKey]:
    """Every key with its library, those that hold first, then by name. Raises ``NotAllowed``."""
    require_for(actor, Privilege.API_KEY_EDIT, EVERYWHERE)
    keys = ApiKey.objects.filter(institution_id=actor.institution_id).select_related("library").order_by("name")
    return sorted(keys, key=lambda each: each.revoked_at is not None)


def get_api_key(actor: Actor, key_id: int) -> ApiKey:
    """Raises ``NotAllowed``, ``RowNotFound``."""
    found = next((each for each in api_keys(actor) if each.pk == key_id), None)
    if found is None:
        raise RowNotFound(key_id)
    return found


def hash_of_secret(secret: str) -> str:
    """Why no slow hash: the secret is 192 random bits, which nobody guesses, and every call is checked by it."""
    return hashlib.sha256(secret.encode()).hexdigest()
