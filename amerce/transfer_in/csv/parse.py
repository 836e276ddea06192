"""From texts to values: dates, prices, addresses, ids; each refused with its reason."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Model
from django.utils.translation import gettext as _

from amerce.circulation.models import Item
from amerce.money.amount import AmountError, parse_amount
from amerce.patrons.facts import ADDRESS_LINES, ContactFacts
from amerce.patrons.folding import fold_id
from amerce.patrons.models import Contact, Patron
from amerce.transfer_in.csv.mapping import CsvMapping
from amerce.transfer_in.csv.read import Row
from amerce.transfer_in.csv.target import Target

_ID_LIMIT = 100
_GROUP_LIMIT = 60
_CONTACT_LIMITS = {"email": 254, "phone": 255, "address": 1300}
_FIRST_YEAR, _LAST_YEAR = 1900, 2999


@dataclass(frozen=True)
class ItemRow:
    row: Row
    source_id: str
    barcode: str
    columns: dict[str, Any]


@dataclass(frozen=True)
class PatronRow:
    """``group`` is the text of the file, ``""`` for none."""

    row: Row
    primary_id: str
    folded: str
    group: str
    created_on: date | None
    columns: dict[str, Any]
    identifiers: dict[str, str]
    contacts: dict[str, str]

    @property
    def contact_facts(self) -> list[ContactFacts]:
        return [
            ContactFacts(Contact.Kind(kind), text, is_preferred=True) for kind, text in self.contacts.items() if text
        ]


@dataclass(frozen=True)
class LoanRow:
    row: Row
    item: str
    patron_folded: str
    barcode: str
    loaned_on: date
    due_on: date
    returned_on: date | None


def item_row(row: Row, mapping: CsvMapping, target: Target) -> ItemRow:
    """Raises ``BadRow``."""
    mapped = set(row.values) - {"source_id", "price"}
    columns: dict[str, Any] = {field: row.value(field, _limit(Item, field)) for field in sorted(mapped)}
    row.needed("title", _limit(Item, "title"))
    if "price" in row.values:
        columns["price_minor"] = _price_minor(row, target)
    return ItemRow(row, row.needed("source_id", _ID_LIMIT), row.needed("barcode", _ID_LIMIT), columns)


def patron_row(row: Row, mapping: CsvMapping) -> PatronRow:
    """Raises ``BadRow``."""
    texts = set(row.values) - {"id", "group", "created_on", "expires_on", *_CONTACT_LIMITS}
    columns: dict[str, Any] = {field: row.value(field, _limit(Patron, field)) for field in sorted(texts)}
    contacts = {field: row.value(field, limit) for field, limit in _CONTACT_LIMITS.items() if field in row.values}
    if contacts.get("email"):
        _check_email(row, contacts["email"])
    if contacts.get("address"):
        contacts["address"] = _lines(row, contacts["address"])
    if "expires_on" in row.values:
        columns["expires_on"] = _day(row, "expires_on", mapping)
    for kind, value in row.identifiers.items():
        row.check(kind, value, _ID_LIMIT)
    primary_id = _primary_id(row, "id", mapping)
    return PatronRow(
        row=row,
        primary_id=primary_id,
        folded=fold_id(primary_id),
        group=row.value("group", _GROUP_LIMIT),
        created_on=_day(row, "created_on", mapping),
        columns=columns,
        identifiers={kind: value for kind, value in row.identifiers.items() if value},
        contacts=contacts,
    )


def loan_row(row: Row, mapping: CsvMapping) -> LoanRow:
    """Raises ``BadRow``, also for a loan that was due or came back before it began."""
    loaned_on, due_on = (_needed_day(row, each, mapping) for each in ("loaned_on", "due_on"))
    returned_on = _day(row, "returned_on", mapping)
    for field, day in (("due_on", due_on), ("returned_on", returned_on)):
        if day and day < loaned_on:
            raise row.bad(field, _("%(day)s is before the loan of %(loaned)s") % {"day": day, "loaned": loaned_on})
    return LoanRow(
        row=row,
        item=row.needed("item", _ID_LIMIT),
        patron_folded=fold_id(_primary_id(row, "patron", mapping)),
        barcode=row.value("barcode", _ID_LIMIT),
        loaned_on=loaned_on,
        due_on=due_on,
        returned_on=returned_on,
    )


def _primary_id(row: Row, field: str, mapping: CsvMapping) -> str:
    value = row.needed(field, _ID_LIMIT)
    try:
        primary_id = mapping.primary_id_of(value)
    except ValueError as error:
        raise row.bad(field, _("“%(value)s” is not a whole number") % {"value": value}) from error
    row.check(field, primary_id, _ID_LIMIT)
    if not fold_id(primary_id):
        raise row.bad(field, _("“%(value)s” is no id") % {"value": value})
    return primary_id


def _day(row: Row, field: str, mapping: CsvMapping) -> date | None:
    value = row.values.get(field, "")
    if not value:
        return None
    try:
        day = mapping.day(value)
    except ValueError as error:
        raise row.bad(field, _("“%(value)s” is not a date") % {"value": value[:_ID_LIMIT]}) from error
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise row.bad(field, _("the year %(year)s cannot be right") % {"year": day.year})
    return day


def _needed_day(row: Row, field: str, mapping: CsvMapping) -> date:
    day = _day(row, field, mapping)
    if day is None:
        raise row.bad(field, _("there is no value"))
    return day


def _price_minor(row: Row, target: Target) -> int | None:
    text = row.values["price"]
    if not text:
        return None
    try:
        return parse_amount(text, target.money, ceiling_minor=target.ceiling_minor)
    except AmountError as error:
        raise row.bad("price", _("“%(value)s” is not an amount") % {"value": text[:_ID_LIMIT]}) from error


def _lines(row: Row, address: str) -> str:
    lines = [each.strip() for each in address.splitlines() if each.strip()]
    if len(lines) > ADDRESS_LINES:
        raise row.bad("address", _("an address has at most %(limit)s lines") % {"limit": ADDRESS_LINES})
    return "\n".join(lines)


def _check_email(row: Row, email: str) -> None:
    try:
        validate_email(email)
    except ValidationError as error:
        raise row.bad("email", _("“%(value)s” is not an e-mail address") % {"value": email}) from error


def _limit(model: type[Model], field: str) -> int:
    return getattr(model._meta.get_field(field), "max_length", None) or 10_000
