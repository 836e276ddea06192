"""Compiled statements give and write what Django's own would."""

from datetime import datetime, timedelta

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.test.utils import CaptureQueriesContext

from amerce.charges.models import Fee
from amerce.events.models import Event
from amerce.patrons.models import Patron
from amerce.sql import Ids, Select, among, fresh, insert, update, update_all
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def chosen(patron_id: int, ids: list[int]) -> QuerySet[Fee]:
    return Fee.objects.filter(patron_id=patron_id, pk__in=ids).select_related("type", "owner", "note").order_by("pk")


def by_name(name: str) -> QuerySet[Event]:
    return Event.objects.filter(name=name).order_by("pk")


def columns(row: Event | Fee | Patron) -> dict[str, object]:
    return {key: value for key, value in vars(row).items() if key != "_state"}


def test_a_compiled_query_gives_the_rows_of_its_queryset(library: Library) -> None:
    # given
    fees = [library.charge(100 * number).pk for number in (1, 2, 3)]
    select = Select(chosen)

    for ids in (fees, fees[:1], fees[1:], fees):
        # when
        rows = select.rows(library.patron.pk, ids)

        # then
        assert [columns(row) for row in rows] == [columns(row) for row in chosen(library.patron.pk, ids)]
        with CaptureQueriesContext(connection) as queries:
            assert {(row.type.code, row.owner.code, row.note) for row in rows} == {("OTHER", "MAIN", None)}
        assert len(queries) == 0


def test_a_compiled_query_gives_json_and_times_as_django_does(library: Library) -> None:
    library.charge(100)

    (row,) = Select(by_name).rows("fee.assessed")

    assert columns(row) == columns(by_name("fee.assessed").get())


def with_age(patron_id: int) -> QuerySet[Patron]:
    oldest = Fee.objects.filter(patron=OuterRef("pk")).order_by("created_at")
    return Patron.objects.filter(pk=patron_id).annotate(oldest_at=Subquery(oldest.values("created_at")[:1]))


def test_a_compiled_query_gives_what_a_queryset_annotates(library: Library) -> None:
    library.charge(100, days_ago=3)
    library.charge(200)

    (row,) = Select(with_age).rows(library.patron.pk)

    assert row.oldest_at == NOON - timedelta(days=3)  # type: ignore[attr-defined]
    assert columns(row) == columns(with_age(library.patron.pk).get())


@pytest.mark.parametrize("ids", [[], [2**63], [-(2**70), 1]])
def test_a_compiled_query_takes_values_that_no_row_can_have(library: Library, ids: list[int]) -> None:
    assert Select(chosen).rows(library.patron.pk, ids) == []
    assert Select(chosen).first(2**63, [1]) is None


def since(patron_ids: Ids, at: datetime) -> QuerySet[Fee]:
    return Fee.objects.filter(among("patron_id", patron_ids), created_at__gte=at).order_by("pk")


def test_a_compiled_query_takes_times_and_any_number_of_ids_as_one_value(library: Library) -> None:
    # given
    library.charge(100, days_ago=3)
    fee, other = library.charge(200), library.patron.pk + 1
    select, tuples = Select(since), Select(lambda *given: since(*given).values_list("original_minor", "pk"))

    for ids in (Ids([library.patron.pk]), Ids([other, library.patron.pk, 2**70]), Ids(range(library.patron.pk + 1))):
        # when
        rows, found = select.rows(ids, NOON - timedelta(days=1)), tuples.rows(ids, NOON - timedelta(days=1))

        # then
        assert [columns(row) for row in rows] == [columns(Fee.objects.get(pk=fee.pk))]
        assert found == [(200, fee.pk)]
    assert select.rows(Ids([other]), NOON - timedelta(days=1)) == select.rows(Ids(), NOON) == []
    assert len(select._compiled) == 1


def test_a_query_that_changes_a_value_is_refused(library: Library) -> None:
    with pytest.raises(AssertionError, match="not in the statement"):
        Select(lambda name: Event.objects.filter(name=name.upper())).rows("fee.assessed")


def test_it_keeps_a_bounded_number_of_compiled_forms(library: Library) -> None:
    select = Select(chosen)

    for length in range(1, 200):
        select.rows(library.patron.pk, list(range(1, length + 1)))

    assert len(select._compiled) <= 64


def test_an_inserted_row_has_its_id_and_reads_back_the_same(library: Library) -> None:
    row = Event(institution=library.institution, name="a.b", at=NOON, actor_name="x", data={"é": [1, None]})

    insert([row])

    stored = Event.objects.get(pk=row.pk)
    assert (stored.name, stored.at, stored.data) == ("a.b", NOON, {"é": [1, None]})
    assert row._state.adding is False


