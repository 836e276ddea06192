"""What the files have said so far, so that nothing is said twice and loans find their item and patron.

Why in a database of its own on disk: a library of millions of items must not have to fit into memory, and a dry
run may not write into ours.
"""

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True)
class Mention:
    """Where a key was first met, and what came with it."""

    line: int
    detail: str


class Seen:
    """Keys by kind. The file behind it is nameless and goes when this does."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.execute("PRAGMA journal_mode=OFF")
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.execute(
            "CREATE TABLE seen (kind TEXT, key TEXT, line INTEGER, detail TEXT, PRIMARY KEY (kind, key)) WITHOUT ROWID"
        )
        self._db.execute("BEGIN")

    def add(self, kind: str, key: str, line: int, detail: str = "") -> Mention | None:
        """Keep ``key``. If it was kept before, keep nothing and answer where it was met."""
        added = self._db.execute("INSERT OR IGNORE INTO seen VALUES (?, ?, ?, ?)", (kind, key, line, detail))
        return None if added.rowcount else self.find(kind, key)

    def find(self, kind: str, key: str) -> Mention | None:
        row = self._db.execute("SELECT line, detail FROM seen WHERE kind = ? AND key = ?", (kind, key)).fetchone()
        return Mention(*row) if row else None

    def close(self) -> None:
        self._db.close()
