"""Checks of the hashes: the chains of the transfers, the notes, the idempotency records. They read every row."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connections

from amerce.ledger.checks.scope import Finding, Scope
from amerce.ledger.hashing import IDEMPOTENCY_COLUMNS, TRANSFER_COLUMNS, hash_of_columns
from amerce.ledger.models import NO_HASH, Idempotency, PatronAccount, Transfer
from amerce.patrons.notes import note_hash

_BATCH = 2000
_PREVIOUS = TRANSFER_COLUMNS.index("previous_hash")


def chain(scope: Scope) -> Finding | None:
    """Each account's transfers are numbered without a gap, each holds the hash of the one before, each hash is
    that of its row, and the account's head is the last."""
    rows = scope.of(Transfer).order_by("account_id", "seq")
    stream = scope.stream(rows.values_list("pk", "hash", "account__head_hash", *TRANSFER_COLUMNS))
    account_id_at, seq_at = TRANSFER_COLUMNS.index("account_id"), TRANSFER_COLUMNS.index("seq")
    account_id, seq, previous_hash, head_hash = None, 0, NO_HASH, NO_HASH
    for pk, kept_hash, head, *values in stream:
        if values[account_id_at] != account_id:
            if previous_hash != head_hash:
                return Finding(f"account {account_id}", f"head {previous_hash}", head_hash)
            account_id, seq, previous_hash, head_hash = values[account_id_at], 0, NO_HASH, head
        seq += 1
        if values[seq_at] != seq:
            return Finding(f"transfer {pk} of account {account_id}", f"seq {seq}", str(values[seq_at]))
        if values[_PREVIOUS] != previous_hash:
            return Finding(f"transfer {pk}", f"previous hash {previous_hash}", str(values[_PREVIOUS]))
        expected = hash_of_columns(TRANSFER_COLUMNS, values)
        if kept_hash != expected:
            return Finding(f"transfer {pk}", f"hash {expected}", str(kept_hash))
        previous_hash = kept_hash
    if previous_hash != head_hash:
        return Finding(f"account {account_id}", f"head {previous_hash}", head_hash)
    return None


def untouched_accounts(scope: Scope) -> Finding | None:
    """An account without transfers has no head. (The head of the others is the chain's matter.)"""
    bad = scope.of(PatronAccount).filter(seq=0).exclude(head_hash=NO_HASH).order_by("pk").first()
    return Finding(f"account {bad.pk}", f"head {NO_HASH}", bad.head_hash) if bad else None


def notes(scope: Scope) -> Finding | None:
    """A transfer's note still has the words it was written with, or was erased: neither text nor salt."""
    unhashed = scope.of(Transfer).filter(note__isnull=True).exclude(note_hash="").order_by("pk").first()
    if unhashed:
        return Finding(f"transfer {unhashed.pk}", "no note hash without a note", unhashed.note_hash)
    rows = scope.of(Transfer).filter(note__isnull=False).order_by("pk")
    for pk, note_id, kept, text, salt in scope.stream(
        rows.values_list("pk", "note_id", "note_hash", "note__text", "note__salt")
    ):
        if (text or salt) and note_hash(text, salt) != kept:
            return Finding(f"note {note_id} of transfer {pk}", f"the text of hash {kept}", note_hash(text, salt))
        if not kept:
            return Finding(f"transfer {pk}", f"the hash of note {note_id}", "none")
    return None


def idempotency(scope: Scope) -> Finding | None:
    """Each record's hash is that of its row, and the transfers that its result speaks of are there."""
    rows = scope.of(Idempotency).order_by("pk")
    stream = scope.stream(
        rows.values_list("pk", "hash", "patron__account", "patron__account__seq", *IDEMPOTENCY_COLUMNS)
    )
    result_at = IDEMPOTENCY_COLUMNS.index("result")
    for batch in _batches(stream):
        for pk, kept_hash, _, _, *values in batch:
            expected = hash_of_columns(IDEMPOTENCY_COLUMNS, values)
            if kept_hash != expected:
                return Finding(f"idempotency record {pk}", f"hash {expected}", kept_hash)
        records = [(pk, account_id, seq or 0, values[result_at]) for pk, _, account_id, seq, *values in batch]
        if finding := _results_stand(records):
            return finding
    return None


def _results_stand(records: list[tuple[int, int, int, dict[str, Any]]]) -> Finding | None:
    """The lines of a result are the transfers up to the account's seq at which it was given."""
    wanted = {
        pk: [(account_id, seq) for seq in range(result["seq"] - len(result["lines"]) + 1, result["seq"] + 1)]
        for pk, account_id, _, result in records
    }
    found = _transfers_at([place for places in wanted.values() for place in places])
    for pk, _, account_seq, result in records:
        row = f"idempotency record {pk}"
        if result["seq"] > account_seq:
            return Finding(row, f"a result at seq {account_seq} or before", f"seq {result['seq']}")
        for line, place in zip(result["lines"], wanted[pk], strict=True):
            told = tuple(line[key] for key in ("kind", "fee_id", "credit_fee_id", "amount_minor"))
            expected = (*told, result["payment_id"])
            if found[place] != expected:
                return Finding(f"{row}, transfer at seq {place[1]}", _words(expected), _words(found[place]))
    return None


def _transfers_at(places: list[tuple[int, int]]) -> dict[tuple[int, int], tuple[Any, ...] | None]:
    """What was moved by the transfers at (account, seq).

    ``CROSS JOIN`` and not ``IN``: with it SQLite looks each place up instead of reading the whole table.
    """
    found: dict[tuple[int, int], tuple[Any, ...] | None] = defaultdict(lambda: None)
    connection = connections[Transfer.objects.db]
    table = Transfer._meta.db_table
    columns = "account_id, kept.seq, kind, fee_id, credit_fee_id, amount_minor, payment_id"
    for batch in _batches(iter(places)):
        wanted = ", ".join(f"({account_id:d}, {seq:d})" for account_id, seq in batch)
        with connection.cursor() as cursor:
            cursor.execute(
                f"WITH wanted (account, seq) AS (VALUES {wanted}) SELECT {columns} "  # noqa: S608
                f"FROM wanted CROSS JOIN {table} AS kept WHERE account_id = wanted.account AND kept.seq = wanted.seq",
            )
            for account_id, seq, *moved in cursor.fetchall():
                found[account_id, seq] = tuple(moved)
    return found


def _batches(rows: Iterable[Any]) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _words(moved: tuple[Any, ...] | None) -> str:
    if moved is None:
        return "no transfer"
    kind, fee_id, credit_fee_id, amount_minor, payment_id = moved
    return f"{kind} of {amount_minor} on fee {fee_id}, credit {credit_fee_id}, receipt {payment_id}"
