"""The limit of the nightly fines: batches of the same shape as the job's slices, written by hand.

Why with the same reads: whoever writes this by hand has to know calendar, spells, disputes and terms too, must lock
accounts in one order, and must see whether a loan came back meanwhile. The arithmetic is that of the bench's loans.
"""

import secrets
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from amerce.access.actors import Actor
from amerce.money.vat import vat_of_part
from amerce.perf.canonical import canonical, hash_of_columns, sha256
from amerce.perf.ground import Ground
from amerce.perf.plain import Plain

_TYPE = "OVERDUEFINE"
_TYPES = "('OVERDUEFINE', 'RECALLEDOVERDUEFINE')"
_LOANS = """
    SELECT l.id, l.patron_id, l.library_id, l.status, l.due_at, l.recalled_at, i.id, i.title, i.barcode, i.policy_code,
           p.group_id
    FROM circulation_loan l JOIN circulation_item i ON i.id = l.item_id LEFT JOIN patrons_patron p ON p.id = l.patron_id
    WHERE l.institution_id = %s AND l.returned_at IS NULL AND l.closed_at IS NULL AND l.due_at < %s AND l.due_at >= %s
      AND (l.due_at > %s OR l.id > %s) AND l.status IN ('NORMAL', 'RENEW', 'RECALL')
    ORDER BY l.due_at, l.id LIMIT {limit}"""
_CHARGED = f"""
    SELECT f.loan_id, f.original_minor, f.reduced_minor, f.status FROM charges_fee f
    JOIN charges_feetype t ON t.id = f.type_id
    WHERE f.institution_id = %s AND f.loan_id IN ({{ids}}) AND t.code IN {_TYPES}"""
_SPELLS = "SELECT id, loan_id, kind, began_at, ended_at FROM circulation_loanspell WHERE loan_id IN ({ids})"
_DISPUTES = f"""
    SELECT f.loan_id, t.debit, t.amount_minor, t.at FROM ledger_transfer t JOIN charges_fee f ON f.id = t.fee_id
    JOIN charges_feetype y ON y.id = f.type_id
    WHERE (t.debit = 'patron:disputed' OR t.credit = 'patron:disputed') AND f.loan_id IN ({{ids}})
      AND y.code IN {_TYPES} AND t.institution_id = %s"""
_TERMS = """
    SELECT name, overdue_rate_minor, overdue_unit, grace_minutes, overdue_maximum_minor, charges_closed_time
    FROM circulation_termsofuse WHERE institution_id = %s"""
_HOURS = "SELECT library_id, valid_from, weekday, opens, closes FROM circulation_openinghours WHERE institution_id = %s"
_CLOSINGS = """
    SELECT library_id, first_on, last_on, removed_on FROM circulation_calendarexception WHERE institution_id = %s"""
_HAVE_ACCOUNTS = "SELECT patron_id FROM ledger_patronaccount WHERE institution_id = %s AND patron_id IN ({ids})"
_ACCOUNTS = """
    SELECT patron_id, id, seq, head_hash, active_minor, disputed_minor, transferred_minor, credit_minor
    FROM ledger_patronaccount WHERE institution_id = %s AND patron_id IN ({ids}) ORDER BY patron_id FOR UPDATE"""
_FEE_TYPE = "SELECT id, code, vat_rate_bp FROM charges_feetype WHERE institution_id = %s"
_FEES = """
    SELECT loan_id, id, status, status_at, closed_as, original_minor, remaining_minor, transferred_minor, paid_minor,
           waived_minor, refunded_minor, reduced_minor, credited_minor, vat_rate_bp, type_id
    FROM charges_fee WHERE institution_id = %s AND loan_id IN ({ids}) ORDER BY id FOR UPDATE"""
_BOUND = "SELECT id FROM charges_fee WHERE bound_to_id IN ({ids}) ORDER BY id FOR UPDATE"
_STILL_OUT = """
    SELECT id, patron_id, status, due_at, recalled_at FROM circulation_loan
    WHERE id IN ({ids}) AND returned_at IS NULL AND closed_at IS NULL"""
