"""What a person's record holds beside a name: several contacts, proxies, where it was loaded from."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('institutions', '0004_people_codes'),
        ('patrons', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Contact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('email', 'Email'), ('phone', 'Phone'), ('address', 'Address')], max_length=10)),
                ('text', models.CharField(max_length=1300)),
                ('types', models.JSONField(default=list)),
                ('note', models.CharField(blank=True, max_length=1000)),
                ('is_preferred', models.BooleanField(default=False)),
                ('is_preferred_sms', models.BooleanField(default=False)),
                ('is_loaded', models.BooleanField(default=False)),
                ('city', models.CharField(blank=True, max_length=255)),
                ('state_province', models.CharField(blank=True, max_length=255)),
                ('postal_code', models.CharField(blank=True, max_length=255)),
                ('country', models.CharField(blank=True, max_length=255)),
                ('starts_on', models.DateField(null=True)),
                ('ends_on', models.DateField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Proxy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField()),
                ('created_by', models.CharField(max_length=150)),
            ],
        ),
        migrations.AddField(
            model_name='patron',
            name='middle_name',
            field=models.CharField(blank=True, max_length=150),
        ),
        migrations.AddField(
            model_name='patron',
            name='preferred_language',
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name='patron',
            name='seq',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='patron',
            name='source_id',
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AddField(
            model_name='patron',
            name='source_system',
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AddField(
            model_name='patron',
            name='synced_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='patronidentifier',
            name='is_loaded',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='patronidentifier',
            name='note',
            field=models.CharField(blank=True, max_length=2000),
        ),
        migrations.AddField(
            model_name='patronnote',
            name='is_popup',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='patronnote',
            name='is_user_viewable',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='patronnote',
            name='type',
            field=models.CharField(default='OTHER', max_length=60),
        ),
        migrations.AddField(
            model_name='usergroup',
            name='is_proxy',
            field=models.BooleanField(default=False),
        ),
        migrations.AddIndex(
            model_name='patron',
            index=models.Index(fields=['institution', 'last_name', 'first_name'], name='patron_by_name'),
        ),
        migrations.AddField(
            model_name='contact',
            name='institution',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='institutions.institution'),
        ),
        migrations.AddField(
            model_name='contact',
            name='patron',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='contacts', to='patrons.patron'),
        ),
        migrations.AddField(
            model_name='proxy',
            name='institution',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='institutions.institution'),
        ),
        migrations.AddField(
            model_name='proxy',
            name='patron',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='proxies', to='patrons.patron'),
        ),
        migrations.AddField(
            model_name='proxy',
            name='proxy',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='proxy_for', to='patrons.patron'),
        ),
        migrations.AddConstraint(
            model_name='contact',
            constraint=models.UniqueConstraint(condition=models.Q(('is_preferred', True)), fields=('patron', 'kind'), name='contact_one_preferred'),
        ),
        migrations.AddConstraint(
            model_name='proxy',
            constraint=models.UniqueConstraint(fields=('patron', 'proxy'), name='proxy_once'),
        ),
        migrations.AddConstraint(
            model_name='proxy',
            constraint=models.CheckConstraint(condition=models.Q(('patron', models.F('proxy')), _negated=True), name='proxy_of_another'),
        ),
    ]
