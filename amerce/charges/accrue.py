"""Raising a fee that grows with time: an overdue fine while the loan is out.

Why by the total and not by the step (``docs/reference/rules.md``, "Growth with time"): run twice for one day, or
after a day was missed, the answer is the same. So there is no key to replay by: the total is compared under the
lock, and a step that was taken leaves nothing to do.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.assess import ItemFacts
from amerce.charges.books import open_books
from amerce.charges.codes import enabled_type, require_library, require_loan
from amerce.charges.models import Fee
from amerce.charges.outcome import Outcome
from amerce.charges.request import Request
from amerce.charges.states import Verb
from amerce.ledger import chart
from amerce.ledger.chart import Kind


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
    """Charge for a loan what ``total_minor``, the policy's amount by now, exceeds what was charged for it before.

    Counts what was charged, not what remains: a waived or paid part stays settled. The same fee grows, also
    when it was closed; one in dispute waits; after an export the increment is a new fee. None means nothing
    was due. Raises ``NotAllowed``, ``PatronNotFound`` and of ``charges.errors``: ``LoanUnknown`` for a loan that
    is not this patron's or not of ``item``, ``OwnerUnknown``, ``TypeUnknown``, ``TextTooLong``.
    """
    require(actor, Privilege.FEE_ACCRUE)
    with transaction.atomic():
        books = open_books(actor=actor, at=at, patron_id=patron_id, also=Q(loan_id=loan_id, type__code=type_code))
        charged_minor = sum(fee.original_minor for fee in books.fees.values())
        if total_minor <= charged_minor or any(fee.status == Fee.Status.INDISPUTE for fee in books.fees.values()):
            return None
        growing = [fee for fee in books.fees.values() if not _at_bursar(fee)]
        note = books.note(comment)
        fee = books.fee(growing[-1].pk, Verb.ACCRUE) if growing else None
        if fee is None:
            require_loan(actor.institution_id, patron_id, loan_id, item.item_id)
            require_library(actor.institution_id, owner_library_id)
            fee = books.open_fee(
                enabled_type(actor.institution_id, type_code),
                owner_id=owner_library_id,
                loan_id=loan_id,
                item_id=item.item_id,
                title=item.title,
                barcode=item.barcode,
                note=note,
            )
        books.move(
            Kind.CHARGE,
            debit=chart.ACTIVE,
            credit=chart.income(type_code),
            amount_minor=total_minor - charged_minor,
            fee=fee,
            note=note,
        )
        return books.close(Request(verb=Verb.ACCRUE, inputs={}), "fee.raised" if growing else "fee.assessed")


def _at_bursar(fee: Fee) -> bool:
    return fee.status == Fee.Status.EXPORTED or fee.closed_as == Fee.ClosedAs.EXPORTED
