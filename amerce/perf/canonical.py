"""How the hand-written side hashes a row: the same writing as the ledger's, without its code."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any


def canonical(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def hash_of(value: Any) -> str:
    return sha256(json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False))


def hash_of_columns(columns: dict[str, Any]) -> str:
    return hash_of({name: value for name, value in columns.items() if value is not None})


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
