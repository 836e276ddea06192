"""A bulk waiver of the sample library that was too much, and was undone.

Why after the story: what a run waives depends on all that happened before, and nothing that follows depends on it.
"""

from datetime import timedelta

from amerce.access.actors import actor_for
from amerce.bulk.criteria import Criteria
from amerce.bulk.undo import undo_bulk_waiver
from amerce.provision.demo.job_runs import SampleClock, finish, waive_in_bulk
from amerce.provision.demo.lending import YESTERDAY
from amerce.provision.demo.places import Campus

_THRESHOLD_MINOR = 20_00
_COMMENT = "Lockers and copies are to be free this term"


def undo_too_much(campus: Campus) -> None:
    """Waive and undo in bulk in the evening of yesterday; nothing where a small library has nothing that matches."""
    manager = actor_for(campus.accounts["usermanager"], None)
    clock = SampleClock(campus.moment(YESTERDAY, 21, 20))
    criteria = Criteria(threshold_minor=_THRESHOLD_MINOR, group_ids=None, type_codes=("LOCKERKEY", "SERVICEFEE"))
    waiver_id = waive_in_bulk(manager, clock, criteria, reason="OTHER", comment=_COMMENT)
    if waiver_id:
        clock.at += timedelta(minutes=15)
        finish(undo_bulk_waiver(actor=manager, at=clock(), waiver_id=waiver_id).run_id, clock)
