"""The report of payments and waivers (``fee-transactions``)."""

from datetime import timedelta

import pytest

from tests.api.programs import Program
from tests.charges.acts import Desk
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


def test_the_report_has_payments_and_waivers_of_its_days(program: Program, library: Library) -> None:
    desk = Desk(library)
    paid, waived, disputed = desk.charge(500), desk.charge(700), desk.charge(900)
    desk.pay(paid, amount=200)
    desk.waive(waived, amount=100)
    desk.dispute(disputed)
    desk.pay(desk.charge(300), at=NOON - timedelta(days=2))

    report = program.get("/conf/utilities/fee-transactions")

    assert [(each["id"], len(each["transaction"])) for each in report["fee"]] == [
        (str(paid.pk), 1),
        (str(waived.pk), 1),
    ]
    assert report["total_record_count"] == 2

    def count(query: str) -> int:
        return int(program.get(f"/conf/utilities/fee-transactions?{query}")["total_record_count"])

    assert count("transaction_type=PAYMENT") == 1
    assert count("transaction_from_date=2026-02-28&transaction_to_date=2026-03-02") == 3
    assert count("transaction_from_date=2026-02-28Z") == 1
    assert (count("owner=MAIN"), count("received_by_circ_library=MAIN&received_by_circ_desk=DESK1")) == (2, 2)
    assert len(program.get("/conf/utilities/fee-transactions?limit=1&offset=1")["fee"]) == 1


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("transaction_from_date=soon", "40166411"),
        ("transaction_from_date=2026-03-02&transaction_to_date=2026-03-01", "40166411"),
        ("transaction_from_date=2026-03-01&transaction_to_date=2026-03-09", "40166411"),
        ("transaction_from_date=9999-12-31", "40166411"),
        ("transaction_type=GIFT", "40166419"),
        ("received_by_circ_desk=DESK1", "40166410"),
        ("received_by_circ_library=NONE", "40166410"),
        ("received_by_circ_library=MAIN&received_by_circ_desk=NONE", "40166410"),
        ("owner=NONE", "401666"),
    ],
)
def test_a_report_that_cannot_be_is_refused_with_its_code(program: Program, query: str, code: str) -> None:
    assert program.refused("get", f"/conf/utilities/fee-transactions?{query}") == (400, code)
