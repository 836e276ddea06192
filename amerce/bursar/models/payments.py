"""What came back: files of payments and their lines (rows D5 and D6)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from amerce.bursar.models.profiles import BursarProfile


class BursarImport(models.Model):
    """One file of payments. ``sha256`` is of its bytes, ``content`` of its export number and lines, by which the same
    file is known again whatever it is called. ``reason`` and ``reason_data`` say why it was rejected. ``in_folder`` is
    whether it was taken from the import folder.

    ``posted_count`` and the sums beside it are what was booked, also once it was undone: what of it was taken back is
    ``undone_count`` and ``undone_minor``, and ``undone_excess_minor`` of the excess. ``undo_reason`` is as typed.

    One that ``is_check`` was read and matched and nothing of it was booked: its lines and sums say what booking would
    have made of them then, ``reason`` why it would have been rejected, and none of it counts anywhere.
    """

    class State(models.TextChoices):
        READING = "reading", _("Reading")
        POSTING = "posting", _("Booking")
        DONE = "done", _("Done")
        REJECTED = "rejected", _("Rejected")
        REPEATED = "repeated", _("Imported before")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")
        CHECKED = "checked", _("Checked")

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    profile = models.ForeignKey(BursarProfile, models.PROTECT, related_name="file_imports")
    number = models.BigIntegerField()
    file_name = models.CharField(max_length=200)
    kept_as = models.CharField(max_length=300)
    state = models.CharField(max_length=10, choices=State, default=State.READING)
    reason = models.CharField(max_length=40, blank=True)
    reason_data = models.JSONField(default=dict)
    effect = models.CharField(max_length=10)
    per_line = models.BooleanField()
    started_by = models.CharField(max_length=150)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    export_number = models.CharField(max_length=100, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    content = models.CharField(max_length=64, blank=True, db_index=True)
    line_count = models.BigIntegerField(default=0)
    line_minor = models.BigIntegerField(default=0)
    posted_count = models.BigIntegerField(default=0)
    applied_minor = models.BigIntegerField(default=0)
    excess_minor = models.BigIntegerField(default=0)
    problem_count = models.BigIntegerField(default=0)
    undo_reason = models.CharField(max_length=500, blank=True)
    undo_asked_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=150, blank=True)
    undone_at = models.DateTimeField(null=True)
    undone_count = models.BigIntegerField(default=0)
    undone_minor = models.BigIntegerField(default=0)
    undone_excess_minor = models.BigIntegerField(default=0)
    is_check = models.BooleanField(default=False)
    in_folder = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["profile", "id"], name="bursar_import_profile")]

    def __str__(self) -> str:
        return self.file_name

    @property
    def standing_count(self) -> int:
        """How many of its lines are booked and were not taken back."""
        return self.posted_count - self.undone_count

    @property
    def standing_minor(self) -> int:
        """What of its payments is booked and was not taken back."""
        return self.applied_minor - self.undone_minor


class BursarPayment(models.Model):
    """A line of a file of payments, as it was read: ``amount_minor`` is empty where ``sum_text`` is no amount,
    or above the institution's ceiling and what is at the bursar.

    ``outcome`` is what became of it. ``transfer`` is the payment received, also once it was taken back.
    """

    class Outcome(models.TextChoices):
        PENDING = "pending", _("to be booked")
        PAID = "paid", _("paid")
        PART = "part", _("paid in part")
        EXCESS = "excess", _("paid, with more than was open")
        OVERPAID = "overpaid", _("paid out, with more than the credit was")
        ZERO = "zero", _("nothing paid")
        DUPLICATE = "duplicate", _("a second line with the same id and sum")
        UNKNOWN = "unknown", _("unknown id")
        CURRENCY = "currency", _("another currency")
        UNREADABLE = "unreadable", _("no amount")
        NEGATIVE = "negative", _("negative")
        ELSEWHERE = "elsewhere", _("not at the bursar")
        UNDONE = "undone", _("undone")
        STANDS_USED = "stands_used", _("not undone, what was paid above it was used meanwhile")
        STANDS_MOVED = "stands_moved", _("not undone, the fee is not as the payment left it")

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+", db_index=False)
    file = models.ForeignKey(BursarImport, models.PROTECT, related_name="payments", db_index=False)
    position = models.PositiveIntegerField()
    transaction_id = models.CharField(max_length=100, blank=True)
    sum_text = models.CharField(max_length=40, blank=True)
    currency_code = models.CharField(max_length=10, blank=True)
    amount_minor = models.BigIntegerField(null=True)
    fee = models.ForeignKey("charges.Fee", models.PROTECT, null=True, related_name="+")
    patron = models.ForeignKey("patrons.Patron", models.PROTECT, null=True, related_name="+", db_index=False)
    outcome = models.CharField(max_length=12, choices=Outcome, default=Outcome.PENDING)
    applied_minor = models.BigIntegerField(default=0)
    excess_minor = models.BigIntegerField(default=0)
    transfer = models.ForeignKey("ledger.Transfer", models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "position"], name="bursar_payment_position")]
        indexes = [
            models.Index(fields=["file", "outcome", "position"], name="bursar_payment_outcome"),
            models.Index(
                fields=["institution", "transaction_id"],
                name="bursar_payment_unknown",
                condition=models.Q(outcome="unknown"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.transaction_id} {self.sum_text}"


IMPORTED = (BursarImport.State.DONE, BursarImport.State.POSTING, BursarImport.State.UNDOING)
"""The states in which a file counts as imported, so that the same lines are not booked again."""
PROBLEMS = frozenset(
    {
        BursarPayment.Outcome.UNKNOWN,
        BursarPayment.Outcome.CURRENCY,
        BursarPayment.Outcome.UNREADABLE,
        BursarPayment.Outcome.NEGATIVE,
        BursarPayment.Outcome.ELSEWHERE,
    }
)
"""What keeps a file from being booked, unless its profile takes it line by line."""

STANDS = frozenset({BursarPayment.Outcome.STANDS_USED, BursarPayment.Outcome.STANDS_MOVED})
"""The lines that could not be taken back when their file was undone, and are booked still."""

BOOKED = models.Q(transfer__isnull=False) & ~models.Q(outcome=BursarPayment.Outcome.UNDONE)
"""The lines whose payment stands in the ledger."""

_UNBOOKED = models.Q(outcome__in=PROBLEMS, file__is_check=False) & ~models.Q(file__state=BursarImport.State.UNDONE)
UNMATCHED = _UNBOOKED & models.Q(tick__isnull=True)
"""The lines that need a person: those of a check, of a file that was undone, and those
ticked off, need none."""

TICKED_OFF = _UNBOOKED & models.Q(tick__isnull=False)
"""The lines of which a person said that they were dealt with otherwise."""
