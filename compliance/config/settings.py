"""One settings file: embedded (SQLite, filesystem broker) or production (PostgreSQL, Redis), by environment."""

import os
from datetime import timedelta
from typing import Any

from csp.constants import NONE, SELF

from compliance.config import env
from compliance.config.beats import fetch_beats

ENV = env.read(os.environ)
BASE_DIR = env.ROOT
DATA_DIR = ENV.data_dir
PRODUCTION = ENV.production
DEMO_ALLOWED = not PRODUCTION
COMPANY_NAME = os.environ.get("COMPANY_NAME", "" if PRODUCTION else "Larkspur Microdevices, Inc.")  # the applicant
DEMO_PASSWORD = "entity-desk-demo"  # noqa: S105 - shown on the sign-in page of the demo, on purpose

SECRET_KEY = ENV.secret_key
# Digests of personal facts in the trail are keyed. A key of its own lets SECRET_KEY be changed without breaking them.
AUDIT_DIGEST_KEY = os.environ.get("AUDIT_DIGEST_KEY") or SECRET_KEY
DEBUG = False
ALLOWED_HOSTS = ENV.allowed_hosts

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "django_htmx",
    "csp",
    "simple_history",
    "compliance.core",
    "compliance.audit",
    "compliance.accounts",
    "compliance.jobs",
    "compliance.watchlists",
    "compliance.counterparties",
    "compliance.runs",
    "compliance.cases",
    "compliance.licenses",
    "compliance.desk",
    "compliance.config",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "compliance.core.http.PlainRequestMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "compliance.core.http.ComplianceErrorMiddleware",
]

ROOT_URLCONF = "compliance.config.urls"
WSGI_APPLICATION = "compliance.config.wsgi.application"
ASGI_APPLICATION = "compliance.config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "compliance.desk.context.chrome",
            ],
            "builtins": ["compliance.core.templatetags.ui"],
        },
    }
]

DATABASES = {"default": ENV.database}
# Tests run on an SQLite file, never in memory: worker processes and live-server threads must see it.
DATABASES["default"]["TEST"] = (
    {} if PRODUCTION else {"NAME": str(DATA_DIR / f"test-{os.environ.get('TEST_DB_SUFFIX', 'main')}.sqlite3")}
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["compliance.accounts.backends.ActivePeopleBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "today"
LOGOUT_REDIRECT_URL = "login"

LANGUAGE_CODE = "en-us"
TIME_ZONE = "America/New_York"  # a bare date in a rule means 00:00 in Washington; rows are stored in UTC
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Cookies and HTTPS. Embedded listens on 127.0.0.1 without TLS; production is behind HTTPS unless DJANGO_HTTPS=0.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENV.https
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())
SECURE_SSL_REDIRECT = ENV.https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENV.https else None
SECURE_HSTS_SECONDS = 31_536_000 if ENV.https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = ENV.https
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if host != "*"] if ENV.https else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 50 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "compliance.accounts.backends.PersonTokenAuthentication",  # first: without credentials the answer is 401
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "compliance.core.api.CursorPages",
    "EXCEPTION_HANDLER": "compliance.core.api.exception_handler",
    "PAGE_SIZE": 50,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Entity Desk API",
    "DESCRIPTION": (
        "Party screening against the U.S. export-control lists. An answer says only whether a party is listed: "
        "item, destination, end use and red flags are not in it (15 CFR 732.3)."
    ),
    "VERSION": "1",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {
        "CaseState": "compliance.cases.models.CaseState",
        "LicenseRequestState": "compliance.licenses.models.RequestState",
        "ListVersionState": "compliance.watchlists.models.VersionState",
        "RunState": "compliance.runs.models.RunState",
        "MatchOutcome": "compliance.cases.api.OUTCOME_CHOICES",
        "ReviewOutcome": "compliance.cases.models.ReviewOutcome",
    },
}

# Background work. Durability is the Job row (lease, heartbeat); the broker only wakes workers up.
JOB_LEASE_SECONDS = float(os.environ.get("JOB_LEASE_SECONDS", "15"))
JOB_SWEEP_SECONDS = float(os.environ.get("JOB_SWEEP_SECONDS", "5"))
JOB_MAX_ATTEMPTS = int(os.environ.get("JOB_MAX_ATTEMPTS", "5"))
SCREEN_BATCH = int(os.environ.get("SCREEN_BATCH", "200"))  # counterparties a transaction, see docs/runbook.md
PREVIEW_AUTOMATIC = os.environ.get("PREVIEW_AUTOMATIC", "1") != "0"  # count by itself what a waiting version touches

# Fetching of lists. Nothing is asked of the network by itself unless LIST_FETCHING is on; `fetch_lists` always asks.
LIST_FETCHING = ENV.list_fetching
LIST_AUTO_ACTIVATE = os.environ.get("LIST_AUTO_ACTIVATE", "1") != "0"  # a fetched version that passed the gate
LIST_ADDRESSES = ENV.list_addresses  # in place of the official ones, see watchlists/sources.py
LIST_DOWNLOAD: dict[str, Any] = {  # options of watchlists/fetch.py, for each file
    "max_bytes": int(os.environ.get("LIST_MAX_BYTES", str(200 * 1024 * 1024))),
    "timeout": (10.0, 60.0),
    "total_seconds": 600.0,
    "retries": 3,
    "backoff_seconds": 2.0,
}

CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_DEFAULT_QUEUE = os.environ.get("CELERY_QUEUE", "entitydesk")
if PRODUCTION:
    CELERY_BROKER_URL = ENV.redis_url
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        "visibility_timeout": 3600,
        "socket_connect_timeout": 2,
        "socket_timeout": 10,
    }
else:
    CELERY_BROKER_URL = "filesystem://localhost//"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(DATA_DIR / "broker" / "messages"),
        "data_folder_out": str(DATA_DIR / "broker" / "messages"),
        "control_folder": str(DATA_DIR / "broker" / "control"),
        "polling_interval": 0.1,
    }
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "jobs.sweep", "schedule": JOB_SWEEP_SECONDS, "options": {"expires": 30}},
    **(fetch_beats() if LIST_FETCHING else {}),
}

SIMPLE_HISTORY_HISTORY_CHANGE_REASON_USE_TEXT_FIELD = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "INFO")},
}
