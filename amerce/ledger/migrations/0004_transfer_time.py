"""Transfers are found by their time: the report of payments and waivers asks for those of some days."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0003_payment_received'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='transfer',
            index=models.Index(fields=['institution', 'at'], name='transfer_time'),
        ),
    ]
