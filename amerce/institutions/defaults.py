"""What the code tables of a new institution hold, and to what a row is restored."""

from collections.abc import Mapping

from amerce.institutions.models import CodeEntry

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
