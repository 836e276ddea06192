"""What a lost item costs, and what of it is given back when it is found (row A11)."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from amerce.charges.books import Books
from amerce.charges.loan_charge import raise_to, take_back
from amerce.charges.models import LOST_PROCESS_TYPE, LOST_REPLACEMENT_TYPE
from amerce.circulation.models import Loan, LoanSpell, TermsOfUse
from amerce.circulation.overdue_charges import charge_of
from amerce.circulation.terms import terms_of_loan


def charge_lost(books: Books, terms: TermsOfUse, loan: Loan, comment: str) -> None:
    """Charge the replacement and the process fee, once for the loan however often it is lost."""
    raise_to(books, charge_of(loan, LOST_REPLACEMENT_TYPE, comment), replacement_minor(terms, loan))
    raise_to(books, charge_of(loan, LOST_PROCESS_TYPE, comment), terms.process_fee_minor)


def replacement_minor(terms: TermsOfUse, loan: Loan) -> int:
    """The price of the item where there is one and the terms go by it, else what the terms say, in minor units."""
    price_minor = loan.item.price_minor
    return price_minor if terms.uses_item_price and price_minor is not None else terms.replacement_minor


def take_back_replacement(books: Books, loan: Loan, spell: LoanSpell | None, *, found_at: datetime) -> None:
    """Take back what is open of the replacement fee and give back of what was paid what the terms say.

    Found later than the refund window of the terms, counted from the day of the loss, nothing that was paid is
    given back. ``spell`` is None for a loan that was lost before its spells were kept: then there is no day to count
    from. The process fee stays.
    """
    terms = terms_of_loan(loan)
    charge = charge_of(loan, LOST_REPLACEMENT_TYPE, _("The item was found."))
    take_back(books, charge, terms.refund_ratio_bp if _is_within(terms, spell, found_at) else 0)


def _is_within(terms: TermsOfUse, spell: LoanSpell | None, found_at: datetime) -> bool:
    if terms.refund_window_days is None or spell is None:
        return True
    return found_at - spell.began_at <= timedelta(days=terms.refund_window_days)
