"""What the code tables of a new institution hold, and to what a row is restored."""

from collections.abc import Mapping
from typing import Any

from amerce.institutions.models import CodeEntry, Institution
from amerce.money.amount import Currency

DEFAULT_CODES: Mapping[CodeEntry.Table, Mapping[str, str]] = {
    CodeEntry.Table.WAIVE_REASON: {
        "LIBRARYERROR": "Library error",
        "FIRSTOFFENCE": "First offence",
        "HARDSHIP": "Financial hardship",
        "ILLNESS": "Illness",
        "RETURNEDEARLIER": "Item was returned earlier",
        "GOODWILL": "Goodwill",
        "OTHER": "Other",
    },
    CodeEntry.Table.PAYMENT_METHOD: {"CASH": "Cash", "CREDIT_CARD": "Credit card", "ONLINE": "Online"},
    CodeEntry.Table.IDENTIFIER_TYPE: {
        "BARCODE": "Barcode",
        "STUDENT_ID": "Student ID",
        "UNIV_ID": "University ID",
        "OTHER": "Other",
    },
    CodeEntry.Table.EMAIL_TYPE: {"personal": "Personal", "school": "School", "work": "Work", "other": "Other"},
    CodeEntry.Table.PHONE_TYPE: {"home": "Home", "mobile": "Mobile", "office": "Office", "other": "Other"},
    CodeEntry.Table.ADDRESS_TYPE: {"home": "Home", "school": "School", "work": "Work", "alternative": "Alternative"},
    CodeEntry.Table.NOTE_TYPE: {
        "CIRCULATION": "Circulation",
        "ADDRESS": "Address",
        "BARCODE": "Barcode",
        "LIBRARY": "Library",
        "OTHER": "Other",
    },
    CodeEntry.Table.LANGUAGE: {"en": "English", "de": "German", "es": "Spanish", "fr": "French"},
}
"""Table to code to label, in their order. Item policies have none: each library has its own."""
_CEILING_MAJOR = 100_000


def default_ceiling_minor(currency: Currency) -> int:
    """The highest amount that a new institution takes, in minor units."""
    return int(_CEILING_MAJOR * 10**currency.exponent)


def default_settings(institution: Institution) -> dict[str, Any]:
    """What the columns of a new institution say, but for what each has of its own: its name, code and currency."""
    columns = {each.name: each.get_default() for each in Institution._meta.fields if each.has_default()}
    return {**columns, "amount_ceiling_minor": default_ceiling_minor(institution.currency)}
