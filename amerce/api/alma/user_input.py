"""A user as a program sends it, read into what Amerce keeps in columns and what it only keeps.

Why what is not sent stays: programs send back what they read, and some send no more than what they know. Who wants
something gone says so with an empty value or an empty list.
"""

import re
from dataclasses import replace
from datetime import date
from typing import Any

from amerce.api.alma.errors import AlmaError, bad_parameter
from amerce.api.alma.user_object import ADDRESS_FIELDS, EXTERNAL, INTERNAL, row_key
from amerce.api.call import Call
from amerce.patrons.blocks import BlockFacts
from amerce.patrons.details import Details
from amerce.patrons.facts import ContactFacts, IdentifierFacts
from amerce.patrons.models import Contact, Patron, PatronBlock, UserGroup
from amerce.patrons.whole_record import Sent, WholeRecord
from amerce.patrons.write_patron_note import NoteFacts

_MADE = frozenset(
    {
        "primary_id", "first_name", "middle_name", "last_name", "full_name", "user_group", "preferred_language",
        "account_type", "external_id", "status", "expiry_date", "contact_info", "user_identifier", "user_block",
        "user_note", "proxy_for_user", "password", "link", "requests", "loans", "fees", "record_type",
        "rows",
    }
)  # fmt: skip
"""What is answered from columns, is only for answers, or is where we keep ours; everything else is kept as it came."""
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
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:Z|[T ].*)?", re.ASCII)
_TEXT_LIMIT = 300


def read_user(call: Call, sent: Any, before: Patron | None) -> WholeRecord:
    """What ``sent`` makes of ``before``. Raises ``AlmaError`` for what cannot be read."""
    if not isinstance(sent, dict):
        raise AlmaError("401664", "Mandatory field is missing: primary_id.")
    kept: dict[str, Any] = dict(before.other_fields) if before else {}
    kept |= {name: value for name, value in sent.items() if name not in _MADE and (value != [] or name in kept)}
    rows: dict[str, Any] = dict(kept.get("rows", {}))
    details = _details(call, sent, before)
    kind = (_coded(sent, "account_type") or (before.kind if before else "internal")).casefold()
    record = WholeRecord(
        details=details,
        kind=kind,
        source_system=_text(sent, "external_id", before.source_system if before else ""),
        password=sent["password"] if isinstance(sent.get("password"), str) and sent["password"] else None,
    )
    record = _with_identifiers(record, sent, rows)
    record = _with_contacts(record, sent, rows)
    record = _with_notes(record, sent, rows)
    record = _with_blocks(record, sent, rows)
    kept["rows"] = rows
    return replace(record, other_fields=_plain(kept))


def _details(call: Call, sent: dict[str, Any], before: Patron | None) -> Details:
    def text(name: str) -> str:
        return _text(sent, name, getattr(before, name) if before else "")

    status = (_coded(sent, "status") or (before.status if before else "active")).casefold()
    return Details(
        primary_id=text("primary_id"),
        first_name=text("first_name"),
        middle_name=text("middle_name"),
        last_name=text("last_name"),
        group_id=_group(call, sent, before),
        status=status,
        expires_on=_day(sent, "expiry_date", before.expires_on if before else None),
        preferred_language=_coded(sent, "preferred_language", before.preferred_language if before else ""),
    )


def _group(call: Call, sent: dict[str, Any], before: Patron | None) -> int | None:
    if "user_group" not in sent:
        return before.group_id if before else call.institution.default_user_group_id
    code = _coded(sent, "user_group")
    if not code:
        return None
    group = UserGroup.objects.filter(institution_id=call.institution.pk, code=code).first()
    if group is None:
        raise AlmaError("401852", f"The user group {code} is not valid.")
    return int(group.pk)


def _with_identifiers(record: WholeRecord, sent: dict[str, Any], rows: dict[str, Any]) -> WholeRecord:
    if "user_identifier" not in sent:
        return record
    found = []
    rows["user_identifier"] = {}
    for each in _list(sent, "user_identifier"):
        facts = IdentifierFacts(_coded(each, "id_type"), _text(each, "value"), _text(each, "note"))
        found.append(Sent(facts, _is_loaded(record, each)))
        _keep(rows["user_identifier"], row_key(facts.type, facts.value), each, _IDENTIFIER, status="ACTIVE")
    return replace(record, identifiers=found)


def _with_contacts(record: WholeRecord, sent: dict[str, Any], rows: dict[str, Any]) -> WholeRecord:
    info = sent.get("contact_info")
    if not isinstance(info, dict):
        return record
    found = []
    for name, reader in {"address": _address, "email": _email, "phone": _phone}.items():
        rows[name] = {}
        for each in _list(info, name):
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
        _text(sent, "email_address"),
        types=_codes(sent, "email_type"),
        note=_text(sent, "description"),
        is_preferred=_flag(sent, "preferred"),
    )


