from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0003_patron_events_by_time"),
        ("institutions", "0008_external_ids"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["institution", "library_id", "id"], name="event_library"),
        ),
    ]
