from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from amerce.access.privileges import Privilege
from amerce.jobs.cancel import cancel_run
from amerce.jobs.claim import claim_run
from amerce.jobs.due import begin_due
from amerce.jobs.models import JobRun, JobSchedule
from amerce.jobs.runner import run_slice
from tests.jobs import counting
from tests.jobs.running import finish, queue, run
from tests.jobs.scheduling import scheduled
from tests.world import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("counting_jobs")]


@pytest.fixture
def client(sign_in: Callable[..., Client]):  # type: ignore[no-untyped-def]
    with time_machine.travel(NOON, tick=False):
        yield sign_in("general_system_administrator")


def page_of(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_what_goes_on_is_shown_with_how_far_it_is_and_how_long_it_will_take(client, library):
    going = claim_run(queue(library, "say", NOON, to="100").pk, worker="one", now=NOON - timedelta(seconds=4))
    run_slice(going, worker="one", clock=lambda: NOON)
    queue(library, "count")

    page = page_of(client, "/jobs/")

    assert "Say Using up to 100" in page
    assert 'value="2"' in page
    assert "2 of 100" in page
    assert "196 seconds" not in page
    assert "3 minutes left" in page
    assert "Running" in page
    assert "Waiting" in page
    assert f"/jobs/?poll&amp;run={going.pk}" in page


def test_the_page_asks_only_for_the_pieces_that_change(client, library):
    going = claim_run(queue(library, "count", to="4").pk, worker="one", now=NOON)
    run_slice(going, worker="one", clock=lambda: NOON)

    poll = page_of(client, f"/jobs/?poll&run={going.pk}")
    assert f'id="run-{going.pk}-progress"' in poll
    assert "2 of 4" in poll
    assert "<html" not in poll

    run_slice(going, worker="one", clock=lambda: NOON)
    assert "Completed" in page_of(client, f"/jobs/?poll&run={going.pk}")
    assert page_of(client, f"/jobs/?poll&run=x&run={10**30}").strip() == ""


def test_history_says_when_what_who_how_many_and_how_it_ended(client, library):
    counting.stumbles.append(ValueError("the number is cursed"))
    run(library, "stumble")
    run(library, "say", to="5")
    administrator = library.staff("general_system_administrator")
    cancel_run(actor=administrator, at=NOON, run_id=queue(library, "count").pk)
    JobRun.objects.filter(name="say").update(counts={"looked_at": 5, "total_minor": 1250})

    page = page_of(client, "/jobs/").split("<tbody>")[1]

    assert page.index("Count") < page.index("Say Using up to 5") < page.index("Stumble")
    for words in ("Cancelled", "Failed", "Completed", "3 warnings", "$12.50", "tests"):
        assert words in page
    assert "Stumble" not in page_of(client, "/jobs/?tab=history&state=done").split("<tbody>")[1]
    assert "No run of this job ended in this state." in page_of(client, "/jobs/?tab=history&job=look&state=failed")
    assert "Cancelled" in page_of(client, "/jobs/?tab=history&job=nonsense&before=x").split("<tbody>")[1]


@pytest.mark.parametrize(("counted", "shown"), [("total_minor", "$12.50"), ("told_minor", "$12.50"), ("letters", "–")])
def test_history_says_how_much_a_run_moved_or_told(client, library, counted, shown):
    finish(queue(library, "count"))
    JobRun.objects.update(counts={"looked_at": 3, counted: 1250})

    rows = page_of(client, "/jobs/?tab=history").split("<tbody>")[1]

    assert shown in rows.split('data-label="How much"')[1].split("</td>")[0]


def test_history_is_paged_by_what_was_seen(client, library):
    JobRun.objects.bulk_create(
        JobRun(
            institution=library.institution,
            name="count",
            state="done",
            queued_at=NOON,
            started_at=NOON,
            ended_at=NOON,
            started_by=f"person{number:03}",
        )
        for number in range(60)
    )

    first = page_of(client, "/jobs/")
    older = first.split("before=")[1].split("&")[0].split('"')[0]
    second = page_of(client, f"/jobs/?tab=history&before={older}")

    assert "person059" in first
    assert "person010" in first
    assert "person009" not in first
    assert "person009" in second
    assert "person010" not in second


def test_what_is_scheduled_says_when_next_how_often_and_how_it_went(client, library):
    scheduled(library, "say", "30 22 * * 1,5", params={"to": "7"})
    scheduled(library, "count", "0 6 * * *", is_enabled=False)
    begin_due(now=NOON + timedelta(days=2))
    finish(JobRun.objects.get())

    page = page_of(client, "/jobs/?tab=scheduled")

    for words in ("Every week on Monday, Friday at 10:30 PM", "Say Using up to 7", "Every day at 6:00 AM", "Disabled"):
        assert words in page.replace("\u202f", " ")
    assert "Completed" in page
    assert f"/configuration/fulfillment-jobs/{JobSchedule.objects.get(name='count').pk}/" in page
    assert f"/configuration/fulfillment-jobs/{JobSchedule.objects.get(name='say').pk}/" not in page, "needs fee.waive"


def test_the_menu_leads_there_only_whom_it_opens_to(sign_in):
    with_it, without = sign_in("auditor"), sign_in("circulation_desk_operator")

    assert 'href="/jobs/"' in with_it.get("/patron-services/").content.decode()
    assert 'href="/jobs/"' not in without.get("/patron-services/").content.decode()
    assert without.get("/jobs/").status_code == 403


def test_runs_of_another_institution_are_not_shown(client, other_library):
    elsewhere = run(other_library, "count")

    assert f"/jobs/runs/{elsewhere.pk}/" not in page_of(client, "/jobs/")
    assert client.get(f"/jobs/runs/{elsewhere.pk}/").status_code == 404
    assert Privilege.JOB_VIEW == "job.view"
