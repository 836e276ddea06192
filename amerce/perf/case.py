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
    """One operation. ``prepare`` makes work for so many operations, untimed.

    ``limit`` does by hand, statement by statement, what ``ours`` does; ``one_statement`` does it in a single one
    (PostgreSQL) and is shown as information.
    """

    name: str
    prepare: Callable[[Ground, int], list[Any]]
    ours: Side
    limit: Side
    one_statement: Side | None = None


@dataclass(frozen=True)
class Measurement:
    """Medians over all rounds, in operations a second. ``statements`` is per operation, BEGIN and COMMIT aside."""

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
