"""How many queries a page of the desk costs: never more than written down, and the same with many fees."""

import json
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from amerce.charges.models import Fee, FeeType
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db
COUNTS: dict[str, int] = json.loads((Path(__file__).parent / "query_counts.json").read_text())
PATHS = {
    "patron_record": "/patron-services/{}/",
    "patron_record_fees": "/patron-services/{}/?tab=fees",
    "patron_fees": "/patrons/{}/fees/",
    "payment_new": "/patrons/{}/payments/new/",
}
LIMIT = 15


@pytest.fixture
def client(library: Library) -> Client:
    client = Client()
    client.force_login(library.new_account("rokafor", "circulation_desk_manager"))
    client.post("/location/", {"place": f"desk-{library.desk.pk}"})
    client.post("/patron-services/", {"typed": "jdoe"})
    return client


def _counts(client: Client, library: Library) -> dict[str, int]:
    found = {}
    for name, path in PATHS.items():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path.format(library.patron.pk)).status_code == 200
        found[name] = len(queries)
    return found


def _add_fees(library: Library, number: int) -> None:
    """Straight into the table: what the pages read, not what the ledger holds."""
    other = FeeType.objects.get(institution=library.institution, code="OTHER")
    Fee.objects.bulk_create(
        [
            Fee(
                institution=library.institution,
                patron=library.patron,
                type=other,
                owner=library.library,
                original_minor=100,
                remaining_minor=100,
                status_at=NOON,
                created_at=NOON,
            )
            for _each in range(number)
        ],
        batch_size=1000,
    )


def test_pages_cost_what_is_written_down_with_ten_fees_and_with_ten_thousand(client: Client, library: Library) -> None:
    library.charge(100)
    _add_fees(library, 9)
    few = _counts(client, library)
    _add_fees(library, 9_990)
    many = _counts(client, library)

    assert few == COUNTS
    assert many == few
    assert max(few.values()) <= LIMIT
