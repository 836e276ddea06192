"""That the work of a payment grows with the number of fees and not with its square: counted, never timed."""

import sys
from collections.abc import Callable
from datetime import timedelta
from types import FrameType
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from amerce.charges.allocation import plan_all
from amerce.charges.models import Fee, FeeType
from amerce.ledger.models import Transfer
from tests.charges.acts import Desk
from tests.world import NOON

pytestmark = pytest.mark.money


def instructions(act: Callable[[], Any]) -> int:
    """How many instructions of our own code ``act`` runs."""
    counted = 0

    def each(frame: FrameType, what: str, _: Any) -> Any:
        nonlocal counted
        if what == "call":
            if "/amerce/" not in frame.f_code.co_filename:
                return None
            frame.f_trace_opcodes, frame.f_trace_lines = True, False
        counted += what == "opcode"
        return each

    before = sys.gettrace()
    sys.settrace(each)
    try:
        act()
    finally:
        sys.settrace(before)
    return counted


@pytest.mark.django_db
def test_twice_as_many_fees_are_twice_the_work_to_pay(desk: Desk) -> None:
    desk.charge(100)
    desk.pay()  # what is made once is made
    work, statements = {}, {}
    for fees in (50, 100):
        for _ in range(fees):
            desk.charge(100)
        with CaptureQueriesContext(connection) as captured:
            work[fees] = instructions(desk.pay)
        statements[fees] = len(captured)

    assert work[100] < 2.2 * work[50]
    assert statements[100] - statements[50] <= 4  # rows are inserted in batches
    assert Transfer.objects.filter(kind="PAYMENT").count() == 151


@pytest.mark.django_db
def test_the_fees_of_a_payment_are_written_by_one_statement(desk: Desk) -> None:
    for _ in range(20):
        desk.charge(100)

    with CaptureQueriesContext(connection) as captured:
        desk.pay()

    updates = [each["sql"] for each in captured if 'UPDATE "charges_fee"' in each["sql"]]
    assert len([each for each in updates if "SELECT" not in each]) == 1
    assert set(Fee.objects.values_list("status", "remaining_minor")) == {("CLOSED", 0)}


@pytest.mark.django_db
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite locks the whole database at BEGIN")
def test_the_receipt_number_that_everybody_waits_for_is_taken_after_all_else_was_read(desk: Desk) -> None:
    desk.charge(100)

    with CaptureQueriesContext(connection) as captured:
        desk.pay(comment="in coins", form_key="once")

    sent = [each["sql"] for each in captured]
    (taken,) = (number for number, sql in enumerate(sent) if "numbersequence" in sql and "FOR UPDATE" in sql)
    assert not [sql for sql in sent[taken + 1 :] if sql.startswith("SELECT")]


def test_twice_as_many_credits_and_debts_are_twice_the_work_to_plan() -> None:
    def plan(number: int) -> int:
        at = [NOON - timedelta(minutes=each) for each in range(number)]
        rows = [_row(each, 100, at[each]) for each in range(number)]
        rows += [_row(number + each, -50, at[each]) for each in range(number)]
        return instructions(lambda: plan_all(rows, None, keep_excess=False))

    assert plan(200) < 2.2 * plan(100)


def _row(pk: int, remaining_minor: int, at: Any) -> Fee:
    return Fee(
        pk=pk + 1, type=FeeType(), original_minor=remaining_minor, remaining_minor=remaining_minor, created_at=at
    )
