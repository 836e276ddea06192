"""What was charged can be taken back, in part or whole, and a fee keeps the dates of a loan that is purged."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('charges', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='fee',
            name='credited_minor',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='fee',
            name='due_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='fee',
            name='loaned_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='fee',
            name='reduced_minor',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='fee',
            name='returned_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name='fee',
            name='closed_as',
            field=models.CharField(blank=True, choices=[('paid', 'paid'), ('waived', 'waived'), ('exported', 'exported'), ('credited', 'credited'), ('corrected', 'corrected'), ('reduced', 'reduced')], max_length=10),
        ),
    ]
