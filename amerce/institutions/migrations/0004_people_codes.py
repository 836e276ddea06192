"""Code tables of what a patron record holds; institutions that are there get them filled."""

from django.db import migrations, models


CODES = {
    "UserIdentifierTypes": {"BARCODE": "Barcode", "STUDENT_ID": "Student ID", "UNIV_ID": "University ID", "OTHER": "Other"},
    "UserEmailTypes": {"personal": "Personal", "school": "School", "work": "Work", "other": "Other"},
    "UserPhoneTypes": {"home": "Home", "mobile": "Mobile", "office": "Office", "other": "Other"},
    "UserAddressTypes": {"home": "Home", "school": "School", "work": "Work", "alternative": "Alternative"},
    "NoteTypes": {
        "CIRCULATION": "Circulation", "ADDRESS": "Address", "BARCODE": "Barcode", "LIBRARY": "Library", "OTHER": "Other",
    },
    "UserPreferredLanguage": {"en": "English", "de": "German", "es": "Spanish", "fr": "French"},
}


def fill(apps, schema_editor):
    entry = apps.get_model("institutions", "CodeEntry")
    entry.objects.bulk_create(
        entry(institution_id=institution_id, table=table, code=code, label=label, position=position)
        for institution_id in apps.get_model("institutions", "Institution").objects.values_list("pk", flat=True)
        for table, labels in CODES.items()
        for position, (code, label) in enumerate(labels.items(), start=1)
    )


class Migration(migrations.Migration):

    dependencies = [
        ('institutions', '0003_circulation_settings'),
    ]

    operations = [
        migrations.AlterField(
            model_name='codeentry',
            name='table',
            field=models.CharField(choices=[('FineFeeTransactionReason', 'Waive Reason'), ('PaymentMethod', 'Payment Method'), ('ItemPolicy', 'Item Policy'), ('UserIdentifierTypes', 'Identifier Type'), ('UserEmailTypes', 'Email Type'), ('UserPhoneTypes', 'Phone Type'), ('UserAddressTypes', 'Address Type'), ('NoteTypes', 'Note Type'), ('UserPreferredLanguage', 'Language')], max_length=60),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
