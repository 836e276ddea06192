"""What is measured: a ``Case``, and what comes of it: a ``Measurement``.

Why a case holds both sides: what we do and what the limit does must be read, and changed, together.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from amerce.perf.ground import Ground
from amerce.perf.plain import Plain

Side = Callable[[Ground, Plain, Any], None]
"""Does one operation on one piece of work. Our side leaves ``Plain`` alone."""


@dataclass(frozen=True)
class Case:
    """One operation. ``prepare`` makes so many pieces of work, untimed.

    A piece of work is one operation, or ``batch`` of them that are done at once. ``limit`` does by hand, statement by
    statement, what ``ours`` does; ``one_statement`` does it in a single one (PostgreSQL) and is shown as information.
    """

    name: str
    prepare: Callable[[Ground, int], list[Any]]
    ours: Side
    limit: Side
    one_statement: Side | None = None
    batch: int = 1

    def works(self, operations: int) -> int:
        """How many pieces of work stand for ``operations``: batches take long, so there are fewer."""
        return operations if self.batch == 1 else max(1, operations // 20)


@dataclass(frozen=True)
class Measurement:
    """Medians over all rounds, in operations a second. ``statements`` is per piece of work, BEGIN and COMMIT aside."""

    name: str
    ours_per_s: float
    limit_per_s: float
    one_statement_per_s: float | None
    ours_statements: int
    limit_statements: int
    ours_memory_mib: float | None = None

    @property
    def ratio(self) -> float:
        return self.ours_per_s / self.limit_per_s
