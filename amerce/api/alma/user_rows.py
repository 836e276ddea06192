"""What belongs to a user, row by row: identifiers, contacts, notes, blocks.

Why what was kept of a row goes under it: a column of ours has the last word, all else is as the program sent it.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from amerce.api.alma.fee_object import moment
from amerce.api.call import Call
from amerce.institutions.models import CodeEntry
from amerce.patrons.models import Contact, Patron, PatronBlock, PatronIdentifier, PatronNote, Proxy

EXTERNAL, INTERNAL = "External", "Internal"
ADDRESS_FIELDS = ("line1", "line2", "line3", "line4", "line5")
_TABLES = (
    CodeEntry.Table.IDENTIFIER_TYPE, CodeEntry.Table.EMAIL_TYPE, CodeEntry.Table.PHONE_TYPE,
    CodeEntry.Table.ADDRESS_TYPE, CodeEntry.Table.NOTE_TYPE, CodeEntry.Table.LANGUAGE,
)  # fmt: skip
_KINDS = {Contact.Kind.EMAIL: "email", Contact.Kind.PHONE: "phone", Contact.Kind.ADDRESS: "address"}
_BLOCK_TYPES = {"GENERAL": "General", "LOAN": "Loan"}


class Rows:
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


def day(on: date) -> str:
    """``2027-08-31Z``: the dialect's days end so."""
    return f"{on.isoformat()}Z"


def row_key(*parts: object) -> str:
    """By which a row of a list is known again."""
    return "\n".join(str(each).strip().casefold() for each in parts)


def _segment(patron: Patron, is_loaded: bool) -> str:
    return EXTERNAL if is_loaded and patron.is_external else INTERNAL


def contact_info(patron: Patron, rows: Rows, kept: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, list[dict[str, Any]]] = {"address": [], "email": [], "phone": []}
    for each in rows.contacts[patron.pk]:
        name = _KINDS[Contact.Kind(each.kind)]
        made = {"email": _email, "phone": _phone, "address": _address}[name](each, rows)
        before = kept.get(name, {}).get(row_key(each.text, each.postal_code), {})
        found[name].append({**before, **made, "segment_type": _segment(patron, each.is_loaded)})
    return found


def _email(contact: Contact, rows: Rows) -> dict[str, Any]:
    return {
        "email_address": contact.text,
        "description": contact.note or None,
        "preferred": contact.is_preferred,
        "email_type": [rows.coded(CodeEntry.Table.EMAIL_TYPE, each) for each in contact.types],
    }


def _phone(contact: Contact, rows: Rows) -> dict[str, Any]:
    return {
        "phone_number": contact.text,
        "preferred": contact.is_preferred,
        "preferred_sms": contact.is_preferred_sms,
        "phone_type": [rows.coded(CodeEntry.Table.PHONE_TYPE, each) for each in contact.types],
    }


def _address(contact: Contact, rows: Rows) -> dict[str, Any]:
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


def identifier(patron: Patron, row: PatronIdentifier, rows: Rows, kept: dict[str, Any]) -> dict[str, Any]:
    before = kept.get("user_identifier", {}).get(row_key(row.type, row.value), {})
    return {
        "status": "ACTIVE",
        **before,
        "value": row.value,
        "id_type": rows.coded(CodeEntry.Table.IDENTIFIER_TYPE, row.type),
        "note": row.note or None,
        "segment_type": _segment(patron, row.is_loaded),
    }


def note(row: PatronNote, rows: Rows, kept: dict[str, Any]) -> dict[str, Any]:
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


def blocks(rows: list[PatronBlock], kept: dict[str, Any]) -> list[dict[str, Any]]:
    """Those that hold, and those that a program sent to be kept and that stop nobody."""
    found, told = [], kept.get("user_block", {})
    for row in rows:
        before = told.get(row_key(row.description, row.note), {})
        made: dict[str, Any] = {
            "block_type": {"value": row.type, "desc": _BLOCK_TYPES.get(row.type, row.type)},
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