_STILL_SPELLS = "SELECT loan_id, id, ended_at FROM circulation_loanspell WHERE loan_id IN ({ids})"
_NOTE = "institution_id, patron_id, text, salt"
_FEE = """institution_id, patron_id, type_id, status, status_at, closed_as, original_minor, remaining_minor,
    transferred_minor, paid_minor, waived_minor, refunded_minor, reduced_minor, credited_minor, vat_rate_bp, owner_id,
    item_id, loan_id, title, barcode, loaned_at, due_at, returned_at, note_id, bound_to_id, bursar_transaction_id,
    created_at"""
_TRANSFER = (
    "institution_id", "account_id", "seq", "kind", "debit", "credit", "amount_minor", "vat_minor", "currency_code",
    "fee_id", "credit_fee_id", "at", "actor_id", "actor_name", "library_id", "desk_id", "method", "reason", "note_id",
    "note_hash", "external_transaction_id", "payment_id", "corrects_id", "previous_hash",
)  # fmt: skip
_EVENT = "institution_id, name, at, actor_id, actor_name, library_id, desk_id, patron_id, data"
_ACCOUNT_TYPES = {"seq": "bigint", "head_hash": "text", "active_minor": "bigint"}
_FEE_TYPES = {"original_minor": "bigint", "remaining_minor": "bigint", "status": "text", "closed_as": "text"}
_DAY = timedelta(days=1)


class _Late(NamedTuple):
    pk: int
    patron_id: int
    library_id: int
    status: str
    due_at: Any
    recalled_at: Any
    item_id: int
    title: str
    barcode: str
    policy_code: str
    group_id: int | None


