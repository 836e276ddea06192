"""How far a run is: what the bar, the rate and the time left are made of.

Why reckoned here and not in the browser: the page polls, and a reader of the page without script sees the same.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from amerce.jobs.models import JobRun

_TELLING_S = 2
"""Before this a rate says nothing."""


@dataclass(frozen=True)
class Progress:
    """``expected`` is None as long as nobody knows how many things there are; so are ``per_second`` and ``left``."""

    done: int
    expected: int | None
    per_second: int | None
    left: timedelta | None

    @property
    def percent(self) -> int | None:
        """Never 100 while something is left to do."""
        if not self.expected:
            return None
        return min(self.done * 100 // self.expected, 100)


def progress_of(run: JobRun, now: datetime) -> Progress:
    done = int(run.counts.get("looked_at", 0))
    if run.state != JobRun.State.RUNNING or run.started_at is None:
        return Progress(done, run.expected, None, None)
    elapsed_s = (now - run.started_at).total_seconds()
    if elapsed_s < _TELLING_S or not done:
        return Progress(done, run.expected, None, None)
    left = max((run.expected or done) - done, 0) * elapsed_s / done
    return Progress(done, run.expected, round(done / elapsed_s), timedelta(seconds=left) if run.expected else None)


def taken(run: JobRun, now: datetime) -> timedelta | None:
    """How long the run took, or has been going on; None for one that never began."""
    return (run.ended_at or now) - run.started_at if run.started_at else None
