"""What notification profiles would do, as pages and as a file, and running them."""

import csv
import re
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client

from amerce.jobs.models import JobRun
from amerce.letters.models import Letter, LetterSwitch
from amerce.notices.enable_profile import disable_profile
from tests.notices.noticing import AS_OF, administrator, branch, charge_at, new_profile
from tests.notices.test_preview import reach
from tests.world import Library

pytestmark = pytest.mark.django_db
LIST = "/configuration/notification-profiles/"


@pytest.fixture
def clients(sign_in: Callable[..., Client]):  # type: ignore[no-untyped-def]
    with time_machine.travel(AS_OF, tick=False):
        yield sign_in


def words(response: Any) -> str:
    return " ".join(response.content.decode().split())


def owe(library: Library) -> None:
    reach(library, library.patron, email="jane@example.org")
    library.charge(1500)
    charge_at(library, branch(library), 700)
    library.charge(300, patron=library.new_patron("=kim", first_name="Kim"))


def test_the_preview_shows_figures_libraries_channels_and_who(clients, library):
    owe(library)
    profile = new_profile(library, name="Reminder", creates_fee=True, fee_minor=250)

    page = words(clients("user_administrator").get(f"{LIST}{profile.pk}/preview/"))

    assert "<h1>Preview: Reminder</h1>" in page
    for label, figure in (("Patrons", "2"), ("Messages", "3"), ("Without an address", "1")):
        assert f"<dt>{label}</dt> <dd>{figure}</dd>" in page
    assert "$25.00" in page and "$7.50" in page
    assert "Science Library" in page and "Jane Doe" in page and "No address" in page
    assert "Run now" not in page and "Whoever may run jobs starts it." in page
    assert "The job never ran." in page


def test_a_preview_that_finds_nobody_says_so(clients, library):
    profile = new_profile(library)

    page = words(clients("general_system_administrator").get(f"{LIST}{profile.pk}/preview/"))

    assert "Nobody matches" in page and "Run now" not in page


def test_all_messages_are_a_file_in_which_no_name_is_a_formula(clients, library):
    owe(library)
    profile = new_profile(library, name="Reminder", creates_fee=True, fee_minor=250)

    answer = clients("user_administrator").get(f"{LIST}{profile.pk}/messages.csv")

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert list(csv.reader(text.splitlines())) == [
        [
            "Primary ID",
            "Name",
            "User group",
            "Fines/fees owner",
            "Fines and fees",
            "Total (USD)",
            "Notification Fee Amount",
            "By",
        ],
        ["jdoe", "Jane Doe", "Officer (Proxy)", "Main Library", "1", "15.00", "2.50", "E-mail"],
        ["jdoe", "Jane Doe", "Officer (Proxy)", "Science Library", "1", "7.00", "2.50", "E-mail"],
        ["'=kim", "Kim", "Officer (Proxy)", "Main Library", "1", "3.00", "2.50", "No address"],
    ]
    assert Letter.objects.count() == 0


def test_the_next_run_is_shown_by_enabled_profile_and_a_disabled_one_is_left_out(clients, library):
    owe(library)
    new_profile(library, name="All")
    new_profile(library, name="Much", minimum_minor=1000)
    off = new_profile(library, name="Off")
    disable_profile(actor=administrator(library), at=AS_OF, profile_id=off.pk)
    client = clients("general_system_administrator")

    page = words(client.get(f"{LIST}preview/"))

    assert "What the next run would do" in page and ">All</a>" in page and ">Much</a>" in page
    assert ">Off</a>" not in page and ">Run now</button>" in page
    assert "Whoever matches is told again by each run." in page
    assert "This profile is disabled" in words(client.get(f"{LIST}{off.pk}/preview/"))


def test_without_an_enabled_profile_there_is_nothing_to_run(clients):
    page = words(clients("general_system_administrator").get(f"{LIST}preview/"))

    assert "No profile is enabled" in page and "Run now" not in page


def test_run_now_queues_a_run_of_all_or_of_one_and_leads_to_it(clients, library):
    new_profile(library, name="A")
    client = clients("general_system_administrator")

    every = client.post(f"{LIST}run/", {"seen": "0"})
    one = client.post(f"{LIST}run/", {"seen": seen_on(client), "profile": "A"})

    runs = list(JobRun.objects.order_by("pk"))
    assert [each.params for each in runs] == [{"profile": ""}, {"profile": "A"}]
    assert [each["Location"] for each in (every, one)] == [f"/jobs/runs/{each.pk}/" for each in runs]


@pytest.mark.parametrize("again", [{}, {"profile": "A"}])
def test_a_run_that_was_begun_meanwhile_is_looked_at_before_there_is_another(clients, library, again):
    new_profile(library, name="A")
    client = clients("general_system_administrator")
    seen = seen_on(client)
    assert seen == "0"
    client.post(f"{LIST}run/", {"seen": seen})

    page = words(client.post(f"{LIST}run/", {"seen": seen, **again}, follow=True))

    assert "The job was begun meanwhile, so nothing was done now." in page
    assert JobRun.objects.count() == 1


def seen_on(client: Client) -> str:
    found = re.search(r'name="seen" value="(\w+)"', client.get(f"{LIST}preview/").content.decode())
    assert found is not None
    return found[1]


def test_what_cannot_be_run_is_said_on_the_preview(clients, library):
    LetterSwitch.objects.create(institution=library.institution, kind="FINES_FEES_NOTIFICATION", is_on=False)

    answer = clients("general_system_administrator").post(f"{LIST}run/", {"seen": "0"}, follow=True)

    assert "is turned off, so nobody would be told" in words(answer)
    assert JobRun.objects.count() == 0


def test_who_configures_and_may_not_run_starts_nothing(clients, library):
    new_profile(library)

    assert clients("user_administrator").post(f"{LIST}run/").status_code == 403
    assert JobRun.objects.count() == 0
