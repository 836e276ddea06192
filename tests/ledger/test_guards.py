"""The database refuses to change money rows, whoever asks and however."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.management import CommandError, call_command
from django.core.management.sql import emit_post_migrate_signal
from django.db import DatabaseError, connection, models, transaction
from django.db.backends.utils import CursorWrapper

from amerce.charges.health import guards_missing
from amerce.charges.pay import pay
from amerce.ledger.guards import foreign_guards, install_guards, missing_guards, remove_guards
from amerce.ledger.models import Idempotency, Transfer
from amerce.ledger.verify import verify
from tests.databases import ENGINE
from tests.world import NOON

pytestmark = [pytest.mark.money]
on_sqlite = pytest.mark.skipif(ENGINE != "sqlite", reason="SQLite's own ways around a guard")
on_postgresql = pytest.mark.skipif(ENGINE != "postgresql", reason="PostgreSQL's own ways around a guard")

MONEY = ("ledger_transfer", "ledger_idempotency")
GUARDS = (
    ["guard_{}_rows", "guard_{}_truncate"]
    if ENGINE == "postgresql"
    else ["guard_{}_update", "guard_{}_delete", "guard_{}_replace"]
)
ALL_GUARDS = [name.format(table) for table in MONEY for name in GUARDS]


def pay_something(library) -> None:
    fee = library.charge(1000)
    pay(
        actor=library.manager,
        at=NOON,
        patron_id=library.patron.pk,
        fee_ids=[fee.pk],
        amount_minor=400,
        method="CASH",
        form_key="a",
    )
    connection.check_constraints()


def rows_of(table: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY id")
        return cursor.fetchall()


def assert_named_and_mended(names: list[str]) -> None:
    """Assert that just the guards of these names are missing, and none once they are installed again."""
    assert missing_guards() == names
    install_guards()
    assert missing_guards() == []


def refused(sql: str, table: str) -> None:
    """Send ``sql`` and assert that it is refused by the guard of ``table`` and has changed nothing."""
    before = rows_of(table)
    assert before
    with pytest.raises(DatabaseError, match=f"rows of {table} are never changed"), executing() as cursor:
        cursor.execute(sql)
    assert rows_of(table) == before


@contextmanager
def executing() -> Iterator[CursorWrapper]:
    with transaction.atomic(), connection.cursor() as cursor:
        yield cursor


def copy_of_first_row(table: str, verb: str) -> str:
    """A statement that inserts the first row once more, id included."""
    columns = [field.column for field in _model(table)._meta.concrete_fields]
    return f"{verb} INTO {table} ({', '.join(columns)}) SELECT {', '.join(columns)} FROM {table} ORDER BY id LIMIT 1"


def _model(table: str) -> type[models.Model]:
    return Transfer if table == "ledger_transfer" else Idempotency


@pytest.mark.django_db
@pytest.mark.parametrize("table", MONEY)
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE {table} SET at = '2020-01-01 00:00:00+00:00'",
        "UPDATE {table} SET hash = hash WHERE id = (SELECT MAX(id) FROM {table})",
        "DELETE FROM {table}",
        "DELETE FROM {table} WHERE id = (SELECT MAX(id) FROM {table})",
    ],
)
def test_a_money_row_is_not_updated_or_deleted(library, table, sql):
    pay_something(library)
    refused(sql.format(table=table), table)


@pytest.mark.django_db
@pytest.mark.parametrize("table", MONEY)
def test_an_insert_that_meets_a_row_does_not_update_it(library, table):
    pay_something(library)
    insert = copy_of_first_row(table, "INSERT")
    if ENGINE == "sqlite":  # without WHERE it takes ON for a join
        insert = insert.replace("ORDER BY id LIMIT 1", f"WHERE id = (SELECT MIN(id) FROM {table})")
    refused(f"{insert} ON CONFLICT (id) DO UPDATE SET hash = 'x'", table)


@on_sqlite
@pytest.mark.django_db
@pytest.mark.parametrize("table", MONEY)
@pytest.mark.parametrize("verb", ["REPLACE", "INSERT OR REPLACE"])
def test_a_money_row_is_not_replaced(library, table, verb):
    pay_something(library)
    refused(copy_of_first_row(table, verb), table)


@on_sqlite
@pytest.mark.django_db
def test_a_money_row_is_not_replaced_by_its_account_and_seq(library):
    pay_something(library)
    columns = [field.column for field in Transfer._meta.concrete_fields if field.column != "id"]
    names = ", ".join(columns)
    refused(f"REPLACE INTO ledger_transfer ({names}) SELECT {names} FROM ledger_transfer LIMIT 1", "ledger_transfer")


@on_sqlite
@pytest.mark.parametrize("table", MONEY)
def test_another_connection_without_our_pragmas_changes_nothing(flushable, library, table):
    # given
    pay_something(library)
    before = rows_of(table)
    other = sqlite3.connect(connection.settings_dict["NAME"])
    assert other.execute("PRAGMA recursive_triggers").fetchone() == (0,)

    # when
    for sql in (
        f"UPDATE {table} SET hash = 'x'",
        f"UPDATE OR REPLACE {table} SET id = 1",
        f"DELETE FROM {table}",
        copy_of_first_row(table, "REPLACE"),
        copy_of_first_row(table, "INSERT OR REPLACE"),
    ):
        with pytest.raises(sqlite3.IntegrityError, match="never changed"):
            other.execute(sql)
    other.close()

    # then
    assert rows_of(table) == before


@on_postgresql
@pytest.mark.django_db
@pytest.mark.parametrize("table", MONEY)
@pytest.mark.parametrize(
    "sql",
    [
        "TRUNCATE {table} CASCADE",
        "TRUNCATE ONLY {table} RESTART IDENTITY CASCADE",
        "SET LOCAL session_replication_role = replica; DELETE FROM {table}",
        "MERGE INTO {table} AS old USING {table} AS new ON old.id = new.id WHEN MATCHED THEN UPDATE SET hash = 'x'",
    ],
)
def test_a_money_table_is_not_truncated_or_changed_in_the_replica_role(library, table, sql):
    pay_something(library)
    refused(sql.format(table=table), table)


@on_postgresql
@pytest.mark.django_db
@pytest.mark.parametrize(
    "parent", ["charges_fee", "ledger_patronaccount", "patrons_patron", "institutions_institution"]
)
def test_a_parent_table_is_not_truncated_with_its_money(library, parent):
    # given
    pay_something(library)
    before = [rows_of(table) for table in MONEY]

    # when
    with pytest.raises(DatabaseError, match="are never changed"), executing() as cursor:
        cursor.execute(f"TRUNCATE {parent} CASCADE")

    # then
    assert [rows_of(table) for table in MONEY] == before


@pytest.mark.django_db
def test_new_rows_are_still_written(library):
    pay_something(library)
    assert Transfer.objects.count() == 2
    assert Idempotency.objects.count() == 1


@pytest.mark.django_db
def test_every_guard_stands_after_migrate():
    assert missing_guards() == []
    assert guards_missing() == []


@pytest.mark.django_db
@pytest.mark.parametrize("name", ALL_GUARDS)
def test_a_dropped_guard_is_named_and_comes_back(name):
    # given
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}" + on_its_table(name))

    # when
    missing = guards_missing()
    install_guards()

    # then
    assert missing == [name]
    assert missing_guards() == []


@on_sqlite
@pytest.mark.django_db
@pytest.mark.parametrize("name", ALL_GUARDS)
def test_a_guard_that_does_nothing_is_named_and_mended(name):
    # given
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}")
        table = "ledger_transfer" if "transfer" in name else "ledger_idempotency"
        cursor.execute(f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} BEGIN SELECT 1; END")

    # then
    assert_named_and_mended([name])


@on_postgresql
@pytest.mark.django_db
@pytest.mark.parametrize("state", ["DISABLE TRIGGER", "ENABLE TRIGGER", "ENABLE REPLICA TRIGGER"])
@pytest.mark.parametrize("name", ALL_GUARDS)
def test_a_guard_that_is_switched_off_for_anybody_is_named_and_mended(name, state):
    # given
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {on_its_table(name).removeprefix(' ON ')} {state} {name}")

    # then
    assert_named_and_mended([name])


@on_postgresql
@pytest.mark.django_db
def test_a_replaced_function_is_noticed_on_every_guard_that_calls_it():
    # given
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION refuse_ledger_transfer() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RETURN NEW; END $$"
        )

    # then
    assert_named_and_mended(["guard_ledger_transfer_rows", "guard_ledger_transfer_truncate"])


@on_postgresql
@pytest.mark.django_db
@pytest.mark.parametrize("weaker", ["BEFORE UPDATE", "BEFORE UPDATE OF method OR DELETE", "AFTER UPDATE OR DELETE"])
def test_a_guard_for_fewer_events_is_named(weaker):
    # given
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER guard_ledger_transfer_rows ON ledger_transfer")
        cursor.execute(
            f"CREATE TRIGGER guard_ledger_transfer_rows {weaker} ON ledger_transfer FOR EACH ROW "
            "EXECUTE FUNCTION refuse_ledger_transfer()"
        )
        cursor.execute("ALTER TABLE ledger_transfer ENABLE ALWAYS TRIGGER guard_ledger_transfer_rows")

    # then
    assert missing_guards() == ["guard_ledger_transfer_rows"]


def test_guards_survive_a_migration_that_rebuilds_the_table(flushable, library):
    # given
    pay_something(library)
    wider = models.CharField(max_length=70)
    wider.set_attributes_from_name("method")
    field = Transfer._meta.get_field("method")

    # when
    with connection.schema_editor() as editor:
        editor.alter_field(Transfer, field, wider)
    lost = missing_guards()
    emit_post_migrate_signal(verbosity=0, interactive=False, db="default")

    # then
    assert lost == (
        ["guard_ledger_transfer_update", "guard_ledger_transfer_delete", "guard_ledger_transfer_replace"]
        if ENGINE == "sqlite"
        else []
    )
    assert missing_guards() == []
    refused("DELETE FROM ledger_transfer", "ledger_transfer")
    with connection.schema_editor() as editor:
        editor.alter_field(Transfer, wider, field)
    install_guards()


def test_a_flush_is_refused_while_the_guards_stand(flushable, library):
    # given
    pay_something(library)

    # when
    with pytest.raises(CommandError, match="couldn't be flushed"):
        call_command("flush", interactive=False, verbosity=0)

    # then
    assert Transfer.objects.count() == 2


def test_the_guards_come_back_with_a_flush_as_the_tests_do_it(flushable, library):
    # given
    pay_something(library)
    remove_guards()

    # when
    call_command("flush", interactive=False, verbosity=0)

    # then
    assert Transfer.objects.count() == 0
    assert missing_guards() == []


FOREIGN = (
    {
        "dropped BEFORE INSERT": (
            "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
            "CREATE TRIGGER stranger BEFORE INSERT ON {} FOR EACH ROW EXECUTE FUNCTION nothing()",
        ),
        "DO INSTEAD NOTHING": ("CREATE RULE stranger AS ON INSERT TO {} DO INSTEAD NOTHING",),
    }
    if ENGINE == "postgresql"
    else {
        "AFTER INSERT": (
            "CREATE TRIGGER stranger AFTER INSERT ON {} BEGIN UPDATE charges_fee SET remaining_minor = 0; END",
        ),
        "under another case": ("CREATE TRIGGER stranger BEFORE INSERT ON {} WHEN 0 BEGIN SELECT RAISE(IGNORE); END",),
    }
)


@pytest.mark.django_db
@pytest.mark.parametrize("table", MONEY)
@pytest.mark.parametrize("what", FOREIGN)
def test_a_foreign_trigger_or_rule_on_a_money_table_is_named(library, table, what):
    # given
    pay_something(library)
    name = table.upper() if what == "under another case" else table

    # when
    with connection.cursor() as cursor:
        for statement in FOREIGN[what]:
            cursor.execute(statement.format(name))

    # then
    stranger = "rule stranger" if "NOTHING" in what else "stranger"
    assert missing_guards() == []
    assert [str(finding) for finding in verify().findings] == [
        f"foreign guards: expected no trigger or rule but our guards, found {stranger}"
    ]


@on_postgresql
@pytest.mark.django_db
def test_a_foreign_trigger_by_the_name_of_the_other_tables_guard_is_named():
    # when
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TRIGGER guard_ledger_transfer_rows BEFORE INSERT ON ledger_idempotency FOR EACH ROW "
            "EXECUTE FUNCTION refuse_ledger_idempotency()"
        )

    # then
    assert foreign_guards() == ["guard_ledger_transfer_rows"]


def on_its_table(name: str) -> str:
    if ENGINE != "postgresql":
        return ""
    return " ON ledger_transfer" if "transfer" in name else " ON ledger_idempotency"
