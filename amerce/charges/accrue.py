"""Raising a fee that grows with time: an overdue fine while the loan is out.

Why a command for one charge: jobs and tests raise one fine in a transaction of its own. What moves and why by the
total says ``loan_charge.py``.
"""

from datetime import datetime

from django.db import transaction

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.assess import ItemFacts
from amerce.charges.books import open_books
from amerce.charges.codes import require_library, require_loan
from amerce.charges.loan_charge import LoanCharge, growing, of_loans, raise_to
from amerce.charges.outcome import Outcome
from amerce.charges.request import Request
from amerce.charges.states import Verb


def accrue(
    *,
    actor: Actor,
    at: datetime,
    patron_id: int,
    loan_id: int,
    type_code: str,
    total_minor: int,
    item: ItemFacts,
    owner_library_id: int | None,
    comment: str,
) -> Outcome | None:
    """Charge for a loan what ``total_minor``, the policy's amount by now, exceeds what stands charged for it.

    Moves what ``loan_charge.raise_to`` says. None means nothing was due. Raises ``NotAllowed``, ``PatronNotFound``
    and of ``charges.errors``: ``LoanUnknown`` for a loan that is not this patron's or not of ``item``,
    ``OwnerUnknown``, ``TypeUnknown``, ``TextTooLong``.
    """
    require(actor, Privilege.FEE_ACCRUE)
    charge = LoanCharge(loan_id, type_code, item, owner_library_id, comment)
    with transaction.atomic():
        books = open_books(actor=actor, at=at, patron_id=patron_id, also=of_loans([loan_id]))
        grows = growing(books, charge) is not None
        if not raise_to(books, charge, total_minor):
            return None
        if not grows:
            require_loan(actor.institution_id, patron_id, loan_id, item.item_id)
            require_library(actor.institution_id, owner_library_id)
        return books.close(Request(verb=Verb.ACCRUE, inputs={}), "fee.raised" if grows else "fee.assessed")
