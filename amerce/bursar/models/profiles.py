"""What a bursar system is sent, and how (row D1)."""

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
