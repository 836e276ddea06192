"""A selection goes through the patrons span by span, and takes every fee once however the spans lie."""

import pytest

from amerce.bursar.models import BursarLine
from amerce.bursar.selection import spans
from amerce.charges.models import Fee
from tests.bursar.desk import Clerk
from tests.charges.acts import Desk

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def patrons_with_fees(clerk: Clerk, *counts: int) -> None:
    """Patrons with so many fees of 1.00 each."""
    for number, count in enumerate(counts):
        desk = Desk(clerk.library)
        desk.patron = clerk.library.new_patron(f"P{number}")
        for _ in range(count):
            desk.charge(100)


ALL: dict[str, object] = {}
OF_A_GROUP = {"user_groups": ("22",)}
OF_WHO_OWES = {"min_amount_minor": 200, "min_basis": "patron"}


@pytest.mark.parametrize("criteria", [ALL, OF_A_GROUP, OF_WHO_OWES])
@pytest.mark.parametrize(("span_fees", "at_once"), [(1, 1), (2, 3), (3, 2), (5, 100)])
def test_every_fee_is_selected_once(
    clerk: Clerk, monkeypatch: pytest.MonkeyPatch, span_fees: int, at_once: int, criteria: dict[str, object]
) -> None:
    monkeypatch.setattr("amerce.bursar.selection._SPAN_FEES", span_fees)
    monkeypatch.setattr("amerce.bursar.export_stages._SELECTED_AT_ONCE", at_once)
    patrons_with_fees(clerk, 2, 0, 5, 3, 2)

    clerk.export(clerk.profile(**criteria))

    lines = BursarLine.objects.order_by("pk").values_list("patron_id", "fee_id")
    assert list(lines) == list(Fee.objects.order_by("patron_id", "pk").values_list("patron_id", "pk"))
    assert len(lines) == 12
    assert clerk.last_run().selected_minor == 1200


def test_spans_begin_where_they_are_asked_to_and_leave_no_patron_out(
    clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("amerce.bursar.selection._SPAN_FEES", 2)
    patrons_with_fees(clerk, 5, 1, 1, 1)
    first, second, third, fourth = Fee.objects.order_by("patron_id").values_list("patron_id", flat=True).distinct()

    found = list(spans(clerk.profile(), first))

    assert found == [(first, first + 1), (first + 1, fourth), (fourth, None)]
    assert first + 1 <= second < third < fourth
