"""How a fee and an account stood after a transaction: for the story of a fee and for receipts.

Why summed from the first transfer on: transfers never change, so a receipt printed again says what it said the
first time, whatever happens meanwhile.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet, Sum

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.models import Fee
from amerce.charges.queries import history
from amerce.events.queries import of_patron
from amerce.ledger.chart import ACTIVE, CREDIT, DISPUTED, REFUNDED, TAKEN, TRANSFERRED, Kind
from amerce.ledger.models import Transfer

_OPEN_HERE = (ACTIVE, DISPUTED)


@dataclass(frozen=True)
class Step:
    """One transfer in the story of a fee, in minor units.

    ``change_minor`` is what it changed for the patron, zero for a dispute; ``remaining_minor`` what was open
    of the fee afterwards, negative for a CREDIT.
    """

    transfer: Transfer
    change_minor: int
    remaining_minor: int


def story(actor: Actor, fee: Fee) -> list[Step]:
    """Every transfer that touched ``fee``, newest first, each with what remained after it. One query."""
    steps = []
    remaining = 0
    for transfer in reversed(history(actor, fee).select_related("account", "credit_fee")):
        change = _change(fee, transfer)
        remaining += change
        steps.append(Step(transfer, change or _for_patron(transfer), remaining))
    return steps[::-1]


@dataclass(frozen=True)
class Standing:
    """The active balance and what remained of some fees, by their id, in minor units, right after a transfer."""

    balance_minor: int
    remaining_minor: dict[int, int]


def standing_after(actor: Actor, patron_id: int, seq: int, fee_ids: Sequence[int]) -> Standing:
    """How the account and ``fee_ids`` stood once the transfer ``seq`` of the account was written. Two queries."""
    require(actor, Privilege.PATRON_VIEW)
    until = Transfer.objects.filter(
        institution_id=actor.institution_id, account__patron_id=patron_id, seq__lte=seq
    ).order_by()
    remaining = _moved(until.filter(fee_id__in=fee_ids), "fee_id", *_OPEN_HERE)
    return Standing(sum(_moved(until, "account_id", ACTIVE, CREDIT).values()), remaining)


def titles_before(actor: Actor, patron_id: int, at: datetime) -> dict[int, str]:
    """The titles that fees had at that moment, by their id, of those that another item was linked to since (row B11).

    A link that was made before its event kept the title is left out. One query.
    """
    require(actor, Privilege.PATRON_VIEW)
    linked_since = of_patron(actor.institution_id, patron_id).filter(name="fee.item_linked", at__gt=at)
    told = linked_since.values_list("data", flat=True)  # the newest first, so that the oldest has the last word
    return {each["fee"]: each["title_before"] for each in told if "title_before" in each}


def money_leaves(transfer: Transfer) -> bool:
    """Whether the library gives money out: a refund, or a payment taken back."""
    return transfer.credit.startswith((TAKEN, REFUNDED))


def uses_credit(transfer: Transfer) -> bool:
    """Whether a CREDIT is used or given, and no money."""
    return not transfer.method and CREDIT in (transfer.debit, transfer.credit)


def money_sign(transfer: Transfer) -> int:
    """-1 when money leaves the library, and when a credit that had paid is given back; else 1."""
    gives_credit = transfer.corrects is not None and transfer.corrects.kind == Kind.PAYMENT
    return -1 if money_leaves(transfer) or gives_credit else 1


def _moved(transfers: QuerySet[Transfer], by: str, *ledger_accounts: str) -> dict[int, int]:
    """By how much ``transfers`` raised the ledger accounts, summed by a column."""
    sums = transfers.values_list(by).annotate(
        debited=Sum("amount_minor", filter=Q(debit__in=ledger_accounts), default=0),
        credited=Sum("amount_minor", filter=Q(credit__in=ledger_accounts), default=0),
    )
    return {key: debited - credited for key, debited, credited in sums}


def _change(fee: Fee, transfer: Transfer) -> int:
    change = 0
    if transfer.fee_id == fee.pk:
        change += sum(_on(transfer, each) for each in _OPEN_HERE)
    if transfer.credit_fee_id == fee.pk:
        change += _on(transfer, CREDIT)
    return change


def _for_patron(transfer: Transfer) -> int:
    """A waived lost item fee keeps its remainder, yet the patron owes less (row B7)."""
    return sum(_on(transfer, each) for each in (ACTIVE, DISPUTED, TRANSFERRED, CREDIT))


def _on(transfer: Transfer, ledger_account: str) -> int:
    side = (transfer.debit == ledger_account) - (transfer.credit == ledger_account)
    return transfer.amount_minor * side
