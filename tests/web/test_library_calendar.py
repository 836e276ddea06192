"""Configuration > Calendar."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client

from amerce.circulation.models import CalendarException, OpeningHours
from amerce.jobs.models import JobRun
from amerce.web.month import month_asked
from tests.circulation.configuring import ADMINISTRATOR, nothing_configured
from tests.web.stamped import send
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 2)


@pytest.fixture
def client(sign_in: Callable[..., Client], library: Library):  # type: ignore[no-untyped-def]
    with time_machine.travel(NOON, tick=False):
        yield sign_in(ADMINISTRATOR)


def page(client: Client, library: Library, **query: str) -> str:
    return " ".join(client.get(path(library), query).content.decode().split())


def path(library: Library) -> str:
    return f"/configuration/calendar/{library.library.pk}/"


def hours(valid_from: date = TODAY, **spans: str) -> dict[str, str]:
    """The form of the hours: ``mon="09:00-18:00 19:00-22:00"``."""
    typed = {"valid_from": valid_from.isoformat()}
    for name, said in spans.items():
        number = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].index(name)
        for span, text in enumerate(said.split(), start=1):
            opens, closes = text.split("-")
            typed |= {f"day_{number}_opens_{span}": opens, f"day_{number}_closes_{span}": closes}
    return typed


def closing(first: int, last: int, **said: str) -> dict[str, str]:
    days = {"first_on": TODAY + timedelta(days=first), "last_on": TODAY + timedelta(days=last)}
    return {name: day.isoformat() for name, day in days.items()} | {"reason": "Snow", **said}


def test_the_calendar_leads_to_the_library_where_one_works(client, library):
    assert client.get("/configuration/calendar/")["Location"] == path(library)


def test_without_hours_all_time_counts_as_open(client, library):
    shown = page(client, library)

    assert "Always open" in shown
    assert "No exceptions" in shown
    assert 'day-closed day-exception "' not in shown


def test_hours_that_are_saved_are_shown_with_who_changed_them(client, library):
    response = send(client, f"{path(library)}hours/", hours(mon="09:00-12:00 13:00-00:00", sat="10:00-14:00"))

    assert response.status_code == 302
    shown = page(client, library)
    assert "<span>09:00 – 12:00</span> <span>13:00 – 24:00</span>" in shown
    assert "Since Mon, Mar 2, 2026" in shown
    assert "Updated By Fulfillment_Administrator-Account" in shown
    assert OpeningHours.objects.count() == 3
    form = client.get(f"{path(library)}hours/").content.decode()
    assert 'value="09:00"' in form and 'value="13:00"' in form


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (hours(TODAY - timedelta(days=1), mon="09:00-18:00"), "Not before Mon, Mar 2, 2026."),
        (hours(), "The library opens at least once a week."),
        (hours(mon="18:00-09:00"), "It closes after it opens, and opens again only later."),
        (hours(mon="09:00-18:00") | {"day_1_opens_1": "09:00"}, "Type both times, or leave both empty."),
        (hours(mon="9-25"), "Write a time, like 09:30."),
        ({"valid_from": "soon"}, "Write a day, like 2026-12-24."),
    ],
)
def test_hours_that_cannot_be_are_refused_with_a_sentence(client, library, typed, sentence):
    with nothing_configured():
        response = client.post(f"{path(library)}hours/", typed)

    assert response.status_code == 422
    assert sentence in response.content.decode()


def test_a_closing_is_shown_in_the_list_and_in_the_month(client, library):
    client.post(path(library), closing(3, 4))

    shown = page(client, library)

    assert "Thu, Mar 5, 2026 – Fri, Mar 6, 2026" in shown
    assert "To come" in shown
    assert shown.count("closed: Snow") == 2
    assert page(client, library, month="2026-04").count("closed: Snow") == 0


def test_a_closing_of_past_days_says_that_fines_are_lowered(client, library):
    response = client.post(path(library), closing(-3, -2, whole="on"), follow=True)

    shown = response.content.decode()
    assert "Fines that were charged for these days are lowered now, in the background." in shown
    assert "Past" in shown and "Every library" in shown
    assert JobRun.objects.get().params == {"closure": CalendarException.objects.get().pk}


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (closing(3, 2), "Not before Thu, Mar 5, 2026."),
        (closing(-400, -399), "Not before Mar 1, 2025."),
        (closing(1, 1, reason=" "), "This cannot be empty."),
        (closing(1, 1, first_on="tomorrow"), "Write a day, like 2026-12-24."),
    ],
)
def test_a_closing_that_cannot_be_is_refused_with_a_sentence(client, library, typed, sentence):
    with nothing_configured():
        response = client.post(path(library), typed)

    assert response.status_code == 422
    assert sentence in response.content.decode()


def test_removing_asks_first_and_keeps_what_has_passed(client, library):
    client.post(path(library), closing(-1, 1))
    remove = f"{path(library)}closings/{CalendarException.objects.get().pk}/remove/"

    assert "those that have passed stay closed, so no fine changes" in client.get(remove).content.decode()
    assert client.post(remove).status_code == 302

    shown = page(client, library)
    assert "Removed Mon, Mar 2, 2026" in shown
    assert shown.count("closed: Snow") == 1
    assert "This closing was removed before." in client.post(remove, follow=True).content.decode()


@pytest.mark.parametrize("typed", ["", "2026-13", "x", "9999-12", "0001-01"])
def test_a_month_that_cannot_be_is_this_one(typed):
    assert month_asked(typed, TODAY) == date(2026, 3, 1)


def test_weeks_begin_as_the_locale_s_do(client, library):
    first = page(client, library).index('abbr="')
    assert page(client, library)[first:].startswith('abbr="Sunday"')
    library.institution.locale = "de_DE"
    library.institution.save()
    german = page(client, library)
    assert german[german.index('abbr="') :].startswith('abbr="Montag"')
