"""Unmatched lines on their pages: ticked off with a note, found again by a filter, and the tick undone."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from amerce.bursar.models import BursarTick
from tests.bursar.desk import Clerk
from tests.bursar.test_tick_off import no_tick, tick, unmatched
from tests.charges.acts import Desk
from tests.world import Library

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Any) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture
def clerk(library: Library) -> Clerk:
    return Clerk(library, Desk(library))


def test_a_line_is_ticked_off_found_by_the_filter_and_the_tick_undone(
    clerk: Clerk, sign_in: Callable[..., Client]
) -> None:
    line = unmatched(clerk)
    client, page = sign_in("bursar_clerk"), f"/bursar/files/lines/{line.pk}/tick/"
    for where in ("/bursar/", "/bursar/files/unmatched/", f"/bursar/files/{line.file_id}/"):
        assert f'href="{page}"' in client.get(where).content.decode()
    assert "No money moves" in client.get(page).content.decode()

    answer = client.post(page, {"note": "Paid back by the bursar on 3 May"}, follow=True)

    assert "Ticked off." in answer.content.decode() and "NOBODY" not in answer.content.decode()
    ticked = client.get("/bursar/files/unmatched/?lines=ticked").content.decode()
    assert "NOBODY" in ticked and "Paid back by the bursar on 3 May" in ticked
    file = client.get(f"/bursar/files/{line.file_id}/").content.decode()
    assert "Ticked off: Paid back by the bursar on 3 May" in file and "3 not ticked off" in file
    narrowed = client.get(f"/bursar/files/{line.file_id}/?lines=ticked").content.decode()
    assert "NOBODY" in narrowed and ">2.00<" not in narrowed
    assert "Undo the tick" in client.get(page).content.decode()
    answer = client.post(f"{page}undo/", follow=True)
    assert "The line waits for a hand again." in answer.content.decode() and "NOBODY" in answer.content.decode()
    assert not BursarTick.objects.exists()


def test_without_a_note_the_field_says_so(clerk: Clerk, sign_in: Callable[..., Client]) -> None:
    line = unmatched(clerk)
    client = sign_in("bursar_clerk")

    with no_tick():
        answer = client.post(f"/bursar/files/lines/{line.pk}/tick/", {"note": " "})

    assert answer.status_code == 422
    assert "Say what was done instead, for whoever asks later." in answer.content.decode()


def test_of_two_people_the_second_is_told_and_sees_what_the_first_said(
    clerk: Clerk, sign_in: Callable[..., Client]
) -> None:
    line = unmatched(clerk)
    tick(clerk, line, "Written off")
    client = sign_in("bursar_clerk")

    with no_tick():
        answer = client.post(f"/bursar/files/lines/{line.pk}/tick/", {"note": "Paid back"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Somebody ticked it off meanwhile" in page and "Written off" in page


def test_a_line_that_was_booked_says_that_it_needs_nobody(clerk: Clerk, sign_in: Callable[..., Client]) -> None:
    line = unmatched(clerk, "paid")

    page = sign_in("bursar_clerk").get(f"/bursar/files/lines/{line.pk}/tick/").content.decode()

    assert "This line needs nobody." in page


def test_who_only_looks_sees_what_was_ticked_off_and_is_offered_nothing(
    clerk: Clerk, sign_in: Callable[..., Client]
) -> None:
    tick(clerk, unmatched(clerk), "Written off")
    client = sign_in("auditor")

    ticked = client.get("/bursar/files/unmatched/?lines=ticked").content.decode()
    waiting = client.get("/bursar/files/unmatched/").content.decode()

    assert "Written off" in ticked and "/tick/" not in ticked + waiting


def test_a_line_of_another_institution_is_not_there(clerk: Clerk) -> None:
    line = unmatched(clerk)
    client = Client()
    client.force_login(Library.new("NEXT").new_account("theirs", "bursar_clerk"))

    with no_tick():
        page = f"/bursar/files/lines/{line.pk}/tick/"
        answers = [client.get(page), client.post(f"{page}undo/")]

    assert [each.status_code for each in answers] == [404, 404]
