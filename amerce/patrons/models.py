"""The patron record."""

from django.db import models


class UserGroup(models.Model):
    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    code = models.CharField(max_length=60)
    label = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["institution", "code"], name="user_group_code")]

    def __str__(self) -> str:
        return self.label


class Patron(models.Model):
    """A person. ``external`` records were loaded from a student or staff system, ``internal`` ones made here."""

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
    last_name = models.CharField(max_length=150, blank=True)
    group = models.ForeignKey(UserGroup, models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.INTERNAL)
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    expires_on = models.DateField(null=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=60, blank=True)
    address = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["institution", "primary_folded"], name="patron_primary_id")]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """``Last, First`` as lists show it; the primary id for a patron without a name."""
        return ", ".join(part for part in (self.last_name, self.first_name) if part) or self.primary_id


class PatronIdentifier(models.Model):
    """Another id by which the patron is found: a barcode, a student number."""

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    patron = models.ForeignKey(Patron, models.CASCADE, related_name="identifiers")
    type = models.CharField(max_length=60)
    value = models.CharField(max_length=100)
    folded = models.CharField(max_length=100, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["institution", "type", "folded"], name="patron_identifier")]
        indexes = [models.Index(fields=["institution", "folded"], name="patron_identifier_folded")]

    def __str__(self) -> str:
        return self.value


class NameToken(models.Model):
    """A word of a patron's name, folded, for the search by prefix."""

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    patron = models.ForeignKey(Patron, models.CASCADE, related_name="+")
    token = models.CharField(max_length=100, db_index=True)

    def __str__(self) -> str:
        return self.token


class PatronNote(models.Model):
    """A note on the record, shown at the desk; ``is_block`` when it also stops the patron from borrowing."""

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    patron = models.ForeignKey(Patron, models.CASCADE, related_name="notes")
    text = models.TextField()
    is_block = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)

    def __str__(self) -> str:
        return self.text


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
