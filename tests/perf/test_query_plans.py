"""That a query over a table that grows for ever finds its rows by an index: asked of the database, not of a clock."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TypeVar

import pytest
from django.db import connection
from django.db.models import Model, Q
from django.test.utils import CaptureQueriesContext

from amerce.access.actors import system_actor
from amerce.access.privileges import Privilege
from amerce.bursar.import_stages import SUMS_OF_FEES
from amerce.bursar.models import BursarPayment, BursarProfile
from amerce.bursar.selection import candidates, spans
from amerce.charges.models import Fee, FeeType
from amerce.charges.queries import fees_with_transactions
from amerce.events.models import Event
from amerce.events.queries import feed
from amerce.ledger.models import Transfer
from amerce.patrons.models import Patron, UserGroup
from amerce.sql import Ids
from tests.bursar.desk import Clerk, payments
from tests.charges.acts import Desk
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]
HOURS = 3000
Row = TypeVar("Row", bound=Model)


def plan(statement: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(("EXPLAIN " if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN ") + statement)
        return "\n".join(str(column) for row in cursor.fetchall() for column in row)


def many_transfers(desk: Desk) -> None:
    """A payment in every hour before now: rows for the planner to count, which no command would make so soon."""
    (charge,) = Transfer.objects.filter(fee=desk.charge(1_000_000))
    charge.kind, charge.debit, charge.credit = "PAYMENT", "method:CASH", "patron:active"
    numbers = range(charge.seq + 1, charge.seq + 1 + HOURS)
    _alike(charge, HOURS, seq=numbers, at=[NOON - timedelta(hours=hour) for hour in range(HOURS)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def test_the_report_of_payments_finds_them_by_their_time(library: Library) -> None:
    many_transfers(Desk(library))
    actor = system_actor(library.institution.pk, "report", Privilege.PATRON_VIEW)

    with CaptureQueriesContext(connection) as queries:
        _fees, found, count = fees_with_transactions(
            actor, since=NOON - timedelta(days=1), until=NOON, kinds=("PAYMENT", "WAIVE"), owned=Q(), where=Q(),
            offset=0, limit=100,
        )  # fmt: skip

    assert (count, [len(each) for each in found.values()]) == (1, [24])
    page, _transfers, counted = (plan(each["sql"]) for each in queries)
    assert "transfer_time" in page, page
    assert "transfer_time" in counted, counted


def test_the_feed_of_one_library_finds_its_events_without_reading_those_of_others(library: Library) -> None:
    Event.objects.bulk_create(
        Event(institution=library.institution, name="fee.paid", at=NOON, actor_name="desk", library_id=number % 30 + 1)
        for number in range(HOURS)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    with CaptureQueriesContext(connection) as queries:
        found = list(feed(library.institution.pk, 0, library_id=7)[:101])

    assert len(found) == HOURS // 30
    asked = plan(queries[0]["sql"])
    assert "event_library" in asked, asked


def test_a_selection_for_the_bursar_looks_through_a_span_of_patrons_alone(library: Library) -> None:
    group = UserGroup.objects.create(institution=library.institution, code="GROUP", label="Group")
    patrons = Patron.objects.bulk_create(
        Patron(
            institution=library.institution,
            group=group,
            primary_id=f"P{each}",
            primary_folded=f"p{each}",
            created_at=NOON,
        )
        for each in range(HOURS)
    )
    fee_type = FeeType.objects.get(institution=library.institution, code="OTHER")
    Fee.objects.bulk_create(
        Fee(
            institution=library.institution, patron=each, type=fee_type, original_minor=100, remaining_minor=100,
            owner=library.library, created_at=NOON, status_at=NOON,
        )
        for each in patrons
    )  # fmt: skip
    profile = BursarProfile(institution=library.institution, code="B", name="B", user_groups=["GROUP"])
    last = patrons[-2500].pk
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    span, rest = spans(profile, last)
    with CaptureQueriesContext(connection) as queries:
        found = list(candidates(profile, NOON, span)[:500])

    assert (span, rest) == ((last, patrons[-500].pk), (patrons[-500].pk, None))
    assert [each.patron_id for each in found] == [each.pk for each in patrons[-2500:-2000]]
    asked = plan(queries[0]["sql"])
    assert f"id < {span[1]}" in asked or "patron_id>? AND patron_id<?" in asked or "rowid>? AND rowid<?" in asked, asked


def test_a_second_payment_in_one_file_is_looked_for_by_its_fee_however_many_lines_the_file_has(
    library: Library,
) -> None:
    clerk = Clerk(library, Desk(library))
    fee, profile = clerk.desk.charge(1000), clerk.profile()
    clerk.export(profile)
    clerk.put(profile, "paid.xml", payments((fee.pk, "1")))
    clerk.take_in(profile)
    file = clerk.last_file()
    fees = _alike(fee, HOURS)
    lines = _alike(BursarPayment.objects.get(), HOURS, fee_id=[each.pk for each in fees], position=range(2, HOURS + 2))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    with CaptureQueriesContext(connection) as queries:
        found = SUMS_OF_FEES.rows(library.institution.pk, Ids(each.fee_id for each in lines[:5]), Ids([100]))

    assert sorted(found) == [(file.pk, each.fee_id, 100) for each in lines[:5]]
    assert SUMS_OF_FEES.rows(library.institution.pk, Ids([lines[0].fee_id]), Ids([99])) == [], "no other sums"
    asked = plan(queries[0]["sql"])
    assert "bursar_bursarpayment_fee_id" in asked, asked


def _alike(row: Row, count: int, **columns: Sequence[object]) -> list[Row]:
    """So many rows as ``row`` is but for ``columns``."""
    same = {each.attname: getattr(row, each.attname) for each in row._meta.concrete_fields if not each.primary_key}
    made = [
        type(row)(**{**same, **{name: values[number] for name, values in columns.items()}}) for number in range(count)
    ]
    return type(row)._default_manager.bulk_create(made)
