"""The limit of lending: the statements of a checkout and of a late return one by one, written by hand.

Why with the same reads: whoever writes this by hand has to know blocks, terms, calendar and spells too. It takes the
road of the bench's loans: no block, no calendar, no spell, one row of terms.
"""

import secrets
from datetime import UTC, datetime, time, timedelta

from amerce.money.vat import vat_of_part
from amerce.perf.canonical import sha256
from amerce.perf.charges_limit import EVENT, FEE, NOTE, line_of, locked_account, transfer
from amerce.perf.ground import Ground
from amerce.perf.plain import Plain

_TYPE = "OVERDUEFINE"
_ITEM = """
    SELECT i.id, i.library_id, i.policy_code, i.title, EXISTS (
        SELECT 1 FROM circulation_loan l WHERE l.item_id = i.id AND l.returned_at IS NULL AND l.closed_at IS NULL
    ), (SELECT l.patron_id FROM circulation_loan l
        WHERE l.item_id = i.id AND l.returned_at IS NULL AND l.closed_at IS NULL
    ), EXISTS (
        SELECT 1 FROM circulation_request r WHERE r.item_id = i.id AND r.patron_id = %s AND r.closed_at IS NULL
    )
    FROM circulation_item i WHERE i.institution_id = %s AND i.barcode = %s"""
_RULE = """(
        SELECT r.{column} FROM circulation_blockrule r
        WHERE r.institution_id = p.institution_id AND (r.group_id IS NULL OR r.group_id = p.group_id)
        ORDER BY r.group_id NULLS LAST LIMIT 1
    )"""
_BORROWER = f"""
    SELECT p.group_id, p.status, p.expires_on, i.time_zone, COALESCE(a.active_minor - a.credit_minor, 0), (
        SELECT f.created_at FROM charges_fee f
        WHERE f.institution_id = p.institution_id AND f.patron_id = p.id AND f.status = 'ACTIVE'
          AND f.remaining_minor > -COALESCE((
            SELECT SUM(c.remaining_minor) FROM charges_fee c WHERE c.bound_to_id = f.id), 0)
        ORDER BY f.created_at LIMIT 1
    ), EXISTS (SELECT 1 FROM patrons_patronblock b WHERE b.patron_id = p.id AND b.lifted_at IS NULL),
    {_RULE.format(column="amount_minor")}, {_RULE.format(column="age_days")},
    {_RULE.format(column="blocks_checkout")}, {_RULE.format(column="blocks_renewal")},
    {_RULE.format(column="blocks_request")}
    FROM patrons_patron p JOIN institutions_institution i ON i.id = p.institution_id
    LEFT JOIN ledger_patronaccount a ON a.patron_id = p.id
    WHERE p.institution_id = %s AND p.id = %s"""
_TERMS = """
    SELECT id, name, group_id, item_policy, library_id, loan_length, loan_unit, overdue_rate_minor, overdue_unit,
           grace_minutes, overdue_maximum_minor, charges_closed_time, recall_rate_minor
    FROM circulation_termsofuse WHERE institution_id = %s"""
_HOURS = """
    SELECT valid_from, weekday, opens, closes FROM circulation_openinghours
    WHERE institution_id = %s AND library_id IN (%s) ORDER BY opens"""
_CLOSINGS = """
    SELECT first_on, last_on, removed_on FROM circulation_calendarexception
    WHERE institution_id = %s AND (library_id IS NULL OR library_id IN (%s))"""
_LOAN = """
    INSERT INTO circulation_loan (institution_id, library_id, patron_id, item_id, status, loaned_at, due_at, renewals,
        renewed_at, recalled_at, notices_sent, returned_at, returned_desk_id, closed_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id"""
_BRINGABLE = """
    SELECT l.id, l.patron_id FROM circulation_loan l JOIN circulation_item i ON i.id = l.item_id
    WHERE i.institution_id = %s AND i.barcode = %s AND l.returned_at IS NULL AND (l.closed_at IS NULL OR NOT EXISTS (
        SELECT 1 FROM circulation_loan o WHERE o.item_id = l.item_id AND o.loaned_at >= l.closed_at AND o.id <> l.id))
    ORDER BY l.closed_at DESC NULLS FIRST, l.id DESC"""
_FEES = """
    SELECT f.id FROM charges_fee f LEFT JOIN charges_fee b ON b.id = f.bound_to_id
    WHERE (f.loan_id IN (%s) OR b.loan_id IN (%s)) AND f.institution_id = %s AND f.patron_id = %s
    ORDER BY f.id FOR UPDATE OF f"""
_LOCK_LOAN = """
    SELECT l.id, l.library_id, l.status, l.loaned_at, l.due_at, l.renewals, l.recalled_at, l.closed_at, l.item_id,
           i.title, i.barcode, i.policy_code, p.group_id
    FROM circulation_loan l JOIN circulation_item i ON i.id = l.item_id LEFT JOIN patrons_patron p ON p.id = l.patron_id
    WHERE l.institution_id = %s AND l.patron_id = %s AND l.id IN (%s) AND l.returned_at IS NULL
    ORDER BY l.id FOR UPDATE OF l"""
_RETURN = "UPDATE circulation_loan SET status = %s, returned_at = %s, returned_desk_id = %s WHERE id = %s"
_SPELLS = """
    SELECT kind, began_at, ended_at FROM circulation_loanspell WHERE institution_id = %s AND loan_id = %s
    ORDER BY began_at, id"""
