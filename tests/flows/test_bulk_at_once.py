"""A bulk waiver while the desk goes on, committed for real, on both engines."""

import random

import pytest
from django.db import connection
from django.db.models import F

from amerce.bulk.job import SLICE_FEES
from amerce.bulk.models import WaivedPatron
from amerce.charges.models import Fee
from amerce.charges.pay import pay
from amerce.inputs.errors import Refused
from amerce.ledger.models import Transfer
from amerce.ledger.verify import verify
from tests.bulk.waiving import finish, start, undo
from tests.charges.checks import assert_books_agree
from tests.flows.test_at_once import THREADS, at_once
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.money, pytest.mark.usefixtures("flushable")]

PATRONS = 10
FEES = 3


def test_twenty_who_pay_while_a_bulk_waiver_runs_settle_every_fee_once(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setitem(SLICE_FEES, connection.vendor, 2 * FEES)
    library = Library.new("MAIN")
    operator = library.operator
    patrons = [library.new_patron(f"p{number}") for number in range(PATRONS)]
    for patron in patrons:
        for _ in range(FEES):
            library.charge(100, patron=patron)
    waiver = start(library)
    dice = random.Random(7)

    def pays(patron_id: int, amount_minor: int) -> int:
        try:
            return pay(
                actor=operator, at=NOON, patron_id=patron_id, fee_ids=None, amount_minor=amount_minor, method="CASH"
            ).amount_minor
        except Refused:
            return 0

    def payer(number: int):  # type: ignore[no-untyped-def]
        amounts = [dice.randint(1, 150) for _ in range(3)]
        return lambda: sum(pays(patrons[-1 - number % PATRONS].pk, each) for each in amounts)

    # when
    run, *paid = at_once(lambda: finish(waiver.run_id), *[payer(number) for number in range(THREADS)])

    # then
    fees = Fee.objects.all()
    assert not fees.exclude(original_minor=F("paid_minor") + F("waived_minor")).exists()
    assert not fees.exclude(status="CLOSED").exists()
    sums = dict.fromkeys(("PAYMENT", "WAIVE"), 0)
    for kind, amount_minor in Transfer.objects.filter(kind__in=sums).values_list("kind", "amount_minor"):
        sums[kind] += amount_minor
    assert sums == {"PAYMENT": sum(paid), "WAIVE": run.counts["total_minor"]}
    assert sum(sums.values()) == PATRONS * FEES * 100
    assert sum(WaivedPatron.objects.values_list("amount_minor", flat=True)) == sums["WAIVE"]
    assert_books_agree()
    assert verify(library.institution.pk).findings == []

    # and
    undo(library, waiver)
    assert not fees.exclude(original_minor=F("paid_minor") + F("remaining_minor")).exists()
    assert verify(library.institution.pk).findings == []


def test_a_form_sent_twenty_times_at_once_is_one_run() -> None:
    from amerce.bulk.models import BulkWaiver
    from amerce.bulk.start import start_bulk_waiver
    from tests.bulk.waiving import criteria

    library = Library.new("MAIN")
    library.charge(100)
    actor = library.staff("user_manager")

    answers = at_once(
        *[
            lambda: start_bulk_waiver(
                actor=actor,
                at=NOON,
                criteria=criteria(),
                reason="OTHER",
                comment="",
                confirmed_minor=100,
                form_key="page-1",
            )
        ]
        * THREADS
    )

    waiver = BulkWaiver.objects.get()
    assert {(each.waiver_id, each.run_id) for each in answers} == {(waiver.pk, waiver.run_id)}
    assert sorted(each.replayed for each in answers) == [False, *[True] * (THREADS - 1)]
