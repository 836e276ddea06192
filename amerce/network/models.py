"""The tables of the fulfilment network: whether an institution takes part, and whom it asks."""

from django.db import models


class NetworkSettings(models.Model):
    """Without a row an institution neither ``shares`` what its patrons owe nor ``asks`` others."""

    institution = models.OneToOneField("institutions.Institution", models.PROTECT, related_name="+")
    shares = models.BooleanField(default=False)
    asks = models.BooleanField(default=False)
    updated_by = models.CharField(max_length=150, blank=True)
    updated_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"network of {self.institution_id}"


class NetworkMember(models.Model):
    """Somebody who is asked: an institution of this installation (``other``), or a server at ``base_url``.

    A patron is asked for by the identifier of ``identifier_type``, the primary identifier where it is empty.
    """

    class Kind(models.TextChoices):
        LOCAL = "local"
        REMOTE = "remote"

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=Kind)
    other = models.ForeignKey("institutions.Institution", models.PROTECT, null=True, related_name="+")
    base_url = models.CharField(max_length=500, blank=True)
    sealed_key = models.TextField(blank=True)
    identifier_type = models.CharField(max_length=60, blank=True)
    timeout_s = models.PositiveIntegerField(default=5)
    is_active = models.BooleanField(default=True)
    updated_by = models.CharField(max_length=150, blank=True)
    updated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["institution", "name"], name="network_member_name")]

    def __str__(self) -> str:
        return self.name
