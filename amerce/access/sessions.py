"""Where somebody is signed in, and ending that."""

from collections.abc import Collection
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction

from amerce.access.actors import Actor
from amerce.events.record import record
from amerce.inputs.checks import possible_ids
from amerce.inputs.errors import RowNotFound


def sessions_of(actor: Actor, at: datetime) -> list[UserSession]:
    """The sign-ins of the actor that still hold, the latest first. Two queries."""
    rows = list(UserSession.objects.filter(user_id=actor.account_id).order_by("-created_at"))
    keys = [row.session_key for row in rows]
    live = set(Session.objects.filter(session_key__in=keys, expire_date__gt=at).values_list("session_key", flat=True))
    return [row for row in rows if row.session_key in live]


def end_session(*, actor: Actor, at: datetime, session_id: int) -> str:
    """End one sign-in of the actor, and answer its key. Raises ``RowNotFound``."""
    with transaction.atomic():
        row = UserSession.objects.filter(user_id=actor.account_id, pk__in=possible_ids([session_id])).first()
        if row is None:
            raise RowNotFound(session_id)
        _end([row])
        record("session.ended", actor=actor, at=at, data={"sessions": 1})
    return str(row.session_key)


def end_sessions(*, actor: Actor, at: datetime, but: str = "") -> int:
    """End every sign-in of the actor, except the one with the key ``but``; answers how many there were."""
    with transaction.atomic():
        rows = list(UserSession.objects.filter(user_id=actor.account_id).exclude(session_key=but))
        ended = _end(rows)
        if ended:
            record("session.ended", actor=actor, at=at, data={"sessions": ended})
    return ended


def end_sessions_of(account_ids: Collection[int]) -> None:
    """End every sign-in of these accounts, because of a change whose event says so."""
    _end(list(UserSession.objects.filter(user_id__in=account_ids)))


def _end(rows: Collection[UserSession]) -> int:
    ended, _by_model = Session.objects.filter(session_key__in=[row.session_key for row in rows]).delete()
    UserSession.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return ended
