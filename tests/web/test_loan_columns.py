"""The columns of the loans, kept for the login."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from amerce.access.models import Account, AccountPreference
from tests.circulation.lending import lend
from tests.web.account import HTMX, Desk, open_record, text, words
from tests.world import Library

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(sign_in: Callable[..., Client], library: Library) -> Desk:
    return open_record(sign_in, library, "circulation_desk_operator")


def headings(desk: Desk) -> list[str]:
    page = text(desk.client.get(f"/patron-services/{desk.library.patron.pk}/?tab=loans&display=all"))
    table = page[page.index("<thead>") : page.index("</thead>")]
    return [each.split("</th>")[0].split(">")[-1] for each in table.split("<th")[1:]]


def test_the_usual_columns_come_first_and_the_chosen_ones_after_done(desk: Desk, library: Library) -> None:
    lend(library, due_at=timezone.now() + timedelta(days=3))
    assert headings(desk)[3:-1] == ["Title", "Barcode", "Due", "Status", "Renewals", "Fine", "Terms"]

    answer = desk.post("loan-columns/", {"column": ["due", "call_number", "nonsense"]})

    assert answer["Location"] == f"/patron-services/{library.patron.pk}/?tab=loans&display=all"
    assert headings(desk)[3:-1] == ["Title", "Call number", "Due"]
    assert AccountPreference.objects.get().value == ["call_number", "due"]


def test_they_are_there_after_signing_in_again_and_for_nobody_else(
    desk: Desk, sign_in: Callable[..., Client], library: Library
) -> None:
    lend(library, due_at=timezone.now() + timedelta(days=3))
    desk.post("loan-columns/", {"column": ["author"]})
    desk.client.post("/sign-out/")
    desk.client.force_login(Account.objects.get(username="circulation_desk_operator-account"))
    desk.client.post("/patron-services/", {"typed": "jdoe"})

    assert headings(desk)[3:-1] == ["Title", "Author"]
    other = open_record(sign_in, library, "circulation_desk_manager")
    assert "Renewals" in headings(other)


def test_the_title_alone_may_be_chosen(desk: Desk, library: Library) -> None:
    lend(library, due_at=timezone.now() + timedelta(days=3))

    desk.post("loan-columns/")

    assert headings(desk)[3:-1] == ["Title"]


def test_the_dialog_ticks_what_is_shown_and_leads_back_to_where_it_was_opened(desk: Desk) -> None:
    answer = desk.get("loan-columns/?next=/patron-services/1/%3Ftab%3Dloans", headers=HTMX)

    page = text(answer)
    assert 'value="due" checked' in page
    assert 'value="call_number" autofocus' in page
    assert 'name="next" value="/patron-services/1/?tab=loans"' in page
    assert "Call numbers" in words(answer)


def test_it_leads_to_no_other_host(desk: Desk, library: Library) -> None:
    answer = desk.post("loan-columns/", {"column": ["due"], "next": "https://elsewhere.example/"})

    assert answer["Location"] == f"/patron-services/{library.patron.pk}/?tab=loans&display=all"
