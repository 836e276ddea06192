"""The rows of a user as a program sends them: identifiers, contacts, notes, blocks.

Why what has no column is kept by row: what is read and sent back would be another record without it.
"""

from dataclasses import replace
from typing import Any

from amerce.api.alma.user_fields import codes_of, day_of, flag_of, objects_of, text_of
from amerce.api.alma.user_rows import ADDRESS_FIELDS, EXTERNAL, INTERNAL, row_key
from amerce.patrons.blocks import BlockFacts
from amerce.patrons.facts import ContactFacts, IdentifierFacts
from amerce.patrons.models import Contact, Patron, PatronBlock
from amerce.patrons.whole_lists import Sent
from amerce.patrons.whole_record import WholeRecord
from amerce.patrons.write_patron_note import NoteFacts

_IDENTIFIER = frozenset({"value", "id_type", "note", "segment_type"})
_CONTACT = frozenset(
    {
        *ADDRESS_FIELDS, "city", "state_province", "postal_code", "country", "address_note", "start_date", "end_date",
        "address_type", "email_address", "description", "email_type", "phone_number", "phone_type", "preferred",
        "preferred_sms", "segment_type",
    }
)  # fmt: skip
_NOTE = frozenset({"note_type", "note_text", "user_viewable", "popup_note"})
_BLOCK = frozenset({"block_status", "block_note", "expiry_date"})
_DATED = ("created_by", "created_date")


def with_identifiers(record: WholeRecord, sent: dict[str, Any], rows: dict[str, Any]) -> WholeRecord:
    if "user_identifier" not in sent:
        return record
    found = []
    rows["user_identifier"] = {}
    for each in objects_of(sent, "user_identifier"):
        facts = IdentifierFacts(text_of(each, "id_type"), text_of(each, "value"), text_of(each, "note"))
        found.append(Sent(facts, _is_loaded(record, each)))
        _keep(rows["user_identifier"], row_key(facts.type, facts.value), each, _IDENTIFIER, status="ACTIVE")
    return replace(record, identifiers=found)


def with_contacts(record: WholeRecord, sent: dict[str, Any], rows: dict[str, Any]) -> WholeRecord:
    info = sent.get("contact_info")
    if not isinstance(info, dict):
        return record
    found = []
    for name, reader in {"address": _address, "email": _email, "phone": _phone}.items():
        rows[name] = {}
        for each in objects_of(info, name):
            facts = reader(each)
            found.append(Sent(facts, _is_loaded(record, each)))
            _keep(rows[name], row_key(facts.text, facts.postal_code), each, _CONTACT)
    return replace(record, contacts=found)


def _keep(
    rows: dict[str, Any], key: str, sent: dict[str, Any], known: frozenset[str], **defaults: Any
) -> dict[str, Any]:
    """Keep of a row what has no column: without it, what is read and sent back would be another record."""
    kept = {
        name: value
        for name, value in sent.items()
        if name not in known and value is not None and defaults.get(name) != value
    }
    if kept:
        rows[key] = kept
    return kept


def _keep_dated(
    rows: dict[str, Any], before: dict[str, Any], key: str, sent: dict[str, Any], known: frozenset[str]
) -> None:
    """The same of a row that says who made it and when: of one that is known already that stays as it was."""
    kept = _keep({}, key, sent, known, segment_type=INTERNAL)
    if key in before:
        kept = {name: value for name, value in kept.items() if name not in _DATED}
        kept |= {name: before[key][name] for name in _DATED if name in before[key]}
    rows[key] = kept


def _email(sent: dict[str, Any]) -> ContactFacts:
    return ContactFacts(
        Contact.Kind.EMAIL,
        text_of(sent, "email_address"),
        types=codes_of(sent, "email_type"),
        note=text_of(sent, "description"),
        is_preferred=flag_of(sent, "preferred"),
    )


def _phone(sent: dict[str, Any]) -> ContactFacts:
    return ContactFacts(
        Contact.Kind.PHONE,
        text_of(sent, "phone_number"),
        types=codes_of(sent, "phone_type"),
        is_preferred=flag_of(sent, "preferred"),
        is_preferred_sms=flag_of(sent, "preferred_sms"),
    )


def _address(sent: dict[str, Any]) -> ContactFacts:
    lines = [text_of(sent, name) for name in ADDRESS_FIELDS]
    return ContactFacts(
        Contact.Kind.ADDRESS,
        "\n".join(each for each in lines if each),
        types=codes_of(sent, "address_type"),
        note=text_of(sent, "address_note"),
        is_preferred=flag_of(sent, "preferred"),
        city=text_of(sent, "city"),
        state_province=text_of(sent, "state_province"),
        postal_code=text_of(sent, "postal_code"),
        country=text_of(sent, "country"),
        starts_on=day_of(sent, "start_date", None),
        ends_on=day_of(sent, "end_date", None),
    )


def with_notes(record: WholeRecord, sent: dict[str, Any], rows: dict[str, Any]) -> WholeRecord:
    if "user_note" not in sent:
        return record
    notes = []
    before, rows["user_note"] = rows.get("user_note", {}), {}
    for each in objects_of(sent, "user_note"):
        text = text_of(each, "note_text")
        if not text:
            continue
        facts = NoteFacts(
            text_of(each, "note_type") or "OTHER", text, flag_of(each, "popup_note"), flag_of(each, "user_viewable")
        )
        notes.append(facts)
        _keep_dated(rows["user_note"], before, row_key(facts.type, facts.text), each, _NOTE)
    return replace(record, notes=notes)


def with_blocks(record: WholeRecord, sent: dict[str, Any], rows: dict[str, Any]) -> WholeRecord:
    """A block that is not active stops nobody and is only kept."""
    if "user_block" not in sent:
        return record
    blocks = []
    before = rows.get("user_block", {})
    rows["user_block"], rows["user_block_kept"] = {}, []
    for each in objects_of(sent, "user_block"):
        if text_of(each, "block_status", "ACTIVE").casefold() not in ("active", ""):
            rows["user_block_kept"].append(each)
            continue
        code = text_of(each, "block_type").upper()
        description = each.get("block_description")
        told = text_of(description, "desc") if isinstance(description, dict) else ""
        facts = BlockFacts(
            description=told or text_of(each, "block_description") or code,
            type=code if code in PatronBlock.Type.values else PatronBlock.Type.GENERAL.value,
            note=text_of(each, "block_note"),
            expires_on=day_of(each, "expiry_date", None),
        )
        blocks.append(facts)
        told_in_full = {"value": facts.description, "desc": facts.description}
        known = _BLOCK | ({"block_type"} if code in PatronBlock.Type.values else set())
        known |= {"block_description"} if each.get("block_description") == told_in_full else set()
        _keep_dated(rows["user_block"], before, row_key(facts.description, facts.note), each, known)
    return replace(record, blocks=blocks)


def _is_loaded(record: WholeRecord, sent: dict[str, Any]) -> bool:
    return record.kind == Patron.Kind.EXTERNAL and text_of(sent, "segment_type") == EXTERNAL
