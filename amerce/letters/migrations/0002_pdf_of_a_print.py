from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("letters", "0001_letters"),
    ]

    operations = [
        migrations.AddField(
            model_name="letter",
            name="pdf",
            field=models.BinaryField(null=True),
        ),
    ]
