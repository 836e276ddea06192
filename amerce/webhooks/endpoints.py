"""Configuring who is told: endpoints, their secrets, and taking them away (row G4)."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.access.sealed import seal
from amerce.events.record import record
from amerce.inputs.checks import checked_name, checked_text
from amerce.inputs.errors import ChoiceUnknown, NameMissing, Refused, RowNotFound
from amerce.inputs.stamp import require_unchanged
from amerce.institutions.configuring import locked_institution
from amerce.institutions.rows import own_row, require_free
from amerce.outbound.addresses import ADDRESS_LIMIT, AddressRefused, read_address
from amerce.webhooks.kinds import Kind
from amerce.webhooks.listening import forget_now_and_when_committed
from amerce.webhooks.models import WebhookEndpoint
from amerce.webhooks.secrets import BOTH_VALID, LONGEST, SHORTEST, new_secret

CHANGED = "webhook.changed"


class AddressNotTaken(Refused):
    """Nothing may be sent to that address; ``reason`` is one of ``outbound.addresses.AddressRefused``."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: the address is {reason}")
        self.field = field
        self.reason = reason


class SecretTooShort(Refused):
    """A secret that somebody could guess."""

    field = "secret"


@dataclass(frozen=True, kw_only=True)
class EndpointFacts:
    """What an endpoint says, without its secret. ``events`` in the order of ``Kind``."""

    name: str
    url: str
    events: tuple[str, ...] = ()
    is_enabled: bool = True

    @classmethod
    def of(cls, row: WebhookEndpoint) -> "EndpointFacts":
        return cls(name=row.name, url=row.url, events=tuple(row.events), is_enabled=row.is_enabled)


@dataclass(frozen=True)
class EndpointSaved:
    """``secret`` is what was made for it, to be shown this once; empty where there was one or it was given."""

    endpoint_id: int
    is_changed: bool
    secret: str = ""


def save_endpoint(
    *,
    actor: Actor,
    at: datetime,
    facts: EndpointFacts,
    endpoint_id: int | None = None,
    secret: str = "",
    expected_stamp: str | None = None,
) -> EndpointSaved:
    """Make an endpoint, with a new secret unless one is given, or make the one of ``endpoint_id`` say ``facts``.

    A given ``secret`` replaces at once the one there is. Raises ``NotAllowed``, ``RowNotFound``, ``OutOfDate``,
    ``NameMissing``, ``NameTaken``, ``TextTooLong``, ``TextMalformed``, ``AddressNotTaken``, ``SecretTooShort``, and
    ``ChoiceUnknown`` for an event.
    """
    require_for(actor, Privilege.INSTITUTION_CONFIGURE, EVERYWHERE)
    after = _checked(facts)
    if secret and not SHORTEST <= len(secret) <= LONGEST:
        raise SecretTooShort
    with transaction.atomic():
        locked_institution(actor)
        row = own_row(WebhookEndpoint, actor, endpoint_id)
        before = EndpointFacts.of(row) if row else None
        if row is not None and before == after and not secret:
            return EndpointSaved(row.pk, is_changed=False)
        require_unchanged(before, expected_stamp)
        require_free(WebhookEndpoint, actor, endpoint_id, {"name": after.name})
        made = "" if row or secret else new_secret()
        row = row or WebhookEndpoint(institution_id=actor.institution_id)
        _write(row, after)
        if secret or made:
            row.sealed_secret, row.sealed_old_secret, row.old_secret_until = seal(secret or made), "", None
        row.updated_by, row.updated_at = actor.name, at
        row.save()
        _record(actor, at, row.pk, before, after, is_secret_changed=bool(secret or made))
        forget_now_and_when_committed()
    return EndpointSaved(row.pk, is_changed=True, secret=made)


def renew_secret(
    *, actor: Actor, at: datetime, endpoint_id: int, keeps_old: bool, expected_stamp: str | None = None
) -> EndpointSaved:
    """Give the endpoint a new secret; with ``keeps_old`` messages are signed by the old one too for ``BOTH_VALID``.

    Raises ``NotAllowed``, ``RowNotFound``, ``OutOfDate``.
    """
    require_for(actor, Privilege.INSTITUTION_CONFIGURE, EVERYWHERE)
    with transaction.atomic():
        locked_institution(actor)
        row = _own(actor, endpoint_id)
        facts = EndpointFacts.of(row)
        require_unchanged(facts, expected_stamp)
        secret = new_secret()
        row.sealed_old_secret = row.sealed_secret if keeps_old else ""
        row.old_secret_until = at + BOTH_VALID if keeps_old else None
        row.sealed_secret = seal(secret)
        row.updated_by, row.updated_at = actor.name, at
        row.save()
        _record(actor, at, row.pk, facts, facts, is_secret_changed=True)
    return EndpointSaved(row.pk, is_changed=True, secret=secret)


def remove_endpoint(*, actor: Actor, at: datetime, endpoint_id: int, expected_stamp: str | None = None) -> None:
    """Take the endpoint away, with its log and what still waits. Raises ``NotAllowed``, ``RowNotFound``,
    ``OutOfDate``."""
    require_for(actor, Privilege.INSTITUTION_CONFIGURE, EVERYWHERE)
    with transaction.atomic():
        locked_institution(actor)
        row = _own(actor, endpoint_id)
        before = EndpointFacts.of(row)
        require_unchanged(before, expected_stamp)
        row.delete()
        _record(actor, at, endpoint_id, before, None)
        forget_now_and_when_committed()


def checked_url(field: str, text: str) -> str:
    """An address that may be called. Raises ``NameMissing``, ``TextTooLong``, ``TextMalformed``,
    ``AddressNotTaken``."""
    url = checked_name(field, text, ADDRESS_LIMIT)
    try:
        read_address(url)
    except AddressRefused as error:
        raise AddressNotTaken(field, error.reason) from None
    return url


def _own(actor: Actor, endpoint_id: int) -> WebhookEndpoint:
    row = own_row(WebhookEndpoint, actor, endpoint_id)
    if row is None:
        raise RowNotFound(endpoint_id)
    return row


def _checked(facts: EndpointFacts) -> EndpointFacts:
    name = checked_text("name", checked_name("name", facts.name), 200)
    url = checked_url("url", facts.url)
    if set(facts.events) - set(Kind.values):
        raise ChoiceUnknown("events")
    if not facts.events:
        raise NameMissing("events")
    events = tuple(each for each in Kind.values if each in facts.events)
    return EndpointFacts(name=name, url=url, events=events, is_enabled=facts.is_enabled)


def _write(row: WebhookEndpoint, facts: EndpointFacts) -> None:
    if row.url != facts.url or (facts.is_enabled and not row.is_enabled):
        row.failing_since = row.rests_until = None
    row.name, row.url, row.events, row.is_enabled = facts.name, facts.url, list(facts.events), facts.is_enabled


def _record(
    actor: Actor,
    at: datetime,
    row_id: int,
    before: EndpointFacts | None,
    after: EndpointFacts | None,
    *,
    is_secret_changed: bool = False,
) -> None:
    data: dict[str, Any] = {"row": row_id, "before": _said(before), "after": _said(after)}
    if is_secret_changed:
        data["fields"] = ["secret"]
    record(CHANGED, actor=actor, at=at, data=data)


def _said(facts: EndpointFacts | None) -> dict[str, object] | None:
    return {**asdict(facts), "events": list(facts.events)} if facts else None
