"""The accounts of many patrons opened, and what moved on them written, by as few statements as one takes.

Why: a job that runs a command for each loan spends most of its time waiting for the database. What moves and by
which rule says ``Books``, as for one; only reading and writing are done for all at once.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from amerce.access.actors import Actor
from amerce.charges.books import Books
from amerce.charges.draft import Move, event_data, write
from amerce.charges.locks import lock_accounts, lock_fees_of_loans
from amerce.charges.models import Fee, FeeType
from amerce.events.record import event_of, record_all
from amerce.institutions.models import Institution
from amerce.sql import Select


@dataclass
class ManyBooks:
    """The books by patron id, locked until the end of the transaction."""

    actor: Actor
    at: datetime
    institution: Institution
    of: dict[int, Books]
    _entries: list[tuple[Books, str, int, Mapping[str, Any]]] = field(default_factory=list)

    def enter(self, books: Books, event: str, data: Mapping[str, Any] | None = None) -> None:
        """Name what moved on ``books`` since their last entry by the event that a command of its own would write."""
        self._entries.append((books, event, len(books.draft.moves), data or {}))

    def leave_out(self, books: Books) -> None:
        """Write nothing of what moved on ``books``, of which nothing was entered yet."""
        del self.of[books.account.patron_id]

    def close(self) -> dict[Move, int]:
        """Write all that moved, and an event for each entry in the order of entries; the id of every transfer.

        No keys are kept: what is brought to a total is not asked twice.
        """
        drafts = [books.draft for books in self.of.values() if books.draft.moves or books.draft.reckoned]
        rows = write(drafts, actor=self.actor, at=self.at, institution=self.institution)
        entered: dict[int, int] = {}
        events = []
        for books, name, end, more in self._entries:
            patron_id = books.account.patron_id
            moves = books.draft.moves[entered.get(patron_id, 0) : end]
            entered[patron_id] = end
            data = {**event_data(books.draft.payment_id, moves), **more}
            events.append(event_of(name, actor=self.actor, at=self.at, patron_id=patron_id, data=data))
        record_all(events)
        moved = (move for draft in drafts for move in draft.moves)
        return {move: row.pk for move, row in zip(moved, rows, strict=True)}


def open_many_books(
    *,
    actor: Actor,
    at: datetime,
    institution: Institution,
    patron_ids: Collection[int],
    loan_ids: Collection[int] = (),
    fee_ids: Collection[int] = (),
    choose_fees: Callable[[], Collection[int]] | None = None,
) -> ManyBooks:
    """Lock the accounts in the order of patrons, then every fee of the loans, or those of ``fee_ids``, by id with the
    credits bound to them.

    ``choose_fees`` is asked for these ids once the accounts are locked, so that what it reads stays so. Seven
    statements at most and its own, however many there are. Raises ``PatronNotFound`` for a patron of another
    institution.
    """
    accounts = lock_accounts(institution.pk, patron_ids)
    types = {each.pk: each for each in _TYPES.rows(institution.pk)}
    fees: dict[int, dict[int, Fee]] = {account.patron_id: {} for account in accounts}
    if choose_fees is not None:
        fee_ids = choose_fees()
    has_credit = any(account.credit_minor for account in accounts)
    for fee in lock_fees_of_loans(institution.pk, fees, loan_ids, fee_ids, with_bound=not choose_fees or has_credit):
        fee.type = types[fee.type_id]
        fees[fee.patron_id][fee.pk] = fee
    by_code = {each.code: each for each in types.values()}
    return ManyBooks(
        actor=actor,
        at=at,
        institution=institution,
        of={
            account.patron_id: Books(
                actor=actor,
                at=at,
                institution=institution,
                account=account,
                fees=fees[account.patron_id],
                types=by_code,
            )
            for account in accounts
        },
    )


_TYPES = Select(lambda institution_id: FeeType.objects.filter(institution_id=institution_id))
