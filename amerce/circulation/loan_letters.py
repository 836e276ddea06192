"""Letters that follow from what happened to loans and requests: overdue, lost, found, request cancelled (row E1).

Why handlers: a loan is lost and a request cancelled whether or not a letter can be made (``docs/adr/0013``).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from amerce.access.actors import system_actor
from amerce.charges.models import Fee
from amerce.circulation.letter_facts import about_loan, about_request, loan_facts, request_facts
from amerce.circulation.models import Loan, Request
from amerce.events.handlers import Handler
from amerce.events.models import Event
from amerce.ledger.models import PatronAccount
from amerce.letters.facts import FEE_RELATED, fee_facts
from amerce.letters.kinds import OVERDUE_KINDS, LetterKind
from amerce.letters.press import NewLetter
from amerce.letters.write import write_letters
from amerce.patrons.models import Note


def _overdue(event: Event, at: datetime) -> None:
    loan = _loan(event)
    if loan is not None:
        kind = OVERDUE_KINDS[min(event.data["number"], len(OVERDUE_KINDS)) - 1]
        _write(event, at, kind, {**_of_loan(loan), "fee_minor": event.data["charged"]}, about_loan(loan))


def _lost(event: Event, at: datetime) -> None:
    loan = _loan(event)
    if loan is not None:
        _write(event, at, LetterKind.LOST, _of_loan(loan), about_loan(loan))


def _found(event: Event, at: datetime) -> None:
    loan = _loan(event)
    if loan is None:
        return
    account = PatronAccount.objects.filter(institution_id=loan.institution_id, patron_id=loan.borrower_id).first()
    refunds = [each["amount_minor"] for each in event.data["lines"] if each["credit_fee_id"]]
    more = {"refund_minor": sum(refunds), "balance_minor": account.balance_minor if account else 0}
    _write(event, at, LetterKind.LOST_REFUND, {**_of_loan(loan), **more}, about_loan(loan))


def _cancelled(event: Event, at: datetime) -> None:
    requests = Request.objects.filter(institution_id=_institution_id(event), pk=event.data["request"])
    request = requests.select_related("item", "pickup").first()
    if request is None or request.patron_id is None:
        return
    note = Note.objects.filter(institution_id=request.institution_id, pk=event.data["note"] or 0).first()
    data = {"request": request_facts(request), "note": note.text if note else ""}
    _write(event, at, LetterKind.REQUEST_CANCELLED, data, about_request(request))


def _loan(event: Event) -> Loan | None:
    """None for one that was anonymised or purged meanwhile: there is nobody to write to."""
    loans = Loan.objects.filter(institution_id=_institution_id(event), pk=event.data["loan"], patron__isnull=False)
    return loans.select_related("item", "library").first()


def _institution_id(event: Event) -> int:
    assert event.institution_id is not None, "loans belong to an institution"
    return event.institution_id


def _of_loan(loan: Loan) -> dict[str, Any]:
    fees = Fee.objects.filter(institution_id=loan.institution_id, loan=loan, status=Fee.Status.ACTIVE)
    open_fees = list(fees.exclude(remaining_minor=0).select_related(*FEE_RELATED).order_by("created_at", "pk"))
    total_minor = sum(each.remaining_minor for each in open_fees)
    return {"loan": loan_facts(loan, total_minor), "fees": fee_facts(open_fees), "total_minor": total_minor}


def _write(event: Event, at: datetime, kind: LetterKind, data: dict[str, Any], about: str) -> None:
    letter = NewLetter(
        kind=kind,
        patron_id=event.patron_id,
        data=data,
        key=f"event:{event.pk}",
        about=[about],
    )
    write_letters(actor=system_actor(_institution_id(event), "letters"), at=at, letters=[letter])


def _always(_data: Mapping[str, Any]) -> bool:
    return True


def _was_lost_and_moved(data: Mapping[str, Any]) -> bool:
    return data.get("was") == Loan.Status.LOST and bool(data.get("lines"))


LOAN_LETTERS: tuple[Handler, ...] = (
    Handler(name="letter.overdue", events=frozenset({"loan.overdue_noticed"}), wants=_always, handle=_overdue),
    Handler(name="letter.lost", events=frozenset({"loan.lost"}), wants=_always, handle=_lost),
    Handler(
        name="letter.lost_refund",
        events=frozenset({"loan.found", "loan.returned"}),
        wants=_was_lost_and_moved,
        handle=_found,
    ),
    Handler(
        name="letter.request_cancelled",
        events=frozenset({"request.cancelled"}),
        wants=lambda data: bool(data.get("notify")),
        handle=_cancelled,
    ),
)
