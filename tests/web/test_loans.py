"""The tabs Loans, Returns and Requests."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from amerce.circulation.models import Loan, Request
from tests.web.account import text, words
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


def lend(library: Library, title: str, *, days_ago: float, due_in: int, **columns) -> Loan:  # type: ignore[no-untyped-def]
    return Loan.objects.create(
        institution=library.institution,
        library=library.library,
        patron=library.patron,
        item=library.new_item(title),
        loaned_at=NOON - timedelta(days=days_ago),
        due_at=NOON + timedelta(days=due_in),
        **columns,
    )


def tab(client: Client, library: Library, query: str) -> str:
    return words(client.get(f"/patron-services/{library.patron.pk}/?tab={query}"))


def test_loans_of_this_session_come_first_and_all_loans_mark_what_is_overdue(
    sign_in: Callable[..., Client], library: Library
) -> None:
    lend(library, "Pnin", days_ago=30, due_in=-9)
    lend(library, "Lost one", days_ago=30, due_in=-9, status="LOST")
    with time_machine.travel(NOON, tick=False) as clock:
        client = sign_in()
        client.post("/patron-services/", {"typed": "jdoe"})
        clock.shift(10)
        lend(library, "Stoner", days_ago=-5 / 86400, due_in=14)

        session, everything = tab(client, library, "loans"), tab(client, library, "loans&display=all")
        page = text(client.get(f"/patron-services/{library.patron.pk}/"))

    assert "Stoner" in session
    assert "Pnin" not in session
    assert "2 overdue" in session
    assert re.search(r'<a href="[^"]*display=all"[^>]*>\s*<span class="status status-stop">\s*2 overdue', page), (
        re.findall(r".{300}2 overdue", page)
    )
    assert "Pnin" in everything
    assert "Overdue" in everything
    assert "Lost" in everything
    assert "Loans 3" in everything


def test_returns_of_this_session_and_of_the_last_half_year(sign_in: Callable[..., Client], library: Library) -> None:
    lend(library, "Pnin", days_ago=30, due_in=-9, returned_at=NOON - timedelta(days=5))
    lend(library, "Ancient", days_ago=400, due_in=-380, returned_at=NOON - timedelta(days=200))
    with time_machine.travel(NOON, tick=False) as clock:
        client = sign_in()
        client.post("/patron-services/", {"typed": "jdoe"})
        clock.shift(10)
        lend(library, "Stoner", days_ago=3, due_in=14, returned_at=NOON + timedelta(seconds=5))

        session, everything = tab(client, library, "returns"), tab(client, library, "returns&display=all")

    assert "Stoner" in session
    assert "Pnin" not in session
    assert "Pnin" in everything
    assert "late" in everything
    assert "Ancient" not in everything


def test_requests_and_empty_tabs(sign_in: Callable[..., Client], library: Library) -> None:
    client = sign_in()
    client.post("/patron-services/", {"typed": "jdoe"})
    for query, sentence in (
        ("loans", "What was lent before is under All loans."),
        ("loans&display=all", "This patron has nothing out."),
        ("returns", "What was returned before is under All returns."),
        ("returns&display=all", "Nothing was returned in the last 180 days."),
        ("requests", "This patron waits for nothing."),
    ):
        assert sentence in tab(client, library, query)

    Request.objects.create(
        institution=library.institution,
        patron=library.patron,
        item=library.new_item("Pnin"),
        pickup=library.library,
        placed_at=NOON,
    )

    assert "Pnin" in tab(client, library, "requests")


@pytest.mark.parametrize(
    ("query", "columns"),
    [
        ("returns&display=all", ["Title", "Barcode", "Returned", "Was due", "Library"]),
        ("requests", ["Title", "Barcode", "Placed", "Pickup at", "Actions"]),
    ],
)
def test_each_cell_bears_the_words_of_its_column(
    sign_in: Callable[..., Client], library: Library, query: str, columns: list[str]
) -> None:
    with time_machine.travel(NOON, tick=False):
        lend(library, "Pnin", days_ago=30, due_in=9)
        lend(library, "Stoner", days_ago=30, due_in=9, returned_at=NOON - timedelta(days=5))
        Request.objects.create(
            institution=library.institution,
            patron=library.patron,
            item=library.new_item("Ada"),
            pickup=library.library,
            placed_at=NOON,
        )
        client = sign_in()
        client.post("/patron-services/", {"typed": "jdoe"})
        page = client.get(f"/patron-services/{library.patron.pk}/?tab={query}").content.decode()

    (table,) = re.findall(r'<table class="list">.*?</table>', page, re.DOTALL)
    assert re.findall(r'<th scope="col">([^<]*)</th>', table) == columns
    assert re.findall(r'data-label="([^"]*)"', table) == columns


def test_fifty_loans_take_as_many_queries_as_five(sign_in: Callable[..., Client], library: Library) -> None:
    client = sign_in()
    client.post("/patron-services/", {"typed": "jdoe"})

    def queries() -> int:
        with CaptureQueriesContext(connection) as made:
            assert client.get(f"/patron-services/{library.patron.pk}/?tab=loans&display=all").status_code == 200
        return len(made)

    for number in range(5):
        lend(library, f"Volume {number}", days_ago=30, due_in=-3)
    few = queries()
    for number in range(5, 50):
        lend(library, f"Volume {number}", days_ago=30, due_in=-3)

    assert queries() == few
