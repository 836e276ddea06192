"""Programs from PyPI and npm that libraries run against Alma, unmodified, each on a visit of its own (row G1)."""

from typing import Any

import pytest

from amerce.ledger.models import Transfer
from amerce.patrons.models import Patron
from tests.api.programs import Program
from tests.charges.checks import assert_books_agree
from tests.wires.running import needs_programs, ran
from tests.world import Library

pytestmark = [pytest.mark.django_db(transaction=True), needs_programs]


@pytest.fixture
def key(flushable: None, library: Library) -> str:
    return Program.of(library).key


def moved() -> list[tuple[str, int, str, str]]:
    rows = Transfer.objects.order_by("pk")
    return list(rows.values_list("kind", "amount_minor", "external_transaction_id", "actor_name"))


def test_almapy_charges_disputes_waives_and_pays_and_keeps_users(live_server: Any, key: str) -> None:
    said = ran("portal_almapy.py", live_server.url, key)

    assert said == {
        "charged": [25.1, "Für den Schlüssel", "MAIN"],
        "disputed": ["INDISPUTE", 25.1],
        "waived": [25.0, "OTHER"],
        "paid": [20.0, 20.0],
        "left": [1, 5.0, 5.0],
        "read": ["PAYMENT", "PAYMENT", "WAIVE", "RESTORE", "DISPUTE"],
        "made": ["mmüller", "m@example.org"],
        "changed": "Marta",
        "found": ["mmüller"],
        "loans": 0,
        "places": ["MAIN", "DESK1"],
        "has_reason": True,
        "nobody": ["UserNotFoundError", "401861"],
        "too much": ["APIClientError", "401666"],
        "three places": ["APIClientError", "401666"],
    }
    assert moved() == [
        ("CHARGE", 2510, "", "Portal"),
        ("DISPUTE", 2510, "", "Portal"),
        ("RESTORE", 2510, "", "Portal"),
        ("WAIVE", 10, "", "Portal"),
        ("PAYMENT", 500, "txn-1", "Portal"),
        ("PAYMENT", 1500, "txn-2", "Portal"),
    ]
    assert_books_agree()


def test_almapiwrapper_runs_its_batch_of_fees_users_and_notes(live_server: Any, key: str) -> None:
    said = ran("batch_almapiwrapper.py", live_server.url, key)

    assert said == {
        "listed": [12.4],
        "verbs": ["INDISPUTE", "ACTIVE", 12.0],
        "paid": [0.0, "CLOSED", "ONLINE"],
        "errors": [False, False, False, False],
        "notes": [True, 0],
        "found": ["batch1"],
        "out": [[], []],
        "gone": [True, None],
        "libraries": ["MAIN"],
    }
    assert [each[:3] for each in moved()][-1] == ("PAYMENT", 1200, "B-1")
    assert not Patron.objects.filter(primary_folded="batch1").exists()
    assert_books_agree()


def test_almarestapi_lib_pays_by_links_and_with_what_is_left_of_a_float(live_server: Any, key: str) -> None:
    said = ran("app_almarestapi.js", live_server.url, key)

    gone = "User with identifier app1 was not found."
    assert said == {
        "charged": [10.1, "App"],
        "waived": [10.0, 0.09999999999999964],
        "paid": [0.1, 0.1, 2, "CLOSED"],
        "listed": [1, "CLOSED"],
        "xml": "0.0",
        "changed": ["Max", "jdoe"],
        "made": "app1",
        "refused": [f"{gone} (401861)", gone, said["refused"][2]],
    }
    assert said["refused"][2].endswith("(401666)")
    assert [each[:3] for each in moved()][1:] == [("WAIVE", 10, ""), ("PAYMENT", 990, "A-1"), ("PAYMENT", 10, "")]
    assert_books_agree()
