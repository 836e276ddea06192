"""The institution and what it is made of. Every business row in every package belongs to one institution."""

from datetime import tzinfo
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models.functions import Coalesce

from amerce.money.amount import Currency, currency


class Institution(models.Model):
    """A library system with its own patrons, money and rules. Settings are its columns.

    ``external_ids_are_keys``: a payment with the external transaction id of an earlier one is that one sent again.
    ``accrues_nightly`` charges overdue fines while loans are out, not only at return and renewal.
    ``close_paid_lost_loan`` takes a lost loan off the list once all it cost is settled. ``overdue_at_lost_loan``
    keeps the overdue fine of a loan that becomes lost, else it goes. Returns are anonymised after
    ``anonymise_after_days`` and leave the lists after ``returns_kept_days``.
    """

    class Overpayment(models.TextChoices):
        """What happens to what is paid above the sum owed (row B5)."""

        REFUSE = "refuse"
        KEEP_AS_CREDIT = "credit"

    class PayAllOrder(models.TextChoices):
        """Which fee a payment settles first (row B5)."""

        OLDEST = "oldest"
        SMALLEST = "smallest"
        LARGEST = "largest"

    code = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    currency_code = models.CharField(max_length=3)
    locale = models.CharField(max_length=20, default="en_US")
    time_zone = models.CharField(max_length=60, default="UTC")
    overpayment = models.CharField(max_length=10, choices=Overpayment, default=Overpayment.REFUSE)
    pay_all_order = models.CharField(max_length=10, choices=PayAllOrder, default=PayAllOrder.OLDEST)
    amount_ceiling_minor = models.BigIntegerField()
    external_ids_are_keys = models.BooleanField(default=True)
    accrues_nightly = models.BooleanField(default=False)
    close_paid_lost_loan = models.BooleanField(default=True)
    overdue_at_lost_loan = models.BooleanField(default=False)
    returns_kept_days = models.PositiveIntegerField(default=180)
    anonymise_after_days = models.PositiveIntegerField(default=60)
    default_user_group = models.ForeignKey("patrons.UserGroup", models.SET_NULL, null=True, related_name="+")

    def __str__(self) -> str:
        return self.name

    @property
    def currency(self) -> Currency:
        return currency(self.currency_code)

    @property
    def zone(self) -> tzinfo:
        return ZoneInfo(self.time_zone)


class Library(models.Model):
    """A library that is not active is closed: nobody works there and nothing is picked up, and history keeps it."""

    institution = models.ForeignKey(Institution, models.PROTECT, related_name="libraries")
    code = models.CharField(max_length=60)
    name = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True)
    updated_by = models.CharField(max_length=150, blank=True)
    updated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["institution", "code"], name="library_code")]

    def __str__(self) -> str:
        return self.name


class Desk(models.Model):
    """A circulation desk. One that is not active is closed: nobody chooses it as their location."""

    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+")
    library = models.ForeignKey(Library, models.PROTECT, related_name="desks")
    code = models.CharField(max_length=60)
    name = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True)
    updated_by = models.CharField(max_length=150, blank=True)
    updated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["library", "code"], name="desk_code")]

    def __str__(self) -> str:
        return self.name


class Printer(models.Model):
    """Where letters are printed: sent to ``email``, or given to the ``queue`` of the server; one of the two is empty.

    Without a ``library`` every library prints there.
    """

    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+")
    library = models.ForeignKey(Library, models.PROTECT, null=True, related_name="printers")
    code = models.CharField(max_length=60)
    name = models.CharField(max_length=200)
    email = models.CharField(max_length=254, blank=True)
    queue = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)
    updated_by = models.CharField(max_length=150, blank=True)
    updated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["institution", "code"], name="printer_code")]

    def __str__(self) -> str:
        return self.name


class CodeEntry(models.Model):
    """A row of a code table: reasons for waiving, payment methods, item policies, types of contacts.

    One that was removed (``removed_at``) is in no table and in no list to choose from, and history keeps its label.
    """

    class Table(models.TextChoices):
        WAIVE_REASON = "FineFeeTransactionReason"
        PAYMENT_METHOD = "PaymentMethod"
        ITEM_POLICY = "ItemPolicy"
        IDENTIFIER_TYPE = "UserIdentifierTypes"
        EMAIL_TYPE = "UserEmailTypes"
        PHONE_TYPE = "UserPhoneTypes"
        ADDRESS_TYPE = "UserAddressTypes"
        NOTE_TYPE = "NoteTypes"
        LANGUAGE = "UserPreferredLanguage"

    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+")
    table = models.CharField(max_length=60, choices=Table)
    code = models.CharField(max_length=60)
    label = models.CharField(max_length=200)
    position = models.PositiveIntegerField()
    is_active = models.BooleanField(default=True)
    removed_at = models.DateTimeField(null=True)
    updated_by = models.CharField(max_length=150, blank=True)
    updated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["institution", "table", "code"], name="code_entry_code")]

    def __str__(self) -> str:
        return self.label


class NumberSequence(models.Model):
    """A counter whose row is locked while a number is taken, so that numbers are unique and have no gaps."""

    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    next_value = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["institution", "name"], name="sequence_name")]

    def __str__(self) -> str:
        return self.name


class BursarSequence(models.Model):
    """Where exported fees get their bursar transaction id from: ``prefix`` and a number that is never given twice.

    Without a ``library`` it serves every library that has none of its own, and what the institution owns. The number
    is filled up with zeros to ``padding`` digits (0: to none). ``last_taken`` is the highest that was given out. A
    deleted sequence that gave out numbers stays, with ``removed_at``, so that no other one gives them out again.
    """

    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+")
    library = models.ForeignKey(Library, models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=200)
    start = models.BigIntegerField()
    prefix = models.CharField(max_length=40, blank=True)
    padding = models.PositiveIntegerField(default=0)
    next_value = models.BigIntegerField()
    last_taken = models.BigIntegerField(null=True)
    removed_at = models.DateTimeField(null=True)
    updated_by = models.CharField(max_length=150, blank=True)
    updated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "institution",
                Coalesce("library", 0),
                condition=models.Q(removed_at=None),
                name="bursar_sequence_library",
            ),
            models.UniqueConstraint(
                fields=["institution", "name"], condition=models.Q(removed_at=None), name="bursar_sequence_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SkippedNumbers(models.Model):
    """Numbers of a bursar sequence that were never given out, from ``first`` to ``last``: who skipped them, and why."""

    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+")
    sequence = models.ForeignKey(BursarSequence, models.CASCADE, related_name="skipped")
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    reason = models.CharField(max_length=200, blank=True)
    created_by = models.CharField(max_length=150)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.first}–{self.last}"
