"""Reading events."""

from datetime import timedelta

import pytest

from amerce.events.queries import of_patron
from amerce.events.record import record
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


def test_what_happened_to_a_patron_is_told_by_its_time_and_not_by_when_it_was_written(library: Library) -> None:
    def happened(name: str, days: int) -> None:
        at = NOON + timedelta(days=days)
        record(name, actor=library.operator, at=at, patron_id=library.patron.pk, data={})

    happened("fee.paid", 0)
    happened("loan.closed", -30)
    happened("fee.waived", 0)

    told = of_patron(library.institution.pk, library.patron.pk)
    assert [each.name for each in told] == ["fee.waived", "fee.paid", "loan.closed"]
