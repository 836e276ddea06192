"""The tables of bulk waiving: what was asked for, what it did to whom, and the lists of ids that were uploaded."""

from django.db import models


class IdList(models.Model):
    """Users or fees that were named one by one, in a file or typed. Its lines are all there once ``is_complete``."""

    class Kind(models.TextChoices):
        USERS = "users"
        FEES = "fees"

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)
    is_complete = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class IdLine(models.Model):
    """A line of a list: whom or which fee it names, or the ``problem`` why it names nothing.

    ``text`` is kept only with a problem: what names somebody is kept as their id.
    """

    class Problem(models.TextChoices):
        UNKNOWN = "unknown"
        SEVERAL = "several"
        REPEATED = "repeated"
        UNREADABLE = "unreadable"

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+", db_index=False)
    id_list = models.ForeignKey(IdList, models.CASCADE, related_name="lines", db_index=False)
    number = models.PositiveIntegerField()
    patron = models.ForeignKey("patrons.Patron", models.PROTECT, null=True, related_name="+")
    fee = models.ForeignKey("charges.Fee", models.PROTECT, null=True, related_name="+")
    problem = models.CharField(max_length=10, choices=Problem, blank=True)
    text = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["id_list", "number"], name="id_line_number")]
        indexes = [
            models.Index(fields=["id_list", "patron"], name="id_line_patron"),
            models.Index(fields=["id_list", "fee"], name="id_line_fee"),
        ]

    def __str__(self) -> str:
        return f"line {self.number}"


class BulkWaiver(models.Model):
    """One bulk waiver as it was confirmed: ``criteria`` of whom and what, ``preview`` of what it would do then.

    ``form_key`` makes the same form one run, however often it is sent. ``run`` is the job that waives, ``undo_run``
    the one that takes it back.
    """

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+", db_index=False)
    criteria = models.JSONField()
    id_list = models.ForeignKey(IdList, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=60)
    comment = models.CharField(max_length=1000, blank=True)
    preview = models.JSONField()
    form_key = models.CharField(max_length=150)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)
    run = models.OneToOneField("jobs.JobRun", models.PROTECT, null=True, related_name="+")
    undo_run = models.OneToOneField("jobs.JobRun", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["institution", "form_key"], name="bulk_waiver_form_key")]
        indexes = [models.Index(fields=["institution", "id"], name="bulk_waiver_newest")]

    def __str__(self) -> str:
        return f"bulk waiver {self.pk}"


class WaivedPatron(models.Model):
    """What a bulk waiver did to one patron: so many fees, so much, by the transfers from ``first_seq`` to ``last_seq``
    of the patron's account.

    ``undone_at`` is when the undo had looked at it, and ``undone_minor`` what it took back. Minor units.
    """

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+", db_index=False)
    waiver = models.ForeignKey(BulkWaiver, models.PROTECT, related_name="patrons", db_index=False)
    patron = models.ForeignKey("patrons.Patron", models.PROTECT, related_name="+")
    fees = models.PositiveIntegerField()
    amount_minor = models.BigIntegerField()
    first_seq = models.BigIntegerField()
    last_seq = models.BigIntegerField()
    undone_fees = models.PositiveIntegerField(default=0)
    undone_minor = models.BigIntegerField(default=0)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["waiver", "patron"], name="waived_patron_once")]

    def __str__(self) -> str:
        return f"{self.amount_minor} of patron {self.patron_id}"
