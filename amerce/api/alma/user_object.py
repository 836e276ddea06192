"""A user as the dialect has it: what Amerce keeps in columns of its own, and whatever else a program sent.

Why both: programs send a whole record and expect it back; what is not ours to understand is kept as it came.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from amerce.api.alma.fee_object import USERS
from amerce.api.alma.user_rows import Rows, blocks, contact_info, day, identifier, note
from amerce.api.call import Call
from amerce.institutions.models import CodeEntry
from amerce.patrons.models import Patron

NEVER_SHOWN = frozenset({"password", "rows"})


def user_link(call: Call, patron: Patron) -> str:
    return call.url(USERS + quote(patron.primary_id, safe=""))


def brief_user(call: Call, patron: Patron) -> dict[str, Any]:
    """As lists show somebody."""
    return {
        "primary_id": patron.primary_id,
        "first_name": patron.first_name,
        "last_name": patron.last_name,
        "status": _status(patron),
        "link": user_link(call, patron),
    }


def user_objects(call: Call, patrons: Sequence[Patron]) -> list[dict[str, Any]]:
    """Whole records. Six queries for all of them."""
    rows = Rows(call, [each.pk for each in patrons])
    return [_user(call, each, rows) for each in patrons]


def _user(call: Call, patron: Patron, rows: Rows) -> dict[str, Any]:
    link = user_link(call, patron)
    kept: dict[str, Any] = patron.other_fields
    kept_rows: dict[str, Any] = kept.get("rows", {})
    group = patron.group
    tree: dict[str, Any] = {
        "record_type": {"value": "PUBLIC", "desc": "Public"},
        "primary_id": patron.primary_id,
        "first_name": patron.first_name,
        "middle_name": patron.middle_name,
        "last_name": patron.last_name,
        "full_name": " ".join(each for each in (patron.first_name, patron.middle_name, patron.last_name) if each),
        "user_group": {"value": group.code, "desc": group.label} if group else {"value": ""},
        "preferred_language": rows.coded(CodeEntry.Table.LANGUAGE, patron.preferred_language or "en"),
        "account_type": {"value": patron.kind.upper(), "desc": patron.kind.capitalize()},
        "external_id": patron.source_system,
        "status": _status(patron),
    }
    if patron.expires_on is not None:
        tree["expiry_date"] = day(patron.expires_on)
    tree["contact_info"] = contact_info(patron, rows, kept_rows)
    tree["user_identifier"] = [identifier(patron, each, rows, kept_rows) for each in rows.identifiers[patron.pk]]
    tree["user_block"] = blocks(rows.blocks[patron.pk], kept_rows)
    tree["user_note"] = [note(each, rows, kept_rows) for each in rows.notes[patron.pk]]
    tree["proxy_for_user"] = [
        {"primary_id": each.primary_id, "full_name": f"{each.first_name} {each.last_name}".strip(),
         "link": user_link(call, each)}
        for each in rows.proxies[patron.pk]
    ]  # fmt: skip
    for name, value in kept.items():
        if name not in tree and name not in NEVER_SHOWN:
            tree[name] = value
    for name in ("user_role", "user_statistic"):
        tree.setdefault(name, [])
    tree["link"] = link
    return tree


def _status(patron: Patron) -> dict[str, str]:
    return {"value": patron.status.upper(), "desc": patron.status.capitalize()}
