"""A payment as one hand-written PostgreSQL statement: what no more than one round trip would give.

Why it is only information: the order of locks, the checks and their errors, and the hashes are in no language that
a librarian's colleague could be asked to read, and SQLite has nothing like it.
"""

import hashlib
import json
import re
from datetime import UTC, datetime

from amerce.perf.ground import Ground
from amerce.perf.plain import Plain

_SHA = "encode(sha256(convert_to({}, 'UTF8')), 'hex')"
_TRANSFER_JSON = """
    '{"account_id":' || a.id || ',"actor_id":' || %(actor)s || ',"actor_name":' || to_json(%(name)s::text)
    || ',"amount_minor":' || f.remaining_minor || ',"at":"' || %(at_text)s || '","credit":"patron:active"'
    || ',"currency_code":"' || a.currency_code || '","debit":"method:' || %(method)s || '","desk_id":' || %(desk)s
    || ',"external_transaction_id":"","fee_id":' || f.id || ',"institution_id":' || %(institution)s
    || ',"kind":"PAYMENT","library_id":' || %(library)s || ',"method":"' || %(method)s || '","note_hash":""'
    || ',"payment_id":' || n.number || ',"previous_hash":"' || a.head_hash || '","reason":"","seq":' || (a.seq + 1)
    || ',"vat_minor":' || f.vat_minor || '}'"""
_LINE_JSON = """
    '{"after_minor":0,"amount_minor":' || f.remaining_minor || ',"before_minor":' || f.remaining_minor
    || ',"credit_fee_id":null,"fee_id":' || f.id || ',"kind":"PAYMENT","status":"CLOSED"}'"""
_RESULT_JSON = f"""
    '{{"balance_minor":' || (a.active_minor - f.remaining_minor - a.credit_minor) || ',"disputed_minor":'
    || a.disputed_minor || ',"lines":[' || {_LINE_JSON} || '],"patron_id":' || %(patron)s || ',"payment_id":'
    || n.number || ',"replayed":false,"seq":' || (a.seq + 1) || ',"transferred_minor":' || a.transferred_minor
    || ',"verb":"pay"}}'"""
_KEY_JSON = """
    '{"at":"' || %(at_text)s || '","input_hash":"' || %(input_hash)s || '","institution_id":' || %(institution)s
    || ',"key":"' || %(key)s || '","patron_id":' || %(patron)s || ',"result":' || d.result || ',"scope":"form"}'"""
_PAY = f"""
WITH a AS MATERIALIZED (
    SELECT a.*, i.currency_code FROM ledger_patronaccount a JOIN institutions_institution i ON i.id = a.institution_id
    WHERE a.institution_id = %(institution)s AND a.patron_id = %(patron)s FOR UPDATE OF a
), f AS MATERIALIZED (
    SELECT f.*, round(f.original_minor * f.vat_rate_bp / (10000.0 + f.vat_rate_bp))::bigint
        - round((f.original_minor - f.remaining_minor) * f.vat_rate_bp / (10000.0 + f.vat_rate_bp))::bigint AS vat_minor
    FROM charges_fee f, a
    WHERE f.id = %(fee)s AND f.patron_id = a.patron_id AND f.institution_id = a.institution_id AND f.status = 'ACTIVE'
      AND NOT EXISTS (SELECT FROM ledger_idempotency WHERE patron_id = %(patron)s AND scope = 'form' AND key = %(key)s)
      AND EXISTS (SELECT FROM institutions_codeentry WHERE institution_id = %(institution)s AND is_active
                  AND "table" = 'PaymentMethod' AND code = %(method)s)
    FOR UPDATE OF f
), n AS (
    UPDATE institutions_numbersequence SET next_value = next_value + 1
    FROM f WHERE institutions_numbersequence.institution_id = %(institution)s AND name = 'receipt'
    RETURNING next_value - 1 AS number
), d AS MATERIALIZED (
    SELECT a.id AS account_id, a.seq + 1 AS seq, a.head_hash, a.currency_code, f.id AS fee_id,
           f.remaining_minor AS amount_minor, f.vat_minor, n.number, {_SHA.format(_TRANSFER_JSON)} AS hash,
           {_LINE_JSON} AS line, {_RESULT_JSON} AS result
    FROM a, f, n
), t AS (
    INSERT INTO ledger_transfer (institution_id, account_id, seq, kind, debit, credit, amount_minor, vat_minor,
        currency_code, fee_id, at, actor_id, actor_name, library_id, desk_id, method, reason, note_hash,
        external_transaction_id, payment_id, previous_hash, hash)
    SELECT %(institution)s, account_id, seq, 'PAYMENT', 'method:' || %(method)s, 'patron:active', amount_minor,
        vat_minor, currency_code, fee_id, %(at)s, %(actor)s, %(name)s, %(library)s, %(desk)s, %(method)s, '', '', '',
        number, head_hash, hash FROM d
), ua AS (
    UPDATE ledger_patronaccount SET seq = d.seq, head_hash = d.hash, active_minor = active_minor - d.amount_minor
    FROM d WHERE ledger_patronaccount.id = d.account_id
), uf AS (
    UPDATE charges_fee SET status = 'CLOSED', status_at = %(at)s, closed_as = 'paid', remaining_minor = 0,
        paid_minor = paid_minor + d.amount_minor FROM d WHERE charges_fee.id = d.fee_id
), e AS (
    INSERT INTO events_event (institution_id, name, at, actor_id, actor_name, library_id, desk_id, patron_id, data)
    SELECT %(institution)s, 'fee.paid', %(at)s, %(actor)s, %(name)s, %(library)s, %(desk)s, %(patron)s,
        ('{{"receipt":' || number || ',"lines":[' || line || ']}}')::jsonb FROM d
)
INSERT INTO ledger_idempotency (institution_id, patron_id, scope, key, input_hash, result, at, hash)
SELECT %(institution)s, %(patron)s, 'form', %(key)s, %(input_hash)s, result::jsonb, %(at)s, {_SHA.format(_KEY_JSON)}
FROM d RETURNING id"""

_NUMBERS = {"institution", "patron", "fee", "actor", "library", "desk"}


def _typed(place: re.Match[str]) -> str:
    """PostgreSQL cannot guess the type of a value that stands in columns of several."""
    kind = "bigint" if place[1] in _NUMBERS else "timestamptz" if place[1] == "at" else "text"
    return f"{place[0]}::{kind}"


_PAY = re.sub(r"%\((\w+)\)s", _typed, _PAY)


def pay(ground: Ground, plain: Plain, *, at: datetime, patron_id: int, fee_id: int, method: str, form_key: str) -> None:
    inputs = {"verb": "pay", "fees": [fee_id], "amount": None, "method": method, "external": "", "comment": ""}
    actor = ground.actor
    values = {
        "institution": ground.institution_id,
        "patron": patron_id,
        "fee": fee_id,
        "key": form_key,
        "input_hash": hashlib.sha256(json.dumps(inputs, sort_keys=True, separators=(",", ":")).encode()).hexdigest(),
        "method": method,
        "at": at,
        "at_text": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": actor.account_id,
        "name": actor.name,
        "library": actor.library_id,
        "desk": actor.desk_id,
    }
    with plain.transaction():
        assert plain.named_row(_PAY, values)
