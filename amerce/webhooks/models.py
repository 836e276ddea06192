"""The tables of webhooks: who is told, what was sent, and which blocks were told of."""

from django.db import models


class WebhookEndpoint(models.Model):
    """A server that is told. ``events`` are those of ``kinds.Kind``.

    ``sealed_old_secret`` signs beside the new one until ``old_secret_until``. While ``rests_until`` is to come the
    server did not answer and nothing is sent; ``failing_since`` is when the first of all calls since a success failed.
    """

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    url = models.CharField(max_length=500)
    events = models.JSONField(default=list)
    is_enabled = models.BooleanField(default=True)
    sealed_secret = models.TextField()
    sealed_old_secret = models.TextField(blank=True)
    old_secret_until = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    rests_until = models.DateTimeField(null=True)
    updated_by = models.CharField(max_length=150, blank=True)
    updated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["institution", "name"], name="webhook_endpoint_name")]

    def __str__(self) -> str:
        return self.name


class WebhookDelivery(models.Model):
    """One message to one endpoint. ``body`` is sent as it stands here, each time, under the same ``uid``.

    ``next_at`` is when it is sent, or for one that is being sent, when it is taken for lost and sent again. ``since``
    is when trying began. ``error`` is a reason of ``outbound.call.NotReached``, or ``status``.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        SENDING = "sending"
        DELIVERED = "delivered"
        FAILED = "failed"

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+", db_index=False)
    endpoint = models.ForeignKey(WebhookEndpoint, models.CASCADE, related_name="deliveries", db_index=False)
    uid = models.UUIDField(unique=True)
    kind = models.CharField(max_length=40)
    event_id = models.BigIntegerField(null=True)
    body = models.TextField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    since = models.DateTimeField()
    next_at = models.DateTimeField()
    last_at = models.DateTimeField(null=True)
    url = models.CharField(max_length=500, blank=True)
    status_code = models.PositiveIntegerField(null=True)
    error = models.CharField(max_length=20, blank=True)
    answer = models.TextField(blank=True)
    duration_ms = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event_id", "kind"], name="webhook_delivery_once"),
        ]
        indexes = [
            models.Index(fields=["institution", "state", "id"], name="webhook_delivery_state"),
            models.Index(fields=["endpoint", "state", "id"], name="webhook_delivery_endpoint"),
            models.Index(
                fields=["next_at", "id"],
                condition=models.Q(state__in=["waiting", "sending"]),
                name="webhook_delivery_open",
            ),
            models.Index(fields=["created_at"], name="webhook_delivery_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.endpoint_id}"


class ToldBlock(models.Model):
    """A patron of whom was told that what they owe blocks them, and not yet that it does not any more."""

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    patron = models.OneToOneField("patrons.Patron", models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"patron {self.patron_id}"
