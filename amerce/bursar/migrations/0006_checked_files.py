from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("bursar", "0005_ticks"),
    ]

    operations = [
        migrations.AddField(
            model_name="bursarimport",
            name="in_folder",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="bursarimport",
            name="is_check",
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name="bursarimport",
            name="state",
            field=models.CharField(
                choices=[
                    ("reading", "Reading"),
                    ("posting", "Booking"),
                    ("done", "Done"),
                    ("rejected", "Rejected"),
                    ("repeated", "Imported before"),
                    ("undoing", "Being undone"),
                    ("undone", "Undone"),
                    ("checked", "Checked"),
                ],
                default="reading",
                max_length=10,
            ),
        ),
    ]