def accrue(  # noqa: PLR0915 one statement after the other
    ground: Ground, plain: Plain, cursor: Mapping[str, Any], actor: Actor, *, as_of: date, at: datetime, limit: int
) -> None:
    institution_id, stored_at = ground.institution_id, plain.moment(at)
    due_at = plain.moment(datetime.fromisoformat(cursor["due_at"]))
    midnight = datetime.combine(as_of, time.min, UTC)
    with plain.transaction():
        read = plain.rows(
            _LOANS.format(limit=limit), institution_id, plain.moment(midnight), due_at, due_at, cursor["after"]
        )
        loans = [_Late(*row) for row in read]
        ids = _list(each.pk for each in loans)
        charged: dict[int, int] = defaultdict(int)
        for loan_id, original_minor, reduced_minor, status in plain.rows(_CHARGED.format(ids=ids), institution_id):
            assert status != "INDISPUTE"
            charged[loan_id] += original_minor - reduced_minor
        spells = plain.rows(_SPELLS.format(ids=ids))
        disputes = plain.rows(_DISPUTES.format(ids=ids), institution_id)
        ((policy, rate_minor, unit, grace_minutes, maximum_minor, _),) = plain.rows(_TERMS, institution_id)
        hours, closings = plain.rows(_HOURS, institution_id), plain.rows(_CLOSINGS, institution_id)
        assert not (spells or disputes or hours or closings) and unit == "day"
        totals: dict[int, int] = {}
        for loan in loans:
            late = midnight + _DAY - _minute(loan.due_at)
            total_minor = (
                min(-(-late // _DAY) * rate_minor, maximum_minor) if late > timedelta(0, 60 * grace_minutes) else 0
            )
            if total_minor > charged[loan.pk]:
                totals[loan.pk] = total_minor
        loans = sorted((each for each in loans if each.pk in totals), key=lambda each: (each.patron_id, each.pk))
        ids, patrons = _list(totals), _list({each.patron_id for each in loans})
        assert len(plain.rows(_HAVE_ACCOUNTS.format(ids=patrons), institution_id)) == len(
            {each.patron_id for each in loans}
        )
        accounts = {row[0]: list(row[1:]) for row in plain.rows(_ACCOUNTS.format(ids=patrons), institution_id)}
        types = {code: (pk, vat) for pk, code, vat in plain.rows(_FEE_TYPE, institution_id)}
        fees = {row[0]: list(row[1:]) for row in plain.rows(_FEES.format(ids=ids), institution_id)}
        if fees:
            assert not plain.rows(_BOUND.format(ids=_list(fee[0] for fee in fees.values())))
        out = {row[0]: row[1:] for row in plain.rows(_STILL_OUT.format(ids=ids))}
        assert not plain.rows(_STILL_SPELLS.format(ids=ids))
        assert all(out[each.pk] == (each.patron_id, each.status, each.due_at, each.recalled_at) for each in loans)

        texts = [_comment(as_of, each.due_at, policy, rate_minor) for each in loans]
        salts = [secrets.token_hex(16) for _ in loans]
        note_rows = [
            (institution_id, each.patron_id, text, salt) for each, text, salt in zip(loans, texts, salts, strict=True)
        ]
        notes = plain.insert_all("patrons_note", _NOTE, note_rows)
        type_id, vat_rate_bp = types[_TYPE]
        fee_ids = {}
        new = [(each, note_id) for each, note_id in zip(loans, notes, strict=True) if each.pk not in fees]
        made = plain.insert_all(
            "charges_fee", _FEE,
            [
                (
                    institution_id, each.patron_id, type_id, "ACTIVE", stored_at, "", totals[each.pk], totals[each.pk],
                    0, 0, 0, 0, 0, 0, vat_rate_bp, each.library_id, each.item_id, each.pk, each.title, each.barcode,
                    None, None, None, note_id, None, "", stored_at,
                )
                for each, note_id in new
            ],
        )  # fmt: skip
        fee_ids = {each.pk: pk for (each, _), pk in zip(new, made, strict=True)}

        transfers, events, changed = [], [], []
        at_text = canonical(at)
        for each, note_id, text, salt in zip(loans, notes, texts, salts, strict=True):
            account, fee = accounts[each.patron_id], fees.get(each.pk)
            before_minor, remaining_minor, rate_bp = (fee[4], fee[5], fee[12]) if fee else (0, 0, vat_rate_bp)
            amount_minor = totals[each.pk] - charged[each.pk]
            after_minor = remaining_minor + amount_minor
            fee_id = fee[0] if fee else fee_ids[each.pk]
            if fee:
                assert fee[1] == "ACTIVE" and remaining_minor
                changed.append((before_minor + amount_minor, after_minor, "ACTIVE", "", fee_id))
            vat_minor = vat_of_part(before_minor=before_minor, after_minor=before_minor + amount_minor, rate_bp=rate_bp)
            account[1] += 1
            account[3] += amount_minor
            row = (
                institution_id, account[0], account[1], "CHARGE", "patron:active", f"income:{_TYPE}", amount_minor,
                vat_minor, "USD", fee_id, None, at_text, actor.account_id, actor.name, actor.library_id, actor.desk_id,
                "", "", note_id, sha256(salt + text), "", None, None, account[2],
            )  # fmt: skip
            account[2] = hash_of_columns(dict(zip(_TRANSFER, row, strict=True)))
            transfers.append((*row[:11], stored_at, *row[12:], account[2]))
            line = {
                "kind": "CHARGE", "fee_id": fee_id, "amount_minor": amount_minor, "before_minor": remaining_minor,
                "after_minor": after_minor, "status": "ACTIVE", "credit_fee_id": None,
            }  # fmt: skip
            events.append(
                (
                    institution_id, "fee.raised" if fee else "fee.assessed", stored_at, actor.account_id, actor.name,
                    actor.library_id, actor.desk_id, each.patron_id, plain.json({"receipt": None, "lines": [line]}),
                )
            )  # fmt: skip
        plain.insert_all("ledger_transfer", ", ".join((*_TRANSFER, "hash")), transfers)
        plain.update_all(
            "ledger_patronaccount", _ACCOUNT_TYPES,
            [(account[1], account[2], account[3], account[0]) for account in accounts.values()],
        )  # fmt: skip
        plain.update_all("charges_fee", _FEE_TYPES, changed)
        plain.insert_all("events_event", _EVENT, events, needs_ids=False)


def _comment(as_of: date, due_at: Any, policy: str, rate_minor: int) -> str:
    return (
        f"Date generated: {as_of:%m/%d/%Y}, Due: {_minute(due_at):%m/%d/%Y}, "
        f"Fine Policy/ies: {policy}: ${rate_minor / 100:.2f} per day"
    )


def _minute(due_at: Any) -> datetime:
    """Up to the whole minute, as lateness counts."""
    due = due_at if isinstance(due_at, datetime) else datetime.fromisoformat(due_at).replace(tzinfo=UTC)
    return due if not (due.second or due.microsecond) else due.replace(second=0, microsecond=0) + timedelta(minutes=1)


def _list(ids: Any) -> str:
    return ", ".join(map(str, ids))
