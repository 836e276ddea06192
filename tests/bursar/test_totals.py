"""What was exported, paid and is outstanding in all, by month and by age."""

from datetime import date, timedelta

import pytest

from amerce.bursar.totals import totals
from tests.bursar.desk import Clerk, payments
from tests.world import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def test_months_and_ages_add_up_to_what_was_exported_and_is_still_there(clerk: Clerk) -> None:
    # given
    old = clerk.desk.charge(1000)
    profile = clerk.profile(rows="both")
    clerk.export(profile, NOON - timedelta(days=100))
    clerk.desk.charge(500)
    clerk.desk.charge(200, "CREDIT")
    clerk.export(profile, NOON - timedelta(days=10))
    clerk.put(profile, "part.xml", payments((old.pk, "4.00"), ("NOBODY", "1.00"), number=1))
    clerk.put(profile, "paid.xml", payments((old.pk, "4.00"), number=2))
    clerk.take_in(profile, NOON)

    # when
    found = totals(clerk.clerk, profile, NOON)

    # then
    assert (found.exported_minor, found.paid_minor, found.outstanding_minor) == (1300, 400, 900)
    assert found.unmatched_count == 1
    assert [(each.first, each.days, each.count, each.total_minor) for each in found.ages] == [
        (0, 30, 2, 300), (31, 90, 0, 0), (91, 180, 1, 600), (181, 365, 0, 0), (366, None, 0, 0),
    ]  # fmt: skip
    assert sum(each.exported_minor for each in found.months) == 1300
    assert sum(each.paid_minor for each in found.months) == 400
    assert found.months[-1].first == date(NOON.year, NOON.month, 1)


def test_before_the_first_export_there_is_nothing(clerk: Clerk) -> None:
    found = totals(clerk.clerk, None, NOON)

    assert (found.exported_minor, found.paid_minor, found.outstanding_minor, found.months) == (0, 0, 0, [])
