"""What jobs did in the sample library on the evening before it is opened: runs of every ending, some with a report.

Why by the runner and not as rows: a run's figures, its report and what it did agree because they were made together.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from amerce.access.actors import Actor, Place, actor_for
from amerce.bulk.criteria import Criteria
from amerce.bulk.preview import preview_waiver
from amerce.bulk.start import start_bulk_waiver
from amerce.circulation.lost_loans import LOST_LOANS
from amerce.circulation.overdue_fines import OVERDUE_FINES
from amerce.circulation.purge import PURGE_RETURNS
from amerce.jobs.cancel import cancel_run
from amerce.jobs.claim import claim_run
from amerce.jobs.enqueue import enqueue
from amerce.jobs.job import Job
from amerce.jobs.models import JobRun
from amerce.jobs.runner import Clock, run_to_end
from amerce.letters.configure import switch_kind
from amerce.letters.kinds import LetterKind
from amerce.notices.run import FINES_FEES_NOTIFICATIONS
from amerce.provision.demo.lending import YESTERDAY
from amerce.provision.demo.places import Campus

_HOUR = 22
"""After everything else that happened that day."""
_WORKER = "sample"
_THRESHOLD_MINOR, _OLDER_THAN_DAYS = 12_00, 90
_AMNESTY = "Small service fees of earlier terms"


class SampleClock:
    """A clock that is a second later each time it is looked at."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


def make_job_runs(campus: Campus) -> None:
    """Fines of the day, a purge that is only tried, a bulk waiver with warnings, a run that fails, one cancelled."""
    admin, clock = actor_for(campus.accounts["sysadmin"], None), SampleClock(campus.moment(YESTERDAY, _HOUR))
    yesterday = (campus.today + timedelta(days=YESTERDAY)).isoformat()
    _run(OVERDUE_FINES, {"as_of": yesterday}, admin, clock)
    _run(PURGE_RETURNS, {"days": "365", "dry_run": "yes"}, admin, clock)
    _waive_in_bulk(campus, clock)
    _fail(admin, clock)
    queued = enqueue(actor=admin, at=clock(), name=LOST_LOANS.name, given={"as_of": yesterday})
    cancel_run(actor=admin, at=clock(), run_id=queued.pk)


def _run(job: Job, given: Mapping[str, str], actor: Actor, clock: SampleClock) -> None:
    finish(enqueue(actor=actor, at=clock(), name=job.name, given=given).pk, clock)


def finish(run_id: int, clock: Clock) -> None:
    """Do a queued run to its end."""
    held = claim_run(run_id, worker=_WORKER, now=clock())
    assert held is not None, "nobody else works while the sample is made"
    run_to_end(held, worker=_WORKER, clock=clock)


def _waive_in_bulk(campus: Campus, clock: SampleClock) -> None:
    """The user manager waives what is old and little; whoever owes more in all is left, and reported."""
    library_id, desks = next(iter(campus.desks.items()))
    manager = actor_for(campus.accounts["usermanager"], Place(library_id, desks[0].pk))
    criteria = Criteria(
        threshold_minor=_THRESHOLD_MINOR,
        group_ids=None,
        type_codes=("SERVICEFEE",),
        created_to=campus.today - timedelta(days=_OLDER_THAN_DAYS),
    )
    waive_in_bulk(manager, clock, criteria, reason="GOODWILL", comment=_AMNESTY)


def waive_in_bulk(manager: Actor, clock: SampleClock, criteria: Criteria, *, reason: str, comment: str) -> int | None:
    """Confirm and run a bulk waiver; its id, None where a small library has nothing that matches."""
    total_minor = preview_waiver(manager, at=clock(), criteria=criteria).waived.amount_minor
    if total_minor == 0:
        return None
    started = start_bulk_waiver(
        actor=manager,
        at=clock(),
        criteria=criteria,
        reason=reason,
        comment=comment,
        confirmed_minor=total_minor,
        form_key=comment,
    )
    finish(started.run_id, clock)
    return started.waiver_id


def _fail(admin: Actor, clock: SampleClock) -> None:
    """Notifications were asked for, and their letter was turned off before a worker came to it."""
    kind = LetterKind.FINES_FEES_NOTIFICATION.value
    queued: JobRun = enqueue(actor=admin, at=clock(), name=FINES_FEES_NOTIFICATIONS.name, given={})
    switch_kind(actor=admin, at=clock(), kind=kind, is_on=False)
    finish(queued.pk, clock)
    switch_kind(actor=admin, at=clock(), kind=kind, is_on=True)
