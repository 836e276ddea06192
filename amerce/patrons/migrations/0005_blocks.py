"""A block of its own kind, which says what it forbids, until when, and who set and lifted it."""

import django.db.models.deletion
from django.db import migrations, models


def move_blocks(apps, schema_editor):
    note, block = apps.get_model('patrons', 'PatronNote'), apps.get_model('patrons', 'PatronBlock')
    for each in note.objects.filter(is_block=True).order_by('pk').iterator():
        block.objects.create(
            institution_id=each.institution_id,
            patron_id=each.patron_id,
            description=each.text[:255],
            note=each.text if len(each.text) > 255 else '',
            created_at=each.created_at,
            created_by=each.created_by,
        )
    note.objects.filter(is_block=True).delete()


def move_back(apps, schema_editor):
    note, block = apps.get_model('patrons', 'PatronNote'), apps.get_model('patrons', 'PatronBlock')
    for each in block.objects.filter(lifted_at=None).order_by('pk').iterator():
        note.objects.create(
            institution_id=each.institution_id,
            patron_id=each.patron_id,
            text=each.note if each.note.startswith(each.description) else each.description,
            is_block=True,
            created_at=each.created_at,
            created_by=each.created_by,
        )
    block.objects.all().delete()


class Migration(migrations.Migration):

    dependencies = [
        ('patrons', '0004_drop_single_contacts'),
    ]

    operations = [
        migrations.CreateModel(
            name='PatronBlock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('type', models.CharField(choices=[('GENERAL', 'General'), ('LOAN', 'Loan')], default='GENERAL', max_length=60)),
                ('description', models.CharField(max_length=255)),
                ('note', models.TextField(blank=True)),
                ('expires_on', models.DateField(null=True)),
                ('created_at', models.DateTimeField()),
                ('created_by', models.CharField(max_length=150)),
                ('lifted_at', models.DateTimeField(null=True)),
                ('lifted_by', models.CharField(blank=True, max_length=150)),
                ('institution', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='institutions.institution')),
                ('patron', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='blocks', to='patrons.patron')),
            ],
        ),
        migrations.RunPython(move_blocks, move_back),
    ]
