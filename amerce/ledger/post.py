"""Writing transfers: the only place where money rows come to be.

Why so little: a posting says between which accounts money moves; that the sums and the chain follow from it
is what makes them true.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from amerce.access.actors import Actor
from amerce.ledger.chart import ACTIVE, CREDIT, DISPUTED, TRANSFERRED, Kind
from amerce.ledger.hashing import hash_of, idempotency_hash, transfer_hash
from amerce.ledger.models import Idempotency, PatronAccount, Transfer
from amerce.patrons.models import Note
from amerce.patrons.notes import note_hash
from amerce.sql import fresh, insert, update_all

_PROJECTED = ("seq", "head_hash", "active_minor", "disputed_minor", "transferred_minor", "credit_minor")


@dataclass(frozen=True, kw_only=True)
class Posting:
    """One transfer to be written. ``amount_minor`` and ``vat_minor`` in minor units of the institution's currency."""

    kind: Kind
    debit: str
    credit: str
    amount_minor: int
    fee_id: int
    credit_fee_id: int | None = None
    vat_minor: int = 0
    method: str = ""
    reason: str = ""
    note: Note | None = None
    external_transaction_id: str = ""
    payment_id: int | None = None
    corrects_id: int | None = None


def post(
    account: PatronAccount, postings: Sequence[Posting], *, actor: Actor, at: datetime, currency_code: str
) -> list[Transfer]:
    """Write ``postings`` onto the chain of ``account``, as ``post_all`` does."""
    return post_all([(account, postings)], actor=actor, at=at, currency_code=currency_code)


def post_all(
    pages: Sequence[tuple[PatronAccount, Sequence[Posting]]], *, actor: Actor, at: datetime, currency_code: str
) -> list[Transfer]:
    """Write to each account its postings, onto its chain, and move its sums; by one statement for each table.

    Must run in the transaction that holds the locks of the accounts, which are there once each. Raises
    ``django.db.IntegrityError`` for an amount of zero or less and for a transfer corrected twice.
    """
    rows = []
    for account, postings in pages:
        for posting in postings:
            row = _row(account, posting, actor, at, currency_code)
            row.hash = transfer_hash(row)
            account.seq, account.head_hash = row.seq, row.hash
            move_sums(account, row)
            rows.append(row)
    insert(rows)
    update_all([account for account, _ in pages], _PROJECTED)
    return rows


def move_sums(account: PatronAccount, row: Transfer) -> None:
    """Add the effect of one transfer to the sums of ``account``, in memory."""
    account.active_minor += moved(row, ACTIVE)
    account.disputed_minor += moved(row, DISPUTED)
    account.transferred_minor += moved(row, TRANSFERRED)
    account.credit_minor -= moved(row, CREDIT)


def moved(row: Transfer, ledger_account: str) -> int:
    """How much ``row`` debits ``ledger_account``, negative when it credits it."""
    return row.amount_minor * ((row.debit == ledger_account) - (row.credit == ledger_account))


def keep_result(
    *, account: PatronAccount, scope: str, key: str, inputs: Any, result: dict[str, Any], at: datetime
) -> None:
    """Remember that the command behind ``key`` was done, with what inputs and which result."""
    row = Idempotency(
        institution_id=account.institution_id,
        patron_id=account.patron_id,
        scope=scope,
        key=key,
        input_hash=hash_of(inputs),
        result=result,
        at=at,
    )
    row.hash = idempotency_hash(row)
    insert([row])


def _row(account: PatronAccount, posting: Posting, actor: Actor, at: datetime, currency_code: str) -> Transfer:
    note = posting.note
    return fresh(
        Transfer,
        institution_id=account.institution_id,
        account_id=account.pk,
        seq=account.seq + 1,
        kind=posting.kind.value,
        debit=posting.debit,
        credit=posting.credit,
        amount_minor=posting.amount_minor,
        vat_minor=posting.vat_minor,
        currency_code=currency_code,
        fee_id=posting.fee_id,
        credit_fee_id=posting.credit_fee_id,
        at=at,
        actor_id=actor.account_id,
        actor_name=actor.name,
        library_id=actor.library_id,
        desk_id=actor.desk_id,
        method=posting.method,
        reason=posting.reason,
        note_id=note.pk if note else None,
        note_hash=note_hash(note.text, note.salt) if note else "",
        external_transaction_id=posting.external_transaction_id,
        payment_id=posting.payment_id,
        corrects_id=posting.corrects_id,
        previous_hash=account.head_hash,
    )
