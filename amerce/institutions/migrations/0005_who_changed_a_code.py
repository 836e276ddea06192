from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('institutions', '0004_people_codes'),
    ]

    operations = [
        migrations.AddField(
            model_name='codeentry',
            name='updated_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='codeentry',
            name='updated_by',
            field=models.CharField(blank=True, max_length=150),
        ),
    ]
