"""Writing what a slice has to tell into the report of its run."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from amerce.jobs.job import Level, RunEvent
from amerce.jobs.models import JobRun, RunEventRow
from amerce.sql import fresh, insert

COUNTED = ("event_count", "warning_count", "error_count")
"""The columns of a run that ``tell`` changes. Whoever calls it saves them."""


def tell(run: JobRun, events: Sequence[RunEvent], *, at: datetime) -> None:
    """Add ``events`` to the report of ``run``, which is locked, in the transaction of what they tell of."""
    if not events:
        return
    insert(
        [
            fresh(
                RunEventRow,
                institution_id=run.institution_id,
                run_id=run.pk,
                number=number,
                level=str(each.level),
                code=each.code,
                data=dict(each.data),
                at=at,
            )
            for number, each in enumerate(events, start=run.event_count + 1)
        ]
    )
    levels = Counter(each.level for each in events)
    run.event_count += len(events)
    run.warning_count += levels[Level.WARNING]
    run.error_count += levels[Level.ERROR]
