"""The limit of the charge verbs: the statements of ``charges/`` one by one, written by hand, in the same order.

Why no line of ours is called except the VAT formula: the limit must say what the work costs without our code.
It checks what the verbs check on this road, and writes the same rows; ``tests/perf`` compares them.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from amerce.money.vat import vat_of_part
from amerce.perf.canonical import canonical, hash_of, hash_of_columns, sha256
from amerce.perf.ground import FEE_TYPE, Ground
from amerce.perf.plain import Plain

_LOCK_ACCOUNT = """
    SELECT a.id, a.seq, a.head_hash, a.active_minor, a.disputed_minor, a.transferred_minor, a.credit_minor,
           i.currency_code, i.amount_ceiling_minor, i.overpayment
    FROM ledger_patronaccount a JOIN institutions_institution i ON i.id = a.institution_id
    WHERE a.institution_id = %s AND a.patron_id = %s ORDER BY a.id LIMIT 1 FOR UPDATE OF a"""
_LOCK_FEES = """
    SELECT f.id, f.status, f.status_at, f.closed_as, f.original_minor, f.remaining_minor, f.transferred_minor,
           f.paid_minor, f.waived_minor, f.refunded_minor, f.reduced_minor, f.credited_minor, f.vat_rate_bp,
           f.bound_to_id, t.code, t.is_waivable
    FROM charges_fee f JOIN charges_feetype t ON t.id = f.type_id
    WHERE (f.id IN (%s) OR f.bound_to_id IN (%s)) AND f.patron_id = %s AND f.institution_id = %s
    ORDER BY f.id FOR UPDATE OF f"""
_SEEN_KEY = """
    SELECT input_hash, result FROM ledger_idempotency WHERE patron_id = %s AND scope = %s AND key = %s
    ORDER BY id LIMIT 1"""
_FEE_TYPE = """
    SELECT id, is_manual, owner_kind, vat_rate_bp FROM charges_feetype
    WHERE institution_id = %s AND code = %s AND is_enabled ORDER BY id LIMIT 1"""
_CODE = """
    SELECT 1 FROM institutions_codeentry
    WHERE institution_id = %s AND is_active AND "table" = %s AND code = %s LIMIT 1"""
_SEQUENCE = """
    SELECT id, next_value FROM institutions_numbersequence WHERE institution_id = %s AND name = %s FOR UPDATE"""
_TAKE_NUMBER = "UPDATE institutions_numbersequence SET next_value = %s WHERE id = %s"
NOTE = "INSERT INTO patrons_note (institution_id, patron_id, text, salt) VALUES (%s, %s, %s, %s) RETURNING id"
FEE = """
    INSERT INTO charges_fee (institution_id, patron_id, type_id, status, status_at, closed_as, original_minor,
        remaining_minor, transferred_minor, paid_minor, waived_minor, refunded_minor, reduced_minor, credited_minor,
        vat_rate_bp, owner_id, item_id, loan_id, title, barcode, loaned_at, due_at, returned_at, note_id, bound_to_id,
        bursar_transaction_id, created_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    RETURNING id"""
_TRANSFER = """
    INSERT INTO ledger_transfer (institution_id, account_id, seq, kind, debit, credit, amount_minor, vat_minor,
        currency_code, fee_id, credit_fee_id, at, actor_id, actor_name, library_id, desk_id, method, reason, note_id,
        note_hash, external_transaction_id, payment_id, corrects_id, previous_hash, hash)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    RETURNING id"""
_ACCOUNT = """
    UPDATE ledger_patronaccount SET seq = %s, head_hash = %s, active_minor = %s, disputed_minor = %s,
        transferred_minor = %s, credit_minor = %s WHERE id = %s"""
_PROJECTED = """
    UPDATE charges_fee SET status = %s, status_at = %s, closed_as = %s, original_minor = %s, remaining_minor = %s,
        transferred_minor = %s, paid_minor = %s, waived_minor = %s, refunded_minor = %s, reduced_minor = %s,
        credited_minor = %s WHERE id = %s"""
EVENT = """
    INSERT INTO events_event (institution_id, name, at, actor_id, actor_name, library_id, desk_id, patron_id, data)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id"""
_KEY = """
    INSERT INTO ledger_idempotency (institution_id, patron_id, scope, key, input_hash, result, at, hash)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING id"""


@dataclass
class _Account:
    pk: int
    seq: int
    head_hash: str
    active_minor: int
    disputed_minor: int
    transferred_minor: int
    credit_minor: int
    currency_code: str
    ceiling_minor: int
    overpayment: str


@dataclass
class _Fee:
    pk: int
    status: str
    status_at: Any
    closed_as: str
    original_minor: int
    remaining_minor: int
    transferred_minor: int
    paid_minor: int
    waived_minor: int
    refunded_minor: int
    reduced_minor: int
    credited_minor: int
    vat_rate_bp: int
    bound_to_id: int | None
    type_code: str
    is_waivable: bool


def assess(
    ground: Ground, plain: Plain, *, at: datetime, patron_id: int, amount_minor: int, form_key: str, comment: str = ""
) -> None:
    inputs = {
        "verb": "assess",
        "type": FEE_TYPE,
        "amount": amount_minor,
        "owner": None,
        "item": None,
        "comment": comment,
    }
    institution_id, stored_at = ground.institution_id, plain.moment(at)
    with plain.transaction():
        account = locked_account(ground, plain, patron_id)
        _refuse_seen_key(plain, patron_id, form_key)
        type_id, is_manual, owner_kind, vat_rate_bp = plain.row(_FEE_TYPE, institution_id, FEE_TYPE)
        assert is_manual and owner_kind == "library"
        assert 0 < amount_minor <= account.ceiling_minor
        fee_id = plain.row(
            FEE, institution_id, patron_id, type_id, "ACTIVE", stored_at, "", amount_minor, amount_minor,
            0, 0, 0, 0, 0, 0, vat_rate_bp, ground.actor.library_id, None, None, "", "", None, None, None, None, None,
            "", stored_at,
        )[0]  # fmt: skip
        account.active_minor += amount_minor
        vat_minor = vat_of_part(before_minor=0, after_minor=amount_minor, rate_bp=vat_rate_bp)
        sides = ("patron:active", f"income:{FEE_TYPE}")
        transfer(ground, plain, account, at, "CHARGE", sides, amount_minor, vat_minor, fee_id)
        line = line_of("CHARGE", fee_id, amount_minor, 0, amount_minor, "ACTIVE")
        _finish(ground, plain, account, at, patron_id, "fee.assessed", line, form_key, inputs)


def pay(ground: Ground, plain: Plain, *, at: datetime, patron_id: int, fee_id: int, method: str, form_key: str) -> None:
    inputs = {"verb": "pay", "fees": [fee_id], "amount": None, "method": method, "external": "", "comment": ""}
    with plain.transaction():
        account = locked_account(ground, plain, patron_id)
        fee = _locked_fee(ground, plain, patron_id, fee_id, status="ACTIVE")
        _refuse_seen_key(plain, patron_id, form_key)
        assert plain.row(_CODE, ground.institution_id, "PaymentMethod", method)
        sequence_id, payment_id = plain.row(_SEQUENCE, ground.institution_id, "receipt")
        plain.run(_TAKE_NUMBER, payment_id + 1, sequence_id)
        amount_minor, vat_minor = fee.remaining_minor, _settled_vat(fee)
        account.active_minor -= amount_minor
        fee.status, fee.closed_as, fee.status_at = "CLOSED", "paid", plain.moment(at)
        fee.paid_minor, fee.remaining_minor = fee.paid_minor + amount_minor, 0
        sides = (f"method:{method}", "patron:active")
        transfer(
            ground, plain, account, at, "PAYMENT", sides, amount_minor, vat_minor, fee_id,
            method=method, payment_id=payment_id,
        )  # fmt: skip
        _project(plain, fee)
        line = line_of("PAYMENT", fee_id, amount_minor, amount_minor, 0, fee.status)
        _finish(ground, plain, account, at, patron_id, "fee.paid", line, form_key, inputs, payment_id)


def waive(
    ground: Ground,
    plain: Plain,
    *,
    at: datetime,
    patron_id: int,
    fee_id: int,
    reason: str,
    comment: str,
    form_key: str,
) -> None:
    inputs = {"verb": "waive", "fees": [[fee_id, None]], "reason": reason, "comment": comment}
    with plain.transaction():
        account = locked_account(ground, plain, patron_id)
        fee = _locked_fee(ground, plain, patron_id, fee_id, status="ACTIVE")
        _refuse_seen_key(plain, patron_id, form_key)
        assert plain.row(_CODE, ground.institution_id, "FineFeeTransactionReason", reason)
        assert fee.is_waivable
        salt = secrets.token_hex(16)
        note_id = plain.row(NOTE, ground.institution_id, patron_id, comment, salt)[0]
        amount_minor, vat_minor = fee.remaining_minor, _settled_vat(fee)
        account.active_minor -= amount_minor
        fee.status, fee.closed_as, fee.status_at = "CLOSED", "waived", plain.moment(at)
        fee.waived_minor, fee.remaining_minor = fee.waived_minor + amount_minor, 0
        sides = (f"waived:{reason}", "patron:active")
        transfer(
            ground, plain, account, at, "WAIVE", sides, amount_minor, vat_minor, fee_id,
            reason=reason, note_id=note_id, note_hash=sha256(salt + comment),
        )  # fmt: skip
        _project(plain, fee)
        line = line_of("WAIVE", fee_id, amount_minor, amount_minor, 0, fee.status)
        _finish(ground, plain, account, at, patron_id, "fee.waived", line, form_key, inputs, reason=reason)


def dispute(ground: Ground, plain: Plain, *, at: datetime, patron_id: int, fee_id: int, form_key: str) -> None:
    with plain.transaction():
        account = locked_account(ground, plain, patron_id)
        fee = _locked_fee(ground, plain, patron_id, fee_id, status="ACTIVE")
        account.active_minor -= fee.remaining_minor
        account.disputed_minor += fee.remaining_minor
        fee.status = "INDISPUTE"
        _change_side(
            ground, plain, account, fee, at, patron_id, "dispute", ("patron:disputed", "patron:active"), form_key
        )


def restore(ground: Ground, plain: Plain, *, at: datetime, patron_id: int, fee_id: int, form_key: str) -> None:
    with plain.transaction():
        account = locked_account(ground, plain, patron_id)
        fee = _locked_fee(ground, plain, patron_id, fee_id, status="INDISPUTE")
        account.active_minor += fee.remaining_minor
        account.disputed_minor -= fee.remaining_minor
        fee.status = "ACTIVE"
        _change_side(
            ground, plain, account, fee, at, patron_id, "restore", ("patron:active", "patron:disputed"), form_key
        )


def _change_side(  # noqa: PLR0917
    ground: Ground,
    plain: Plain,
    account: _Account,
    fee: _Fee,
    at: datetime,
    patron_id: int,
    verb: str,
    sides: tuple[str, str],
    form_key: str,
) -> None:
    _refuse_seen_key(plain, patron_id, form_key)
    kind, amount_minor = verb.upper(), fee.remaining_minor
    fee.status_at = plain.moment(at)
    vat_minor = vat_of_part(
        before_minor=fee.original_minor - amount_minor, after_minor=fee.original_minor, rate_bp=fee.vat_rate_bp
    )
    transfer(ground, plain, account, at, kind, sides, amount_minor, vat_minor, fee.pk)
    _project(plain, fee)
    line = line_of(kind, fee.pk, amount_minor, amount_minor, amount_minor, fee.status)
    inputs = {"verb": verb, "fees": [fee.pk], "comment": ""}
    _finish(ground, plain, account, at, patron_id, f"fee.{verb}d", line, form_key, inputs)


def locked_account(ground: Ground, plain: Plain, patron_id: int) -> _Account:
    return _Account(*plain.row(_LOCK_ACCOUNT, ground.institution_id, patron_id))


def _locked_fee(ground: Ground, plain: Plain, patron_id: int, fee_id: int, *, status: str) -> _Fee:
    rows = plain.rows(_LOCK_FEES, fee_id, fee_id, patron_id, ground.institution_id)
    fee = _Fee(*rows[0])
    assert fee.pk == fee_id and fee.status == status and fee.original_minor > 0 and len(rows) == 1
    return fee


def _refuse_seen_key(plain: Plain, patron_id: int, form_key: str) -> None:
    assert plain.row(_SEEN_KEY, patron_id, "form", form_key) is None


def _settled_vat(fee: _Fee) -> int:
    return vat_of_part(
        before_minor=fee.original_minor - fee.remaining_minor, after_minor=fee.original_minor, rate_bp=fee.vat_rate_bp
    )


def transfer(  # noqa: PLR0917
    ground: Ground,
    plain: Plain,
    account: _Account,
    at: datetime,
    kind: str,
    sides: tuple[str, str],
    amount_minor: int,
    vat_minor: int,
    fee_id: int,
    *,
    method: str = "",
    reason: str = "",
    note_id: int | None = None,
    note_hash: str = "",
    payment_id: int | None = None,
) -> None:
    actor, (debit, credit) = ground.actor, sides
    account.seq += 1
    columns = {
        "institution_id": ground.institution_id,
        "account_id": account.pk,
        "seq": account.seq,
        "kind": kind,
        "debit": debit,
        "credit": credit,
        "amount_minor": amount_minor,
        "vat_minor": vat_minor,
        "currency_code": account.currency_code,
        "fee_id": fee_id,
        "credit_fee_id": None,
        "at": canonical(at),
        "actor_id": actor.account_id,
        "actor_name": actor.name,
        "library_id": actor.library_id,
        "desk_id": actor.desk_id,
        "method": method,
        "reason": reason,
        "note_id": note_id,
        "note_hash": note_hash,
        "external_transaction_id": "",
        "payment_id": payment_id,
        "corrects_id": None,
        "previous_hash": account.head_hash,
    }
    account.head_hash = hash_of_columns(columns)
    columns["at"] = plain.moment(at)
    plain.row(_TRANSFER, *columns.values(), account.head_hash)
    plain.run(
        _ACCOUNT, account.seq, account.head_hash, account.active_minor, account.disputed_minor,
        account.transferred_minor, account.credit_minor, account.pk,
    )  # fmt: skip


def _project(plain: Plain, fee: _Fee) -> None:
    plain.run(
        _PROJECTED, fee.status, fee.status_at, fee.closed_as, fee.original_minor, fee.remaining_minor,
        fee.transferred_minor, fee.paid_minor, fee.waived_minor, fee.refunded_minor, fee.reduced_minor,
        fee.credited_minor, fee.pk,
    )  # fmt: skip


def line_of(  # noqa: PLR0917
    kind: str, fee_id: int, amount_minor: int, before_minor: int, after_minor: int, status: str
) -> dict[str, Any]:
    return {
        "kind": kind,
        "fee_id": fee_id,
        "amount_minor": amount_minor,
        "before_minor": before_minor,
        "after_minor": after_minor,
        "status": status,
        "credit_fee_id": None,
    }


def _finish(  # noqa: PLR0917
    ground: Ground,
    plain: Plain,
    account: _Account,
    at: datetime,
    patron_id: int,
    event: str,
    line: dict[str, Any],
    form_key: str,
    inputs: dict[str, Any],
    payment_id: int | None = None,
    **more: Any,
) -> None:
    actor, stored_at = ground.actor, plain.moment(at)
    data = {"receipt": payment_id, "lines": [line], **more}
    plain.row(
        EVENT, ground.institution_id, event, stored_at, actor.account_id, actor.name, actor.library_id, actor.desk_id,
        patron_id, plain.json(data),
    )  # fmt: skip
    result = {
        "verb": inputs["verb"],
        "patron_id": patron_id,
        "payment_id": payment_id,
        "lines": [line],
        "balance_minor": account.active_minor - account.credit_minor,
        "disputed_minor": account.disputed_minor,
        "transferred_minor": account.transferred_minor,
        "seq": account.seq,
        "replayed": False,
    }
    columns = {
        "institution_id": ground.institution_id,
        "patron_id": patron_id,
        "scope": "form",
        "key": form_key,
        "input_hash": hash_of(inputs),
        "result": result,
        "at": canonical(at),
    }
    row_hash = hash_of_columns(columns)
    columns |= {"result": plain.json(result), "at": stored_at}
    plain.row(_KEY, *columns.values(), row_hash)
