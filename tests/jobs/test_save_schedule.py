from datetime import UTC, datetime, timedelta

import pytest

from amerce.access.can import NotAllowed
from amerce.events.models import Event
from amerce.inputs.errors import ChoiceUnknown, OutOfDate, RowNotFound
from amerce.inputs.stamp import stamp_of
from amerce.jobs.delete_schedule import delete_schedule
from amerce.jobs.due import begin_due
from amerce.jobs.errors import CronNotTaken, JobRefused, NeverDue, ScheduleTwice
from amerce.jobs.models import JobRun, JobSchedule
from amerce.jobs.save_schedule import Saved, save_schedule
from amerce.jobs.schedule_facts import CHANGED, ScheduleFacts
from amerce.jobs.switch_schedule import disable_schedule, enable_schedule
from tests.jobs.scheduling import scheduled
from tests.world import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("counting_jobs")]

TONIGHT = datetime(2026, 3, 3, 0, 10, tzinfo=UTC)
NIGHTLY = ScheduleFacts(job="count", cron="10 0 * * *", params={"to": "7"})


@pytest.fixture(autouse=True)
def _nothing_scheduled(library) -> None:
    JobSchedule.objects.all().delete()


@pytest.fixture
def administrator(library):
    return library.staff("general_system_administrator")


def test_a_schedule_is_added(library, administrator):
    saved = save_schedule(actor=administrator, at=NOON, facts=NIGHTLY)

    schedule = JobSchedule.objects.get()
    assert saved == Saved(schedule.pk, TONIGHT, is_changed=True)
    assert ScheduleFacts.of(schedule) == NIGHTLY
    assert (schedule.updated_by, schedule.updated_at, schedule.institution) == (
        administrator.name,
        NOON,
        library.institution,
    )
    assert Event.objects.get(name=CHANGED).data == {
        "schedule": schedule.pk,
        "before": None,
        "after": {"job": "count", "cron": "10 0 * * *", "params": {"to": "7"}, "is_enabled": True},
    }


def test_a_change_of_the_times_holds_from_now_on(library, administrator):
    schedule = scheduled(library, params={"to": "7"})
    facts = ScheduleFacts(job="count", cron="0  6 * * MON")

    saved = save_schedule(
        actor=administrator,
        at=NOON,
        facts=facts,
        schedule_id=schedule.pk,
        expected_stamp=stamp_of(ScheduleFacts.of(schedule)),
    )

    schedule.refresh_from_db()
    assert (schedule.cron, schedule.params, schedule.next_at) == ("0 6 * * MON", {}, saved.next_at)
    assert saved.next_at == datetime(2026, 3, 9, 6, 0, tzinfo=UTC)


def test_saying_the_same_again_changes_nothing(library, administrator):
    schedule = scheduled(library, params={"to": "7"})
    Event.objects.all().delete()

    saved = save_schedule(actor=administrator, at=TONIGHT, facts=NIGHTLY, schedule_id=schedule.pk)

    assert saved == Saved(schedule.pk, TONIGHT, is_changed=False)
    assert not Event.objects.exists()


def test_what_is_named_after_a_profile_is_named_so_at_once(library):
    assert scheduled(library, "say", params={"to": "7"}).subject == "up to 7"


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        (ScheduleFacts(job="count", cron="at night"), CronNotTaken),
        (ScheduleFacts(job="count", cron="0 0 30 2 *"), NeverDue),
        (ScheduleFacts(job="count", cron="0 0 * * *", params={"to": "seven"}), JobRefused),
        (ScheduleFacts(job="count", cron="0 0 * * *", params={"by": "2"}), JobRefused),
        (ScheduleFacts(job="sweep", cron="0 0 * * *"), JobRefused),
        (ScheduleFacts(job="count", cron="0 6 * * *", params={"to": "7"}), ScheduleTwice),
    ],
)
def test_what_is_refused_leaves_everything_as_it_was(library, administrator, facts, error):
    scheduled(library, params={"to": "7"})
    before = list(JobSchedule.objects.values()), Event.objects.count()

    with pytest.raises(error):
        save_schedule(actor=administrator, at=NOON, facts=facts)

    assert (list(JobSchedule.objects.values()), Event.objects.count()) == before


def test_a_schedule_keeps_its_job(library, administrator):
    schedule = scheduled(library)

    with pytest.raises(ChoiceUnknown):
        save_schedule(
            actor=administrator,
            at=NOON,
            facts=ScheduleFacts(job="look", cron="0 0 * * *"),
            schedule_id=schedule.pk,
        )

    assert JobSchedule.objects.get().name == "count"


