"""The columns whose values became contacts go."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("patrons", "0003_contacts_from_columns")]

    operations = [migrations.RemoveField(model_name="patron", name=each) for each in ("address", "email", "phone")]
