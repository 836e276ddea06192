import re
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client

from amerce.events.models import Event
from amerce.jobs.models import JobRun, JobSchedule
from tests.web.stamped import send
from tests.world import NOON

pytestmark = pytest.mark.django_db
CONFIG = "/configuration/fulfillment-jobs/"
NEW = f"{CONFIG}purge-returns/new/"


@pytest.fixture
def client(sign_in: Callable[..., Client]):  # type: ignore[no-untyped-def]
    with time_machine.travel(NOON, tick=False):
        yield sign_in("general_system_administrator")


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().replace("\u202f", " ").split())


def purge() -> JobSchedule:
    return JobSchedule.objects.get(name="purge-returns")


def test_every_job_is_listed_with_when_it_begins(client):
    page = text_of(client.get(CONFIG))

    for words in ("Overdue and Lost Loan", "Every day at 12:10 AM", "Only if fines are charged every night: yes"):
        assert words in page
    assert "/jobs/overdue-fines/start/" in page
    assert "/jobs/recalculate-overdue-fines/start/" not in page
    assert "Begun on a page of its own" in page


@pytest.mark.parametrize(
    ("typed", "cron"),
    [
        ({"kind": "hourly", "minute": "5"}, "5 * * * *"),
        ({"kind": "daily", "time": "02:30"}, "30 2 * * *"),
        ({"kind": "weekly", "weekdays": ["0", "6"], "time": "22:00"}, "0 22 * * 1,0"),
        ({"kind": "monthly", "day": "15", "time": "04:00"}, "0 4 15 * *"),
        ({"kind": "cron", "cron": "0 6 * * mon-fri"}, "0 6 * * mon-fri"),
        ({"kind": "daily", "time": "02:30", "minute": "99", "cron": "nonsense"}, "30 2 * * *"),
    ],
)
def test_plain_words_and_a_cron_line_make_a_schedule(client, typed, cron):
    JobSchedule.objects.all().delete()

    response = client.post(NEW, {**typed, "is_enabled": "on"})

    assert response.status_code == 302
    assert (purge().cron, purge().params, purge().is_enabled) == (cron, {}, True)


def test_parameters_are_kept_as_typed(client):
    client.post(NEW, {"kind": "daily", "time": "02:30", "param_days": "90", "param_dry_run": "on"})

    schedule = JobSchedule.objects.get(name="purge-returns", cron="30 2 * * *")
    assert (schedule.params, schedule.is_enabled) == ({"days": "90", "dry_run": "yes"}, False)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({}, "Choose one."),
        ({"kind": "yearly"}, "Choose one."),
        ({"kind": "hourly", "minute": "60"}, "A whole number from 0 to 59."),
        ({"kind": "daily"}, "A time of the day like 00:10."),
        ({"kind": "daily", "time": "at night"}, "A time of the day like 00:10."),
        ({"kind": "weekly", "time": "02:00"}, "Choose one day at least."),
        ({"kind": "weekly", "time": "02:00", "weekdays": ["9"]}, "Choose one day at least."),
        ({"kind": "monthly", "time": "02:00", "day": "31"}, "A whole number from 1 to 28."),
        ({"kind": "cron", "cron": ""}, "This cannot be empty."),
        ({"kind": "cron", "cron": "every night"}, "Write five parts with a space between"),
        ({"kind": "cron", "cron": "0 25 * * *"}, "The second part is the hour, 0 to 23."),
        ({"kind": "cron", "cron": "0 0 30 2 *"}, "There is no such day, so the job would never begin."),
        ({"kind": "cron", "cron": "1" * 101}, "At most 100 characters, please."),
        ({"kind": "daily", "time": "02:00", "param_days": "soon"}, "days is a whole number up to 36500"),
        ({"kind": "daily", "time": "01:45"}, "This job has a schedule with the same parameters already."),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_is_written(client, typed, sentence):
    before = list(JobSchedule.objects.values()), Event.objects.count()

    response = client.post(NEW, typed)

    assert response.status_code == 422
    assert sentence in text_of(response)
    assert (list(JobSchedule.objects.values()), Event.objects.count()) == before


