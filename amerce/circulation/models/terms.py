"""Terms of use: what a loan may be and what it costs (row C5)."""

from django.db import models
from django.db.models.functions import Coalesce


class TermsOfUse(models.Model):
    """Loan, overdue and lost policies for the loans that match ``group``, ``item_policy`` and ``library``.

    An empty one of the three matches all; ``circulation.terms`` finds the most specific. Amounts in minor units of
    the institution's currency, ``refund_ratio_bp`` in hundredths of a percent.

    ``loan_length`` counts ``loan_unit``. The overdue rate is for each begun ``overdue_unit`` of lateness; within
    ``grace_minutes`` nothing, past it everything, at most ``overdue_maximum_minor`` for a loan (0: no maximum).
    ``charges_closed_time`` makes closed time count. ``recall_rate_minor`` takes the place of the overdue rate for
    what was recalled; ``recall_length`` days are left to a patron from a recall on.

    ``replacement_minor`` is charged for a lost item without a price, ``uses_item_price`` or not for one that has
    one. What was paid of it is given back by ``refund_ratio_bp`` when the item is found within
    ``refund_window_days`` of being lost (None: whenever). ``days_to_lost`` (None: never) makes an overdue loan lost.
    """

    class Unit(models.TextChoices):
        HOUR = "hour"
        DAY = "day"
        WEEK = "week"

    class OverdueWhenFound(models.TextChoices):
        """Which lateness of a lost loan is charged once the item is found."""

        UNTIL_LOST = "until_lost"
        UNTIL_FOUND = "until_found"
        NOTHING = "nothing"

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="terms_of_use")
    name = models.CharField(max_length=200)
    group = models.ForeignKey("patrons.UserGroup", models.PROTECT, null=True, related_name="+")
    item_policy = models.CharField(max_length=60, blank=True)
    library = models.ForeignKey("institutions.Library", models.PROTECT, null=True, related_name="+")
    loan_length = models.PositiveIntegerField(default=28)
    loan_unit = models.CharField(max_length=10, choices=Unit, default=Unit.DAY)
    renewals_limit = models.PositiveIntegerField(default=3)
    overdue_rate_minor = models.BigIntegerField(default=0)
    overdue_unit = models.CharField(max_length=10, choices=Unit, default=Unit.DAY)
    grace_minutes = models.PositiveIntegerField(default=0)
    overdue_maximum_minor = models.BigIntegerField(default=0)
    charges_closed_time = models.BooleanField(default=True)
    recall_rate_minor = models.BigIntegerField(default=0)
    recall_length = models.PositiveIntegerField(default=7)
    uses_item_price = models.BooleanField(default=True)
    replacement_minor = models.BigIntegerField(default=0)
    process_fee_minor = models.BigIntegerField(default=0)
    refund_ratio_bp = models.PositiveIntegerField(default=10_000)
    refund_window_days = models.PositiveIntegerField(null=True)
    overdue_when_found = models.CharField(max_length=20, choices=OverdueWhenFound, default=OverdueWhenFound.UNTIL_LOST)
    days_to_lost = models.PositiveIntegerField(null=True)
    updated_by = models.CharField(max_length=150, blank=True)
    updated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "institution", Coalesce("group", 0), "item_policy", Coalesce("library", 0), name="terms_of_use_scope"
            ),
            models.UniqueConstraint(fields=["institution", "name"], name="terms_of_use_name"),
        ]

    def __str__(self) -> str:
        return self.name


class OverdueNotice(models.Model):
    """The overdue notice ``number`` (1 to 5), so many days after the due day, with a fee unless it is 0."""

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    terms = models.ForeignKey(TermsOfUse, models.CASCADE, related_name="notices")
    number = models.PositiveIntegerField()
    after_days = models.PositiveIntegerField()
    fee_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["terms", "number"], name="overdue_notice_number")]

    def __str__(self) -> str:
        return f"notice {self.number}"
