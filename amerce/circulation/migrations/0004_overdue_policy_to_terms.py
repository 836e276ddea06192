"""The one overdue policy of an institution becomes its terms of use, and nobody waits twice for one item."""

from django.db import migrations, models


def carry_over(apps, schema_editor):
    terms = apps.get_model("circulation", "TermsOfUse")
    for policy in apps.get_model("circulation", "OverduePolicy").objects.all():
        terms.objects.create(
            institution_id=policy.institution_id,
            name=policy.name,
            overdue_rate_minor=policy.rate_minor,
            grace_minutes=policy.grace_days * 24 * 60,
            overdue_maximum_minor=policy.maximum_minor,
        )
    seen = set()
    requests = apps.get_model("circulation", "Request").objects.filter(closed_at=None)
    for request in requests.order_by("placed_at", "pk").iterator():
        if (request.patron_id, request.item_id) in seen:
            request.closed_at = request.cancelled_at = request.placed_at
            request.save(update_fields=["closed_at", "cancelled_at"])
        seen.add((request.patron_id, request.item_id))


class Migration(migrations.Migration):
    dependencies = [("circulation", "0003_terms_calendar_blocks")]

    operations = [
        migrations.RunPython(carry_over, migrations.RunPython.noop),
        migrations.DeleteModel(name="OverduePolicy"),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.UniqueConstraint(
                condition=models.Q(closed_at=None), fields=("patron", "item"), name="request_one_per_patron"
            ),
        ),
    ]
