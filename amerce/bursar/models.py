"""Bursar profiles, their runs, and what came back (rows D1 to D7)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class BursarProfile(models.Model):
    """What goes to one bursar system, how, and what its answers do. Empty lists of codes choose all.

    ``min_amount_minor`` is held against what remains, of each row or of all chosen rows of a patron. Without
    ``identifier_type`` patrons are named by their primary id. ``folder`` and ``import_folder`` lie in the folder of
    bursar files, or on the SFTP server; ``host_key`` is the one key that this server may show. What signs in there is
    ``sealed_secret``, a password or a private key; ``secret_name`` is what it is called where it must not be said.
    """

    class Rows(models.TextChoices):
        DEBITS = "debits", _("Debits only")
        CREDITS = "credits", _("Credits only")
        BOTH = "both", _("Debits and credits")

    class Basis(models.TextChoices):
        FEE = "fee", _("Each fine or fee")
        PATRON = "patron", _("All of a patron together")

    class Destination(models.TextChoices):
        FOLDER = "folder", _("Folder")
        SFTP = "sftp", _("SFTP server")
        DOWNLOAD = "download", _("Download only")

    class SignIn(models.TextChoices):
        PASSWORD = "password", _("Password")
        KEY = "key", _("Private key")

    class Effect(models.TextChoices):
        CREDIT = "credit", _("The fee stays Transferred and a credit shows the payment")
        SETTLE = "settle", _("The fee is closed")

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    exports = models.BooleanField(default=True)
    imports = models.BooleanField(default=False)
    fee_types = models.JSONField(default=list)
    user_groups = models.JSONField(default=list)
    libraries = models.JSONField(default=list)
    institution_owned = models.BooleanField(default=True)
    rows = models.CharField(max_length=10, choices=Rows, default=Rows.DEBITS)
    min_age_days = models.PositiveIntegerField(default=0)
    min_amount_minor = models.BigIntegerField(default=0)
    min_basis = models.CharField(max_length=10, choices=Basis, default=Basis.FEE)
    identifier_type = models.CharField(max_length=60, blank=True)
    writes_zone = models.BooleanField(default=True)
    destination = models.CharField(max_length=10, choices=Destination, default=Destination.DOWNLOAD)
    folder = models.CharField(max_length=200, blank=True)
    host = models.CharField(max_length=200, blank=True)
    port = models.PositiveIntegerField(default=22)
    username = models.CharField(max_length=100, blank=True)
    sign_in = models.CharField(max_length=10, choices=SignIn, default=SignIn.PASSWORD)
    host_key = models.CharField(max_length=1000, blank=True)
    secret_name = models.CharField(max_length=60, blank=True)
    sealed_secret = models.TextField(blank=True)
    import_folder = models.CharField(max_length=200, blank=True)
    import_effect = models.CharField(max_length=10, choices=Effect, default=Effect.CREDIT)
    imports_per_line = models.BooleanField(default=False)
    updated_by = models.CharField(max_length=150, blank=True)
    updated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["institution", "code"], name="bursar_profile_code")]

    def __str__(self) -> str:
        return self.name


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


class BursarImport(models.Model):
    """One file of payments. ``sha256`` is of its bytes, ``content`` of its export number and lines, by which the same
    file is known again whatever it is called. ``reason`` and ``reason_data`` say why it was rejected.
    """

    class State(models.TextChoices):
        READING = "reading", _("Reading")
        POSTING = "posting", _("Booking")
        DONE = "done", _("Done")
        REJECTED = "rejected", _("Rejected")
        REPEATED = "repeated", _("Imported before")

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

    class Meta:
        indexes = [models.Index(fields=["profile", "id"], name="bursar_import_profile")]

    def __str__(self) -> str:
        return self.file_name


class BursarPayment(models.Model):
    """A line of a file of payments, as it was read: ``amount_minor`` is empty where ``sum_text`` is no amount.

    ``outcome`` is what became of it. ``transfer`` is the payment received.
    """

    class Outcome(models.TextChoices):
        PENDING = "pending", _("to be booked")
        PAID = "paid", _("paid")
        PART = "part", _("paid in part")
        EXCESS = "excess", _("paid, with more than was open")
        ZERO = "zero", _("nothing paid")
        DUPLICATE = "duplicate", _("a second line with the same id and sum")
        UNKNOWN = "unknown", _("unknown id")
        CURRENCY = "currency", _("another currency")
        UNREADABLE = "unreadable", _("no amount")
        NEGATIVE = "negative", _("negative")
        ELSEWHERE = "elsewhere", _("not at the bursar")

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
        indexes = [models.Index(fields=["file", "outcome", "position"], name="bursar_payment_outcome")]

    def __str__(self) -> str:
        return f"{self.transaction_id} {self.sum_text}"


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
