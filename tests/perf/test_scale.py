"""The bench's nightly job does what a library's does, and says how it went."""

import pytest

from amerce.charges.models import Fee
from amerce.circulation.models import Loan
from amerce.ledger.verify import verify
from amerce.perf.bulk import owe, waive_all
from amerce.perf.ground import lay_ground
from amerce.perf.scale import charge_all, lend_late

pytestmark = [pytest.mark.django_db, pytest.mark.money, pytest.mark.usefixtures("flushable")]


def test_every_late_loan_is_charged_once_and_the_ledger_is_accepted() -> None:
    # given
    ground = lay_ground(patrons=1)
    lend_late(ground, 10)

    # when
    seen: list[int] = []
    scale = charge_all(ground, seen.append)

    # then
    assert (scale.loans, scale.fines, scale.slices, seen) == (10, 10, 1, [10])
    assert Loan.objects.values("patron").distinct().count() == 2
    assert sorted(Fee.objects.exclude(loan=None).values_list("loan", flat=True)) == sorted(
        Loan.objects.values_list("pk", flat=True)
    )
    assert 0 < scale.median_locked_ms <= scale.longest_locked_ms < scale.taken_s * 1000
    assert 0 < scale.first_memory_mib <= scale.peak_memory_mib
    assert [finding for _, finding in verify().results if finding] == []


def test_as_many_fees_are_waived_by_the_job_as_by_hand_and_the_ledger_is_accepted() -> None:
    # given
    ground = lay_ground(patrons=1)
    owe(ground, 10)

    # when
    seen: list[int] = []
    scale = waive_all(ground, seen.append)

    # then
    assert (scale.fees, scale.slices, seen) == (10, 1, [10])
    assert Fee.objects.filter(waived_minor=250, remaining_minor=0, closed_as="waived").count() == 20
    assert scale.taken_s > 0 and scale.by_hand_s > 0
    assert [finding for _, finding in verify().results if finding] == []
