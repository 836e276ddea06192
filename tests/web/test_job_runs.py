import csv
import io
import json
from collections.abc import Callable

import pytest
import time_machine
from django.test import Client

from amerce.jobs.claim import claim_run
from amerce.jobs.models import JobRun, RunEventRow
from amerce.jobs.runner import run_slice
from tests.jobs import counting
from tests.jobs.running import queue, run
from tests.world import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("counting_jobs")]


@pytest.fixture
def client(sign_in: Callable[..., Client]):  # type: ignore[no-untyped-def]
    with time_machine.travel(NOON, tick=False):
        yield sign_in("general_system_administrator")


def page_of(client: Client, path: str, **headers: str) -> str:
    response = client.get(path, headers=headers)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_a_run_that_goes_on_asks_for_itself_until_it_has_ended(client, library):
    going = claim_run(queue(library, "count", to="4").pk, worker="one", now=NOON)
    run_slice(going, worker="one", clock=lambda: NOON)
    path, live = f"/jobs/runs/{going.pk}/", {"HX-Request": "true", "HX-Target": "run-live"}

    assert "2 of 4" in page_of(client, path)
    piece = page_of(client, path, **live)
    assert 'hx-trigger="every 1s"' in piece
    assert "<html" not in piece

    run_slice(going, worker="one", clock=lambda: NOON)
    last = client.get(path, headers=live)
    assert last["HX-Refresh"] == "true"
    assert "every 1s" not in last.content.decode()


def test_a_page_that_shows_a_waiting_run_is_asked_for_anew_when_the_run_began(client, library):
    queued = queue(library, "count", to="4")
    path, live = f"/jobs/runs/{queued.pk}/", {"HX-Request": "true", "HX-Target": "run-live"}
    assert f'hx-get="{path}?shown=queued"' in page_of(client, path)
    assert "HX-Refresh" not in client.get(f"{path}?shown=queued", headers=live)

    claim_run(queued.pk, worker="one", now=NOON)

    assert client.get(f"{path}?shown=queued", headers=live)["HX-Refresh"] == "true"
    assert "HX-Refresh" not in client.get(f"{path}?shown=running", headers=live)


def test_a_cancelled_run_says_how_far_it_came_in_figures_of_the_country(client, library):
    stopped = JobRun.objects.create(
        institution=library.institution, name="count", state="cancelled", counts={"looked_at": 3360}, expected=6033,
        queued_at=NOON, started_at=NOON, ended_at=NOON, started_by="tests", cancelled_by="tests",
    )  # fmt: skip

    page = page_of(client, f"/jobs/runs/{stopped.pk}/")

    assert "3,360 of 6,033" in page
    assert "<dd>3,360</dd>" in page


def test_a_run_says_who_began_it_how_it_was_asked_for_and_what_it_tells(client, library):
    ended = run(library, "say", to="3")

    page = page_of(client, f"/jobs/runs/{ended.pk}/")

    for words in ("Say Using up to 3", "tests", "Completed", "Looked at", "count.counted: number 2", "Warnings"):
        assert words in page
    only = page_of(client, f"/jobs/runs/{ended.pk}/?level=info")
    assert "count.counted: number 2" in only
    assert "count.counted: number 1" not in only
    assert "number 3" in page_of(client, f"/jobs/runs/{ended.pk}/?after=2").split("<tbody>")[1]
    assert "number 1" not in page_of(client, f"/jobs/runs/{ended.pk}/?after=2").split("<tbody>")[1]


def test_a_run_names_its_profile_and_nothing_that_was_left_empty(client, library):
    ended = run(library, "count")
    JobRun.objects.update(params={"profile": "", "days": "7"})
    page = page_of(client, f"/jobs/runs/{ended.pk}/")
    assert "<dt>Days</dt>" in page
    assert "<dt>Profile</dt>" not in page

    JobRun.objects.update(params={"profile": "First reminder"})
    assert "<dt>Profile</dt> <dd>First reminder</dd>" in page_of(client, f"/jobs/runs/{ended.pk}/")


