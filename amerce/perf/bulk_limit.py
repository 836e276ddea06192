"""The limit of bulk waiving: batches of the same shape as the job's slices, written by hand.

Why with the same reads: whoever writes this by hand must hold the threshold against all that a patron owes, net what is
bound, lock accounts in one order, and judge under the lock.
"""

import json
import secrets
from datetime import datetime
from typing import Any

from amerce.access.actors import Actor
from amerce.money.vat import vat_of_part
from amerce.perf.canonical import canonical, hash_of_columns, sha256
from amerce.perf.ground import Ground
from amerce.perf.plain import Plain

_WAIVER = "SELECT criteria, reason, comment FROM bulk_bulkwaiver WHERE institution_id = %s AND id = %s"
_PATRONS = """
    SELECT f.patron_id FROM charges_fee f JOIN patrons_patron p ON p.id = f.patron_id
    WHERE f.institution_id = %s AND f.status = 'ACTIVE' AND f.original_minor > 0 AND p.group_id = %s
      AND f.patron_id > %s
    ORDER BY f.patron_id LIMIT {limit}"""
HAVE_ACCOUNTS = "SELECT patron_id FROM ledger_patronaccount WHERE institution_id = %s AND patron_id IN ({ids})"
ACCOUNTS = """
    SELECT patron_id, id, seq, head_hash, active_minor, disputed_minor, transferred_minor, credit_minor
    FROM ledger_patronaccount WHERE institution_id = %s AND patron_id IN ({ids}) ORDER BY patron_id FOR UPDATE"""
_TYPES = "SELECT id, code, is_waivable FROM charges_feetype WHERE institution_id = %s"
_JUDGED = """
    SELECT f.id, f.patron_id, t.code, t.is_waivable,
           f.remaining_minor - CASE WHEN a.credit_minor > 0 THEN COALESCE((
               SELECT -SUM(c.remaining_minor) FROM charges_fee c WHERE c.bound_to_id = f.id AND c.remaining_minor < 0
           ), 0) ELSE 0 END,
           a.active_minor - CASE WHEN a.credit_minor > 0 THEN COALESCE((
               SELECT -SUM(c.remaining_minor) FROM charges_fee c
               WHERE c.patron_id = f.patron_id AND c.bound_to_id IS NOT NULL AND c.remaining_minor < 0
           ), 0) ELSE 0 END
    FROM charges_fee f JOIN charges_feetype t ON t.id = f.type_id JOIN patrons_patron p ON p.id = f.patron_id
    JOIN ledger_patronaccount a ON a.patron_id = p.id
    WHERE f.institution_id = %s AND f.status = 'ACTIVE' AND f.original_minor > 0 AND p.group_id = %s
      AND f.patron_id IN ({ids})
    ORDER BY f.patron_id, f.id"""
_FEES = """
    SELECT id, patron_id, original_minor, remaining_minor, waived_minor, vat_rate_bp, loan_id
    FROM charges_fee WHERE institution_id = %s AND id IN ({ids}) ORDER BY id FOR UPDATE"""
BOUND = "SELECT id FROM charges_fee WHERE bound_to_id IN ({ids}) ORDER BY id FOR UPDATE"
NOTE = "institution_id, patron_id, text, salt"
TRANSFER = (
    "institution_id", "account_id", "seq", "kind", "debit", "credit", "amount_minor", "vat_minor", "currency_code",
    "fee_id", "credit_fee_id", "at", "actor_id", "actor_name", "library_id", "desk_id", "method", "reason", "note_id",
    "note_hash", "external_transaction_id", "payment_id", "corrects_id", "previous_hash",
)  # fmt: skip
EVENT = "institution_id, name, at, actor_id, actor_name, library_id, desk_id, patron_id, data"
_KEPT = """institution_id, waiver_id, patron_id, fees, amount_minor, first_seq, last_seq, undone_fees, undone_minor,
    undone_at"""
_ACCOUNT_TYPES = {"seq": "bigint", "head_hash": "text", "active_minor": "bigint"}
_FEE_TYPES = {
    "status": "text", "status_at": "timestamptz", "closed_as": "text", "remaining_minor": "bigint",
    "waived_minor": "bigint",
}  # fmt: skip


