"""The limit of the bursar: chunks of the same shape as the job's, written by hand.

Why with the same reads: whoever writes this by hand must lock accounts and fees in one order, judge each fee under the
lock, and give out transaction ids that no other export gives out.
"""

import secrets
from datetime import datetime
from typing import Any

from amerce.access.actors import Actor
from amerce.money.vat import vat_of_part
from amerce.perf.bulk_limit import NOTE
from amerce.perf.bursar_books_limit import BooksLimit
from amerce.perf.canonical import sha256
from amerce.perf.ground import Ground
from amerce.perf.plain import Plain

_RUN = """
    SELECT r.state, r.awaits_payment, r.posted_count, r.posted_minor, r.dropped_count, p.min_amount_minor
    FROM bursar_bursarrun r JOIN bursar_bursarprofile p ON p.id = r.profile_id WHERE r.id = %s FOR UPDATE OF r"""
_LINES = """
    SELECT id, patron_id, fee_id FROM bursar_bursarline WHERE run_id = %s AND state = 'selected'
    ORDER BY id LIMIT {limit}"""
_FILE = """
    SELECT f.effect, f.posted_count, f.applied_minor, f.excess_minor, f.problem_count
    FROM bursar_bursarimport f JOIN bursar_bursarprofile p ON p.id = f.profile_id WHERE f.id = %s FOR UPDATE OF f"""
_PAYMENTS = """
    SELECT id, patron_id, fee_id, amount_minor FROM bursar_bursarpayment WHERE file_id = %s AND outcome = 'pending'
    ORDER BY position LIMIT {limit}"""
_SEQUENCE = """
    SELECT id, prefix, next_value FROM institutions_bursarsequence
    WHERE institution_id = %s AND removed_at IS NULL AND (library_id = %s OR library_id IS NULL) FOR UPDATE"""
_TAKE = "UPDATE institutions_bursarsequence SET next_value = %s, last_taken = %s WHERE id = %s"
_TAKEN = """
    SELECT id FROM charges_fee
    WHERE institution_id = %s AND bursar_transaction_id <> '' AND bursar_transaction_id IN ({places})"""
_EXPORTED = {
    "status": "text", "status_at": "timestamptz", "remaining_minor": "bigint", "transferred_minor": "bigint",
    "bursar_transaction_id": "text",
}  # fmt: skip
_PAID = {"closed_as": "text", "transferred_minor": "bigint"}
_POSTED = {"state": "text", "posted_minor": "bigint", "transfer_id": "bigint"}
_BOOKED = {"outcome": "text", "applied_minor": "bigint", "transfer_id": "bigint"}
_CREDIT = """institution_id, patron_id, type_id, status, status_at, closed_as, original_minor, remaining_minor,
    transferred_minor, paid_minor, waived_minor, refunded_minor, reduced_minor, credited_minor, vat_rate_bp, owner_id,
    title, barcode, note_id, bursar_transaction_id, created_at, item_id, loan_id, loaned_at, due_at, returned_at,
    bound_to_id, waiting_minor, excess_minor"""
_COMMENT = "Bursar"


def export(ground: Ground, plain: Plain, run_id: int, actor: Actor, *, at: datetime, limit: int) -> int:
    """Export the next of the run's lines; how many."""
    institution_id, stored_at = ground.institution_id, plain.moment(at)
    with plain.transaction():
        ((state, awaits_payment, count, total_minor, dropped, minimum),) = plain.rows(_RUN, run_id)
        assert state == "posting" and awaits_payment and not minimum
        lines = plain.rows(_LINES.format(limit=limit), run_id)
        if not lines:
            plain.run("UPDATE bursar_bursarrun SET state = 'making' WHERE id = %s", run_id)
            return 0
        books = BooksLimit(ground, plain, actor, at, {row[1] for row in lines})
        fees = books.lock_fees(row[2] for row in lines)
        sequence_id, prefix, number = plain.rows(_SEQUENCE, institution_id, ground.library_id)[0]
        ids = [f"{prefix}{each}" for each in range(number, number + len(lines))]
        plain.run(_TAKE, number + len(ids), number + len(ids) - 1, sequence_id)
        assert not plain.rows(_TAKEN.format(places=", ".join(["%s"] * len(ids))), institution_id, *ids)
        changed: list[tuple[Any, ...]] = []
        events: dict[int, list[Any]] = {}
        for (_line_id, patron_id, fee_id), number_given in zip(lines, ids, strict=True):
            _, status, original_minor, remaining_minor, transferred_minor, rate_bp, transaction_id, *_ = fees[fee_id]
            assert status == "ACTIVE" and remaining_minor > 0 and not transaction_id
            before_minor = original_minor - remaining_minor
            vat_minor = vat_of_part(before_minor=before_minor, after_minor=original_minor, rate_bp=rate_bp)
            account = books.accounts[patron_id]
            account[3] -= remaining_minor
            account[5] += remaining_minor
            books.move(
                account, "EXPORTED_AND_PAID", "patron:transferred", "patron:active", remaining_minor, fee_id,
                vat_minor=vat_minor,
            )  # fmt: skip
            changed.append(("EXPORTED", stored_at, 0, transferred_minor + remaining_minor, number_given, fee_id))
            events.setdefault(patron_id, []).append(
                _said("EXPORTED_AND_PAID", fee_id, remaining_minor, remaining_minor)
            )
            total_minor += remaining_minor
        transfers = books.write("charges_fee", _EXPORTED, changed, "fee.exported", events.items())
        posted = [("posted", books.amounts[n], transfers[n], row[0]) for n, row in enumerate(lines)]
        plain.update_all("bursar_bursarline", _POSTED, posted)
        plain.run(
            "UPDATE bursar_bursarrun SET state = %s, posted_count = %s, posted_minor = %s, dropped_count = %s"
            " WHERE id = %s",
            "posting" if len(lines) == limit else "making", count + len(lines), total_minor, dropped, run_id,
        )  # fmt: skip
    return len(lines)


