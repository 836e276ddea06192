"""A digest over all account heads, kept in a file outside the database.

Why: whoever owns the database can recompute a whole chain after a change, and ``verify`` would see nothing. They
cannot change what was written elsewhere last night. Move the file, or its last line, to where they have no hand;
each line holds the hash of the line before, so the last one stands for all.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, get_type_hints

from django.db import connections, transaction
from django.db.models import Max

from amerce.ledger.checks.scope import Finding, Scope
from amerce.ledger.models import Idempotency, Transfer

FILE_NAME = "ledger-digests.jsonl"
"""The file's name in the data folder, unless somebody says otherwise."""
FIRST_LINE = "0" * 64
"""What stands as ``previous`` in the first line."""
_LOCK_TIMEOUT = "10s"


class DigestUnreadable(Exception):
    """A digest file that is missing, empty or has a line that is no digest. ``line`` counts from 1, 0 for none."""

    def __init__(self, path: Path, line: int) -> None:
        super().__init__(f"{path} line {line}")
        self.path = path
        self.line = line


@dataclass(frozen=True, kw_only=True)
class Digest:
    """The ledger up to the transfer ``upto`` and the idempotency record ``records_upto``, in two hashes.

    ``sha256`` covers the head of every account then, ``records_sha256`` every idempotency record, ``previous``
    the line before in the file.
    """

    at: str
    upto: int
    accounts: int
    transfers: int
    sha256: str
    records_upto: int
    records: int
    records_sha256: str
    previous: str

    def line(self) -> str:
        return json.dumps(asdict(self), sort_keys=True) + "\n"


def write_digest(path: Path, at: datetime) -> Digest:
    """Append the digest of the ledger as it is to the file, and answer it once it is on disk.

    Raises ``DigestUnreadable`` when the last line is broken: a file that cannot be checked must not grow.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    bounds = _bounds(Transfer.objects.db)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600), "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        lines = file.readlines()
        if lines:
            _parsed(path, len(lines), lines[-1])
        sums = next(_sums_at([bounds], Scope()))
        digest = Digest(at=at.isoformat(), previous=_hash_of_line(lines[-1]) if lines else FIRST_LINE, **sums)
        file.write(digest.line().encode())
        file.flush()
        os.fsync(file.fileno())
    return digest


def check_digests(path: Path, scope: Scope | None = None) -> Finding | None:
    """The first line of the file that the ledger of today does not bear out, or None.

    Always over the whole database, whatever institution ``scope`` names; memory grows with the accounts, not with
    the transfers. Raises ``DigestUnreadable``.
    """
    lines = path.read_bytes().splitlines(keepends=True) if path.is_file() else []
    if not lines:
        raise DigestUnreadable(path, 0)
    digests = [_parsed(path, number, line) for number, line in enumerate(lines, start=1)]
    bounds = [(digest.upto, digest.records_upto) for digest in digests]
    previous, sums = FIRST_LINE, _sums_at(bounds, scope or Scope())
    for number, (line, digest) in enumerate(zip(lines, digests, strict=True), start=1):
        row = f"digest of {digest.at} (line {number})"
        if digest.previous != previous:
            return Finding(row, f"previous {previous}", digest.previous)
        before = digests[number - 2] if number > 1 else digest
        if digest.upto < before.upto or digest.records_upto < before.records_upto:
            return Finding(row, f"a ledger up to transfer {before.upto} or later", f"up to {digest.upto}")
        for column, now in next(sums).items():
            if now != getattr(digest, column):
                return Finding(row, f"{column} {getattr(digest, column)} as written then", f"{now} now")
        previous = _hash_of_line(line)
    return None


def _bounds(using: str) -> tuple[int, int]:
    """The last transfer and idempotency record, such that none with a lower id is still to be committed.

    PostgreSQL commits out of the order of ids: for an instant nobody may be between taking one and committing.
    """
    with transaction.atomic(using):
        if connections[using].vendor == "postgresql":
            with connections[using].cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'")
                cursor.execute(f"LOCK TABLE {Transfer._meta.db_table}, {Idempotency._meta.db_table} IN SHARE MODE")
        last = [model.objects.aggregate(last=Max("pk"))["last"] or 0 for model in (Transfer, Idempotency)]
    return last[0], last[1]


def _sums_at(bounds: Sequence[tuple[int, int]], scope: Scope) -> Iterator[dict[str, Any]]:
    """What a digest says of the ledger at each of ``bounds``, which do not fall. One pass over both tables."""
    heads: dict[int, bytes] = {}
    transfers = records = 0
    records_hash = hashlib.sha256()
    all_transfers = Transfer.objects.order_by("pk").values_list("pk", "account_id", "hash")
    all_records = Idempotency.objects.order_by("pk").values_list("pk", "hash")
    transfer_stream = _Ahead(scope.stream(all_transfers.filter(pk__lte=bounds[-1][0])))
    record_stream = _Ahead(scope.stream(all_records.filter(pk__lte=bounds[-1][1])))
    for upto, records_upto in bounds:
        for _, account_id, row_hash in transfer_stream.up_to(upto):
            heads[account_id] = row_hash.encode()
            transfers += 1
        for pk, row_hash in record_stream.up_to(records_upto):
            records_hash.update(f"{pk}:{row_hash}\n".encode())
            records += 1
        heads_hash = hashlib.sha256()
        for account_id in sorted(heads):
            heads_hash.update(b"%d:%s\n" % (account_id, heads[account_id]))
        yield {
            "upto": upto,
            "accounts": len(heads),
            "transfers": transfers,
            "sha256": heads_hash.hexdigest(),
            "records_upto": records_upto,
            "records": records,
            "records_sha256": records_hash.hexdigest(),
        }


class _Ahead:
    """Rows in the order of their first column, handed out up to a bound, and on from there the next time."""

    def __init__(self, rows: Iterator[tuple[Any, ...]]) -> None:
        self._rows = rows
        self._next = next(rows, None)

    def up_to(self, bound: int) -> Iterator[tuple[Any, ...]]:
        while self._next is not None and self._next[0] <= bound:
            yield self._next
            self._next = next(self._rows, None)


def _parsed(path: Path, number: int, line: bytes) -> Digest:
    try:
        digest = Digest(**json.loads(line.decode()))
    except (ValueError, TypeError, RecursionError):
        raise DigestUnreadable(path, number) from None
    whole = all(type(getattr(digest, name)) is kind for name, kind in get_type_hints(Digest).items())
    if not whole or not line.endswith(b"\n"):
        raise DigestUnreadable(path, number)
    return digest


def _hash_of_line(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()
