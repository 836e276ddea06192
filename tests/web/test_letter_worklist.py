"""The worklist of letters that did not go: looked through, seen to one by one, and all of a state sent again."""

from collections.abc import Callable

import pytest
import time_machine
from django.test import Client

from amerce.events.models import Event
from amerce.jobs.models import JobRun
from amerce.letters.models import Letter
from tests.jobs.running import finish
from tests.letters.writing import reach, write_one
from tests.web.test_letters import words
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db
LIVE = {"HX-Request": "true", "HX-Target": "again-live"}


@pytest.fixture
def client(sign_in: Callable[..., Client], library: Library):  # type: ignore[no-untyped-def]
    with time_machine.travel(NOON, tick=False):
        yield sign_in()


def failed(library: Library, *keys: str, state: str = "failed", **more: object) -> list[Letter]:
    letters = [write_one(library, key=key, **more) for key in keys]
    Letter.objects.filter(pk__in=[each.pk for each in letters]).update(state=state)
    return letters


def test_the_worklist_shows_what_needs_a_hand_and_it_is_seen_to(client: Client, library: Library) -> None:
    letter = write_one(library)
    assert "Doe, Jane jdoe" in words(client.get("/letters/"))

    refused = client.post(f"/letters/{letter.pk}/action/", {"do": "again"}, follow=True)
    assert "This patron has no address that it can be sent to. Nothing was sent." in words(refused)
    assert client.post(f"/letters/{letter.pk}/action/", {"do": "burn"}).status_code == 422
    client.post(f"/letters/{letter.pk}/action/", {"do": "done"})

    assert "Every letter went" in words(client.get("/letters/"))


def test_the_name_on_the_worklist_leads_to_where_an_address_is_added(client: Client, library: Library) -> None:
    write_one(library)

    page = client.get("/letters/").content.decode()

    assert f'<a href="/patrons/{library.patron.pk}/contact/">Doe, Jane</a>' in page


def test_the_worklist_shows_one_state_or_one_kind(client: Client, library: Library) -> None:
    reach(library.patron, "email", "jane@example.org")
    failed(library, "a")
    failed(library, "b", state="unknown", kind="PAYMENT_RECEIPT")

    def subjects(query: str) -> list[bool]:
        said = words(client.get(f"/letters/{query}"))
        return ["Fines and fees: $23.50" in said, "Receipt 10042" in said]

    assert subjects("") == [True, True]
    assert subjects("?state=failed") == [True, False]
    assert subjects("?kind=PAYMENT_RECEIPT") == [False, True]
    assert subjects("?state=sent&kind=NONE") == [True, True]
    assert "No letter that needs a hand is like that." in words(client.get("/letters/?state=no_address"))


def test_all_that_are_shown_are_sent_again_after_their_number_was_said(client: Client, library: Library) -> None:
    # given
    reach(library.patron, "email", "jane@example.org")
    letters = failed(library, "a", "b")
    assert "Send all again" not in words(client.get("/letters/"))
    assert "Send all again (2)…" in words(client.get("/letters/?state=failed"))
    assert "Send 2 letters again" in words(client.get("/letters/again/?state=failed"))
    assert set(Letter.objects.values_list("state", flat=True)) == {"failed"}

    # when
    answers = [client.post("/letters/again/?state=failed") for _time in range(2)]

    # then
    assert [each["Location"] for each in answers] == ["/letters/?state=failed"] * 2
    going = client.get("/letters/?state=failed")
    assert "Send Letters Again" in words(going) and "Send all again" not in words(going)
    assert "HX-Refresh" not in client.get("/letters/?state=failed", headers=LIVE).headers
    run = finish(JobRun.objects.get())
    assert client.get("/letters/?state=failed", headers=LIVE).headers["HX-Refresh"] == "true"
    assert (run.state, set(Letter.objects.values_list("state", flat=True))) == ("done", {"waiting"})
    assert Event.objects.filter(name="letter.sent_again").count() == len(letters)


def test_a_report_to_staff_is_on_the_list_of_who_may_read_it_and_is_not_counted(
    sign_in: Callable[..., Client], library: Library
) -> None:
    failed(library, "a", patron_id=None, kind="BURSAR_RUN", to="bursar@example.org")
    administrator = sign_in("general_system_administrator")

    shown = words(administrator.get("/letters/?state=failed"))
    assert "bursar@example.org" in shown and "Send all again" not in shown
    page = words(administrator.get("/letters/again/?state=failed"))
    assert "letters again" not in page and "Letters 0" in page
    assert "No such letter is left." in words(administrator.post("/letters/again/?state=failed", follow=True))
    assert not JobRun.objects.exists()


@pytest.mark.parametrize("query", ["", "?state=", "?state=sent", "?state=%00&kind=OVERDUE_1"])
def test_a_state_has_to_be_chosen(client: Client, library: Library, query: str) -> None:
    failed(library, "a")

    for answer in (client.get(f"/letters/again/{query}"), client.post(f"/letters/again/{query}")):
        assert answer.status_code == 422
        assert "Choose which letters on the worklist first." in words(answer)
    assert not JobRun.objects.exists()


def test_who_may_not_send_letters_sends_none_again(sign_in: Callable[..., Client], library: Library) -> None:
    failed(library, "a")
    client = sign_in("auditor")

    assert client.get("/letters/again/?state=failed").status_code == 403
    assert client.post("/letters/again/?state=failed").status_code == 403
    assert not JobRun.objects.exists()