def test_a_schedule_is_changed_and_its_changes_are_told(client):
    path = f"{CONFIG}{purge().pk}/"

    send(client, path, {"kind": "weekly", "weekdays": ["4"], "time": "05:00", "is_enabled": "on"})

    assert purge().cron == "0 5 * * 5"
    page = text_of(client.get(path))
    assert "<del>45 1 * * *</del>" in page
    assert "<ins>0 5 * * 5</ins>" in page


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"kind": "daily", "time": "13:00"}, ["Mon, Mar 2, 2026, 1:00 PM", "Wed, Mar 4, 2026, 1:00 PM"]),
        ({"kind": "cron", "cron": "0 0 30 2 *"}, ["There is no such day"]),
        ({"kind": "cron", "cron": "x"}, ["Write five parts"]),
        ({"kind": "weekly", "time": "13:00"}, ["No times yet."]),
        ({}, ["No times yet."]),
    ],
)
def test_the_next_times_are_shown_while_somebody_types(client, typed, words):
    page = text_of(client.get(f"{CONFIG}purge-returns/times/", typed))

    for each in words:
        assert each in page


def test_a_schedule_is_switched_off_and_on(client):
    path = f"{CONFIG}{purge().pk}/switch/"

    client.post(path, {"enabled": "no"})
    assert (purge().is_enabled, purge().next_at) == (False, None)
    client.post(path, {"enabled": "yes"})
    assert purge().is_enabled
    assert f"{purge().next_at:%d %H:%M}" == "03 01:45"


def test_one_whose_parameters_hold_no_more_is_switched_off_and_says_why_not_on(client):
    path = f"{CONFIG}{purge().pk}/switch/"
    JobSchedule.objects.filter(pk=purge().pk).update(params={"dry_run": "perhaps"})

    assert client.post(path, {"enabled": "no"}).status_code == 302
    assert not purge().is_enabled
    told = client.post(path, {"enabled": "yes"}, follow=True)

    assert not purge().is_enabled
    assert "dry_run is yes or no, not “perhaps”." in text_of(told)


def test_deleting_asks_first(client):
    path = f"{CONFIG}{purge().pk}/delete/"

    assert "The job begins no more by itself." in text_of(client.get(path))
    send(client, path, {})

    assert not JobSchedule.objects.filter(name="purge-returns").exists()
    assert client.get(path).status_code == 404


def test_a_job_is_run_now_with_its_parameters(client):
    response = client.post("/jobs/purge-returns/start/", {"param_days": "30", "param_dry_run": "on"})

    run = JobRun.objects.get()
    assert response["Location"] == f"/jobs/runs/{run.pk}/"
    assert (run.given, run.params["dry_run"], run.state) == ({"days": "30", "dry_run": "yes"}, True, "queued")
    assert run.starter.username == "general_system_administrator-account"


def test_a_form_that_is_sent_twice_is_one_run(client):
    key = re.search(r'name="form_key" value="(\w+)"', text_of(client.get("/jobs/purge-returns/start/")))
    assert key is not None
    typed = {"param_days": "30", "form_key": key[1]}

    first, again = (client.post("/jobs/purge-returns/start/", typed, follow=True) for _ in range(2))

    assert JobRun.objects.count() == 1
    assert first.redirect_chain == again.redirect_chain
    assert "This form was sent before. It is one run, and this is it." in text_of(again)
    other = client.post("/jobs/purge-returns/start/", {**typed, "param_days": "60"})
    assert other.status_code == 422
    assert JobRun.objects.count() == 1
    new_key = re.search(r'name="form_key" value="(\w+)"', text_of(other))
    assert new_key is not None and new_key[1] != key[1]
    client.post("/jobs/purge-returns/start/", {"param_days": "60", "form_key": new_key[1]})
    assert [run.given["days"] for run in JobRun.objects.order_by("pk")] == ["30", "60"]


def test_running_again_fills_in_what_was_given(client):
    page = text_of(client.get("/jobs/purge-returns/start/?days=30&dry_run=yes"))

    assert 'value="30"' in page
    assert page.count("checked") == 1


@pytest.mark.parametrize("typed", [{"param_as_of": "soon"}, {"param_as_of": "2099-01-01"}])
def test_a_parameter_that_cannot_be_is_refused_at_its_field(client, typed):
    response = client.post("/jobs/overdue-fines/start/", typed)

    assert response.status_code == 422
    assert 'id="id_param_as_of_error"' in response.content.decode()
    assert not JobRun.objects.exists()


def test_a_job_with_a_page_of_its_own_and_one_that_is_not_there_are_not_found(client):
    for name in ("recalculate-overdue-fines", "sweep"):
        for path in (f"/jobs/{name}/start/", f"{CONFIG}{name}/new/"):
            assert client.get(path).status_code == 404
            assert client.post(path, {"kind": "daily", "time": "02:00"}).status_code == 404
