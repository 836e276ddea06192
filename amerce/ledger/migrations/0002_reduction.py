"""Transfers may be reductions."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='transfer',
            name='kind',
            field=models.CharField(choices=[('CHARGE', 'Charge'), ('REDUCTION', 'Reduction'), ('PAYMENT', 'Payment'), ('WAIVE', 'Waive'), ('DISPUTE', 'Dispute'), ('RESTORE', 'Restore'), ('CREDIT', 'Credit'), ('REFUND', 'Refund'), ('CORRECTION', 'Correction'), ('EXPORT', 'Export'), ('EXPORTED_AND_PAID', 'Exported And Paid')], max_length=20),
        ),
    ]
