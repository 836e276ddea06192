"""What stops a patron from borrowing because of money (row C7)."""

from django.db import models
from django.db.models.functions import Coalesce


class BlockRule(models.Model):
    """A patron of ``group`` (None: any) who owes so much or for so long is blocked.

    ``amount_minor`` blocks at that active balance and above, in minor units; ``age_days`` when the oldest active
    fee is that old or older. An empty one of the two is no condition, each blocks by itself. A group with rules of
    its own does not have those of ``None``.
    """

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    group = models.ForeignKey("patrons.UserGroup", models.PROTECT, null=True, related_name="+")
    amount_minor = models.BigIntegerField(null=True)
    age_days = models.PositiveIntegerField(null=True)
    blocks_checkout = models.BooleanField(default=True)
    blocks_renewal = models.BooleanField(default=True)
    blocks_request = models.BooleanField(default=True)
    updated_by = models.CharField(max_length=150, blank=True)
    updated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("institution", Coalesce("group", 0), name="block_rule_group"),
            models.CheckConstraint(
                condition=models.Q(amount_minor__isnull=False) | models.Q(age_days__isnull=False),
                name="block_rule_says_something",
            ),
        ]

    def __str__(self) -> str:
        return f"block rule {self.pk}"
