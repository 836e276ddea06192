"""Letters exactly as they were sent, and the words they are made of."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from amerce.letters.kinds import LetterKind


class LetterSettings(models.Model):
    """What holds for every letter of an institution, one row each at most; without one nothing is set.

    With ``is_on`` off no letter is written. Reports to staff go to ``staff_email``, if there is one.
    ``sms_token_sealed`` is encrypted (``access.sealed``).
    """

    institution = models.OneToOneField("institutions.Institution", models.PROTECT, related_name="letter_settings")
    is_on = models.BooleanField(default=True)
    sender_name = models.CharField(max_length=200, blank=True)
    sender_email = models.CharField(max_length=254, blank=True)
    reply_to = models.CharField(max_length=254, blank=True)
    staff_email = models.CharField(max_length=254, blank=True)
    phone = models.CharField(max_length=60, blank=True)
    address = models.CharField(max_length=1300, blank=True)
    sms_url = models.CharField(max_length=500, blank=True)
    sms_token_sealed = models.TextField(blank=True)
    updated_by = models.CharField(max_length=150, blank=True)
    updated_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"letters of institution {self.institution_id}"


class LetterSwitch(models.Model):
    """That letters of a kind are written, or are not; without a row the kind says what holds."""

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=40, choices=LetterKind)
    is_on = models.BooleanField()
    updated_by = models.CharField(max_length=150, blank=True)
    updated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["institution", "kind"], name="letter_switch_once")]

    def __str__(self) -> str:
        return f"{self.kind} {'on' if self.is_on else 'off'}"


class LetterTemplate(models.Model):
    """The institution's own words for a kind of letter in one language, in place of the built-in ones."""

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=40, choices=LetterKind)
    language = models.CharField(max_length=10)
    subject = models.CharField(max_length=300)
    html = models.TextField()
    text = models.TextField()
    sms = models.TextField()
    updated_by = models.CharField(max_length=150, blank=True)
    updated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["institution", "kind", "language"], name="letter_template_once")]

    def __str__(self) -> str:
        return f"{self.kind} in {self.language}"


class PrintBatch(models.Model):
    """Letters that were printed together: ``pdf`` is the file exactly as it was handed out.

    Without a ``printer`` its letters named none. It says nothing any more once a letter in it was erased.
    """

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    printer = models.ForeignKey("institutions.Printer", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)
    printed_at = models.DateTimeField(null=True)
    printed_by = models.CharField(max_length=150, blank=True)
    pdf = models.BinaryField()

    def __str__(self) -> str:
        return f"print batch {self.pk}"


class Letter(models.Model):
    """One letter by one channel. ``key`` says what it is about, so that nothing is told twice by the same channel.

    ``body`` is what is sent, byte for byte: a message with its headers (RFC 822), the text of an SMS, or the page to
    print; ``facts`` are what it was made from. ``pdf`` is the file of a print that is mailed to its printer. ``about``
    names the loans and requests in it (``loan:12``), by which it is found when these are anonymised: then it is erased.
    ``message_id`` stays the same however often it is sent. ``attempts`` counts hand-overs to the
    transport; ``error`` is what it said last. Letters to staff have no patron.
    """

    class Channel(models.TextChoices):
        EMAIL = "email", _("E-mail")
        SMS = "sms", _("SMS")
        PRINT = "print", _("Print")

    class State(models.TextChoices):
        """``docs/adr/0026-letters-are-made-when-written.md``."""

        WAITING = "waiting", _("Waiting")
        SENDING = "sending", _("Sending")
        SENT = "sent", _("Sent")
        REFUSED = "refused", _("Refused, will be tried again")
        FAILED = "failed", _("Failed")
        UNKNOWN = "unknown", _("Unknown")
        NO_ADDRESS = "no_address", _("No address")
        DONE = "done", _("Done by hand")

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+", db_index=False)
    patron = models.ForeignKey("patrons.Patron", models.PROTECT, null=True, related_name="+", db_index=False)
    kind = models.CharField(max_length=40, choices=LetterKind)
    channel = models.CharField(max_length=10, choices=Channel)
    key = models.CharField(max_length=200)
    state = models.CharField(max_length=12, choices=State)
    language = models.CharField(max_length=10)
    to = models.CharField(max_length=254, blank=True)
    printer = models.ForeignKey("institutions.Printer", models.PROTECT, null=True, related_name="+")
    batch = models.ForeignKey(PrintBatch, models.PROTECT, null=True, related_name="letters")
    subject = models.CharField(max_length=300)
    message_id = models.CharField(max_length=200)
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField()
    error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)
    about = models.JSONField(default=list)
    facts = models.JSONField(default=dict)
    body = models.BinaryField()
    pdf = models.BinaryField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["institution", "key", "channel"], name="letter_once")]
        indexes = [
            models.Index(fields=["patron", "id"], name="letter_patron"),
            models.Index(
                fields=["next_at", "id"],
                condition=models.Q(state__in=("waiting", "refused", "sending")),
                name="letter_due",
            ),
            models.Index(
                fields=["institution", "state", "id"],
                condition=~models.Q(state__in=("sent", "done")),
                name="letter_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.channel}"
