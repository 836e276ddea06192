from datetime import UTC, datetime, timedelta
from threading import Thread
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from amerce.events.models import Event
from amerce.institutions.change_institution import InstitutionFacts, change_institution
from amerce.institutions.models import Institution
from amerce.jobs.due import begin_due
from amerce.jobs.models import JobRun, JobSchedule
from tests.jobs.running import finish
from tests.jobs.scheduling import scheduled
from tests.world import NOON, Library

pytestmark = [pytest.mark.money, pytest.mark.usefixtures("counting_jobs")]
db = pytest.mark.django_db

TONIGHT = datetime(2026, 3, 3, 0, 10, tzinfo=UTC)
NIGHT = timedelta(days=1)


@db
def test_what_is_due_is_begun_and_due_again_the_next_night(library):
    schedule = scheduled(library, params={"to": "7"})

    assert begin_due(now=TONIGHT) is True

    run = JobRun.objects.get()
    assert (run.name, run.params, run.state, run.queued_at) == ("count", {"to": 7}, "queued", TONIGHT)
    assert (run.started_by, run.starter_id, run.schedule_id) == ("schedule", None, schedule.pk)
    schedule.refresh_from_db()
    assert (schedule.next_at, schedule.last_run_id) == (TONIGHT + NIGHT, run.pk)
    assert begin_due(now=TONIGHT) is False


@db
def test_before_its_time_nothing_is_begun(library):
    scheduled(library)

    assert begin_due(now=TONIGHT - timedelta(seconds=1)) is False
    assert not JobRun.objects.exists()


@db
def test_nights_that_were_missed_are_made_up_for_once(library):
    schedule = scheduled(library)
    woken = TONIGHT + 5 * NIGHT + timedelta(hours=9)

    assert begin_due(now=woken) is True
    assert begin_due(now=woken) is False

    assert JobRun.objects.count() == 1
    schedule.refresh_from_db()
    assert schedule.next_at == TONIGHT + 6 * NIGHT


@db
def test_while_the_run_before_goes_on_no_other_is_begun(library):
    schedule = scheduled(library)
    begin_due(now=TONIGHT)

    assert begin_due(now=TONIGHT + NIGHT) is True

    run = JobRun.objects.get()
    schedule.refresh_from_db()
    assert (schedule.next_at, schedule.last_run_id) == (TONIGHT + 2 * NIGHT, run.pk)
    skipped = {"schedule": schedule.pk, "job": "count", "run": run.pk}
    assert Event.objects.get(name="job_schedule.skipped").data == skipped

    finish(run)
    begin_due(now=TONIGHT + 2 * NIGHT)
    assert JobRun.objects.count() == 2


@db
def test_what_is_disabled_is_never_due(library):
    scheduled(library, is_enabled=False)

    assert begin_due(now=TONIGHT + NIGHT) is False
    assert not JobRun.objects.exists()


@db
def test_a_schedule_without_a_time_is_given_its_first_one_and_begins_nothing(library):
    schedule = scheduled(library)
    JobSchedule.objects.update(next_at=None)

    assert begin_due(now=TONIGHT + timedelta(hours=1)) is True

    schedule.refresh_from_db()
    assert schedule.next_at == TONIGHT + NIGHT
    assert not JobRun.objects.exists()


@db
@pytest.mark.parametrize(
    ("name", "params", "error"),
    [
        ("count", {"to": "seven"}, "to is a number."),
        ("sweep", {}, "There is no job “sweep”; there are: count, stumble, look, hold, whole, wait, weigh, say."),
        ("say", {"to": "5", "by": "2"}, "say has no parameter “by”; it takes: to."),
    ],
)
def test_what_no_run_takes_any_more_is_a_failed_run_and_holds_up_no_other(library, name, params, error):
    broken = scheduled(library)
    JobSchedule.objects.filter(pk=broken.pk).update(name=name, params=params)
    scheduled(library, "stumble", "11 0 * * *")

    while begin_due(now=TONIGHT + timedelta(minutes=5)):
        pass

    runs = JobRun.objects.order_by("pk").values_list("name", "state", "error")
    assert list(runs) == [(name, "failed", error), ("stumble", "queued", "")]
    broken.refresh_from_db()
    assert broken.next_at == TONIGHT + NIGHT


@db
def test_each_institution_goes_by_its_own_clocks():
    for code, zone in (("EAST", "Asia/Tokyo"), ("WEST", "America/Chicago")):
        scheduled(Library.new(code, time_zone=zone))

    due = dict(JobSchedule.objects.filter(name="count").values_list("institution__code", "next_at"))

    assert due == {"EAST": datetime(2026, 3, 2, 15, 10, tzinfo=UTC), "WEST": datetime(2026, 3, 3, 6, 10, tzinfo=UTC)}


@db
def test_when_the_clocks_of_an_institution_are_changed_so_are_its_times(library, other_library):
    here, off, there = scheduled(library), scheduled(library, "stumble", is_enabled=False), scheduled(other_library)
    administrator = library.staff("general_system_administrator")
    facts = InstitutionFacts.of(library.institution)

    change_institution(
        actor=administrator, at=NOON, facts=InstitutionFacts(**{**vars(facts), "time_zone": "America/Chicago"})
    )

    for each in (here, off, there):
        each.refresh_from_db()
    assert here.next_at == datetime(2026, 3, 3, 0, 10, tzinfo=ZoneInfo("America/Chicago"))
    assert (off.next_at, there.next_at) == (None, TONIGHT)


def test_two_workers_begin_what_is_due_once(flushable, library):
    for minute in range(6):
        scheduled(library, cron=f"{minute} 0 * * *", params={"to": str(minute + 1)})
    results: list[bool] = []

    def look() -> None:
        for _each in range(12):
            results.append(begin_due(now=TONIGHT))
        connection.close()

    threads = [Thread(target=look) for _each in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(JobRun.objects.values_list("params__to", flat=True)) == [1, 2, 3, 4, 5, 6]
    assert results.count(True) == 6


@db
def test_the_jobs_of_a_new_institution_run_at_night(settings):
    settings.AMERCE_JOBS = "amerce.config.wiring.JOBS"
    institution = Library.new("NEW", time_zone="America/Chicago").institution
    while begin_due(now=NOON):
        pass

    zone = Institution.objects.get(pk=institution.pk).zone
    schedules = JobSchedule.objects.filter(institution=institution).order_by("next_at")
    assert [(each.name, f"{each.next_at.astimezone(zone):%H:%M}") for each in schedules] == [
        ("overdue-fines", "00:10"),
        ("lost-loans", "00:20"),
        ("overdue-notices", "00:30"),
        ("balance-blocks", "00:40"),
        ("anonymise-loans", "01:30"),
        ("purge-returns", "01:45"),
        ("ledger-digest", "03:00"),
    ]
    assert not JobRun.objects.exists()

    while begin_due(now=NOON + NIGHT):
        pass

    assert list(JobRun.objects.values_list("state", flat=True)) == ["queued"] * 7
