"""The event table.

Why plain ids and no foreign keys: an event outlives what it speaks of, and this package stands below all
others.
"""

from django.db import models


class Event(models.Model):
    """One thing that happened, named ``noun.past_tense`` (``fee.waived``, ``session.refused``)."""

    institution = models.ForeignKey(
        "institutions.Institution", models.PROTECT, null=True, related_name="+", db_index=False
    )
    name = models.CharField(max_length=60)
    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=150)
    library_id = models.BigIntegerField(null=True)
    desk_id = models.BigIntegerField(null=True)
    patron_id = models.BigIntegerField(null=True)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["institution", "patron_id", "id"], name="event_patron"),
            models.Index(fields=["institution", "name", "id"], name="event_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name} by {self.actor_name}"
