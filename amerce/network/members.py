"""Configuring whom an institution asks: the members of its fulfilment network."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.access.sealed import seal
from amerce.events.record import record
from amerce.inputs.checks import checked_name, checked_number, checked_row, checked_text, possible_ids
from amerce.inputs.errors import ChoiceUnknown, NameMissing, Refused, RowNotFound
from amerce.inputs.stamp import require_unchanged
from amerce.institutions.configuring import locked_institution
from amerce.institutions.models import CodeEntry, Institution
from amerce.institutions.rows import own_row, require_free
from amerce.network.models import NetworkMember
from amerce.outbound.addresses import ADDRESS_LIMIT, AddressRefused, read_address

CHANGED = "network_member.changed"
MEMBERS_LIMIT = 30
KEY_LIMIT = 500
TIMEOUTS_S = (1, 15)
LOCAL, REMOTE = NetworkMember.Kind.LOCAL.value, NetworkMember.Kind.REMOTE.value
_DIALECT = "/almaws/v1"


class TooManyMembers(Refused):
    """Each is asked at the same time when somebody looks, so there are ``MEMBERS_LIMIT`` at most."""

    field = "name"


class MemberIsSelf(Refused):
    """An institution does not ask itself."""

    field = "institution_code"


class ServerAddressNotTaken(Refused):
    """That address may not be called; ``reason`` is one of ``outbound.addresses.AddressRefused``."""

    field = "base_url"

    def __init__(self, reason: str) -> None:
        super().__init__(f"base_url: the address is {reason}")
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class MemberFacts:
    """What a member says, without its key; see ``NetworkMember``."""

    name: str
    kind: str
    institution_code: str = ""
    base_url: str = ""
    identifier_type: str = ""
    timeout_s: int = 5
    is_active: bool = True

    @classmethod
    def of(cls, row: NetworkMember) -> "MemberFacts":
        """Without a query where ``other`` was read with it."""
        return cls(
            name=row.name,
            kind=row.kind,
            institution_code=row.other.code if row.other else "",
            base_url=row.base_url,
            identifier_type=row.identifier_type,
            timeout_s=row.timeout_s,
            is_active=row.is_active,
        )


def members_of(actor: Actor) -> QuerySet[NetworkMember]:
    """The members of the actor's institution by name, for who configures them. Raises ``NotAllowed``."""
    require_for(actor, Privilege.INSTITUTION_CONFIGURE, EVERYWHERE)
    rows = NetworkMember.objects.filter(institution_id=actor.institution_id)
    return rows.select_related("other").order_by("name")


def get_member(actor: Actor, member_id: int) -> NetworkMember:
    """Raises ``NotAllowed``, ``RowNotFound``."""
    found = members_of(actor).filter(pk__in=possible_ids([member_id])).first()
    if found is None:
        raise RowNotFound(member_id)
    return found


def save_member(
    *,
    actor: Actor,
    at: datetime,
    facts: MemberFacts,
    api_key: str = "",
    member_id: int | None = None,
    expected_stamp: str | None = None,
) -> int:
    """Make a member, or make the one of ``member_id`` say ``facts``; answers its id.

    An empty ``api_key`` leaves the one there is, unless the server is another: no key goes to whom it was not given
    for. Raises ``NotAllowed``, ``RowNotFound``, ``OutOfDate``, ``NameMissing``, ``NameTaken``, ``TextTooLong``,
    ``TextMalformed``, ``NumberOutOfRange``, ``ChoiceUnknown`` for the kind, the institution or the type of
    identifier, ``ServerAddressNotTaken``, ``MemberIsSelf``, ``TooManyMembers``.
    """
    require_for(actor, Privilege.INSTITUTION_CONFIGURE, EVERYWHERE)
    after = _checked(facts)
    key = checked_text("api_key", api_key.strip(), KEY_LIMIT) if after.kind == REMOTE else ""
    with transaction.atomic():
        mine = locked_institution(actor)
        own_row(NetworkMember, actor, member_id)
        row = get_member(actor, member_id) if member_id is not None else None
        before = MemberFacts.of(row) if row else None
        if row and before == after and not key:
            return row.pk
        require_unchanged(before, expected_stamp)
        _check_rows(actor, after, mine, member_id)
        is_same_server = before is not None and before.base_url == after.base_url
        if after.kind == REMOTE and not key and not is_same_server:
            raise NameMissing("api_key")
        row = _written(row, actor, at, after, key)
        _record(actor, at, row.pk, before, after, is_key_changed=bool(key))
    return row.pk


