"""Taking the time of a case.

Why interleaved: a machine is never as quiet for one side as for the other; ours, limit, ours, limit in short turns
lets both feel the same weather, and the median of the rounds forgets the worst of it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from time import perf_counter
from typing import Any

from django.db import connection

from amerce.perf.case import Case, Measurement, Side
from amerce.perf.ground import Ground
from amerce.perf.plain import Plain

OPERATIONS = 100
"""How many operations of each side make one round."""
TURN = 10
"""How many one side does before it is the other's turn: few, yet enough to find its own caches warm again."""
WARM_UP = 10  # psycopg prepares a statement at its sixth use


def measure(case: Case, ground: Ground, plain: Plain, *, rounds: int, operations: int = OPERATIONS) -> Measurement:
    """Run each side ``rounds`` times, in turn, on fresh work."""
    sides = [case.ours, case.limit]
    if case.one_statement and plain.is_postgresql:
        sides.append(case.one_statement)
    for side in sides:
        _timed(side, ground, plain, case.prepare(ground, case.works(WARM_UP)))
    pieces, turn = case.works(operations), max(1, TURN // case.batch)
    rates: list[list[float]] = [[] for _ in sides]
    for _ in range(rounds):
        works = [case.prepare(ground, pieces) for _ in sides]
        taken_s = [0.0] * len(sides)
        for start in range(0, pieces, turn):
            for number, side in enumerate(sides):
                taken_s[number] += _timed(side, ground, plain, works[number][start : start + turn])
        for number, total_s in enumerate(taken_s):
            rates[number].append(pieces * case.batch / total_s)
    medians = [median(each) for each in rates]
    return Measurement(
        name=case.name,
        ours_per_s=medians[0],
        limit_per_s=medians[1],
        one_statement_per_s=medians[2] if case.one_statement and plain.is_postgresql else None,
        ours_statements=_statements(case, case.ours, ground, plain),
        limit_statements=_statements(case, case.limit, ground, plain),
    )


def _timed(side: Side, ground: Ground, plain: Plain, turn: list[Any]) -> float:
    """Seconds for one turn."""
    began = perf_counter()
    for work in turn:
        side(ground, plain, work)
    return perf_counter() - began


def _statements(case: Case, side: Side, ground: Ground, plain: Plain) -> int:
    """What one piece of work sends to the database, on whichever connection."""
    (work,) = case.prepare(ground, 1)
    before = plain.statements
    with _counted() as ours:
        side(ground, plain, work)
    return plain.statements - before + len(ours)


@contextmanager
def _counted() -> Iterator[list[str]]:
    seen: list[str] = []

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql != "BEGIN IMMEDIATE":  # Django opens a transaction of SQLite by a statement
            seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        yield seen
