"""Accounts that sign in, and the roles they hold."""

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models


class AccountManager(BaseUserManager["Account"]):
    """Django's sign-in looks accounts up here; a username has no case."""

    def get_by_natural_key(self, username: str | None) -> "Account":
        return self.get(username=(username or "").strip().casefold())


class Account(AbstractBaseUser):
    """Somebody who can sign in. ``is_demo`` accounts are refused outside demo mode.

    ``must_change_password`` is of one whose password was set by somebody else: sign-in asks for another first.
    """

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    username = models.CharField(max_length=150, unique=True)
    name = models.CharField(max_length=150)
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False)
    must_change_password = models.BooleanField(default=False)
    updated_by = models.CharField(max_length=150, blank=True)
    updated_at = models.DateTimeField(null=True)

    objects = AccountManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        db_table = "access_account"

    def __str__(self) -> str:
        return self.username

    def get_short_name(self) -> str:
        return self.name


class Role(models.Model):
    """A role that an institution made, or a built-in one it changed; without a row a built-in one is as in ``ROLES``.

    ``privileges`` maps the name of a privilege to its ceiling in minor units, or to None for one without.
    """

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    code = models.CharField(max_length=60)
    label = models.CharField(max_length=200)
    privileges = models.JSONField(default=dict)
    updated_by = models.CharField(max_length=150, blank=True)
    updated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["institution", "code"], name="role_code")]

    def __str__(self) -> str:
        return self.label


class RoleAssignment(models.Model):
    """A role an account holds, everywhere in the institution or, with ``library``, only when working there.

    ``role`` is the code of a ``Role`` or of one in ``ROLES``; one that is neither gives nothing. One that ``provider``
    gave is given and taken by it at each sign-in; one without was given by hand.
    """

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    account = models.ForeignKey(Account, models.CASCADE, related_name="roles")
    role = models.CharField(max_length=60)
    library = models.ForeignKey("institutions.Library", models.CASCADE, null=True, related_name="+")
    provider = models.ForeignKey("IdentityProvider", models.CASCADE, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "role", "library"], name="role_once_in_library"),
            models.UniqueConstraint(
                fields=["account", "role"], condition=models.Q(library=None), name="role_once_everywhere"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.role}"


class AccountPreference(models.Model):
    """How somebody likes a page: ``value`` under ``name``, for that sign-in alone and wherever they sign in."""

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    account = models.ForeignKey(Account, models.CASCADE, related_name="preferences")
    name = models.CharField(max_length=60)
    value = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="account_preference_once")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.name}"


class SignInCount(models.Model):
    """How often signing in failed of late for what ``key`` stands for, a user name that was typed or an address.

    ``key`` is a keyed hash: people type passwords into the wrong field. It belongs to no institution, since nobody is
    signed in yet. After ``forget_at`` the row means nothing.
    """

    key = models.CharField(max_length=64, unique=True)
    failures = models.PositiveIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)
    forget_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "access_sign_in_count"

    def __str__(self) -> str:
        return f"{self.failures} failures"


class SignInSettings(models.Model):
    """How an institution wants signing in to be; without a row nobody has to show a second factor.

    ``second_factor_roles`` are the codes of the roles whose holders have to.
    """

    institution = models.OneToOneField("institutions.Institution", models.PROTECT, related_name="+")
    second_factor_roles = models.JSONField(default=list)
    updated_by = models.CharField(max_length=150, blank=True)
    updated_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "access_sign_in_settings"

    def __str__(self) -> str:
        return f"{self.institution_id}"


class IdentityProvider(models.Model):
    """Who vouches for the people of an institution, by OpenID Connect or SAML.

    ``server`` is the issuer, or the entity id; ``sealed_secret`` is that of the client, encrypted. ``sign_in_url`` and
    ``certificate`` are for SAML alone. The claims name what is sent: the user name, and what roles are drawn from.
    """

    class Protocol(models.TextChoices):
        OIDC = "oidc", "OpenID Connect"
        SAML = "saml", "SAML"

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    label = models.CharField(max_length=60)
    protocol = models.CharField(max_length=4, choices=Protocol.choices)
    is_active = models.BooleanField(default=True)
    server = models.CharField(max_length=500)
    client_id = models.CharField(max_length=200, blank=True)
    sealed_secret = models.TextField(blank=True)
    sign_in_url = models.CharField(max_length=500, blank=True)
    certificate = models.TextField(blank=True)
    username_claim = models.CharField(max_length=200)
    role_claim = models.CharField(max_length=200, blank=True)
    makes_accounts = models.BooleanField(default=False)
    updated_by = models.CharField(max_length=150, blank=True)
    updated_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "access_identity_provider"
        constraints = [models.UniqueConstraint(fields=["institution", "label"], name="identity_provider_label")]

    def __str__(self) -> str:
        return self.label


class ProviderRole(models.Model):
    """What a value of the provider's role claim gives: a role, everywhere or in one library."""

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    provider = models.ForeignKey(IdentityProvider, models.CASCADE, related_name="roles")
    value = models.CharField(max_length=200)
    role = models.CharField(max_length=60)
    library = models.ForeignKey("institutions.Library", models.CASCADE, null=True, related_name="+")

    class Meta:
        db_table = "access_provider_role"

    def __str__(self) -> str:
        return f"{self.value} {self.role}"


class ProviderIdentity(models.Model):
    """Whom a provider means by ``subject``. Once known, the user name may change there."""

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    provider = models.ForeignKey(IdentityProvider, models.CASCADE, related_name="+")
    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    subject = models.CharField(max_length=255)

    class Meta:
        db_table = "access_provider_identity"
        constraints = [
            models.UniqueConstraint(fields=["provider", "subject"], name="provider_identity_subject"),
            models.UniqueConstraint(fields=["provider", "account"], name="provider_identity_account"),
        ]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.account_id}"


class ApiKey(models.Model):
    """What a program signs its calls with. Its secret is shown once and kept as a hash; ``prefix`` finds the row.

    ``scopes`` are those of ``access.scopes``. With ``library`` it acts there alone. It holds through ``expires_on``, a
    day in the institution's zone, unless it was revoked. ``calls_per_second`` 0 is without a limit. ``last_used_at``
    is right to a minute.
    """

    institution = models.ForeignKey("institutions.Institution", models.PROTECT, related_name="+")
    name = models.CharField(max_length=150)
    prefix = models.CharField(max_length=20, unique=True)
    secret_hash = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    library = models.ForeignKey("institutions.Library", models.CASCADE, null=True, related_name="+")
    expires_on = models.DateField(null=True)
    calls_per_second = models.PositiveIntegerField(default=50)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=150, blank=True)

    class Meta:
        db_table = "access_api_key"
        constraints = [models.UniqueConstraint(fields=["institution", "name"], name="api_key_name")]

    def __str__(self) -> str:
        return self.name
