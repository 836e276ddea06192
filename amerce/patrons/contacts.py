"""The contacts of one patron under lock: what may stand in one, and which of a kind is the preferred."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from amerce.access.actors import Actor
from amerce.institutions.models import CodeEntry
from amerce.patrons.checks import check_codes, check_email, check_lines, check_text
from amerce.patrons.errors import DaysReversed, RowNotFound
from amerce.patrons.facts import CONTACT_COLUMNS, ContactFacts
from amerce.patrons.models import Contact, Patron

TYPES = {
    Contact.Kind.EMAIL: CodeEntry.Table.EMAIL_TYPE,
    Contact.Kind.PHONE: CodeEntry.Table.PHONE_TYPE,
    Contact.Kind.ADDRESS: CodeEntry.Table.ADDRESS_TYPE,
}
TEXT_LIMITS = {Contact.Kind.EMAIL: 254, Contact.Kind.PHONE: 255, Contact.Kind.ADDRESS: 1300}
PLACE_LIMIT, NOTE_LIMIT = 255, 1000
_PLACE = ("city", "state_province", "postal_code", "country")
TOLD = frozenset({"types", "is_preferred", "is_preferred_sms", "starts_on", "ends_on"})


def checked_contact(actor: Actor, facts: ContactFacts, *, kept: Sequence[str] = ()) -> ContactFacts:
    """Without surrounding space and empty lines. Raises what the fields are refused for."""
    lines = [each.strip() for each in facts.text.splitlines()]
    texts = {name: getattr(facts, name).strip() for name in (*_PLACE, "note")}
    clean = replace(facts, text="\n".join(each for each in lines if each), **texts)
    check_text("text", clean.text, TEXT_LIMITS[clean.kind], needed=True)
    if clean.kind == Contact.Kind.EMAIL:
        check_email(clean.text)
    check_lines(clean.text)
    for name in _PLACE:
        check_text(name, getattr(clean, name), PLACE_LIMIT)
    check_text("note", clean.note, NOTE_LIMIT)
    if clean.starts_on and clean.ends_on and clean.ends_on < clean.starts_on:
        raise DaysReversed
    check_codes(actor.institution_id, TYPES[clean.kind], "types", clean.types, kept=kept)
    return clean


def contact_of(patron: Patron, contact_id: int) -> Contact:
    """Raises ``RowNotFound``."""
    row = Contact.objects.filter(patron=patron, pk=contact_id).first()
    if row is None:
        raise RowNotFound
    return row


def give_way(row: Contact) -> None:
    """Before ``row`` is written: no other of its kind stays preferred where it is. A first or only one is preferred."""
    others = Contact.objects.filter(patron_id=row.patron_id, kind=row.kind).exclude(pk=row.pk)
    row.is_preferred = row.is_preferred or not others.exists()
    if row.is_preferred:
        others.filter(is_preferred=True).update(is_preferred=False)
    if row.is_preferred_sms:
        others.filter(is_preferred_sms=True).update(is_preferred_sms=False)


def prefer_one(patron: Patron, kind: str, *, but: int = 0) -> None:
    """When none of the kind is preferred, the one that is there longest becomes it, ``but`` last of all."""
    rows = Contact.objects.filter(patron=patron, kind=kind)
    if rows.filter(is_preferred=True).exists():
        return
    heir = rows.exclude(pk=but).order_by("pk").first() or rows.first()
    if heir is not None:
        heir.is_preferred = True
        heir.save(update_fields=["is_preferred"])


def values_of(row: Contact | None) -> dict[str, Any]:
    """By name, to compare; nothing of one that is not there."""
    if row is None:
        return {}
    return {name: getattr(row, name) for name in CONTACT_COLUMNS} | {"types": list(row.types), "kind": str(row.kind)}
