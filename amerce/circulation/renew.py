"""Renewing loans (row A10)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.request import Request, chosen
from amerce.circulation.blocks import Action as Forbidden
from amerce.circulation.blocks import blocks_of, let_through
from amerce.circulation.due import due_after
from amerce.circulation.errors import ItemRequested, RenewalsUsedUp, RenewedMeanwhile
from amerce.circulation.locked import begin_spell, lock_loans
from amerce.circulation.models import Loan, LoanSpell
from amerce.circulation.models import Request as ItemRequest
from amerce.circulation.opening import Opening
from amerce.circulation.outcome import LoanOutcome
from amerce.circulation.overdue_charges import charge_lateness
from amerce.circulation.proxies import who_came
from amerce.circulation.reckoning import reckon
from amerce.circulation.states import Action, check_status
from amerce.sql import update

_RENEWED = ("status", "due_at", "renewals", "renewed_at", "notices_sent")


def renew(
    *,
    actor: Actor,
    at: datetime,
    patron_id: int,
    loan_ids: Sequence[int],
    override_reason: str = "",
    seen_at: datetime | None = None,
    proxy_id: int | None = None,
) -> list[LoanOutcome]:
    """Lend again what the patron has, all of ``loan_ids`` or none, from ``at`` on and never to an earlier day.

    The lateness so far is charged and stays. Not renewed is what was recalled, claimed or lost, what somebody else
    waits for, and what was renewed as often as its terms allow. ``seen_at`` is when the page was made from which this
    comes: a form that is sent twice renews once. ``proxy_id`` is the proxy who came for the patron. Raises
    ``NotAllowed``, ``PatronNotFound``, ``PatronBlocked``, ``NoTerms``, ``charges.errors.NothingChosen`` and of
    ``circulation.errors``: ``LoanNotFound``, ``RenewedMeanwhile``, ``LoanStatusForbids``, ``RenewalsUsedUp``,
    ``ItemRequested``, ``NotProxy``.
    """
    require(actor, Privilege.LOAN_RENEW)
    ids = chosen(loan_ids)
    with transaction.atomic():
        came = who_came(actor, at, patron_id, proxy_id)
        locked = lock_loans(actor, at, patron_id, ids)
        loans = [locked.out(each) for each in ids]
        _refuse_renewed_since(loans, seen_at)
        blocks = blocks_of(actor, patron_id, Forbidden.RENEWAL, at=at)
        overridden = let_through(actor, patron_id, blocks, override_reason)
        for loan in loans:
            check_status(loan, Action.RENEW)
        _refuse_requested(loans, patron_id)
        reckoning = reckon(locked.books.institution, loans, charged=bool(locked.books.fees))
        names = {}
        for loan in loans:
            terms = reckoning.terms_of(loan)
            if loan.renewals >= terms.renewals_limit:
                raise RenewalsUsedUp(loan.pk, terms.renewals_limit)
            if at > loan.due_at:
                charge_lateness(locked.books, reckoning, loan, until=at, action=_("Renewed"))
                begin_spell(loan, LoanSpell.Kind.LATE, loan.due_at, at)
            opening = reckoning.openings.get(loan.library_id, Opening())
            due_at = due_after(terms, at, zone=locked.books.institution.zone, opening=opening)
            loan.due_at, loan.renewed_at = max(loan.due_at, due_at), at
            loan.renewals, loan.notices_sent, loan.status = loan.renewals + 1, 0, Loan.Status.RENEW
            update(loan, _RENEWED)
            names[loan.pk] = terms.name
        data = {"loans": [[loan.pk, loan.due_at.isoformat()] for loan in loans], **overridden, **came}
        money = locked.books.close(Request(verb="renew", inputs={}), "loan.renewed", data)
        return [LoanOutcome(loan.pk, patron_id, loan.due_at, names[loan.pk], money) for loan in loans]


def _refuse_renewed_since(loans: Sequence[Loan], seen_at: datetime | None) -> None:
    for loan in loans:
        if seen_at is not None and loan.renewed_at is not None and loan.renewed_at > seen_at:
            raise RenewedMeanwhile(loan.pk)


def _refuse_requested(loans: Sequence[Loan], patron_id: int) -> None:
    waiting = ItemRequest.objects.filter(
        institution_id=loans[0].institution_id, item__in=[loan.item_id for loan in loans], closed_at=None
    ).exclude(patron_id=patron_id)
    wanted = set(waiting.values_list("item_id", flat=True))
    for loan in loans:
        if loan.item_id in wanted:
            raise ItemRequested(loan.pk)