def waive(
    ground: Ground, plain: Plain, waiver_id: int, actor: Actor, *, group_id: int, after: int, at: datetime, limit: int
) -> int | None:
    """Waive a batch; the last patron of it, None when there are no more."""
    institution_id, stored_at = ground.institution_id, plain.moment(at)
    with plain.transaction():
        ((criteria, reason, comment),) = plain.rows(_WAIVER, institution_id, waiver_id)
        criteria = json.loads(criteria) if isinstance(criteria, str) else criteria
        read = [pk for (pk,) in plain.rows(_PATRONS.format(limit=limit + 1), institution_id, group_id, after)]
        is_last = len(read) <= limit
        patrons = sorted(set(read if is_last else [each for each in read if each != read[-1]]))
        if not patrons:
            return None
        ids = id_list(patrons)
        assert len(plain.rows(HAVE_ACCOUNTS.format(ids=ids), institution_id)) == len(patrons)
        accounts = {row[0]: list(row[1:]) for row in plain.rows(ACCOUNTS.format(ids=ids), institution_id)}
        plain.rows(_TYPES, institution_id)
        judged = plain.rows(_JUDGED.format(ids=ids), institution_id, group_id)
        for _pk, _patron_id, code, is_waivable, payable_minor, total_minor in judged:
            assert is_waivable and payable_minor > 0 and total_minor <= criteria["threshold_minor"]
            assert code != "LOSTITEMREPLACEMENTFEE"
        fee_ids = id_list(row[0] for row in judged)
        fees: dict[int, list[Any]] = {patron_id: [] for patron_id in patrons}
        for row in plain.rows(_FEES.format(ids=fee_ids), institution_id):
            fees[row[1]].append(row)
        if any(account[6] for account in accounts.values()):  # who has no credit has none that is bound
            assert not plain.rows(BOUND.format(ids=fee_ids))

        salts = [secrets.token_hex(16) for _ in patrons]
        notes = plain.insert_all(
            "patrons_note", NOTE,
            [(institution_id, patron_id, comment, salt) for patron_id, salt in zip(patrons, salts, strict=True)],
        )  # fmt: skip
        transfers, events, kept, changed = [], [], [], []
        at_text = canonical(at)
        for patron_id, note_id, salt in zip(patrons, notes, salts, strict=True):
            account, lines, amount_minor = accounts[patron_id], [], 0
            first_seq, note_hash = account[1] + 1, sha256(salt + comment)
            for fee_id, _patron_id, original_minor, remaining_minor, waived_minor, rate_bp, loan_id in fees[patron_id]:
                assert loan_id is None
                before_minor = original_minor - remaining_minor
                vat_minor = vat_of_part(before_minor=before_minor, after_minor=original_minor, rate_bp=rate_bp)
                account[1] += 1
                account[3] -= remaining_minor
                row = (
                    institution_id, account[0], account[1], "WAIVE", f"waived:{reason}", "patron:active",
                    remaining_minor, vat_minor, "USD", fee_id, None, at_text, actor.account_id, actor.name,
                    actor.library_id, actor.desk_id, "", reason, note_id, note_hash, "", None, None, account[2],
                )  # fmt: skip
                account[2] = hash_of_columns(dict(zip(TRANSFER, row, strict=True)))
                transfers.append((*row[:11], stored_at, *row[12:], account[2]))
                changed.append(("CLOSED", stored_at, "waived", 0, waived_minor + remaining_minor, fee_id))
                lines.append(
                    {
                        "kind": "WAIVE", "fee_id": fee_id, "amount_minor": remaining_minor,
                        "before_minor": remaining_minor, "after_minor": 0, "status": "CLOSED", "credit_fee_id": None,
                    }
                )  # fmt: skip
                amount_minor += remaining_minor
            data = {"receipt": None, "lines": lines, "reason": reason, "bulk_waiver": waiver_id}
            events.append(
                (
                    institution_id, "fee.waived", stored_at, actor.account_id, actor.name, actor.library_id,
                    actor.desk_id, patron_id, plain.json(data),
                )
            )  # fmt: skip
            kept.append(
                (institution_id, waiver_id, patron_id, len(lines), amount_minor, first_seq, account[1], 0, 0, None)
            )
        plain.insert_all("ledger_transfer", ", ".join((*TRANSFER, "hash")), transfers)
        plain.update_all(
            "ledger_patronaccount", _ACCOUNT_TYPES,
            [(account[1], account[2], account[3], account[0]) for account in accounts.values()],
        )  # fmt: skip
        plain.update_all("charges_fee", _FEE_TYPES, changed)
        plain.insert_all("events_event", EVENT, events, needs_ids=False)
        plain.insert_all("bulk_waivedpatron", _KEPT, kept, needs_ids=False)
    return None if is_last else patrons[-1]


def id_list(ids: Any) -> str:
    return ", ".join(map(str, ids))