_FEE_TYPE = "SELECT id, vat_rate_bp FROM charges_feetype WHERE institution_id = %s AND code = %s"
_DAY = timedelta(days=1)


def checkout(ground: Ground, plain: Plain, *, at: datetime, patron_id: int, barcode: str) -> None:
    institution_id = ground.institution_id
    with plain.transaction():
        locked_account(ground, plain, patron_id)
        item_id, library_id, _policy, _title, is_out, _lent_to, is_awaited = plain.row(
            _ITEM, patron_id, institution_id, barcode
        )
        assert not is_out and not is_awaited
        _group, status, expires_on, time_zone, _owed, _since, has_block, limit_minor, age_days, *_ = plain.row(
            _BORROWER, institution_id, patron_id
        )
        assert status == "active" and expires_on is None and not has_block and time_zone == "UTC"
        assert limit_minor is None and age_days is None
        ((terms_id, _name, group_id, policy, named_library, length, unit, *_),) = plain.rows(_TERMS, institution_id)
        assert group_id is None and named_library is None and not policy and unit == "day"
        assert not plain.rows(_HOURS, institution_id, library_id)
        assert not plain.rows(_CLOSINGS, institution_id, library_id)
        due_at = datetime.combine(at.date() + length * _DAY, time(23, 59, 59), UTC)
        loan_id = plain.row(
            _LOAN, institution_id, library_id, patron_id, item_id, "NORMAL", plain.moment(at), plain.moment(due_at), 0,
            None, None, 0, None, None, None,
        )[0]  # fmt: skip
        data = {"loan": loan_id, "item": item_id, "terms": terms_id, "due_at": due_at.isoformat()}
        _record(ground, plain, at, patron_id, "loan.checked_out", data)


def return_item(ground: Ground, plain: Plain, *, at: datetime, barcode: str) -> None:
    institution_id, stored_at = ground.institution_id, plain.moment(at)
    with plain.transaction():
        loan_id, patron_id = plain.row(_BRINGABLE, institution_id, barcode)
        account = locked_account(ground, plain, patron_id)
        assert not plain.rows(_FEES, loan_id, loan_id, institution_id, patron_id)
        (
            _, library_id, status, _loaned_at, due, _renewals, recalled_at, closed_at, item_id, title, found, _, _,
        ) = plain.row(_LOCK_LOAN, institution_id, patron_id, loan_id)  # fmt: skip
        assert status == "NORMAL" and recalled_at is None and closed_at is None and found == barcode
        due_at = due if plain.is_postgresql else datetime.fromisoformat(due).replace(tzinfo=UTC)
        plain.run(_RETURN, "NORMAL", stored_at, ground.actor.desk_id, loan_id)
        assert not plain.rows(_SPELLS, institution_id, loan_id)
        ((_, policy, _, _, _, _, _, rate_minor, unit, grace_minutes, maximum_minor, _, _),) = plain.rows(
            _TERMS, institution_id
        )
        assert not plain.rows(_HOURS, institution_id, library_id)
        assert not plain.rows(_CLOSINGS, institution_id, library_id)
        late = at - (due_at + timedelta(seconds=1))
        assert unit == "day" and late > timedelta(minutes=grace_minutes)
        amount_minor = min(-(-late // _DAY) * rate_minor, maximum_minor)
        type_id, vat_rate_bp = plain.row(_FEE_TYPE, institution_id, _TYPE)
        comment = _comment(at, due_at, policy, rate_minor)
        salt = secrets.token_hex(16)
        note_id = plain.row(NOTE, institution_id, patron_id, comment, salt)[0]
        fee_id = plain.row(
            FEE, institution_id, patron_id, type_id, "ACTIVE", stored_at, "", amount_minor, amount_minor,
            0, 0, 0, 0, 0, 0, vat_rate_bp, library_id, item_id, loan_id, title, barcode, None, None, None, note_id,
            None, "", stored_at,
        )[0]  # fmt: skip
        account.active_minor += amount_minor
        vat_minor = vat_of_part(before_minor=0, after_minor=amount_minor, rate_bp=vat_rate_bp)
        sides = ("patron:active", f"income:{_TYPE}")
        transfer(
            ground, plain, account, at, "CHARGE", sides, amount_minor, vat_minor, fee_id,
            note_id=note_id, note_hash=sha256(salt + comment),
        )  # fmt: skip
        line = line_of("CHARGE", fee_id, amount_minor, 0, amount_minor, "ACTIVE")
        data = {
            "receipt": None, "lines": [line], "loan": loan_id, "item": item_id, "returned_at": at.isoformat(),
            "was": status,
        }  # fmt: skip
        _record(ground, plain, at, patron_id, "loan.returned", data)


def _comment(at: datetime, due_at: datetime, policy: str, rate_minor: int) -> str:
    return (
        f"Date generated: {at:%m/%d/%Y}, Due: {due_at:%m/%d/%Y}, "
        f"Fine Policy/ies: {policy}: ${rate_minor // 100}.{rate_minor % 100:02} per day, Action: Item was returned"
    )


def _record(  # noqa: PLR0917
    ground: Ground, plain: Plain, at: datetime, patron_id: int, name: str, data: dict[str, object]
) -> None:
    actor = ground.actor
    plain.row(
        EVENT, ground.institution_id, name, plain.moment(at), actor.account_id, actor.name, actor.library_id,
        actor.desk_id, patron_id, plain.json(data),
    )  # fmt: skip
