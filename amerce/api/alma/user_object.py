"""A user as the dialect has it: what Amerce keeps in columns of its own, and whatever else a program sent.

Why both: programs send a whole record and expect it back; what is not ours to understand is kept as it came.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from urllib.parse import quote

from amerce.api.alma.fee_object import USERS, moment
from amerce.api.call import Call
from amerce.institutions.models import CodeEntry
from amerce.patrons.models import Contact, Patron, PatronBlock, PatronIdentifier, PatronNote, Proxy

EXTERNAL, INTERNAL = "External", "Internal"
ADDRESS_FIELDS = ("line1", "line2", "line3", "line4", "line5")
NEVER_SHOWN = frozenset({"password", "rows"})
_TABLES = (
    CodeEntry.Table.IDENTIFIER_TYPE, CodeEntry.Table.EMAIL_TYPE, CodeEntry.Table.PHONE_TYPE,
    CodeEntry.Table.ADDRESS_TYPE, CodeEntry.Table.NOTE_TYPE, CodeEntry.Table.LANGUAGE,
)  # fmt: skip
_KINDS = {Contact.Kind.EMAIL: "email", Contact.Kind.PHONE: "phone", Contact.Kind.ADDRESS: "address"}
BLOCK_TYPES = {"GENERAL": "General", "LOAN": "Loan"}


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
    rows = _Rows(call, [each.pk for each in patrons])
    return [_user(call, each, rows) for each in patrons]


class _Rows:
    """What belongs to the records, read once for all of them."""

    def __init__(self, call: Call, patron_ids: list[int]) -> None:
        mine = {"institution_id": call.institution.pk, "patron_id__in": patron_ids}
        self.identifiers = _by_patron(PatronIdentifier.objects.filter(**mine).order_by("pk"))
        self.contacts = _by_patron(Contact.objects.filter(**mine).order_by("pk"))
        self.notes = _by_patron(PatronNote.objects.filter(**mine).order_by("pk"))
        self.blocks = _by_patron(PatronBlock.objects.filter(**mine, lifted_at=None).order_by("pk"))
        for_others = {"institution_id": call.institution.pk, "proxy_id__in": patron_ids}
        self.proxies: dict[int, list[Any]] = defaultdict(list)
        for each in Proxy.objects.filter(**for_others).select_related("patron").order_by("pk"):
            self.proxies[each.proxy_id].append(each.patron)
        entries = CodeEntry.objects.filter(institution_id=call.institution.pk, table__in=_TABLES)
        self._labels = {(table, code): label for table, code, label in entries.values_list("table", "code", "label")}

    def coded(self, table: str, code: str) -> dict[str, str]:
        return {"value": code, "desc": self._labels.get((table, code), code)}


def _by_patron(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for each in rows:
        found[each.patron_id].append(each)
    return found


def _user(call: Call, patron: Patron, rows: _Rows) -> dict[str, Any]:
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
    tree["contact_info"] = _contact_info(patron, rows, kept_rows)
    tree["user_identifier"] = [_identifier(patron, each, rows, kept_rows) for each in rows.identifiers[patron.pk]]
    tree["user_block"] = _blocks(rows.blocks[patron.pk], kept_rows)
    tree["user_note"] = [_note(each, rows, kept_rows) for each in rows.notes[patron.pk]]
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


def day(on: date) -> str:
    """``2027-08-31Z``: the dialect's days end so."""
    return f"{on.isoformat()}Z"


def row_key(*parts: object) -> str:
    """By which a row of a list is known again."""
    return "\n".join(str(each).strip().casefold() for each in parts)


def _status(patron: Patron) -> dict[str, str]:
    return {"value": patron.status.upper(), "desc": patron.status.capitalize()}


def _segment(patron: Patron, is_loaded: bool) -> str:
    return EXTERNAL if is_loaded and patron.is_external else INTERNAL


