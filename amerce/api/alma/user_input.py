"""A user as a program sends it, read into what Amerce keeps in columns and what it only keeps.

Why what is not sent stays: programs send back what they read, and some send no more than what they know. Who wants
something gone says so with an empty value or an empty list.
"""

import re
from dataclasses import replace
from typing import Any

from amerce.api.alma.errors import AlmaError
from amerce.api.alma.user_fields import day_of, text_of
from amerce.api.alma.user_rows_input import with_blocks, with_contacts, with_identifiers, with_notes
from amerce.api.call import Call
from amerce.patrons.details import Details
from amerce.patrons.models import Patron, UserGroup
from amerce.patrons.whole_record import WholeRecord

_MADE = frozenset(
    {
        "primary_id", "first_name", "middle_name", "last_name", "full_name", "user_group", "preferred_language",
        "account_type", "external_id", "status", "expiry_date", "contact_info", "user_identifier", "user_block",
        "user_note", "proxy_for_user", "password", "link", "requests", "loans", "fees", "record_type",
        "rows",
    }
)  # fmt: skip
"""What is answered from columns, is only for answers, or is where we keep ours; everything else is kept as it came."""


def read_user(call: Call, sent: Any, before: Patron | None) -> WholeRecord:
    """What ``sent`` makes of ``before``. Raises ``AlmaError`` for what cannot be read."""
    if not isinstance(sent, dict):
        raise AlmaError("401664", "Mandatory field is missing: primary_id.")
    kept: dict[str, Any] = dict(before.other_fields) if before else {}
    kept |= {name: value for name, value in sent.items() if name not in _MADE and (value != [] or name in kept)}
    rows: dict[str, Any] = dict(kept.get("rows", {}))
    details = _details(call, sent, before)
    kind = (text_of(sent, "account_type") or (before.kind if before else "internal")).casefold()
    record = WholeRecord(
        details=details,
        kind=kind,
        source_system=text_of(sent, "external_id", before.source_system if before else ""),
        password=sent["password"] if isinstance(sent.get("password"), str) and sent["password"] else None,
    )
    record = with_identifiers(record, sent, rows)
    record = with_contacts(record, sent, rows)
    record = with_notes(record, sent, rows)
    record = with_blocks(record, sent, rows)
    kept["rows"] = rows
    return replace(record, other_fields=_plain(kept))


def _details(call: Call, sent: dict[str, Any], before: Patron | None) -> Details:
    def named(name: str) -> str:
        return text_of(sent, name, getattr(before, name) if before else "")

    status = (text_of(sent, "status") or (before.status if before else "active")).casefold()
    return Details(
        primary_id=named("primary_id"),
        first_name=named("first_name"),
        middle_name=named("middle_name"),
        last_name=named("last_name"),
        group_id=_group(call, sent, before),
        status=status,
        expires_on=day_of(sent, "expiry_date", before.expires_on if before else None),
        preferred_language=text_of(sent, "preferred_language", before.preferred_language if before else ""),
    )


def _group(call: Call, sent: dict[str, Any], before: Patron | None) -> int | None:
    if "user_group" not in sent:
        return before.group_id if before else call.institution.default_user_group_id
    code = text_of(sent, "user_group")
    if not code:
        return None
    group = UserGroup.objects.filter(institution_id=call.institution.pk, code=code).first()
    if group is None:
        raise AlmaError("401852", f"The user group {code} is not valid.")
    return int(group.pk)


def _plain(value: Any) -> Any:
    """Numbers by their digits become numbers again where they are whole, else texts: what is kept is plain JSON."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, str) and type(value) is not str:
        return int(value) if re.fullmatch(r"-?\d{1,15}", value) else str(value)
    return value
