"""Two bulk waivers of the sample library: small old fines that were given up, and one that was undone as too much.

Why after the story: what a run waives depends on all that happened before, and nothing that follows depends on it.
"""

from datetime import datetime, timedelta
from itertools import count

from amerce.access.actors import Actor, actor_for
from amerce.bulk.criteria import Criteria
from amerce.bulk.preview import preview_waiver
from amerce.bulk.start import start_bulk_waiver
from amerce.bulk.undo import undo_bulk_waiver
from amerce.circulation.reckoning import OVERDUE_TYPE
from amerce.jobs.claim import claim_run
from amerce.jobs.runner import run_to_end
from amerce.provision.demo.lending import YESTERDAY
from amerce.provision.demo.places import Campus

_WORKER = "sample library"
_OLD_DAYS = 90
_REASON = "OTHER"


def make_bulk_waivers(campus: Campus) -> None:
    """Waive and undo in bulk on the evening of yesterday, by the commands of the page and the runner of jobs."""
    manager, evening = actor_for(campus.accounts["usermanager"], None), campus.moment(YESTERDAY, 22)
    too_many = Criteria(threshold_minor=20_00, group_ids=None, type_codes=("LOCKERKEY", "SERVICEFEE"))
    waiver_id = _waive(manager, evening, too_many, "Lockers and copies are to be free this term")
    if waiver_id:
        at = evening + timedelta(minutes=20)
        _finish(undo_bulk_waiver(actor=manager, at=at, waiver_id=waiver_id).run_id, at)
    old = Criteria(
        threshold_minor=10_00,
        group_ids=None,
        type_codes=(OVERDUE_TYPE,),
        excludes_overdue=True,
        created_to=campus.today - timedelta(days=_OLD_DAYS),
    )
    _waive(manager, evening + timedelta(minutes=40), old, "Small fines of earlier terms")


def _waive(manager: Actor, at: datetime, criteria: Criteria, comment: str) -> int | None:
    """The bulk waiver, done; None where a small library has nothing that matches."""
    total_minor = preview_waiver(manager, at=at, criteria=criteria).waived.amount_minor
    if not total_minor:
        return None
    started = start_bulk_waiver(
        actor=manager,
        at=at,
        criteria=criteria,
        reason=_REASON,
        comment=comment,
        confirmed_minor=total_minor,
        form_key=f"sample library, {comment}",
    )
    _finish(started.run_id, at)
    return started.waiver_id


def _finish(run_id: int, at: datetime) -> None:
    seconds = count(1)
    run = claim_run(run_id, worker=_WORKER, now=at)
    assert run, "nobody else works in a library that is being made"
    run_to_end(run, worker=_WORKER, clock=lambda: at + timedelta(seconds=next(seconds)))
