"""The tables of events and of what follows from them.

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
            models.Index(fields=["institution", "patron_id", "at", "id"], name="event_patron"),
            models.Index(fields=["institution", "name", "id"], name="event_name"),
            models.Index(fields=["institution", "library_id", "id"], name="event_library"),
        ]

    def __str__(self) -> str:
        return f"{self.name} by {self.actor_name}"


class EventDelivery(models.Model):
    """An event that a handler wants: to be done while ``done_at`` is empty, and not before ``next_at``.

    ``attempts`` counts those that failed and ``error`` is what the last of them said.
    """

    institution = models.ForeignKey(
        "institutions.Institution", models.PROTECT, null=True, related_name="+", db_index=False
    )
    event = models.ForeignKey(Event, models.CASCADE, related_name="deliveries", db_index=False)
    handler = models.CharField(max_length=60)
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField()
    error = models.CharField(max_length=500, blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "handler"], name="event_delivery_once")]
        indexes = [
            models.Index(fields=["next_at", "id"], condition=models.Q(done_at=None), name="event_delivery_open"),
        ]

    def __str__(self) -> str:
        return f"{self.handler} of event {self.event_id}"
