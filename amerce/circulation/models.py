"""Items, loans, requests and overdue policies."""

from django.db import models


class Item(models.Model):
    """A copy that can be lent."""

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    library = models.ForeignKey("institutions.Library", models.PROTECT, related_name="+")
    barcode = models.CharField(max_length=100)
    title = models.CharField(max_length=500)
    author = models.CharField(max_length=300, blank=True)
    publisher = models.CharField(max_length=300, blank=True)
    published = models.CharField(max_length=60, blank=True)
    material_type = models.CharField(max_length=60, blank=True)
    location_code = models.CharField(max_length=60, blank=True)
    call_number = models.CharField(max_length=100, blank=True)
    language = models.CharField(max_length=20, blank=True)
    price_minor = models.BigIntegerField(null=True)
    source_id = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["institution", "barcode"], name="item_barcode"),
            models.UniqueConstraint(
                fields=["institution", "source_id"], condition=~models.Q(source_id=""), name="item_source"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Loan(models.Model):
    """A copy lent to a patron. Out while ``returned_at`` is empty.

    ``due_at`` is a moment; what is due on a day is due at the end of that day in the institution's zone.
    """

    class Status(models.TextChoices):
        """Process status, by the codes of the REST dialect."""

        NORMAL = "NORMAL"
        RENEW = "RENEW"
        RECALL = "RECALL"
        LOST = "LOST"
        CLAIMED_RETURN = "CLAIMED_RETURN"

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    library = models.ForeignKey("institutions.Library", models.PROTECT, related_name="+")
    patron = models.ForeignKey("patrons.Patron", models.PROTECT, related_name="+")
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    status = models.CharField(max_length=20, choices=Status, default=Status.NORMAL)
    loaned_at = models.DateTimeField()
    due_at = models.DateTimeField()
    returned_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item"], condition=models.Q(returned_at=None), name="loan_one_per_item"),
        ]
        indexes = [
            models.Index(fields=["institution", "patron", "returned_at"], name="loan_patron"),
            models.Index(
                fields=["institution", "due_at"], condition=models.Q(returned_at=None), name="loan_out_by_due"
            ),
        ]

    def __str__(self) -> str:
        return f"loan of item {self.item_id}"


class Request(models.Model):
    """A patron waits for an item."""

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    patron = models.ForeignKey("patrons.Patron", models.PROTECT, related_name="+")
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    pickup = models.ForeignKey("institutions.Library", models.PROTECT, related_name="+")
    placed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["institution", "patron", "closed_at"], name="request_patron")]

    def __str__(self) -> str:
        return f"request for item {self.item_id}"


class OverduePolicy(models.Model):
    """What a day of lateness costs. Within ``grace_days`` nothing; past it the whole time counts.

    Minor units of the institution's currency; ``maximum_minor`` is the most that one loan can cost.
    """

    institution = models.OneToOneField("institutions.Institution", models.PROTECT, related_name="overdue_policy")
    name = models.CharField(max_length=200)
    rate_minor = models.BigIntegerField()
    grace_days = models.PositiveIntegerField()
    maximum_minor = models.BigIntegerField()

    def __str__(self) -> str:
        return self.name
