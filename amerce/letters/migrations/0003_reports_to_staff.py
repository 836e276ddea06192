from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("letters", "0002_pdf_of_a_print"),
    ]

    operations = [
        migrations.AddField(
            model_name="lettersettings",
            name="staff_email",
            field=models.CharField(blank=True, default="", max_length=254),
            preserve_default=False,
        ),
    ]
