"""Items, loans and requests."""

from django.db import models


class Item(models.Model):
    """A copy that can be lent. ``policy_code`` is an entry of the code table of item policies, or empty."""

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    library = models.ForeignKey("institutions.Library", models.PROTECT, related_name="+")
    barcode = models.CharField(max_length=100)
    title = models.CharField(max_length=500)
    author = models.CharField(max_length=300, blank=True)
    publisher = models.CharField(max_length=300, blank=True)
    published = models.CharField(max_length=60, blank=True)
    material_type = models.CharField(max_length=60, blank=True)
    policy_code = models.CharField(max_length=60, blank=True)
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
    """A copy lent to a patron. It is on the patron's list while ``returned_at`` and ``closed_at`` are empty.

    ``due_at`` is a moment; what is due on a day is due at the end of that day in the institution's zone.
    ``library`` is whose terms hold, the item's. ``recalled_at`` is when somebody else was promised the copy,
    ``due_before_recall_at`` when it was due until then.
    ``closed_at`` is when a lost loan left the list because all it cost was settled or exported; the copy may come
    back later. ``notices_sent`` counts the overdue notices since the loan was due. A loan without a patron was
    anonymised.
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
    patron = models.ForeignKey("patrons.Patron", models.PROTECT, null=True, related_name="+")
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    status = models.CharField(max_length=20, choices=Status, default=Status.NORMAL)
    loaned_at = models.DateTimeField()
    due_at = models.DateTimeField()
    renewals = models.PositiveIntegerField(default=0)
    renewed_at = models.DateTimeField(null=True)
    recalled_at = models.DateTimeField(null=True)
    due_before_recall_at = models.DateTimeField(null=True)
    notices_sent = models.PositiveIntegerField(default=0)
    returned_at = models.DateTimeField(null=True)
    returned_desk = models.ForeignKey("institutions.Desk", models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item"], condition=models.Q(returned_at=None, closed_at=None), name="loan_one_per_item"
            ),
        ]
        indexes = [
            models.Index(fields=["institution", "patron", "returned_at"], name="loan_patron"),
            models.Index(
                fields=["institution", "due_at"],
                condition=models.Q(returned_at=None, closed_at=None),
                name="loan_out_by_due",
            ),
            models.Index(
                fields=["institution", "returned_at"],
                condition=models.Q(returned_at__isnull=False),
                name="loan_by_return",
            ),
        ]

    def __str__(self) -> str:
        return f"loan of item {self.item_id}"

    @property
    def is_out(self) -> bool:
        """Whether the loan is on the patron's list."""
        return self.returned_at is None and self.closed_at is None

    @property
    def borrower_id(self) -> int:
        """The patron's id. Raises ``ValueError`` for a loan that was anonymised."""
        if self.patron_id is None:
            raise ValueError(f"loan {self.pk} was anonymised")
        return self.patron_id


class LoanSpell(models.Model):
    """A stretch of a loan's life that its fine depends on, from ``began_at`` to ``ended_at``.

    ``LATE``: a lateness that a renewal ended, with the due moment as its beginning. ``CLAIMED`` and ``LOST``: the
    patron said so, until the item was found or came back; open while it lasts.
    """

    class Kind(models.TextChoices):
        LATE = "late"
        CLAIMED = "claimed"
        LOST = "lost"

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    loan = models.ForeignKey(Loan, models.CASCADE, related_name="spells")
    kind = models.CharField(max_length=10, choices=Kind)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["loan"], condition=models.Q(ended_at=None), name="loan_spell_one_open"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} since {self.began_at}"


class LoanNote(models.Model):
    """What somebody wrote on a loan: the green mark beside it (row A5)."""

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    loan = models.ForeignKey(Loan, models.CASCADE, related_name="notes")
    text = models.TextField()
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)

    def __str__(self) -> str:
        return self.text


class Request(models.Model):
    """A patron waits for an item. ``cancelled_at`` is set beside ``closed_at`` when it was given up, not fulfilled.

    A request without a patron was anonymised.
    """

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    patron = models.ForeignKey("patrons.Patron", models.PROTECT, null=True, related_name="+")
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    pickup = models.ForeignKey("institutions.Library", models.PROTECT, related_name="+")
    placed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patron", "item"], condition=models.Q(closed_at=None), name="request_one_per_patron"
            ),
        ]
        indexes = [
            models.Index(fields=["institution", "patron", "closed_at"], name="request_patron"),
            models.Index(
                fields=["institution", "closed_at"],
                condition=models.Q(closed_at__isnull=False),
                name="request_by_closing",
            ),
        ]

    def __str__(self) -> str:
        return f"request for item {self.item_id}"

    @property
    def waiter_name(self) -> str:
        """Who waits, as lists show the name; empty for a request that was anonymised."""
        return self.patron.display_name if self.patron else ""
