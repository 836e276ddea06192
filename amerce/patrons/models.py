"""The patron record."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class UserGroup(models.Model):
    """``is_proxy`` groups are of people who may borrow for somebody else. One not active is given by hand no more."""

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    code = models.CharField(max_length=60)
    label = models.CharField(max_length=200)
    is_proxy = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    updated_by = models.CharField(max_length=150, blank=True)
    updated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["institution", "code"], name="user_group_code")]

    def __str__(self) -> str:
        return self.label


class Patron(models.Model):
    """A person. ``external`` records were loaded from a student or staff system, ``internal`` ones made here.

    What was loaded is kept there: ``source_system`` says where, ``source_id`` under which id, ``synced_at`` when it
    was loaded last. ``password`` is hashed, for programs that ask whether it is right (``op=auth`` of the REST
    interface). ``other_fields`` is what such programs sent and there is no column for. ``seq`` counts how often the
    record was changed; a page made at another seq is out of date.
    ``identifiers_held``, ``contacts_held``, ``proxies_held`` and ``blocks_held`` are there on a patron from
    ``get_patron``.
    """

    class Kind(models.TextChoices):
        INTERNAL = "internal"
        EXTERNAL = "external"

    class Status(models.TextChoices):
        ACTIVE = "active"
        INACTIVE = "inactive"

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    primary_id = models.CharField(max_length=100)
    primary_folded = models.CharField(max_length=100, editable=False)
    first_name = models.CharField(max_length=150, blank=True)
    middle_name = models.CharField(max_length=150, blank=True)
    last_name = models.CharField(max_length=150, blank=True)
    group = models.ForeignKey(UserGroup, models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.INTERNAL)
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    expires_on = models.DateField(null=True)
    preferred_language = models.CharField(max_length=60, blank=True)
    source_system = models.CharField(max_length=100, blank=True)
    source_id = models.CharField(max_length=100, blank=True)
    synced_at = models.DateTimeField(null=True)
    password = models.CharField(max_length=128, blank=True)
    other_fields = models.JSONField(default=dict, blank=True)
    seq = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()

    identifiers_held: int
    contacts_held: int
    proxies_held: int
    blocks_held: int

    class Meta:
        constraints = [models.UniqueConstraint(fields=["institution", "primary_folded"], name="patron_primary_id")]
        indexes = [models.Index(fields=["institution", "last_name", "first_name"], name="patron_by_name")]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """``Last, First`` as lists show it; the primary id for a patron without a name."""
        return ", ".join(part for part in (self.last_name, self.first_name) if part) or self.primary_id

    @property
    def is_external(self) -> bool:
        return self.kind == Patron.Kind.EXTERNAL


class PatronIdentifier(models.Model):
    """Another id by which the patron is found: a barcode, a student number. ``is_loaded``: it came from the source."""

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    patron = models.ForeignKey(Patron, models.CASCADE, related_name="identifiers")
    type = models.CharField(max_length=60)
    value = models.CharField(max_length=100)
    folded = models.CharField(max_length=100, editable=False)
    note = models.CharField(max_length=2000, blank=True)
    is_loaded = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["institution", "type", "folded"], name="patron_identifier")]
        indexes = [models.Index(fields=["institution", "folded"], name="patron_identifier_folded")]

    def __str__(self) -> str:
        return self.value


class Contact(models.Model):
    """One way to reach a patron. At most one of a kind is preferred: letters and e-mail go there.

    Why one table for three kinds: they are read, replaced and loaded together. ``text`` is the e-mail address, the
    phone number, or up to five lines of a postal address, and what follows it belongs to postal addresses.
    """

    class Kind(models.TextChoices):
        EMAIL = "email"
        PHONE = "phone"
        ADDRESS = "address"

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    patron = models.ForeignKey(Patron, models.CASCADE, related_name="contacts")
    kind = models.CharField(max_length=10, choices=Kind)
    text = models.CharField(max_length=1300)
    types = models.JSONField(default=list)
    note = models.CharField(max_length=1000, blank=True)
    is_preferred = models.BooleanField(default=False)
    is_preferred_sms = models.BooleanField(default=False)
    is_loaded = models.BooleanField(default=False)
    city = models.CharField(max_length=255, blank=True)
    state_province = models.CharField(max_length=255, blank=True)
    postal_code = models.CharField(max_length=255, blank=True)
    country = models.CharField(max_length=255, blank=True)
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patron", "kind"], condition=models.Q(is_preferred=True), name="contact_one_preferred"
            )
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def lines(self) -> list[str]:
        """The address as it is written on an envelope; one line for an e-mail address or a phone number."""
        place = " ".join(part for part in (self.city, self.state_province, self.postal_code) if part)
        return [each for each in (*self.text.splitlines(), place, self.country) if each]


class Proxy(models.Model):
    """``proxy`` may borrow for ``patron``, on whose record the loan and what it costs are."""

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    patron = models.ForeignKey(Patron, models.CASCADE, related_name="proxies")
    proxy = models.ForeignKey(Patron, models.CASCADE, related_name="proxy_for")
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patron", "proxy"], name="proxy_once"),
            models.CheckConstraint(condition=~models.Q(patron=models.F("proxy")), name="proxy_of_another"),
        ]

    def __str__(self) -> str:
        return f"{self.proxy_id} for {self.patron_id}"


class NameToken(models.Model):
    """A word of a patron's name, folded, for the search by prefix."""

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    patron = models.ForeignKey(Patron, models.CASCADE, related_name="+")
    token = models.CharField(max_length=100, db_index=True)

    def __str__(self) -> str:
        return self.token


class PatronNote(models.Model):
    """A note on the record. ``is_popup`` shows it at the desk as soon as the record is opened, ``is_user_viewable`` to
    the patron as well."""

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    patron = models.ForeignKey(Patron, models.CASCADE, related_name="notes")
    type = models.CharField(max_length=60, default="OTHER")
    text = models.TextField()
    is_popup = models.BooleanField(default=False)
    is_user_viewable = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)

    def __str__(self) -> str:
        return self.text


class PatronBlock(models.Model):
    """A block that somebody set by hand (row C7). It holds until ``lifted_at``, or through the day ``expires_on``."""

    class Type(models.TextChoices):
        """What it forbids: everything, or only to borrow and renew."""

        GENERAL = "GENERAL", _("General")
        LOAN = "LOAN", _("Loan")

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    patron = models.ForeignKey(Patron, models.CASCADE, related_name="blocks")
    type = models.CharField(max_length=60, choices=Type, default=Type.GENERAL)
    description = models.CharField(max_length=255)
    note = models.TextField(blank=True)
    expires_on = models.DateField(null=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=150, blank=True)

    def __str__(self) -> str:
        return self.description


class Note(models.Model):
    """A comment written with a charge or a transaction.

    Why apart from the money: the ledger keeps only ``sha256(salt + text)``, so the words can be destroyed when
    the law says so and the ledger still verifies. An erased note has neither text nor salt.
    """

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    patron = models.ForeignKey(Patron, models.PROTECT, related_name="+")
    text = models.TextField()
    salt = models.CharField(max_length=32)

    def __str__(self) -> str:
        return self.text
