"""What was exported: runs and their lines (rows D1 to D4)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from amerce.bursar.models.profiles import BursarProfile


class BursarRun(models.Model):
    """One export: its lines, its file, and how far it came. ``number`` is the export number in the file.

    ``awaits_payment`` is whether the profile took answers when the run began. Sums are signed minor units: a CREDIT
    counts against debts. ``file_count`` and ``file_minor`` were counted while the file was written.
    """

    class State(models.TextChoices):
        SELECTING = "selecting", _("Selecting")
        POSTING = "posting", _("Exporting")
        MAKING = "making", _("Making the file")
        MADE = "made", _("File made")
        DELIVERING = "delivering", _("Delivering")
        DELIVERED = "delivered", _("Delivered")
        ACKNOWLEDGED = "acknowledged", _("Acknowledged")
        EMPTY = "empty", _("Nothing to export")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    profile = models.ForeignKey(BursarProfile, models.PROTECT, related_name="runs")
    number = models.BigIntegerField()
    state = models.CharField(max_length=12, choices=State, default=State.SELECTING)
    awaits_payment = models.BooleanField()
    started_by = models.CharField(max_length=150)
    started_at = models.DateTimeField()
    selected_count = models.BigIntegerField(default=0)
    selected_minor = models.BigIntegerField(default=0)
    posted_count = models.BigIntegerField(default=0)
    posted_minor = models.BigIntegerField(default=0)
    dropped_count = models.BigIntegerField(default=0)
    file_name = models.CharField(max_length=200, blank=True)
    file_count = models.BigIntegerField(default=0)
    file_minor = models.BigIntegerField(default=0)
    file_bytes = models.BigIntegerField(default=0)
    file_sha256 = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    delivered_to = models.CharField(max_length=400, blank=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.CharField(max_length=150, blank=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["institution", "number"], name="bursar_run_number")]
        indexes = [models.Index(fields=["profile", "id"], name="bursar_run_profile")]

    def __str__(self) -> str:
        return f"export {self.number}"


class BursarLine(models.Model):
    """A fee in a run. ``selected_minor`` is what remained when it was chosen, ``posted_minor`` what was exported by
    ``transfer``; negative of a CREDIT. ``reason`` says why it dropped out."""

    class State(models.TextChoices):
        SELECTED = "selected"
        POSTED = "posted"
        DROPPED = "dropped"
        TAKEN_BACK = "taken_back"

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+", db_index=False)
    run = models.ForeignKey(BursarRun, models.PROTECT, related_name="lines", db_index=False)
    patron = models.ForeignKey("patrons.Patron", models.PROTECT, related_name="+", db_index=False)
    fee = models.ForeignKey("charges.Fee", models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.SELECTED)
    reason = models.CharField(max_length=40, blank=True)
    selected_minor = models.BigIntegerField()
    posted_minor = models.BigIntegerField(default=0)
    transfer = models.ForeignKey("ledger.Transfer", models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        indexes = [models.Index(fields=["run", "state", "id"], name="bursar_line_run")]

    def __str__(self) -> str:
        return f"fee {self.fee_id} {self.state}"