def test_a_fresh_row_is_what_its_model_makes(library: Library) -> None:
    values = {"name": "a.b", "at": NOON, "actor_name": "x", "institution_id": library.institution.pk}

    made, other = fresh(Event, **values), fresh(Event, **values)

    assert columns(made) == columns(Event(**values))
    assert (made._state.adding, made._state.db, made.data is other.data) == (True, None, False)
    made.save()
    assert Event.objects.get(pk=made.pk).actor_name == "x"
    with pytest.raises(AssertionError, match="Event has no institution"):
        fresh(Event, institution=library.institution)


@pytest.mark.parametrize("number", [0, 1, 3, 70_000])
def test_among_many_ids_as_one_value(library: Library, number: int) -> None:
    fees = [library.charge(100 * each).pk for each in (1, 2, 3, 4)]
    ids = (fees[:3] + list(range(10**6, 10**6 + number)))[:number]

    found = Fee.objects.filter(among("pk", ids), type__code="OTHER").order_by("pk")

    assert [fee.pk for fee in found] == fees[: min(number, 3)]
    assert found.filter(among("patron_id", [library.patron.pk])).count() == min(number, 3)


def test_among_texts_as_one_value_with_every_character_of_them(library: Library) -> None:
    names = ["plain", "O'Neill \\ {a,b}", 'quo"ted', "ü☕", ""]
    for name in names:
        Event.objects.create(institution=library.institution, name=name, at=NOON, actor_name="desk")

    found = Event.objects.filter(among("name", [*names[1:], "nobody", "plai"])).order_by("pk")

    assert [event.name for event in found] == names[1:]


def test_an_update_writes_the_columns_it_names_and_no_other(library: Library) -> None:
    fee = library.charge(100)
    fee.paid_minor, fee.title = 40, "not to be written"

    update(fee, ("paid_minor", "status_at"))

    stored = Fee.objects.get(pk=fee.pk)
    assert (stored.paid_minor, stored.title) == (40, "")


def test_many_rows_are_written_by_one_statement_and_one_that_is_gone_is_noticed(library: Library) -> None:
    fees = [Fee.objects.get(pk=library.charge(100 * number).pk) for number in (1, 2, 3)]
    for fee in fees:
        fee.remaining_minor += 7

    with CaptureQueriesContext(connection) as queries:
        update_all(fees, ("remaining_minor",))

    assert len(queries) == 1
    assert list(Fee.objects.order_by("pk").values_list("remaining_minor", flat=True)) == [107, 207, 307]
    fees[1].pk = 2**40
    with pytest.raises(AssertionError, match="1 of 3 rows are gone"):
        update_all(fees, ("remaining_minor",))


def test_many_inserted_rows_have_their_ids_in_order_and_read_back_the_same(library: Library) -> None:
    rows = [
        Event(institution=library.institution, name=f"a.{number}", at=NOON, actor_name='\t"ö"\\N\n', data={"é": [None]})
        for number in range(300)
    ]
    rows[7].patron_id = 2**62

    insert(rows)

    stored = Event.objects.filter(name__startswith="a.").order_by("pk")
    assert [columns(row) for row in stored] == [columns(Event.objects.get(pk=row.pk)) for row in rows]
    assert [(row.pk, row.name, row.actor_name, row.patron_id) for row in stored] == [
        (row.pk, row.name, row.actor_name, row.patron_id) for row in rows
    ]
    assert {row._state.adding for row in rows} == {False}
    insert([Event(name="next", at=NOON, actor_name="x")])
    assert Event.objects.get(name="next").pk > rows[-1].pk


def test_rows_whose_ids_nobody_needs_are_inserted_too(library: Library) -> None:
    names = {"institution_id": library.institution.pk, "at": NOON, "actor_name": "x"}

    insert([fresh(Event, name=f"a.{number}", data={"n": number}, **names) for number in range(3)], needs_ids=False)

    stored = Event.objects.filter(actor_name="x").order_by("pk").values_list("name", "data")
    assert list(stored) == [(f"a.{number}", {"n": number}) for number in range(3)]


def test_of_many_rows_none_is_inserted_when_one_is_refused(library: Library) -> None:
    rows = [Patron(institution=library.institution, primary_id=name, last_name=name) for name in ("a", "b", "a")]

    with pytest.raises(IntegrityError), transaction.atomic():
        insert(rows)

    assert Patron.objects.count() == 1


def test_a_text_too_long_is_refused_and_not_cut_when_many_are_updated(library: Library) -> None:
    fees = [library.charge(100), library.charge(200)]
    fees[1].closed_as = "x" * 11

    if connection.vendor == "postgresql":  # SQLite takes texts of any length
        with pytest.raises(DataError), transaction.atomic():
            update_all(fees, ("closed_as",))

    assert set(Fee.objects.values_list("closed_as", flat=True)) == {""}


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL copies")
def test_no_statement_holds_more_values_than_the_engine_takes(library: Library) -> None:
    rows = [Event(name=f"a.{number}", at=NOON, actor_name="x") for number in range(300)]

    with CaptureQueriesContext(connection) as queries:
        insert(rows)

    assert len(queries) == 3  # nine columns, 999 values
