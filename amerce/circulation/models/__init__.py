"""Tables of circulation, by subject."""

from amerce.circulation.models.blocks import BlockRule
from amerce.circulation.models.calendar import CalendarException, OpeningHours
from amerce.circulation.models.lending import Item, Loan, LoanNote, LoanSpell, Request
from amerce.circulation.models.terms import OverdueNotice, TermsOfUse

__all__ = [
    "BlockRule",
    "CalendarException",
    "Item",
    "Loan",
    "LoanNote",
    "LoanSpell",
    "OpeningHours",
    "OverdueNotice",
    "Request",
    "TermsOfUse",
]