def _contact_info(patron: Patron, rows: _Rows, kept: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, list[dict[str, Any]]] = {"address": [], "email": [], "phone": []}
    for each in rows.contacts[patron.pk]:
        name = _KINDS[Contact.Kind(each.kind)]
        made = {"email": _email, "phone": _phone, "address": _address}[name](each, rows)
        before = kept.get(name, {}).get(row_key(each.text, each.postal_code), {})
        found[name].append({**before, **made, "segment_type": _segment(patron, each.is_loaded)})
    return found


def _email(contact: Contact, rows: _Rows) -> dict[str, Any]:
    return {
        "email_address": contact.text,
        "description": contact.note or None,
        "preferred": contact.is_preferred,
        "email_type": [rows.coded(CodeEntry.Table.EMAIL_TYPE, each) for each in contact.types],
    }


def _phone(contact: Contact, rows: _Rows) -> dict[str, Any]:
    return {
        "phone_number": contact.text,
        "preferred": contact.is_preferred,
        "preferred_sms": contact.is_preferred_sms,
        "phone_type": [rows.coded(CodeEntry.Table.PHONE_TYPE, each) for each in contact.types],
    }


def _address(contact: Contact, rows: _Rows) -> dict[str, Any]:
    lines = contact.text.splitlines()
    tree: dict[str, Any] = {
        name: lines[number] if number < len(lines) else None for number, name in enumerate(ADDRESS_FIELDS)
    }
    tree |= {
        "city": contact.city or None,
        "state_province": contact.state_province or None,
        "postal_code": contact.postal_code or None,
        "country": {"value": contact.country},
        "address_note": contact.note or None,
        "preferred": contact.is_preferred,
        "address_type": [rows.coded(CodeEntry.Table.ADDRESS_TYPE, each) for each in contact.types],
    }
    if contact.starts_on is not None:
        tree["start_date"] = day(contact.starts_on)
    if contact.ends_on is not None:
        tree["end_date"] = day(contact.ends_on)
    return tree


def _identifier(patron: Patron, row: PatronIdentifier, rows: _Rows, kept: dict[str, Any]) -> dict[str, Any]:
    before = kept.get("user_identifier", {}).get(row_key(row.type, row.value), {})
    return {
        "status": "ACTIVE",
        **before,
        "value": row.value,
        "id_type": rows.coded(CodeEntry.Table.IDENTIFIER_TYPE, row.type),
        "note": row.note or None,
        "segment_type": _segment(patron, row.is_loaded),
    }


def _note(row: PatronNote, rows: _Rows, kept: dict[str, Any]) -> dict[str, Any]:
    before = kept.get("user_note", {}).get(row_key(row.type, row.text), {})
    return {
        "created_by": row.created_by,
        "created_date": moment(row.created_at),
        "segment_type": INTERNAL,
        **before,
        "note_type": rows.coded(CodeEntry.Table.NOTE_TYPE, row.type),
        "note_text": row.text,
        "user_viewable": row.is_user_viewable,
        "popup_note": row.is_popup,
    }


def _blocks(rows: list[PatronBlock], kept: dict[str, Any]) -> list[dict[str, Any]]:
    """Those that hold, and those that a program sent to be kept and that stop nobody."""
    found, told = [], kept.get("user_block", {})
    for row in rows:
        before = told.get(row_key(row.description, row.note), {})
        made: dict[str, Any] = {
            "block_type": {"value": row.type, "desc": BLOCK_TYPES.get(row.type, row.type)},
            "block_description": {"value": row.description, "desc": row.description},
            "block_status": "ACTIVE",
            "block_note": row.note or None,
            "created_by": row.created_by,
            "created_date": moment(row.created_at),
            "segment_type": INTERNAL,
        }
        if row.expires_on is not None:
            made["expiry_date"] = day(row.expires_on)
        found.append({**made, **before})
    return found + list(kept.get("user_block_kept", []))
