"""The hashes that make a change to a money row visible.

Why an object of named columns without the empty ones, and not a list: a release that adds a column which may be
null, or reorders the model, must not change the hash of a row that was written before.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.db.models import Model

from amerce.ledger.models import Idempotency, Transfer


def _hashed_columns(model: type[Model]) -> tuple[str, ...]:
    """Every column but the id, which is not known when the row is hashed, and the hash itself."""
    return tuple(field.attname for field in model._meta.concrete_fields if field.attname not in {"id", "hash"})


TRANSFER_COLUMNS = _hashed_columns(Transfer)
IDEMPOTENCY_COLUMNS = _hashed_columns(Idempotency)


def hash_of(value: Any) -> str:
    """SHA-256 of a JSON value in one canonical writing. Raises ``TypeError`` for what has none."""
    return hashlib.sha256(_CANONICAL.encode(value).encode()).hexdigest()


def hash_of_columns(columns: Sequence[str], values: Sequence[Any]) -> str:
    """The hash of a row: ``values`` of ``columns``, those that are null left out."""
    return hash_of({column: value for column, value in zip(columns, values, strict=True) if value is not None})


def transfer_hash(row: Transfer) -> str:
    """The hash of every column of ``row`` but its id, ``previous_hash`` included."""
    return hash_of_columns(TRANSFER_COLUMNS, [getattr(row, column) for column in TRANSFER_COLUMNS])


def idempotency_hash(row: Idempotency) -> str:
    return hash_of_columns(IDEMPOTENCY_COLUMNS, [getattr(row, column) for column in IDEMPOTENCY_COLUMNS])


def _moment(value: Any) -> str:
    """Both engines keep microseconds and give a time back in UTC, in whatever zone it was written."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    raise TypeError(f"{value!r} has no canonical writing")


_CANONICAL = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_moment
)
