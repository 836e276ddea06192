"""What is shown after the password: a code of an authenticator app, a security key, or a recovery code.

Why the last code is kept with the app and not in a cache: two processes must not take the same one twice.
"""

import hmac
import time
from collections.abc import Sequence
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.utils import decrypt
from django.db import transaction

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.locked import account_to_change
from amerce.access.models import Account
from amerce.access.privileges import Privilege
from amerce.access.sealed import NotSealedHere
from amerce.access.sessions import end_sessions_of
from amerce.access.set_password import may_edit_roles
from amerce.access.sign_in_settings import needs_second_factor
from amerce.events.record import record
from amerce.inputs.checks import checked_name, possible_ids
from amerce.inputs.errors import Refused, RowNotFound

APP, KEY, CODES = Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN, Authenticator.Type.RECOVERY_CODES
NAME_LIMIT = 60
KEYS_LIMIT = 10
_PERIOD_S = 30
_AROUND = (-1, 0, 1)
"""Which periods beside the present one are taken: a telephone's clock may be half a minute off."""


class CodeWrong(Refused):
    """The code is not the one that the app shows now, or it was used before."""

    field = "code"


class FactorNeeded(Refused):
    """A role of the account demands a second factor, and this is the last."""


class TooManyKeys(Refused):
    """There are ``KEYS_LIMIT`` security keys already."""

    field = "name"


def factors_of(account: Account) -> list[Authenticator]:
    """The authenticator app, the security keys and the recovery codes of an account, the oldest first. One query."""
    return list(Authenticator.objects.filter(user=account).order_by("pk"))


def has_second_factor(account: Account) -> bool:
    return bool(Authenticator.objects.filter(user=account, type__in=[APP, KEY]).exists())


def new_secret() -> str:
    """What an app and ``set_up_app`` share: 160 random bits in base 32."""
    return str(generate_totp_secret())


def set_up_app(*, actor: Actor, at: datetime, secret: str, code: str) -> list[str]:
    """Let the app that has ``secret`` and shows ``code`` be the account's, in place of one it had.

    Answers recovery codes if there were none before. Raises ``CodeWrong``.
    """
    with transaction.atomic():
        account = _locked(actor.account_id)
        counter = _counter_of(secret, code, after=0)
        if counter is None:
            raise CodeWrong
        Authenticator.objects.filter(user=account, type=APP).delete()
        row = TOTP.activate(account, secret).instance
        row.data["last_counter"] = counter
        row.save(update_fields=["data"])
        record("second_factor.added", actor=actor, at=at, data={"row": row.pk, "kind": APP.value})
        return _first_codes(account)


def add_key(*, actor: Actor, at: datetime, name: str, credential: dict[str, object]) -> list[str]:
    """Add a security key whose ``credential`` was verified. Answers recovery codes if there were none before.

    Raises ``TextTooLong``, ``NameMissing``, ``TooManyKeys``.
    """
    name = checked_name("name", name, NAME_LIMIT)
    with transaction.atomic():
        account = _locked(actor.account_id)
        if Authenticator.objects.filter(user=account, type=KEY).count() >= KEYS_LIMIT:
            raise TooManyKeys
        row = Authenticator.objects.create(user=account, type=KEY, data={"name": name, "credential": credential})
        record("second_factor.added", actor=actor, at=at, data={"row": row.pk, "kind": KEY.value})
        return _first_codes(account)


def remove_factor(*, actor: Actor, at: datetime, factor_id: int) -> None:
    """Remove one's own app or key; the recovery codes go with the last. Raises ``RowNotFound``, ``FactorNeeded``."""
    with transaction.atomic():
        account = _locked(actor.account_id)
        rows = Authenticator.objects.filter(user=account, type__in=[APP, KEY])
        row = rows.filter(pk__in=possible_ids([factor_id])).first()
        if row is None:
            raise RowNotFound(factor_id)
        if rows.count() == 1:
            if needs_second_factor(account):
                raise FactorNeeded
            Authenticator.objects.filter(user=account, type=CODES).delete()
        row.delete()
        record("second_factor.removed", actor=actor, at=at, data={"row": factor_id, "kind": row.type})


def remove_all_factors(*, actor: Actor, at: datetime, account_id: int) -> bool:
    """Remove every second factor of somebody who lost theirs; false when there was none.

    They are signed out everywhere: who found the lost device may be signed in by it. For the account of
    somebody who may edit roles the actor needs that, too. Raises ``NotAllowed``, ``RowNotFound``.
    """
    require_for(actor, Privilege.ACCOUNT_EDIT, EVERYWHERE)
    with transaction.atomic():
        account = account_to_change(actor, account_id)
        if may_edit_roles(account):
            require_for(actor, Privilege.ROLE_EDIT, EVERYWHERE)
        removed, _rows = Authenticator.objects.filter(user=account).delete()
        if removed:
            end_sessions_of([account.pk])
            record("second_factor.reset", actor=actor, at=at, data={"row": account.pk})
    return bool(removed)


def make_recovery_codes(*, actor: Actor, at: datetime) -> list[str]:
    """New recovery codes; those of before are void. Raises ``RowNotFound`` where there is no other second factor."""
    with transaction.atomic():
        account = _locked(actor.account_id)
        if not has_second_factor(account):
            raise RowNotFound(account.pk)
        Authenticator.objects.filter(user=account, type=CODES).delete()
        record("second_factor.codes_made", actor=actor, at=at, data={})
        return _first_codes(account)


def take_code(account: Account, code: str) -> Authenticator | None:
    """The app or the recovery codes that ``code`` belongs to; it is used up. None for a wrong one.

    Whoever asks counts the failures (``attempts.settle_second_factor``).
    """
    typed = "".join(code.split())
    with transaction.atomic():
        rows = Authenticator.objects.select_for_update().filter(user=account, type__in=[APP, CODES]).order_by("pk")
        return next((row for row in rows if _takes(row, typed)), None)


def _takes(row: Authenticator, typed: str) -> bool:
    try:
        if row.type == CODES:
            return bool(RecoveryCodes(row).validate_code(typed))
        counter = _counter_of(decrypt(row.data["secret"]), typed, after=row.data.get("last_counter", 0))
    except NotSealedHere:  # it was kept under another secret key
        return False
    if counter is None:
        return False
    row.data["last_counter"] = counter
    row.save(update_fields=["data"])
    return True


def _counter_of(secret: str, typed: str, *, after: int) -> int | None:
    """The number of the period whose code ``typed`` is, if it is about now and later than ``after``."""
    now = int(time.time()) // _PERIOD_S
    fitting: Sequence[int] = [
        now + each
        for each in _AROUND
        if hmac.compare_digest(format_hotp_value(hotp_value(secret, now + each)).encode(), typed.encode())
    ]
    return next((each for each in fitting if each > after), None)


def _first_codes(account: Account) -> list[str]:
    """The recovery codes that are made with the first factor. They are shown this once."""
    if Authenticator.objects.filter(user=account, type=CODES).exists():
        return []
    return list(RecoveryCodes.activate(account).generate_codes())


def _locked(account_id: int | None) -> Account:
    return Account.objects.select_for_update().get(pk=account_id or 0)
