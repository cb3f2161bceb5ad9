"""Settings of one deployment. Everything a place may change comes from the environment.

`GONGKAI_HOME` is the one folder that holds what is written: database, keys, attachments, static files.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote, urlparse

from gongkai.vault.keys import secret

ROOT = Path(__file__).resolve().parents[2]
HOME = Path(os.environ.get("GONGKAI_HOME", ROOT / ".var")).resolve()
HOME.mkdir(parents=True, exist_ok=True)

DEBUG = os.environ.get("GONGKAI_DEBUG") == "1"
SECRET_KEY = secret(HOME / "keys", "django").hex()
ALLOWED_HOSTS = os.environ.get("GONGKAI_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("GONGKAI_ORIGINS", "").split(",") if o]

SITE = os.environ.get("GONGKAI_SITE", "http://localhost:8000").rstrip("/")
DEMONSTRATION = os.environ.get("GONGKAI_DEMONSTRATION") == "1"
DEMONSTRATION_PASSWORD = "Qingyuan-2026" if DEMONSTRATION else ""

PACKS = Path(os.environ.get("GONGKAI_PACKS", ROOT / "packs"))
CALENDARS = Path(os.environ.get("GONGKAI_CALENDARS", ROOT / "calendars"))

INSTALLED_APPS = [
    "gongkai.ui",
    "gongkai.people",
    "gongkai.search",
    "gongkai.notices",
    "gongkai.files",
    "gongkai.ledger",
    "gongkai.reviews",
    "gongkai.letters",
    "gongkai.documents",
    "gongkai.opinion",
    "gongkai.press",
    "gongkai.office",
    "gongkai.portal",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "gongkai.ui.middleware.content_policy",
    "gongkai.portal.baking.serving.baked",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "gongkai.ui.middleware.refusals",
    "gongkai.ui.middleware.type_size",
]

ROOT_URLCONF = "gongkai.config.urls"
WSGI_APPLICATION = "gongkai.config.wsgi.application"

CONTEXT = [
    "django.template.context_processors.request",
    "django.contrib.messages.context_processors.messages",
    "gongkai.ui.context.desk",
    "gongkai.people.context.reader",
    "gongkai.office.context.desk",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "APP_DIRS": True,
        "OPTIONS": {"environment": "gongkai.ui.environment.Environment", "context_processors": CONTEXT[1:]},
    },
    {  # what libraries bring along: mails of sign-in
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": CONTEXT},
    },
]


def _database(url: str) -> dict[str, object]:
    """Read DATABASE_URL. SQLite in WAL with immediate transactions by default; `postgres://` with a pool."""
    if not url:
        name = str(HOME / "gongkai.sqlite3")
        return {
            "ENGINE": "gongkai.sqlite",
            "NAME": name,
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA cache_size=-20000;"
                "PRAGMA mmap_size=134217728",
            },
            "TEST": {"NAME": str(HOME / "test.sqlite3")},
        }
    parts = urlparse(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise SystemExit(
            f"DATABASE_URL: 只认 postgres://，得到 {parts.scheme}://。请改为 postgres://用户:口令@主机/库名。"
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or "") or os.environ.get("PGHOST", ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 0,
        "OPTIONS": {"pool": {"min_size": 1, "max_size": 8}},
    }


CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": HOME / "cache"}
}
DATABASES = {"default": _database(os.environ.get("DATABASE_URL", ""))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.Staff"
AUTHENTICATION_BACKENDS = ["gongkai.people.sessions.People"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "gongkai.people.passwords.ThreeKindsValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "office:work"
ACCOUNT_ADAPTER = "gongkai.people.adapter.StaffAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/300s/key", "login": "30/m/ip"}
USERSESSIONS_TRACK_ACTIVITY = False
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ADAPTER = "gongkai.people.adapter.SecondFactorAdapter"
MFA_TOTP_ISSUER = "公开工作台"

SESSION_ENGINE = "gongkai.people.sessions"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = os.environ.get("GONGKAI_HTTPS") == "1"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = HOME / "files"
GONGKAI_BAKED = HOME / "site"  # the public pages as files
GONGKAI_MAY_VANISH = float(os.environ.get("GONGKAI_MAY_VANISH", "0.1"))  # share of pages a new bake may lack
GONGKAI_SMS_GATEWAY = os.environ.get("GONGKAI_SMS_GATEWAY", "")
GONGKAI_WEBHOOK_HOSTS = [h for h in os.environ.get("GONGKAI_WEBHOOK_HOSTS", "").split(",") if h]
GONGKAI_WEBHOOK_PRIVATE = os.environ.get("GONGKAI_WEBHOOK_PRIVATE") == "1"
GONGKAI_WATCH_PRIVATE = os.environ.get("GONGKAI_WATCH_PRIVATE") == "1"  # opinion may fetch inside the network
GONGKAI_CLAMD = os.environ.get("GONGKAI_CLAMD", "")

EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if os.environ.get("GONGKAI_SMTP_HOST")
    else ("django.core.mail.backends.filebased.EmailBackend")
)
EMAIL_FILE_PATH = HOME / "outbox" / "mail"
EMAIL_HOST = os.environ.get("GONGKAI_SMTP_HOST", "")
EMAIL_PORT = int(os.environ.get("GONGKAI_SMTP_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("GONGKAI_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("GONGKAI_SMTP_PASSWORD", "")
DEFAULT_FROM_EMAIL = os.environ.get("GONGKAI_MAIL_FROM", "gongkai@localhost")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"gongkai": {"level": "INFO"}},
}
