"""Who reads what a run tells: every job as every role."""

from dataclasses import replace

import pytest

from amerce.access.can import NotAllowed
from amerce.access.privileges import ROLES, Privilege
from amerce.jobs.models import JobRun, RunEventRow
from amerce.jobs.queries import get_run, may_read_report, report_of
from amerce.jobs.registry import jobs
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db
SEE_JOBS = {
    "user_manager", "user_administrator", "fulfillment_administrator", "general_system_administrator", "bursar_clerk",
    "auditor",
}  # fmt: skip
READ_BULK = {"user_manager", "general_system_administrator", "auditor"}
READ_BURSAR = {"user_administrator", "general_system_administrator", "bursar_clerk", "auditor"}
TELL_OF_PATRONS = {
    "bulk-fine-waiving": READ_BULK,
    "undo-bulk-fine-waiving": READ_BULK,
    "bursar-export": READ_BURSAR,
    "bursar-import": READ_BURSAR,
    "bursar-undo": READ_BURSAR,
    "bursar-undo-import": READ_BURSAR,
}
"""The jobs whose reports tell of patrons or their fees; all others are read by everybody who sees jobs."""


def run_of(library: Library, name: str) -> JobRun:
    ended = JobRun.objects.create(
        institution=library.institution, name=name, state="done", queued_at=NOON, ended_at=NOON, event_count=1
    )
    RunEventRow.objects.create(
        institution=library.institution, run=ended, number=1, level="info", code="a.b", data={"patron_id": 7}, at=NOON
    )
    return ended


def readers(library: Library, run: JobRun) -> set[str]:
    """The roles that are shown the report."""
    found = set()
    for role in ROLES:
        actor = library.staff(role)
        try:
            told = report_of(actor, get_run(actor, run.pk))
        except NotAllowed:
            continue
        assert [each.data for each in told] == [{"patron_id": 7}]
        found.add(role)
    return found


def test_a_report_that_tells_of_patrons_is_read_by_those_whose_work_it_is(library: Library) -> None:
    read = {name: readers(library, run_of(library, name)) for name in jobs()}

    assert read == {name: TELL_OF_PATRONS.get(name, SEE_JOBS) for name in jobs()}


def test_what_a_job_that_is_gone_told_is_read_by_who_sees_every_event(library: Library) -> None:
    assert readers(library, run_of(library, "sweep")) == {"general_system_administrator", "auditor"}


def test_a_privilege_in_one_library_reads_no_report_on_patrons_of_all(library: Library) -> None:
    clerk = library.staff("bursar_clerk")
    here = {Privilege.BURSAR_VIEW: frozenset({library.library.pk}), Privilege.FEE_EXPORT: frozenset[int | None]()}
    scoped = replace(clerk, grants={**clerk.grants, **here})
    run = run_of(library, "bursar-export")

    assert may_read_report(clerk, run)
    assert not may_read_report(scoped, run)
    with pytest.raises(NotAllowed):
        report_of(scoped, run)
