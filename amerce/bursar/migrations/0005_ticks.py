import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("institutions", "0008_external_ids"),
        ("bursar", "0004_undone_imports"),
    ]

    operations = [
        migrations.CreateModel(
            name="BursarTick",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ticked_by", models.CharField(max_length=150)),
                ("ticked_at", models.DateTimeField()),
                ("note", models.CharField(max_length=500)),
                (
                    "institution",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="institutions.institution",
                    ),
                ),
                (
                    "line",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tick", to="bursar.bursarpayment"
                    ),
                ),
            ],
        ),
    ]