def _phone(sent: dict[str, Any]) -> ContactFacts:
    return ContactFacts(
        Contact.Kind.PHONE,
        _text(sent, "phone_number"),
        types=_codes(sent, "phone_type"),
        is_preferred=_flag(sent, "preferred"),
        is_preferred_sms=_flag(sent, "preferred_sms"),
    )


def _address(sent: dict[str, Any]) -> ContactFacts:
    lines = [_text(sent, name) for name in ADDRESS_FIELDS]
    return ContactFacts(
        Contact.Kind.ADDRESS,
        "\n".join(each for each in lines if each),
        types=_codes(sent, "address_type"),
        note=_text(sent, "address_note"),
        is_preferred=_flag(sent, "preferred"),
        city=_text(sent, "city"),
        state_province=_text(sent, "state_province"),
        postal_code=_text(sent, "postal_code"),
        country=_coded(sent, "country"),
        starts_on=_day(sent, "start_date", None),
        ends_on=_day(sent, "end_date", None),
    )


def _with_notes(record: WholeRecord, sent: dict[str, Any], rows: dict[str, Any]) -> WholeRecord:
    if "user_note" not in sent:
        return record
    notes = []
    before, rows["user_note"] = rows.get("user_note", {}), {}
    for each in _list(sent, "user_note"):
        text = _text(each, "note_text")
        if not text:
            continue
        facts = NoteFacts(
            _coded(each, "note_type") or "OTHER", text, _flag(each, "popup_note"), _flag(each, "user_viewable")
        )
        notes.append(facts)
        _keep_dated(rows["user_note"], before, row_key(facts.type, facts.text), each, _NOTE)
    return replace(record, notes=notes)


def _with_blocks(record: WholeRecord, sent: dict[str, Any], rows: dict[str, Any]) -> WholeRecord:
    """A block that is not active stops nobody and is only kept."""
    if "user_block" not in sent:
        return record
    blocks = []
    before = rows.get("user_block", {})
    rows["user_block"], rows["user_block_kept"] = {}, []
    for each in _list(sent, "user_block"):
        if _text(each, "block_status", "ACTIVE").casefold() not in ("active", ""):
            rows["user_block_kept"].append(each)
            continue
        code = _coded(each, "block_type").upper()
        description = each.get("block_description")
        told = _text(description, "desc") if isinstance(description, dict) else ""
        facts = BlockFacts(
            description=told or _coded(each, "block_description") or code,
            type=code if code in PatronBlock.Type.values else PatronBlock.Type.GENERAL.value,
            note=_text(each, "block_note"),
            expires_on=_day(each, "expiry_date", None),
        )
        blocks.append(facts)
        told_in_full = {"value": facts.description, "desc": facts.description}
        known = _BLOCK | ({"block_type"} if code in PatronBlock.Type.values else set())
        known |= {"block_description"} if each.get("block_description") == told_in_full else set()
        _keep_dated(rows["user_block"], before, row_key(facts.description, facts.note), each, known)
    return replace(record, blocks=blocks)


def _is_loaded(record: WholeRecord, sent: dict[str, Any]) -> bool:
    return record.kind == Patron.Kind.EXTERNAL and _text(sent, "segment_type") == EXTERNAL


def _list(sent: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = sent.get(name) or []
    rows = found if isinstance(found, list) else [found]
    if not all(isinstance(each, dict) for each in rows):
        raise bad_parameter(name)
    return rows


def _text(sent: dict[str, Any], name: str, before: str = "") -> str:
    if name not in sent:
        return before
    value = sent[name]
    if isinstance(value, dict):
        value = value.get("value")
    if value is None:
        return ""
    if not isinstance(value, str):
        raise bad_parameter(name)
    return str(value).strip()


def _coded(sent: dict[str, Any], name: str, before: str = "") -> str:
    return _text(sent, name, before)


def _codes(sent: dict[str, Any], name: str) -> tuple[str, ...]:
    found = sent.get(name) or []
    rows = found if isinstance(found, list) else [found]
    codes = [_text({name: each}, name) for each in rows]
    return tuple(each for each in codes if each)


def _flag(sent: dict[str, Any], name: str) -> bool:
    value = sent.get(name)
    return value is True or (isinstance(value, str) and value.casefold() == "true")


def _day(sent: dict[str, Any], name: str, before: date | None) -> date | None:
    text = _text(sent, name, before.isoformat() if before else "")
    if not text:
        return None
    shape = _DAY.fullmatch(text[:_TEXT_LIMIT])
    try:
        return date.fromisoformat(shape[1]) if shape else _no_day(name)
    except ValueError:
        return _no_day(name)


def _no_day(name: str) -> date:
    raise bad_parameter(name, "Write a day like 2027-08-31Z.")


def _plain(value: Any) -> Any:
    """Numbers by their digits become numbers again where they are whole, else texts: what is kept is plain JSON."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, str) and type(value) is not str:
        return int(value) if re.fullmatch(r"-?\d{1,15}", value) else str(value)
    return value
