"""Who a letter goes to: the facts of patrons that stand in it, and the addresses by which they are reached.

Why a copy in every letter: it shows what it was sent with, whatever is changed in the record later.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from amerce.inputs.checks import can_be_seen
from amerce.letters.models import Letter
from amerce.patrons.models import Contact, Patron, PatronIdentifier
from amerce.sql import among

_PHONE_SIGNS = frozenset("0123456789+-()/. ")


@dataclass(frozen=True)
class Recipient:
    """``facts`` are for templates and XML; ``addresses`` has one by channel, where there is one."""

    facts: dict[str, Any]
    language: str = ""
    addresses: dict[str, str] = field(default_factory=dict)


def recipients(institution_id: int, patron_ids: Collection[int], day: date) -> dict[int, Recipient]:
    """Patron id to recipient, with what holds on ``day``. Three queries."""
    ids = list(patron_ids)
    patrons = Patron.objects.filter(among("id", ids), institution_id=institution_id).select_related("group")
    contacts: dict[int, list[Contact]] = {}
    rows = Contact.objects.filter(among("patron_id", ids), institution_id=institution_id)
    for contact in rows.order_by("-is_preferred", "pk"):
        if (contact.starts_on or day) <= day <= (contact.ends_on or day):
            contacts.setdefault(contact.patron_id, []).append(contact)
    identifiers: dict[int, list[dict[str, str]]] = {}
    known = PatronIdentifier.objects.filter(among("patron_id", ids), institution_id=institution_id).order_by("pk")
    for patron_id, code, value in known.values_list("patron_id", "type", "value"):
        identifiers.setdefault(patron_id, []).append({"code": code, "value": value})
    return {each.pk: _recipient(each, contacts.get(each.pk, []), identifiers.get(each.pk, [])) for each in patrons}


def is_email(text: str) -> bool:
    """Whether mail can be sent there. What was loaded from elsewhere was not always looked at."""
    try:
        validate_email(text)
    except ValidationError:
        return False
    return can_be_seen(text)


def _recipient(patron: Patron, contacts: Sequence[Contact], identifiers: list[dict[str, str]]) -> Recipient:
    address = next((each for each in contacts if each.kind == Contact.Kind.ADDRESS), None)
    emails = [each.text for each in contacts if each.kind == Contact.Kind.EMAIL and is_email(each.text)]
    phones = [each for each in contacts if each.kind == Contact.Kind.PHONE and set(each.text) <= _PHONE_SIGNS]
    mobile = next((each.text for each in phones if each.is_preferred_sms), "")
    first_email = emails[0] if emails else ""
    facts = {
        "id": patron.primary_id,
        "name": " ".join(part for part in (patron.first_name, patron.last_name) if part) or patron.primary_id,
        "first_name": patron.first_name,
        "last_name": patron.last_name,
        "group": patron.group.code if patron.group else "",
        "group_label": patron.group.label if patron.group else "",
        "language": patron.preferred_language,
        "email": first_email,
        "phone": phones[0].text if phones else "",
        "address": address.lines if address else [],
        "address_lines": address.text.splitlines()[:5] if address else [],
        "city": address.city if address else "",
        "postal_code": address.postal_code if address else "",
        "country": address.country if address else "",
        "identifiers": identifiers,
    }
    found = {Letter.Channel.EMAIL.value: first_email, Letter.Channel.SMS.value: mobile}
    return Recipient(facts, patron.preferred_language, {name: value for name, value in found.items() if value})
