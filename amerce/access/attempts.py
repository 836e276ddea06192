"""Settling an attempt to sign in: each failure counts against the name that was typed and against the address.

Why settled after the password was checked, under a lock, and not before: a name that is locked then takes as long as
any other, and of a thousand guesses sent at once no more than the limit get an answer, for answers come one by one.
"""

import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from django.apps import apps
from django.db import transaction
from django.utils.crypto import salted_hmac

from amerce.access.models import Account, SignInCount
from amerce.events.record import record
from amerce.inputs.errors import Refused

Shown = TypeVar("Shown")
"""What shows who somebody is: the account of a right password, the second factor."""
REMEMBERED = timedelta(minutes=15)
"""How long after the last failure it counts."""
LOCKED = timedelta(minutes=15)


class Counted(StrEnum):
    """What failures are counted for."""

    ACCOUNT = "account"
    ADDRESS = "address"
    SECOND_FACTOR = "second_factor"


LIMITS = {Counted.ACCOUNT: 10, Counted.ADDRESS: 100, Counted.SECOND_FACTOR: 5}
"""The failure with which the lock begins. Behind one address there may be a whole library."""


class SignInFailed(Refused):
    """Who they are was not shown, or shown while locked; which of the two parts was wrong is not told."""


class SignInLocked(SignInFailed):
    """Too much failed before, for an account that exists as for one that does not."""


@dataclass(frozen=True)
class Stranger:
    """Whoever tried. What was typed is not kept: people type passwords into the wrong field."""

    account_id: int | None = None
    institution_id: int | None = None
    name: str = ""
    library_id: int | None = None
    desk_id: int | None = None


def settle_sign_in(*, at: datetime, username: str, address: str, account: Account | None) -> Account:
    """Answer ``account``, for whom the password was right, unless the name or the address is locked.

    ``username`` is what was typed. Raises ``SignInLocked`` and, for no account, ``SignInFailed``; each is an event.
    """
    typed = username.strip().casefold()
    counted = [(Counted.ACCOUNT, typed), (Counted.ADDRESS, _network(address))]
    return _settle(at, counted, take=lambda: account, whose=typed)


def settle_second_factor(*, at: datetime, account: Account, address: str, take: Callable[[], Shown | None]) -> Shown:
    """Answer the second factor that ``take`` finds to be right. Raises as ``settle_sign_in``, with the same events.

    ``take`` uses up what was shown, so it is not called while the factor or the address is locked.
    """
    counted = [(Counted.SECOND_FACTOR, str(account.pk)), (Counted.ADDRESS, _network(address))]
    return _settle(at, counted, take=take, whose=account.username)


def forget_failures(account: Account) -> bool:
    """Lift the lock of an account, of its password and of its second factor. False when nothing had failed."""
    failed = SignInCount.objects.filter(key__in=_keys_of(account), failures__gt=0)
    return bool(failed.update(failures=0, locked_until=None))


def locked_until(account: Account, at: datetime) -> datetime | None:
    """When the lock of an account, of its password or its second factor, ends; None where none is. One query."""
    locked = SignInCount.objects.filter(key__in=_keys_of(account), locked_until__gt=at)
    return locked.order_by("-locked_until").values_list("locked_until", flat=True).first()


def _settle(
    at: datetime, counted: Sequence[tuple[Counted, str]], *, take: Callable[[], Shown | None], whose: str
) -> Shown:
    with transaction.atomic():
        answer = _count(at, counted, take=take, whose=whose)
    _forget_old(at)
    if isinstance(answer, SignInFailed):
        raise answer
    return answer


def _count(
    at: datetime, counted: Sequence[tuple[Counted, str]], *, take: Callable[[], Shown | None], whose: str
) -> Shown | SignInFailed:
    kinds = {_key(kind, value): kind for kind, value in counted}
    rows = [_locked_row(at, key) for key in sorted(kinds)]
    is_locked = any(row.locked_until and row.locked_until > at for row in rows)
    shown = None if is_locked else take()
    if shown is not None:
        for row in rows:
            if (
                row.failures and kinds[row.key] is not Counted.ADDRESS
            ):  # else one's own account would buy more guesses at another
                _write(row, at, failures=0)
        return shown
    account = Account.objects.filter(username=whose).first()
    who = (
        Stranger(account.pk, account.institution_id, account.username)
        if account
        else Stranger(institution_id=only_institution())
    )
    record("session.refused", actor=who, at=at, data={"locked": True} if is_locked else {})
    if is_locked:
        return SignInLocked()
    for row in rows:
        kind = kinds[row.key]
        _write(row, at, failures=row.failures + 1, limit=LIMITS[kind])
        if row.locked_until:
            record("session.locked", actor=who, at=at, data={"what": kind.value})
    return SignInFailed()


def only_institution() -> int | None:
    """Whose pages were tried under a name that nobody has: with several institutions nobody can tell."""
    every = apps.get_model("institutions", "Institution")  # a package above, which is not imported
    ids = list(every._default_manager.values_list("pk", flat=True)[:2])
    return ids[0] if len(ids) == 1 else None


def _locked_row(at: datetime, key: str) -> SignInCount:
    """The row of ``key``, locked. One that was forgotten begins anew."""
    while True:
        SignInCount.objects.bulk_create([SignInCount(key=key, forget_at=at + REMEMBERED)], ignore_conflicts=True)
        row = SignInCount.objects.select_for_update().filter(key=key).first()
        if row:
            break
    if row.forget_at <= at:
        row.failures, row.locked_until = 0, None
    return row


def _write(row: SignInCount, at: datetime, *, failures: int, limit: int | None = None) -> None:
    is_over = limit is not None and failures >= limit
    row.failures = failures
    row.locked_until = at + LOCKED if is_over else None
    row.forget_at = at + max(LOCKED, REMEMBERED)
    row.save(update_fields=["failures", "locked_until", "forget_at"])


def _forget_old(at: datetime) -> None:
    with transaction.atomic():
        old = SignInCount.objects.filter(forget_at__lte=at).select_for_update(skip_locked=True)
        SignInCount.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:100])).delete()


def _key(kind: Counted, value: str) -> str:
    return salted_hmac("amerce.access.attempts", f"{kind}:{value}", algorithm="sha256").hexdigest()


def _keys_of(account: Account) -> list[str]:
    return [_key(Counted.ACCOUNT, account.username), _key(Counted.SECOND_FACTOR, str(account.pk))]


def _network(address: str) -> str:
    """One who has a whole network of IPv6 has more addresses than anybody can count.

    A server that listens on IPv6 sees IPv4 as ``::ffff:192.0.2.7``, all of it in one network: each counts alone.
    """
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ipaddress.ip_network((int(found), 64), strict=False))
