"""The one e-mail address, phone and address of a patron become contacts, each the preferred one of its kind."""

from django.db import migrations

KINDS = ("email", "phone", "address")
PROXY_GROUPS = ("21", "22", "23")
TEXT_LIMIT = 1300
BATCH = 500


def carry_over(apps, schema_editor):
    patrons = apps.get_model("patrons", "Patron")
    contact = apps.get_model("patrons", "Contact")
    batch = []
    for patron in patrons.objects.order_by("pk").iterator():
        for kind in KINDS:
            text = getattr(patron, kind).strip()
            if text:
                batch.append(
                    contact(
                        institution_id=patron.institution_id,
                        patron_id=patron.pk,
                        kind=kind,
                        text=_five_lines(text)[:TEXT_LIMIT],
                        is_preferred=True,
                        is_loaded=patron.kind == "external",
                    )
                )
        if len(batch) >= BATCH:
            contact.objects.bulk_create(batch)
            batch = []
    contact.objects.bulk_create(batch)
    apps.get_model("patrons", "PatronIdentifier").objects.filter(patron__kind="external").update(is_loaded=True)
    apps.get_model("patrons", "PatronNote").objects.update(is_popup=True)  # all were shown at the desk
    apps.get_model("patrons", "UserGroup").objects.filter(code__in=PROXY_GROUPS).update(is_proxy=True)


def _five_lines(text):
    lines = [each.strip() for each in text.splitlines() if each.strip()]
    return "\n".join([*lines[:4], ", ".join(lines[4:])][:5]).strip()


class Migration(migrations.Migration):
    dependencies = [("patrons", "0002_people")]

    operations = [migrations.RunPython(carry_over, migrations.RunPython.noop)]
