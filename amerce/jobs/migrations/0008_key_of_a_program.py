import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0009_api_keys"), ("jobs", "0007_nightly_balance_blocks")]

    operations = [
        migrations.AddField(
            model_name="jobrun",
            name="api_key",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="access.apikey",
            ),
        ),
    ]
