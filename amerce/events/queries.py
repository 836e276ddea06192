"""Reading events. Who may read them is asked by whoever shows them: this package knows no privileges."""

from django.db.models import QuerySet

from amerce.events.models import Event


def of_patron(institution_id: int, patron_id: int) -> QuerySet[Event]:
    """Everything that happened to one patron, newest first."""
    return Event.objects.filter(institution_id=institution_id, patron_id=patron_id).order_by("-id")
