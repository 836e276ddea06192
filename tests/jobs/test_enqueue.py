import pytest

from amerce.access.actors import actor_for
from amerce.access.can import NotAllowed
from amerce.access.models import RoleAssignment
from amerce.access.privileges import Privilege
from amerce.events.models import Event
from amerce.jobs.enqueue import enqueue, enqueue_once
from amerce.jobs.errors import KeyReused
from amerce.jobs.job import JobRefused
from amerce.jobs.models import JobRun
from amerce.jobs.registry import find_job
from tests.jobs.running import queue
from tests.world import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("counting_jobs")]


def test_a_run_waits_with_its_parameters_and_who_asked_for_it(library):
    run = queue(library, "count", to="7")

    assert (run.state, run.params, run.started_by, run.queued_at) == ("queued", {"to": 7}, "tests", NOON)
    assert Event.objects.get(name="job.queued").data == {"run": run.pk, "job": "count", "params": {"to": 7}}


@pytest.mark.parametrize(
    ("name", "given", "sentence"),
    [
        ("sweep", {}, "There is no job “sweep”; there are: count, stumble, look, hold, whole, wait, weigh, say."),
        ("count", {"up_to": "7"}, "count has no parameter “up_to”; it takes: to."),
        ("count", {"to": "seven"}, "to is a number."),
    ],
)
def test_what_cannot_be_run_is_refused_with_a_sentence_and_not_queued(library, name, given, sentence):
    with pytest.raises(JobRefused) as refusal:
        queue(library, name, **given)

    assert str(refusal.value) == sentence
    assert not JobRun.objects.exists()


def test_somebody_without_the_privilege_queues_nothing(library):
    with pytest.raises(NotAllowed):
        enqueue(actor=library.operator, at=NOON, name="count", given={})

    assert not JobRun.objects.exists()


def test_who_administers_one_library_runs_nothing_over_all(library):
    account = library.new_account("branch")
    role = "general_system_administrator"
    RoleAssignment.objects.create(institution=library.institution, account=account, role=role, library=library.library)

    with pytest.raises(NotAllowed):
        enqueue(actor=actor_for(account, library.place), at=NOON, name="count", given={})

    assert not JobRun.objects.exists()


def test_a_run_keeps_who_started_it_where_they_worked_and_what_it_is_about(library):
    actor = library.manager

    run = enqueue(actor=actor, at=NOON, name="say", given={"to": "7"})

    assert (run.starter_id, run.started_by) == (actor.account_id, "main-circulation_desk_manager")
    assert (run.library_id, run.desk_id, run.subject) == (library.library.pk, library.desk.pk, "up to 7")
    assert find_job("say").title_of(run) == "Say Using up to 7"


def test_a_run_without_a_subject_is_called_as_its_job(library):
    assert find_job("count").title_of(queue(library, "count")) == "Count"


def test_a_job_may_ask_for_another_privilege_than_to_run_jobs(library):
    administrator = library.staff("general_system_administrator")

    with pytest.raises(NotAllowed) as refusal:
        enqueue(actor=administrator, at=NOON, name="say", given={})

    assert refusal.value.privilege == Privilege.FEE_WAIVE
    assert not JobRun.objects.exists()


def test_a_run_is_queued_once_under_a_key_and_by_nobody_without_the_privilege(library):
    asked = {"actor": library.staff("general_system_administrator"), "at": NOON, "name": "count", "form_key": "K-1"}
    first = enqueue_once(**asked, given={"to": "7"})
    again = enqueue_once(**asked, given={"to": "7"})

    assert (again.run.pk, first.replayed, again.replayed) == (first.run.pk, False, True)
    with pytest.raises(KeyReused):
        enqueue_once(**asked, given={"to": "8"})
    with pytest.raises(NotAllowed):
        enqueue_once(**{**asked, "actor": library.operator}, given={"to": "7"})
    assert JobRun.objects.count() == 1
    assert Event.objects.filter(name="job.queued").count() == 1


def test_an_empty_key_is_none(library):
    asked = {"actor": library.staff("general_system_administrator"), "at": NOON, "name": "count", "form_key": ""}

    assert enqueue_once(**asked, given={}).run.pk != enqueue_once(**asked, given={}).run.pk
