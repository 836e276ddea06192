from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0005_once_under_a_key")]

    operations = [
        migrations.AddField(
            model_name="jobrun",
            name="is_of_program",
            field=models.BooleanField(default=False),
        ),
    ]
