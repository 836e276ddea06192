"""The nightly fines at their full size: many loans that are late, charged by the job from its first slice to its last.

Why beside the table: its batches say what a slice costs, and nothing of how long the job keeps a desk waiting or
whether it needs more memory the longer it runs.
"""

import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from time import perf_counter, process_time
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from amerce.access.actors import system_actor
from amerce.access.privileges import Privilege
from amerce.charges.models import FeeType
from amerce.circulation.models import Item, Loan
from amerce.circulation.overdue_fines import OVERDUE_FINES
from amerce.circulation.reckoning import OVERDUE_TYPE
from amerce.jobs.claim import claim_run, new_worker
from amerce.jobs.enqueue import enqueue
from amerce.jobs.models import JobRun
from amerce.jobs.runner import run_to_end
from amerce.ledger.models import PatronAccount
from amerce.patrons.models import Patron
from amerce.perf.ground import VAT_RATE_BP, Ground, now
from amerce.sql import fresh, insert

LOANS_OF_A_PATRON = 5
_AT_ONCE = 10_000
_DAYS = 60
"""Over how many days the loans were due: some have reached the maximum, most have not."""
_APART = 7919  # a prime, so that neighbours in the order of due dates are of patrons far apart


@dataclass(frozen=True)
class Timed:
    """How a run of a job went.

    ``processor_s`` is what this process computed, the database aside; ``locked_ms`` how long a slice held the accounts
    of its patrons, to the end of its commit.
    """

    counts: dict[str, int]
    slices: int
    taken_s: float
    processor_s: float
    longest_locked_ms: float
    median_locked_ms: float
    first_memory_mib: float
    peak_memory_mib: float


@dataclass(frozen=True)
class Scale:
    """How the nightly fines went, as ``Timed``."""

    loans: int
    fines: int
    slices: int
    taken_s: float
    longest_locked_ms: float
    median_locked_ms: float
    first_memory_mib: float
    peak_memory_mib: float


def lend_late(ground: Ground, loans: int) -> None:
    """So many loans that were due on one of the last days, of a fifth as many patrons who never owed anything."""
    owner = {"institution_id": ground.institution_id}
    FeeType.objects.filter(**owner, code=OVERDUE_TYPE).update(vat_rate_bp=VAT_RATE_BP)
    shelf, made_at = {**owner, "library_id": ground.library_id}, now()
    names = [f"SCALE{number:07}" for number in range(max(1, loans // LOANS_OF_A_PATRON))]
    patrons = [
        fresh(Patron, **owner, primary_id=each, primary_folded=each.lower(), created_at=made_at) for each in names
    ]
    insert_rows(patrons)
    for begin in range(0, loans, _AT_ONCE):
        numbers = range(begin, min(begin + _AT_ONCE, loans))
        items = [fresh(Item, **shelf, title="The leopard", barcode=f"SCALE{number:07}") for number in numbers]
        insert_rows(items)
        due_at = [made_at - timedelta(days=2 + number % _DAYS) for number in numbers]
        insert_rows(
            [
                fresh(
                    Loan,
                    **shelf,
                    patron_id=patrons[number * _APART % len(patrons)].pk,
                    item_id=item.pk,
                    loaned_at=due - timedelta(days=28),
                    due_at=due,
                )
                for number, item, due in zip(numbers, items, due_at, strict=True)
            ]
        )
    with connection.cursor() as cursor:  # as autovacuum does: without it a new database plans for empty tables
        cursor.execute("ANALYZE")


def charge_all(ground: Ground, progressed: Callable[[int], None] = lambda looked_at: None) -> Scale:
    """Run the job to its end in this process, as a worker does."""
    timed = timed_run(ground, OVERDUE_FINES.name, progressed)
    return Scale(
        loans=timed.counts["looked_at"],
        fines=timed.counts["made"] + timed.counts["raised"],
        slices=timed.slices,
        taken_s=timed.taken_s,
        longest_locked_ms=timed.longest_locked_ms,
        median_locked_ms=timed.median_locked_ms,
        first_memory_mib=timed.first_memory_mib,
        peak_memory_mib=timed.peak_memory_mib,
    )


def timed_run(ground: Ground, name: str, progressed: Callable[[int], None]) -> Timed:
    """Run the job ``name`` to its end in this process."""
    actor = system_actor(ground.institution_id, "bench", Privilege.JOB_RUN)
    queued = enqueue(actor=actor, at=now(), name=name, given={})
    worker = new_worker()
    run = claim_run(queued.pk, worker=worker, now=now())
    assert run, "nobody else works in this database"
    locked_ms: list[float] = []
    memory_mib: list[float] = []

    with _first_lock() as locked_at:

        def sliced(run: JobRun) -> None:
            """Right after the commit."""
            if locked_at:
                locked_ms.append((perf_counter() - locked_at[0]) * 1000)
                locked_at.clear()
            memory_mib.append(peak_memory_mib())
            progressed(run.counts["looked_at"])

        began, processor_began_s = perf_counter(), process_time()
        run = run_to_end(run, worker=worker, clock=timezone.now, on_progress=sliced)
        taken_s, processor_s = perf_counter() - began, process_time() - processor_began_s
    assert run.state == JobRun.State.DONE, run.error
    return Timed(
        counts=run.counts,
        slices=len(memory_mib),
        taken_s=taken_s,
        processor_s=processor_s,
        longest_locked_ms=max(locked_ms),
        median_locked_ms=median(locked_ms),
        first_memory_mib=memory_mib[0],
        peak_memory_mib=memory_mib[-1],
    )


def peak_memory_mib() -> float:
    """The most memory this process has held so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def insert_rows(rows: list[Any]) -> None:
    """Insert many rows of one model."""
    with transaction.atomic():
        insert(rows)


@contextmanager
def _first_lock() -> Iterator[list[float]]:
    """When a slice first asked for what a desk may wait for: accounts of patrons, and on SQLite the database."""
    asked_at: list[float] = []
    table = PatronAccount._meta.db_table

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        locks = table in sql and ("FOR UPDATE" in sql or sql.startswith("INSERT"))
        if not asked_at and (locks or sql == "BEGIN IMMEDIATE"):
            asked_at.append(perf_counter())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield asked_at
