"""Fee types and fees."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class FeeType(models.Model):
    """A row of the Fine Fee Type Definition table (row C1).

    ``vat_rate_bp`` in hundredths of a percent. ``is_refundable`` is shown and has no effect.
    """

    class Owner(models.TextChoices):
        LIBRARY = "library", _("Library")
        INSTITUTION = "institution", _("Institution")

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    code = models.CharField(max_length=60)
    label = models.CharField(max_length=200)
    position = models.PositiveIntegerField()
    is_enabled = models.BooleanField(default=True)
    is_waivable = models.BooleanField(default=True)
    is_manual = models.BooleanField(default=True)
    is_refundable = models.BooleanField(default=False)
    owner_kind = models.CharField(max_length=20, choices=Owner, default=Owner.LIBRARY)
    vat_rate_bp = models.PositiveIntegerField(default=0)
    updated_by = models.CharField(max_length=150, blank=True)
    updated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["institution", "code"], name="fee_type_code")]

    def __str__(self) -> str:
        return self.label


CREDIT_TYPE = "CREDIT"
LOST_REPLACEMENT_TYPE = "LOSTITEMREPLACEMENTFEE"
LOST_PROCESS_TYPE = "LOSTITEMPROCESSFEE"
LOST_TYPES = frozenset({LOST_REPLACEMENT_TYPE, LOST_PROCESS_TYPE})
"""What a lost item costs."""


class Fee(models.Model):
    """What a patron was charged, or was given as a CREDIT: a projection of its transfers that ``verify`` recomputes.

    Amounts in minor units of the institution's currency; those of a CREDIT are negative. ``original_minor`` is
    what was charged and never falls; ``remaining_minor`` is open here, active or disputed;
    ``transferred_minor`` is open at the bursar. ``reduced_minor`` is what of the charge was taken back (ADR 0012) and
    ``credited_minor`` the part of it that had been paid and was given as a CREDIT. ``waiting_minor`` is what a fee in
    dispute will grow by, ``excess_minor`` what was too much and could not be taken back since it was waived, refunded
    or, of a found item, paid: neither follows from transfers. ``bound_to`` is the lost item fee
    whose waiver made this CREDIT. ``title`` and ``barcode`` stay when the item is gone, and so do ``loaned_at``,
    ``due_at`` and ``returned_at``, which are empty while ``loan`` is there to say them. ``vat_rate_bp`` is the type's
    rate of that day.
    """

    class Status(models.TextChoices):
        ACTIVE = "ACTIVE", _("Active")
        INDISPUTE = "INDISPUTE", _("In Dispute")
        EXPORTED = "EXPORTED", _("Transferred")
        CLOSED = "CLOSED", _("Closed")

    class ClosedAs(models.TextChoices):
        """How a closed fee came to an end."""

        PAID = "paid", _("paid")
        WAIVED = "waived", _("waived")
        EXPORTED = "exported", _("exported")
        CREDITED = "credited", _("credited")
        CORRECTED = "corrected", _("corrected")
        REDUCED = "reduced", _("reduced")
        COLLECTED = "collected", _("paid at the bursar")

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+", db_index=False)
    patron = models.ForeignKey("patrons.Patron", models.PROTECT, related_name="+")
    type = models.ForeignKey(FeeType, models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    status_at = models.DateTimeField()
    closed_as = models.CharField(max_length=10, choices=ClosedAs, blank=True)
    original_minor = models.BigIntegerField()
    remaining_minor = models.BigIntegerField()
    transferred_minor = models.BigIntegerField(default=0)
    paid_minor = models.BigIntegerField(default=0)
    waived_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0)
    reduced_minor = models.BigIntegerField(default=0)
    credited_minor = models.BigIntegerField(default=0)
    waiting_minor = models.BigIntegerField(default=0, db_default=0)
    excess_minor = models.BigIntegerField(default=0, db_default=0)
    vat_rate_bp = models.PositiveIntegerField(default=0)
    owner = models.ForeignKey("institutions.Library", models.PROTECT, null=True, related_name="+")
    item = models.ForeignKey("circulation.Item", models.SET_NULL, null=True, related_name="+")
    loan = models.ForeignKey("circulation.Loan", models.SET_NULL, null=True, related_name="+")
    title = models.CharField(max_length=500, blank=True)
    barcode = models.CharField(max_length=100, blank=True)
    loaned_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    returned_at = models.DateTimeField(null=True)
    note = models.ForeignKey("patrons.Note", models.PROTECT, null=True, related_name="+")
    bound_to = models.ForeignKey("self", models.PROTECT, null=True, related_name="bound_credits")
    bursar_transaction_id = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [  # this one begins with the institution, which therefore has no index by itself
            models.Index(fields=["institution", "patron", "status", "created_at"], name="fee_patron_status"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "bursar_transaction_id"],
                condition=~models.Q(bursar_transaction_id=""),
                name="fee_bursar_transaction_id",
            )
        ]

    def __str__(self) -> str:
        return f"{self.type_id} {self.original_minor}"

    @property
    def is_credit(self) -> bool:
        return self.original_minor < 0

    @property
    def was_exported(self) -> bool:
        """Whether the bursar has it, or had it until it was paid there: nothing happens to it here any more."""
        return self.status == Fee.Status.EXPORTED or self.closed_as in (Fee.ClosedAs.EXPORTED, Fee.ClosedAs.COLLECTED)