def remove_member(*, actor: Actor, at: datetime, member_id: int, expected_stamp: str | None = None) -> None:
    """Ask the member no more. Raises ``NotAllowed``, ``RowNotFound``, ``OutOfDate``."""
    require_for(actor, Privilege.INSTITUTION_CONFIGURE, EVERYWHERE)
    with transaction.atomic():
        locked_institution(actor)
        row = get_member(actor, member_id)
        before = MemberFacts.of(row)
        require_unchanged(before, expected_stamp)
        row.delete()
        _record(actor, at, member_id, before, None)


def _checked(facts: MemberFacts) -> MemberFacts:
    name = checked_name("name", facts.name)
    checked_number("timeout_s", facts.timeout_s, *TIMEOUTS_S)
    if facts.kind == LOCAL:
        code = checked_name("institution_code", facts.institution_code, 60)
        return replace(facts, name=name, institution_code=code, base_url="")
    if facts.kind != REMOTE:
        raise ChoiceUnknown("kind")
    base_url = checked_name("base_url", facts.base_url, ADDRESS_LIMIT).rstrip("/").removesuffix(_DIALECT)
    try:
        read_address(base_url)
    except AddressRefused as error:
        raise ServerAddressNotTaken(error.reason) from None
    if "?" in base_url:
        raise ServerAddressNotTaken("malformed")
    return replace(facts, name=name, institution_code="", base_url=base_url)


def _check_rows(actor: Actor, facts: MemberFacts, mine: Institution, member_id: int | None) -> None:
    require_free(NetworkMember, actor, member_id, {"name": facts.name})
    if member_id is None:
        count = NetworkMember.objects.filter(institution_id=actor.institution_id).count()
        if count >= MEMBERS_LIMIT:
            raise TooManyMembers
    if facts.institution_code:
        if facts.institution_code == mine.code:
            raise MemberIsSelf
        if not Institution.objects.filter(code=facts.institution_code).exists():
            raise ChoiceUnknown("institution_code")
    if facts.identifier_type:
        table = CodeEntry.Table.IDENTIFIER_TYPE
        checked_row("identifier_type", CodeEntry, actor.institution_id, table=table, code=facts.identifier_type)


def _written(row: NetworkMember | None, actor: Actor, at: datetime, facts: MemberFacts, key: str) -> NetworkMember:
    row = row or NetworkMember(institution_id=actor.institution_id)
    row.other = Institution.objects.get(code=facts.institution_code) if facts.institution_code else None
    for name, value in vars(facts).items():
        if name != "institution_code":
            setattr(row, name, value)
    if facts.kind == LOCAL:
        row.sealed_key = ""
    elif key:
        row.sealed_key = seal(key)
    row.updated_by, row.updated_at = actor.name, at
    row.save()
    return row


def _record(
    actor: Actor,
    at: datetime,
    row_id: int,
    before: MemberFacts | None,
    after: MemberFacts | None,
    *,
    is_key_changed: bool = False,
) -> None:
    data: dict[str, Any] = {
        "row": row_id,
        "before": asdict(before) if before else None,
        "after": asdict(after) if after else None,
    }
    if is_key_changed:
        data["fields"] = ["api_key"]
    record(CHANGED, actor=actor, at=at, data=data)
