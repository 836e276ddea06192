"""What a record is made and changed with: plain values, checked by the commands before they are written."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from amerce.patrons.folding import fold_id
from amerce.patrons.models import Contact, Patron, PatronIdentifier

ADDRESS_LINES = 5


@dataclass(frozen=True)
class ContactFacts:
    """An e-mail address, a phone number or a postal address, and the codes of its types (``home``, ``work``)."""

    kind: Contact.Kind
    text: str
    types: tuple[str, ...] = ()
    note: str = ""
    is_preferred: bool = False
    is_preferred_sms: bool = False
    city: str = ""
    state_province: str = ""
    postal_code: str = ""
    country: str = ""
    starts_on: date | None = None
    ends_on: date | None = None

    def row(self, patron: Patron, *, is_loaded: bool) -> Contact:
        values = {name: getattr(self, name) for name in CONTACT_COLUMNS}
        return Contact(institution_id=patron.institution_id, patron=patron, is_loaded=is_loaded, **values)

    @classmethod
    def of(cls, contact: Contact) -> "ContactFacts":
        """What a row says; equal to the facts it was made with."""
        values = {name: getattr(contact, name) for name in CONTACT_COLUMNS}
        return cls(**values | {"types": tuple(contact.types), "kind": Contact.Kind(contact.kind)})


CONTACT_COLUMNS = tuple(ContactFacts.__dataclass_fields__)


@dataclass(frozen=True)
class IdentifierFacts:
    type: str
    value: str
    note: str = ""

    def row(self, patron: Patron, *, is_loaded: bool) -> PatronIdentifier:
        return PatronIdentifier(
            institution_id=patron.institution_id,
            patron=patron,
            type=self.type,
            value=self.value,
            folded=fold_id(self.value),
            note=self.note,
            is_loaded=is_loaded,
        )


@dataclass(frozen=True)
class NewPatron:
    """A patron who is not written yet, with everything that goes with the record."""

    patron: Patron
    identifiers: Sequence[IdentifierFacts] = field(default=())
    contacts: Sequence[ContactFacts] = field(default=())


def preferring_one(contacts: Sequence[ContactFacts]) -> list[ContactFacts]:
    """The same, with exactly one preferred of each kind: the first that says so, else the first."""
    chosen: dict[str, ContactFacts] = {}
    for each in contacts:
        if each.kind not in chosen or (each.is_preferred and not chosen[each.kind].is_preferred):
            chosen[each.kind] = each
    return [replace(each, is_preferred=each is chosen[each.kind]) for each in contacts]
