"""Institutions that are there begin Balance Blocks every night, as new ones do."""

from django.db import migrations

from amerce.inputs.stamp import stamp_of

NAME = "balance-blocks"


def schedule(apps, schema_editor):
    schedules = apps.get_model("jobs", "JobSchedule").objects
    having = schedules.filter(name=NAME).values("institution_id")
    lacking = schedules.exclude(institution_id__in=having).values_list("institution_id", flat=True).order_by()
    schedules.bulk_create(
        schedules.model(institution_id=institution_id, name=NAME, cron="40 0 * * *", params={}, key=stamp_of({}))
        for institution_id in sorted(set(lacking))
    )


class Migration(migrations.Migration):
    dependencies = [("jobs", "0006_runs_of_programs")]

    operations = [migrations.RunPython(schedule, migrations.RunPython.noop)]
