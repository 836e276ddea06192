"""Lending a copy (row A10)."""

from datetime import datetime

from django.db import IntegrityError, transaction

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.locks import lock_account
from amerce.circulation.blocks import Action, blocks_of, let_through
from amerce.circulation.due import due_after
from amerce.circulation.errors import ItemOnLoan
from amerce.circulation.locked import item_of
from amerce.circulation.models import Item, Loan, Request
from amerce.circulation.opening import openings
from amerce.circulation.outcome import LoanOutcome
from amerce.circulation.terms import terms_table
from amerce.events.record import record
from amerce.patrons.models import Patron
from amerce.sql import Select, insert, update_all


def checkout(*, actor: Actor, at: datetime, patron_id: int, barcode: str, override_reason: str = "") -> LoanOutcome:
    """Lend the copy with ``barcode`` by the most specific terms of use, at any desk; the patron's own request for it
    is fulfilled.

    A blocked patron is let through for a reason by who may override. Raises ``NotAllowed``, ``PatronNotFound``,
    ``PatronBlocked``, ``NoTerms`` and of ``circulation.errors``: ``ItemNotFound``, ``ItemOnLoan``.
    """
    require(actor, Privilege.LOAN_CHECKOUT)
    item = item_of(actor, barcode)
    try:
        with transaction.atomic():
            return _lend(actor, at, patron_id, item, override_reason)
    except IntegrityError:  # two lent it at the same moment: the database lets one of them
        _refuse_what_is_out(item, patron_id)
        raise


def _lend(actor: Actor, at: datetime, patron_id: int, item: Item, override_reason: str) -> LoanOutcome:
    account = lock_account(actor.institution_id, patron_id)
    _refuse_what_is_out(item, patron_id)
    overridden = let_through(actor, patron_id, blocks_of(actor, patron_id, Action.CHECKOUT, at=at), override_reason)
    institution = account.institution
    (patron,) = _PATRON.rows(institution.pk, patron_id)
    terms = terms_table(institution.pk).for_loan(
        group_id=patron.group_id, item_policy=item.policy_code, library_id=item.library_id
    )
    opening = openings(institution.pk, [item.library_id])[item.library_id]
    loan = Loan(
        institution_id=institution.pk,
        library_id=item.library_id,
        patron_id=patron_id,
        item_id=item.pk,
        loaned_at=at,
        due_at=due_after(terms, at, zone=institution.zone, opening=opening),
    )
    insert([loan])
    data = {"loan": loan.pk, "item": item.pk, "terms": terms.pk, "due_at": loan.due_at.isoformat(), **overridden}
    if fulfilled := _fulfil(patron_id, item, at):
        data["request"] = fulfilled
    record("loan.checked_out", actor=actor, at=at, patron_id=patron_id, data=data)
    return LoanOutcome(loan.pk, patron_id, loan.due_at, terms.name)


def _refuse_what_is_out(item: Item, patron_id: int) -> None:
    out = _OUT.first(item.institution_id, item.pk)
    if out is not None:
        raise ItemOnLoan(item.barcode, with_this_patron=out.patron_id == patron_id)


def _fulfil(patron_id: int, item: Item, at: datetime) -> int | None:
    requests = _REQUESTS.rows(item.institution_id, patron_id, item.pk)
    for each in requests:
        each.closed_at = at
    update_all(requests, ("closed_at",))
    return requests[0].pk if requests else None


_PATRON = Select(lambda institution_id, patron_id: Patron.objects.filter(institution_id=institution_id, pk=patron_id))
_OUT = Select(
    lambda institution_id, item_id: Loan.objects.filter(
        institution_id=institution_id, item_id=item_id, returned_at=None, closed_at=None
    )
)
_REQUESTS = Select(
    lambda institution_id, patron_id, item_id: Request.objects.select_for_update().filter(
        institution_id=institution_id, patron_id=patron_id, item_id=item_id, closed_at=None
    )
)