def test_a_failed_run_says_why(client, library):
    counting.stumbles.append(ValueError("the number is cursed"))

    page = page_of(client, f"/jobs/runs/{run(library, 'stumble').pk}/")

    assert "The run stopped at an error: the number is cursed" in page
    assert "/jobs/stumble/start/?" in page


def test_a_run_of_a_job_that_is_gone_still_opens(client, library):
    ended = run(library, "count")
    JobRun.objects.update(name="sweep")

    assert "sweep" in page_of(client, f"/jobs/runs/{ended.pk}/")
    assert "sweep" in page_of(client, "/jobs/")


def test_cancelling_ends_the_run_and_comes_back_to_it(client, library):
    queued = queue(library, "count")

    answer = client.post(f"/jobs/runs/{queued.pk}/cancel/", follow=True)

    queued.refresh_from_db()
    assert queued.state == "cancelled"
    assert answer.redirect_chain == [(f"/jobs/runs/{queued.pk}/", 302)]
    page = answer.content.decode()
    assert "Cancelled before it did anything." in page
    assert "General_System_Administrator-Account" in page


def test_cancelling_what_has_ended_is_refused_in_a_sentence(client, library):
    ended = run(library, "count")

    answer = client.post(f"/jobs/runs/{ended.pk}/cancel/", follow=True)

    assert "The run has ended meanwhile, so there is nothing to cancel." in answer.content.decode()
    ended.refresh_from_db()
    assert ended.state == "done"


def test_who_may_not_cancel_sees_no_button(sign_in, library):
    queued = queue(library, "count")

    assert "Cancel run" not in page_of(sign_in("auditor"), f"/jobs/runs/{queued.pk}/")


def test_the_report_is_a_table_for_a_spreadsheet(client, library):
    ended = run(library, "say", to="2")
    RunEventRow.objects.filter(number=2).update(data={"number": 2, "name": "=HYPERLINK(1)", "codes": ["a"]})

    answer = client.get(f"/jobs/runs/{ended.pk}/report.csv")

    assert answer["Content-Disposition"] == f'attachment; filename="say-{ended.pk}.csv"'
    text = b"".join(answer.streaming_content).decode()
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [each["level"] for each in rows] == ["warning", "info"]
    assert rows[0] == {
        "number": "1",
        "at": "2026-03-02T12:00:00+00:00",
        "level": "warning",
        "code": "count.counted",
        "what": "count.counted: number 1",
    } | {key: rows[0][key] for key in rows[0] if key not in ("at", "level", "code", "what", "number")}
    assert rows[1]["name"] == "'=HYPERLINK(1)"
    assert rows[1]["codes"] == '["a"]'


def test_the_report_is_json_for_a_program(client, library):
    ended = run(library, "say", to="2")

    told = json.loads(b"".join(client.get(f"/jobs/runs/{ended.pk}/report.json").streaming_content))

    assert (told["job"], told["state"], told["counts"]) == ("say", "done", {"looked_at": 2})
    assert told["events"][0] == {
        "number": 1,
        "at": "2026-03-02T12:00:00+00:00",
        "level": "warning",
        "code": "count.counted",
        "what": "count.counted: number 1",
        "data": {"number": 1},
    }


def test_a_run_that_is_not_there_is_not_found(client):
    for number in (999, 10**30):
        assert client.get(f"/jobs/runs/{number}/").status_code == 404
        assert client.post(f"/jobs/runs/{number}/cancel/").status_code == 404


def test_a_report_on_patrons_is_closed_to_who_only_sees_jobs(sign_in, library):
    run(library, "say", to="2")
    ended = JobRun.objects.get()
    JobRun.objects.update(name="sweep")  # of a job that is gone nobody knows what it told
    client, path = sign_in("fulfillment_administrator"), f"/jobs/runs/{ended.pk}/"

    page = page_of(client, path)

    assert "This report tells of patrons." in page
    assert "See security events" in page
    assert "Looked at" in page
    assert "count.counted" not in page
    assert "report.csv" not in page
    for name in ("report.csv", "report.json"):
        assert client.get(path + name).status_code == 403
