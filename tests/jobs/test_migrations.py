"""What happens to schedules that are there when a release brings a job of every night."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from amerce.jobs.models import JobSchedule
from amerce.provision.schedules import default_schedules
from tests.world import Library

pytestmark = pytest.mark.money


def migrate_to(name: str) -> None:
    MigrationExecutor(connection).migrate([("jobs", name)])


def test_an_institution_without_nightly_balance_blocks_gets_them_and_one_without_any_schedule_does_not(
    flushable, library: Library, other_library: Library
) -> None:  # type: ignore[no-untyped-def]
    # given
    old, empty = library.institution, other_library.institution
    with_them = Library.new("THIRD").institution
    JobSchedule.objects.all().delete()
    JobSchedule.objects.bulk_create(each for each in default_schedules(old) if each.name != "balance-blocks")
    JobSchedule.objects.create(institution=with_them, name="balance-blocks", cron="0 5 * * *", is_enabled=False)
    try:
        migrate_to("0006_runs_of_programs")

        # when
        migrate_to("0007_nightly_balance_blocks")

        # then
        made = JobSchedule.objects.get(institution=old, name="balance-blocks")
        (new,) = (each for each in default_schedules(old) if each.name == "balance-blocks")
        assert (made.cron, made.params, made.key) == (new.cron, new.params, new.key)
        assert (made.is_enabled, made.next_at, made.subject) == (True, None, "")
        assert not JobSchedule.objects.filter(institution=empty).exists()
        assert JobSchedule.objects.get(institution=with_them).cron == "0 5 * * *"
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