def take_in(ground: Ground, plain: Plain, file_id: int, actor: Actor, *, at: datetime, limit: int) -> int:
    """Book the next payments of a file, each with the CREDIT that shows it; how many."""
    institution_id, stored_at = ground.institution_id, plain.moment(at)
    with plain.transaction():
        ((effect, count, total_minor, excess_minor, problems),) = plain.rows(_FILE, file_id)
        assert effect == "credit"
        lines = plain.rows(_PAYMENTS.format(limit=limit), file_id)
        if not lines:
            return 0
        books = BooksLimit(ground, plain, actor, at, {row[1] for row in lines})
        fees = books.lock_fees(row[2] for row in lines)
        salts = [secrets.token_hex(16) for _ in lines]
        note_rows = [(institution_id, row[1], _COMMENT, salt) for row, salt in zip(lines, salts, strict=True)]
        notes = plain.insert_all("patrons_note", NOTE, note_rows)
        credits_ = plain.insert_all(
            "charges_fee", _CREDIT,
            [
                (
                    institution_id, patron_id, books.types["CREDIT"], "EXPORTED", stored_at, "paid", -amount_minor, 0,
                    0, 0, 0, 0, 0, 0, 0, *fees[fee_id][7:10], note_id, "", stored_at, None, None,
                    None, None, None, None, 0, 0,
                )
                for (_, patron_id, fee_id, amount_minor), note_id in zip(lines, notes, strict=True)
            ],
        )  # fmt: skip
        changed, events = [], []
        for (_id, patron_id, fee_id, amount_minor), salt, note_id, credit_id in zip(
            lines, salts, notes, credits_, strict=True
        ):
            _, status, _, _, transferred_minor, *_ = fees[fee_id]
            assert status == "EXPORTED" and transferred_minor == amount_minor
            account = books.accounts[patron_id]
            account[5] -= amount_minor
            books.move(
                account, "PAYMENT_RECEIVED", "bursar", "patron:transferred", amount_minor, fee_id,
                credit_fee_id=credit_id, note_id=note_id, note_hash=sha256(salt + _COMMENT),
            )  # fmt: skip
            changed.append(("paid", 0, fee_id))
            events.append((patron_id, [_said("PAYMENT_RECEIVED", fee_id, amount_minor, 0, credit_id)]))
            total_minor += amount_minor
        transfers = books.write("charges_fee", _PAID, changed, "fee.settled", events)
        booked = [("paid", row[3], transfers[n], row[0]) for n, row in enumerate(lines)]
        plain.update_all("bursar_bursarpayment", _BOOKED, booked)
        plain.run(
            "UPDATE bursar_bursarimport SET posted_count = %s, applied_minor = %s, excess_minor = %s,"
            " problem_count = %s WHERE id = %s",
            count + len(lines), total_minor, excess_minor, problems, file_id,
        )  # fmt: skip
    return len(lines)


def _said(kind: str, fee_id: int, amount_minor: int, before_minor: int, credit_fee_id: int | None = None) -> Any:
    return {
        "kind": kind, "fee_id": fee_id, "amount_minor": amount_minor, "before_minor": before_minor, "after_minor": 0,
        "status": "EXPORTED", "credit_fee_id": credit_fee_id,
    }  # fmt: skip
