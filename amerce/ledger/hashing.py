"""The hashes that make a change to a money row visible."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from amerce.ledger.models import Idempotency, Transfer

_TRANSFER_COLUMNS = tuple(
    field.attname for field in Transfer._meta.concrete_fields if field.attname not in {"id", "hash"}
)
_IDEMPOTENCY_COLUMNS = tuple(
    field.attname for field in Idempotency._meta.concrete_fields if field.attname not in {"id", "hash"}
)


def hash_of(value: Any) -> str:
    """SHA-256 of a JSON value in one canonical writing."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_moment)
    return hashlib.sha256(text.encode()).hexdigest()


def transfer_hash(row: Transfer) -> str:
    """The hash of every column of ``row`` but its id, ``previous_hash`` included."""
    return hash_of([getattr(row, column) for column in _TRANSFER_COLUMNS])


def idempotency_hash(row: Idempotency) -> str:
    return hash_of([getattr(row, column) for column in _IDEMPOTENCY_COLUMNS])


def _moment(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    raise TypeError(f"{value!r} has no canonical writing")
