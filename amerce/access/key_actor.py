"""Whose call it is: from an API key to the actor, or why not."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any

from django.db import DatabaseError, connection
from django.db.models import Q

from amerce.access.actors import EVERYWHERE, Actor, Place
from amerce.access.api_keys import hash_of_secret
from amerce.access.attempts import only_institution
from amerce.access.call_limit import call_counts
from amerce.access.models import ApiKey
from amerce.access.scopes import held, privileges_of
from amerce.events.record import record
from amerce.sql import Select

_SHAPE = re.compile(r"amk_([0-9a-f]{10})_([0-9a-f]{48})")
_USED_EVERY = timedelta(minutes=1)
_TOLD_EVERY_S = 60
_PATIENCE_MS = 100


class KeyRefused(Exception):
    """The key is not known, wrong, over or revoked; which of them is told to the administrator alone."""


class TooManyCalls(Exception):
    """The key was used more often in this second than it may be."""


@dataclass(frozen=True)
class Caller:
    """A key at work: the actor of its calls, and the scopes that it holds."""

    key: ApiKey
    actor: Actor
    scopes: frozenset[str]

    @property
    def institution(self) -> Any:
        return self.key.institution


def caller_of(typed: str, *, at: datetime, address: str) -> Caller:
    """Whose key ``typed`` is. One query; a second when the key was not used for a minute.

    Raises ``KeyRefused``, which is an event, at most one a minute for a key or an address, and ``TooManyCalls``.
    """
    shape = _SHAPE.fullmatch(typed.strip())
    key = _BY_PREFIX.first(shape[1]) if shape else None
    if shape is None or key is None or not compare_digest(key.secret_hash, hash_of_secret(shape[2])):
        _tell_refused(key, at, "unknown", address)
        raise KeyRefused
    if key.revoked_at is not None:
        _tell_refused(key, at, "revoked", address)
        raise KeyRefused
    if key.expires_on is not None and at.astimezone(key.institution.zone).date() > key.expires_on:
        _tell_refused(key, at, "expired", address)
        raise KeyRefused
    if key.calls_per_second and not call_counts().take(
        key.prefix, limit=key.calls_per_second, window=int(at.timestamp())
    ):
        raise TooManyCalls
    _note_use(key, at)
    scopes = held(key.scopes, key.library_id is not None)
    return Caller(key, _actor_of(key, scopes), scopes)


def _actor_of(key: ApiKey, scopes: frozenset[str]) -> Actor:
    """Who acts by the key: an application under the key's name, at no desk, in its library if it has one."""
    scope = frozenset({key.library_id or EVERYWHERE})
    return Actor(
        None,
        key.institution_id,
        key.name,
        Place(key.library_id, None) if key.library_id else None,
        dict.fromkeys(privileges_of(scopes), scope),
        is_application=True,
        key_id=key.pk,
    )


def tell_scope_missing(caller: Caller, scope: str, at: datetime) -> None:
    """That a key was used for what it may not; an event, at most one a minute for a key."""
    _tell_refused(caller.key, at, "scope", "", scope=scope)


def _tell_refused(key: ApiKey | None, at: datetime, why: str, address: str, **more: str) -> None:
    """Nobody can fill the list of events by calling again and again."""
    whose = key.prefix if key else address
    if not call_counts().take(f"refused {why} {whose}", limit=1, window=int(at.timestamp()) // _TOLD_EVERY_S):
        return
    data = {"why": why, **more} | ({"row": key.pk, "name": key.name} if key else {})
    record("api_key.refused", actor=_Stranger(key.institution_id if key else only_institution()), at=at, data=data)


@dataclass(frozen=True)
class _Stranger:
    """Whoever called; that they are who the key was made for was not shown."""

    institution_id: int | None
    account_id: int | None = None
    name: str = ""
    library_id: int | None = None
    desk_id: int | None = None


def _note_use(key: ApiKey, at: datetime) -> None:
    """Keep when the key was used, once a minute, and only if nobody writes: a call that reads must not wait for it."""
    if key.last_used_at is not None and at - key.last_used_at < _USED_EVERY:
        return
    old = Q(last_used_at=None) | Q(last_used_at__lte=at - _USED_EVERY)
    try:
        with _impatient():
            ApiKey.objects.filter(old, pk=key.pk).update(last_used_at=at)
    except DatabaseError:
        return


class _impatient:  # noqa: N801  used like a function
    """SQLite gives up at once instead of waiting for another writer."""

    def __enter__(self) -> None:
        self._set(_PATIENCE_MS)

    def __exit__(self, *_: object) -> None:
        self._set(int(connection.settings_dict["OPTIONS"].get("timeout", 5) * 1000))

    def _set(self, patience_ms: int) -> None:
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute(f"PRAGMA busy_timeout = {patience_ms:d}")


_BY_PREFIX = Select(lambda prefix: ApiKey.objects.select_related("institution").filter(prefix=prefix))
