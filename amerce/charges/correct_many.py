"""Taking back transactions of many patrons at once, each by the rules of ``correct.py`` (rows B9, B15).

Why what cannot be taken back is answered and not raised: a run over thousands of patrons takes back what it can and
reports the rest.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.charges.books import Books
from amerce.charges.correct import check_row, corrected_among, finish, take_back, where_closed
from amerce.charges.errors import ChargeError
from amerce.charges.many_books import ManyBooks, open_many_books
from amerce.institutions.models import Institution
from amerce.ledger.models import Transfer


@dataclass
class TakenBack:
    """What was taken back of one patron, and why not the rest: by transfer id the refusal of ``correct.py``."""

    patron_id: int
    rows: list[Transfer] = field(default_factory=list)
    refused: list[tuple[Transfer, ChargeError]] = field(default_factory=list)

    @property
    def amount_minor(self) -> int:
        return sum(row.amount_minor for row in self.rows)


def correct_many(
    *,
    actor: Actor,
    at: datetime,
    institution: Institution,
    transfers: Mapping[int, Collection[Transfer]],
    comment: str,
    data: Mapping[str, Any],
) -> list[TakenBack]:
    """Take back by patron id each of ``transfers``, newest first, where ``correct`` would.

    Writes one event for each patron, ``transfer.corrected`` with ``data`` in it, and no receipt: payments are corrected
    one by one. Must run in a transaction, which holds the accounts to its end. Raises ``NotAllowed``,
    ``PatronNotFound``, ``TextTooLong``.
    """
    require_for(actor, Privilege.BULK_WAIVE, EVERYWHERE)
    rows = [row for each in transfers.values() for row in each]
    assert not any(row.payment_id for row in rows), "payments are corrected one by one"
    touched = {each for row in rows for each in (row.fee_id, row.credit_fee_id) if each}
    many = open_many_books(actor=actor, at=at, institution=institution, patron_ids=transfers.keys(), fee_ids=touched)
    corrected = corrected_among(institution.pk, [row.pk for row in rows])
    closed_in = where_closed(institution.pk, [fee for books in many.of.values() for fee in books.fees.values()])
    results = []
    for patron_id, books in list(many.of.items()):
        result = TakenBack(patron_id)
        note = books.note(comment)
        for row in sorted(transfers[patron_id], key=lambda each: -each.seq):
            try:
                check_row(row, corrected)
                take_back(books, row, note, closed_in)
            except ChargeError as refusal:
                result.refused.append((row, refusal))
            else:
                result.rows.append(row)
        _finish(many, books, result)
        if result.rows:
            ids = sorted(row.pk for row in result.rows)
            many.enter(books, "transfer.corrected", {"transfers": ids, **data})
        results.append(result)
    many.close()
    return results


def _finish(many: ManyBooks, books: Books, result: TakenBack) -> None:
    """Either all that was taken back of a patron stands together with the rest of the account, or nothing of it."""
    try:
        if result.rows:
            finish(books)
    except ChargeError as refusal:
        result.refused += [(row, refusal) for row in result.rows]
        result.rows = []
        many.leave_out(books)
