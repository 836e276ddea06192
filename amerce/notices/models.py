"""The fines/fees notification profile: who is notified of what they owe, how, and for which fee (row C3)."""

from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _


class NotificationProfile(models.Model):
    """A row of the Fines/Fees Notification Profiles List; ``ProfileFacts`` is what it says.

    Amounts in minor units, ``minimum_minor`` inclusive and ``maximum_minor`` exclusive. ``fee_minor`` is there only
    where the profile ``creates_fee``, ``printer`` only where letters are printed.
    """

    class SendFormat(models.TextChoices):
        """How a letter reaches the patron."""

        SEND = "send", _("Email/SMS")
        PRINT = "print", _("Print")
        BOTH = "both", _("Both")

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    description = models.CharField(max_length=1000, blank=True)
    is_enabled = models.BooleanField(default=True)
    minimum_minor = models.BigIntegerField()
    maximum_minor = models.BigIntegerField(null=True)
    skips_borrowers = models.BooleanField(default=False)
    only_active = models.BooleanField(default=False)
    created_before_days = models.PositiveIntegerField(null=True)
    created_after_days = models.PositiveIntegerField(null=True)
    creates_fee = models.BooleanField(default=False)
    fee_minor = models.BigIntegerField(null=True)
    send_format = models.CharField(max_length=10, choices=SendFormat, default=SendFormat.SEND)
    printer = models.ForeignKey("institutions.Printer", models.PROTECT, null=True, related_name="+")
    updated_by = models.CharField(max_length=150, blank=True)
    updated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["institution", "name"], name="notification_profile_name")]

    def __str__(self) -> str:
        return self.name


class ProfileGroup(models.Model):
    """A user group that a profile is about; without any it is about the default group, or all."""

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    profile = models.ForeignKey(NotificationProfile, models.CASCADE, related_name="groups")
    group = models.ForeignKey("patrons.UserGroup", models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["profile", "group"], name="notification_profile_group")]

    def __str__(self) -> str:
        return f"group {self.group_id} of {self.profile_id}"


class ProfileOwner(models.Model):
    """An owner of fees that a profile is about, the institution itself without a ``library``."""

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    profile = models.ForeignKey(NotificationProfile, models.CASCADE, related_name="owners")
    library = models.ForeignKey("institutions.Library", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint("profile", Coalesce("library", 0), name="notification_profile_owner"),
        ]

    def __str__(self) -> str:
        return f"owner {self.library_id} of {self.profile_id}"


class ProfileType(models.Model):
    """A type of fee that a profile is about; without any it is about all."""

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    profile = models.ForeignKey(NotificationProfile, models.CASCADE, related_name="types")
    type = models.ForeignKey("charges.FeeType", models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["profile", "type"], name="notification_profile_type")]

    def __str__(self) -> str:
        return f"type {self.type_id} of {self.profile_id}"
