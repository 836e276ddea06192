from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("bursar", "0003_find_unknown"),
    ]

    operations = [
        migrations.AddField(
            model_name="bursarimport",
            name="undo_asked_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="bursarimport",
            name="undo_reason",
            field=models.CharField(blank=True, max_length=500),
        ),
        migrations.AddField(
            model_name="bursarimport",
            name="undone_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="bursarimport",
            name="undone_by",
            field=models.CharField(blank=True, max_length=150),
        ),
        migrations.AddField(
            model_name="bursarimport",
            name="undone_count",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="bursarimport",
            name="undone_excess_minor",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="bursarimport",
            name="undone_minor",
            field=models.BigIntegerField(default=0),
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
                ],
                default="reading",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="bursarpayment",
            name="outcome",
            field=models.CharField(
                choices=[
                    ("pending", "to be booked"),
                    ("paid", "paid"),
                    ("part", "paid in part"),
                    ("excess", "paid, with more than was open"),
                    ("overpaid", "paid out, with more than the credit was"),
                    ("zero", "nothing paid"),
                    ("duplicate", "a second line with the same id and sum"),
                    ("unknown", "unknown id"),
                    ("currency", "another currency"),
                    ("unreadable", "no amount"),
                    ("negative", "negative"),
                    ("elsewhere", "not at the bursar"),
                    ("undone", "undone"),
                    ("stands_used", "not undone, what was paid above it was used meanwhile"),
                    ("stands_moved", "not undone, the fee is not as the payment left it"),
                ],
                default="pending",
                max_length=12,
            ),
        ),
    ]
