"""Notes do not block any more; the blocks among them moved to a table of their own."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('patrons', '0005_blocks'),
    ]

    operations = [
        migrations.RemoveField(model_name='patronnote', name='is_block'),
    ]
