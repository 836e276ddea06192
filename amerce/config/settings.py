"""Django's settings, read from AMERCE_* variables only.

Why one file: an installation is described by its environment and its data folder, nothing else; what a
librarian may change lives in the database (package ``institutions``).
"""

import os
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured


class _Env(environ.Env):  # type: ignore[misc]
    """A variable that is set to nothing is not set: `AMERCE_PROXIES=` in a file of variables means the default."""

    ENVIRON = {name: value for name, value in os.environ.items() if value.strip()}


env = _Env()

DEBUG = False
DATA_DIR = Path(env("AMERCE_DATA_DIR", default="var")).resolve()
DEMO = env.bool("AMERCE_DEMO", default=False)
BASE_URL = env("AMERCE_BASE_URL", default="http://127.0.0.1:8000")

AMERCE_OUTBOUND_HOSTS = env.list("AMERCE_OUTBOUND_HOSTS", default=[])


def _secret() -> str:
    """The variable wins over the file in the data folder; with neither, Django refuses the first use."""
    kept = DATA_DIR / "secret-key"
    return str(env("AMERCE_SECRET_KEY", default="")) or (kept.read_text().strip() if kept.is_file() else "")


SECRET_KEY = _secret()

_database = env("AMERCE_DATABASE_URL", default=f"sqlite:///{DATA_DIR}/amerce.sqlite3")
if not env.DB_SCHEMES.get(urlsplit(_database).scheme, "").endswith((".sqlite3", ".postgresql")):
    raise ImproperlyConfigured("AMERCE_DATABASE_URL is no address like sqlite:///path or postgres://host/name.")
DATABASES = {"default": env.db_url_config(_database)}
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if "sqlite3" in DATABASES["default"]["ENGINE"]:
    _options = {
        "transaction_mode": "IMMEDIATE",  # a writer waits at BEGIN, never half way through
        "timeout": 15,  # seconds a writer waits before the page says that the database is busy
        "init_command": (
            "PRAGMA journal_mode=WAL;"
            "PRAGMA synchronous=FULL;"  # a receipt handed over is on disk
            "PRAGMA recursive_triggers=ON;"  # without it REPLACE deletes money rows unseen
        ),
    }
else:
    _options = {  # a command sends the same few statements all day (docs/adr/0009)
        "server_side_binding": True,
        "prepare_threshold": 5,
    }
DATABASES["default"]["OPTIONS"] = _options | DATABASES["default"].get("OPTIONS", {})  # the address has the last word
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

_address = urlsplit(BASE_URL)
_https = _address.scheme == "https"
ALLOWED_HOSTS = [_address.hostname or "", "127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS = [f"{_address.scheme}://{_address.netloc}"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600  # a working day: the computer at a desk is everybody's
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_NAME = "amerce_session"
CSRF_COOKIE_NAME = "amerce_csrf"
SECURE_SSL_REDIRECT = _https
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _https else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https else None
X_FRAME_OPTIONS = "DENY"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "django_htmx",
    "django_cotton",
    "django_tables2",
    "django_filters",
    "csp",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    *(["allauth.socialaccount.providers.saml"] if find_spec("onelogin") else []),
    "amerce.events",
    "amerce.access",
    "amerce.jobs",
    "amerce.institutions",
    "amerce.patrons",
    "amerce.ledger",
    "amerce.charges",
    "amerce.letters",
    "amerce.circulation",
    "amerce.notices",
    "amerce.bulk",
    "amerce.bursar",
    "amerce.webhooks",
    "amerce.network",
    "amerce.api",
    "amerce.web",
]
AUTH_USER_MODEL = "access.Account"
AUTHENTICATION_BACKENDS = ["amerce.access.backend.LocalAccounts"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name")},
    },
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"

# The steps of signing in are allauth's (docs/adr/0016); failures are counted by access/attempts.py, not in its cache.
ACCOUNT_ADAPTER = "amerce.web.sign_in_adapter.SignInAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = False
SOCIALACCOUNT_ADAPTER = "amerce.web.single_sign_on.ProviderAdapter"
SOCIALACCOUNT_REQUESTS_TIMEOUT = 10  # seconds
MFA_ADAPTER = "amerce.web.sign_in_adapter.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
_proxies = env("AMERCE_PROXIES", default="0")
if not (_proxies.isascii() and _proxies.isdigit()):
    raise ImproperlyConfigured("AMERCE_PROXIES is how many proxies there are, a whole number.")
ALLAUTH_TRUSTED_PROXY_COUNT = int(_proxies)

AMERCE_BODY_LIMIT = 1_000_000  # bytes: what a program sends
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000  # what a form has beside files
AMERCE_UPLOAD_MB = 10  # a form with a file
AMERCE_PAYMENTS_MB = env.int("AMERCE_PAYMENTS_MB", default=100)  # one with a file of payments

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "amerce.api.front.Programs",  # their calls go no further down
    "csp.middleware.CSPMiddleware",
    "amerce.config.body_limit.BodyLimit",
    "amerce.web.middleware.FormsInUtf8",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",  # a page is closed unless it says otherwise
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "amerce.web.middleware.StaffMiddleware",
]
ROOT_URLCONF = "amerce.config.urls"
WSGI_APPLICATION = "amerce.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "amerce.web.context.staff",
            ],
            "builtins": ["amerce.web.templatetags.amerce"],
        },
    }
]
SILENCED_SYSTEM_CHECKS = ["templates.W003"]  # allauth too calls its tags "account"; none of its templates is rendered
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"  # a message costs no write
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"

# Letters (docs/operating/letters.md). In the demo mail stays in a folder; without a mail server it waits.
_own_mail = {
    "EMAIL_BACKEND": "amerce.letters.transports.mail_folder.EmailBackend"
    if DEMO
    else "amerce.letters.transports.no_mail.EmailBackend"
}
_mail = env.email_url("AMERCE_EMAIL_URL") if env("AMERCE_EMAIL_URL", default="") else _own_mail
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.get("EMAIL_USE_TLS", False), _mail.get("EMAIL_USE_SSL", False)
EMAIL_HOST = _mail.get("EMAIL_HOST") or "localhost"
EMAIL_PORT = _mail.get("EMAIL_PORT") or (465 if EMAIL_USE_SSL else 587 if EMAIL_USE_TLS else 25)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.get("EMAIL_HOST_USER") or "", _mail.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_TIMEOUT = 20  # seconds
EMAIL_FILE_PATH = DATA_DIR / "mail"

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = True
LANGUAGES = [("en", "English")]

STATIC_URL = "/static/"
STORAGES = {"staticfiles": {"BACKEND": "amerce.web.static_files.VersionedFiles"}}
WHITENOISE_USE_FINDERS = True  # no collecting step: the package's own files are served as installed

AMERCE_JOBS = "amerce.config.wiring.JOBS"
AMERCE_HANDLERS = "amerce.config.wiring.HANDLERS"
AMERCE_REFUSALS = "amerce.web.every_refusal.sentence_of"  # the sentence for what a command refuses, for every face
AMERCE_ERRANDS = "amerce.config.wiring.ERRANDS"

DJANGO_TABLES2_TEMPLATE = "web/tables/table.html"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
