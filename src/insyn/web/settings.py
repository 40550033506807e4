"""Settings of the web site. Everything that differs between installations comes from the environment.

``INSYN_HOME``: the folder of one installation (see :mod:`insyn.core.home`). ``INSYN_PACKS``: folders with rule packs (those that come with
Insyn unless told). ``INSYN_ALLOWED_HOSTS``: host names, comma between. ``INSYN_HTTPS=0``: cookies also over plain HTTP, for one machine.
``INSYN_PROXY=1``: trust X-Forwarded-Proto and the last entry of X-Forwarded-For. ``INSYN_ADDRESS``: the site's own address in letters, such as
https://insyn.kommunen.se. ``INSYN_SMTP_HOST``, ``_PORT``, ``_USER``, ``_PASSWORD``, ``_SECURITY`` (``starttls`` unless told, ``tls`` or
``none``) and ``_FROM``: the mail server for letters; without a host they are written as files to ``mail-out`` in the installation's folder.
``INSYN_EID_ISSUER``, ``_CLIENT`` and ``_SECRET_FILE``: the OpenID provider where residents sign in by e-ID, our name there and a file with our
secret; without them residents come in by a letter's code. ``INSYN_EID_CLAIM``: claims that may hold the identity number, comma between;
``_SCOPE`` (``openid`` unless told); ``_NAME``: what the sign-in is called.
``INSYN_CLAMD``: the Unix socket of a virus scanner (clamd); with it, no file is taken that it has not looked at.
"""

from __future__ import annotations

import os
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from insyn.core.home import Home
from insyn.law.folders import installed_folders
from insyn.web.residents.eid_settings import eid_settings

if "INSYN_HOME" not in os.environ:
    raise ImproperlyConfigured("INSYN_HOME is not set. It names the folder that holds the register, the log and the keys.")

HERE = Path(__file__).resolve().parent
HOME = Home(Path(os.environ["INSYN_HOME"]).absolute())
INSYN_PACKS = installed_folders(os.environ)
HTTPS = os.environ.get("INSYN_HTTPS", "1") != "0"
PROXY = os.environ.get("INSYN_PROXY") == "1"

DEBUG = False
SECRET_KEY = HOME.django_key.read_text().strip() if HOME.django_key.exists() else ""
ALLOWED_HOSTS = [host for host in os.environ.get("INSYN_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",") if host]
ROOT_URLCONF = "insyn.web.urls"
WSGI_APPLICATION = "insyn.web.wsgi.application"

INSTALLED_APPS = [
    "insyn.web.accounts",
    "insyn.web.register",
    "insyn.web.assessments",
    "insyn.web.oversight",
    "insyn.web.reviews",
    "insyn.web.residents",
    "insyn.web.rights",
    "insyn.web.history",
    "insyn.web.needs",
    "insyn.web.participation",
    "insyn.web.decisions",
    "insyn.web.assistants",
    "insyn.web.incidents",
    "insyn.web.remedies",
    "insyn.web.portfolio",
    "insyn.web.inventory",
    "insyn.web.imports",
    "insyn.web.archive",
    "insyn.web.letters",
    "insyn.web.feedback",
    "insyn.web.site",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "csp",
]

# Nothing here reads the database before a view asks for the user or the session: the stop page answers while the register is locked.
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "insyn.web.language.vary_on_cookie",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
if PROXY:
    MIDDLEWARE.insert(0, "insyn.web.proxy.caller_address")

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "insyn.web.accounts.context.signed_in",
                "insyn.web.register.context.municipality",
            ],
            "builtins": ["insyn.web.register.templatetags.insyn"],
        },
    }
]

# Rollback journal: one file, and a reader never sees half an act. IMMEDIATE: two writers wait for each other instead of failing midway.
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": HOME.register,
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL;",
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "/arbete/"
LOGOUT_REDIRECT_URL = "/"

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "insyn.web.accounts.views.locked_out"
AXES_VERBOSE = False
AXES_ENABLE_ACCESS_FAILURE_LOG = False

# Sessions in the database, so that signing out ends them everywhere; messages in a cookie, so that showing one reads no database.
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXY else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [NONE],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
INSYN_EID = eid_settings(os.environ, https=HTTPS)

# Letters. Ten seconds: a mail server that hangs must not hold up those who come after.
PUBLIC_ADDRESS = os.environ.get("INSYN_ADDRESS", f"{'https' if HTTPS else 'http'}://{ALLOWED_HOSTS[0]}").rstrip("/")
EMAIL_HOST = os.environ.get("INSYN_SMTP_HOST", "")
EMAIL_PORT = int(os.environ.get("INSYN_SMTP_PORT", "587"))
EMAIL_HOST_USER = os.environ.get("INSYN_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("INSYN_SMTP_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("INSYN_SMTP_SECURITY", "starttls") == "starttls"
EMAIL_USE_SSL = os.environ.get("INSYN_SMTP_SECURITY") == "tls"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("INSYN_SMTP_FROM", f"insyn@{ALLOWED_HOSTS[0]}")

DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000  # a table of lines in a record has a field for each cell: 200 lines of up to 8
FILE_UPLOAD_HANDLERS = [
    "insyn.web.uploads.BoundedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

LANGUAGE_CODE = "sv"
LANGUAGES = [("sv", _("Swedish")), ("en", _("English"))]
LOCALE_PATHS = [HERE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Stockholm"

STATIC_URL = "/static/"
STATICFILES_DIRS = [HERE / "static"]
WHITENOISE_USE_FINDERS = True  # served from the installed package: no step to forget before the site looks right
WHITENOISE_MAX_AGE = 3600

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"django": {"handlers": ["console"], "level": "WARNING", "propagate": False}},
}