def test_the_same_job_with_other_parameters_has_a_schedule_of_its_own(library, other_library):
    for each in (library, other_library):
        scheduled(each, params={"to": "7"})
        scheduled(each, params={"to": "8"})

    assert JobSchedule.objects.count() == 4


def test_a_page_that_is_out_of_date_is_refused(library, administrator):
    schedule = scheduled(library)
    old = stamp_of(ScheduleFacts.of(schedule))
    disable_schedule(actor=administrator, at=NOON, schedule_id=schedule.pk)

    with pytest.raises(OutOfDate):
        save_schedule(actor=administrator, at=NOON, facts=NIGHTLY, schedule_id=schedule.pk, expected_stamp=old)
    with pytest.raises(OutOfDate):
        delete_schedule(actor=administrator, at=NOON, schedule_id=schedule.pk, expected_stamp=old)

    assert JobSchedule.objects.get().params == {}


def test_what_is_disabled_and_enabled_again_is_due_at_its_next_time(library, administrator):
    schedule = scheduled(library)

    assert disable_schedule(actor=administrator, at=NOON, schedule_id=schedule.pk).next_at is None
    later = NOON + timedelta(days=3)
    enabled = enable_schedule(actor=administrator, at=later, schedule_id=schedule.pk)

    assert enabled == Saved(schedule.pk, TONIGHT + timedelta(days=3), is_changed=True)
    assert not enable_schedule(actor=administrator, at=later, schedule_id=schedule.pk).is_changed
    assert Event.objects.filter(name=CHANGED).count() == 3


def test_what_no_run_would_take_any_more_is_disabled_and_not_enabled_again(library, administrator):
    schedule = scheduled(library, params={"to": "7"})
    JobSchedule.objects.update(params={"to": "a profile that was deleted"}, subject="what it was")

    saved = disable_schedule(actor=administrator, at=NOON, schedule_id=schedule.pk)

    assert saved == Saved(schedule.pk, None, is_changed=True)
    schedule.refresh_from_db()
    assert (schedule.is_enabled, schedule.next_at, schedule.subject) == (False, None, "what it was")
    before = list(JobSchedule.objects.values()), Event.objects.count()
    with pytest.raises(JobRefused):
        enable_schedule(actor=administrator, at=NOON, schedule_id=schedule.pk)
    with pytest.raises(JobRefused):
        wrong = ScheduleFacts(job="count", cron="0 0 * * *", params={"to": "other"}, is_enabled=False)
        save_schedule(actor=administrator, at=NOON, facts=wrong, schedule_id=schedule.pk)
    assert (list(JobSchedule.objects.values()), Event.objects.count()) == before


def test_a_deleted_schedule_leaves_its_runs(library, administrator):
    schedule = scheduled(library)
    begin_due(now=TONIGHT)

    delete_schedule(actor=administrator, at=NOON, schedule_id=schedule.pk)

    assert not JobSchedule.objects.exists()
    run = JobRun.objects.get()
    assert (run.state, run.schedule_id, run.started_by) == ("queued", None, "schedule")
    assert Event.objects.filter(name=CHANGED).last().data["after"] is None


def every_command(actor, schedule_id):
    yield lambda: save_schedule(actor=actor, at=NOON, facts=NIGHTLY, schedule_id=schedule_id)
    yield lambda: enable_schedule(actor=actor, at=NOON, schedule_id=schedule_id)
    yield lambda: disable_schedule(actor=actor, at=NOON, schedule_id=schedule_id)
    yield lambda: delete_schedule(actor=actor, at=NOON, schedule_id=schedule_id)


@pytest.mark.parametrize(("job", "role"), [("count", "auditor"), ("say", "general_system_administrator")])
def test_who_may_not_run_a_job_does_not_schedule_it(library, job, role):
    schedule, actor = scheduled(library, job), library.staff(role)
    before = JobSchedule.objects.values().get(), Event.objects.count()

    with pytest.raises(NotAllowed):
        save_schedule(actor=actor, at=NOON, facts=ScheduleFacts(job=job, cron="0 1 * * *", params={"to": "1"}))
    for command in list(every_command(actor, schedule.pk))[1:]:
        with pytest.raises(NotAllowed):
            command()

    assert (JobSchedule.objects.values().get(), Event.objects.count()) == before


def test_a_schedule_of_another_institution_is_not_there(library, other_library, administrator):
    elsewhere = scheduled(other_library)

    for schedule_id in (elsewhere.pk, 0, 2**70):
        for command in every_command(administrator, schedule_id):
            with pytest.raises(RowNotFound):
                command()

    assert JobSchedule.objects.get().is_enabled
