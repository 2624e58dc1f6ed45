"""All settings, read from the environment and safe by default; see README, "In production"."""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import django_stubs_ext
from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured
from redis.backoff import NoBackoff
from redis.retry import Retry

from config import env
from workspace.addresses import (
    campaign_url,
    company_url,
    contact_url,
    lead_url,
    person_url,
    rejections_url,
)
from workspace.backoffice.theme import UNFOLD as UNFOLD

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = env.directory("DATA_DIR", BASE_DIR / "var")

# "local" is script/serve and script/test on one machine; everything else is production.
IS_LOCAL = os.environ.get("HANDOFF_ENV", "production") == "local"
DEBUG = env.flag("DEBUG")
LOCAL_SECRET_KEY = "local-only-key-that-production-refuses"  # noqa: S105  (not a secret)
SECRET_KEY = os.environ.get("SECRET_KEY") or LOCAL_SECRET_KEY
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]" if IS_LOCAL else "")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")

if not IS_LOCAL:
    if SECRET_KEY == LOCAL_SECRET_KEY or len(SECRET_KEY) < 50:
        raise ImproperlyConfigured("Set SECRET_KEY to at least 50 random characters.")
    if DEBUG:
        raise ImproperlyConfigured("DEBUG must be off in production; unset it.")

DATABASES = {
    "default": env.database(os.environ.get("DATABASE_URL", "postgres://app@localhost/handoff"))
}
# Threads keep their connections, so that prepared statements are reused.
DATABASES["default"]["CONN_MAX_AGE"] = 300
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["OPTIONS"].setdefault("server_side_binding", True)
# PostgreSQL keeps the plan of a statement once it was prepared and run six times, and a quiet site
# closes connections soon. So a connection prepares a statement that it runs for the third time.
# Set PREPARE_THRESHOLD=0 behind a pooler in transaction mode.
PREPARE_THRESHOLD = env.number("PREPARE_THRESHOLD", 2)
DATABASES["default"]["OPTIONS"]["prepare_threshold"] = PREPARE_THRESHOLD or None
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = os.environ.get("REDIS_URL", "redis://localhost:6379/0")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        # The second try finds a server that was restarted. A request waits no longer than this.
        "OPTIONS": {
            "socket_timeout": 1,
            "socket_connect_timeout": 1,
            "retry": Retry(NoBackoff(), 1),
        },
    }
}

INSTALLED_APPS = [
    "workspace.backoffice.apps.AdminThemeConfig",
    "unfold.contrib.filters",
    "unfold.contrib.inlines",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "pgtrigger",
    "pghistory",
    "axes",
    "csp",
    "django_filters",
    "django_htmx",
    "template_partials",
    "rest_framework",
    "drf_spectacular",
    "core",
    "people",
    "leads",
    "handoff",
    "intake",
    "feedback",
    "reporting",
    "api",
    "workspace",
    "config.apps.ConfigConfig",
]
# Demo data, benchmarks and local servers, which the production image leaves out.
if find_spec("tools"):
    INSTALLED_APPS.append("tools")

MIDDLEWARE = [
    "config.request_ids.request_ids",
    "django.middleware.security.SecurityMiddleware",
    "config.middleware.permissions_policy",
    "config.middleware.CompressionMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.middleware.PolicyMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "people.middleware.LocalTimeMiddleware",
    "config.middleware.private_pages",
    "config.middleware.method_not_allowed_page",
    "axes.middleware.AxesMiddleware",
]

# Lower apps link to pages of higher ones through `get_absolute_url`.
ABSOLUTE_URL_OVERRIDES = {
    "handoff.rejectionreason": rejections_url,
    "leads.campaign": campaign_url,
    "leads.company": company_url,
    "leads.contact": contact_url,
    "leads.lead": lead_url,
    "people.user": person_url,
}
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "workspace.navigation.frame",
            ],
        },
    },
    {
        # Files named *.jinja: the pages that are opened most, and the parts of all pages.
        "NAME": "jinja2",
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "environment": "core.jinja.environment",
            "context_processors": [
                "core.jinja.one_csrf_token",
                "django.contrib.messages.context_processors.messages",
                "workspace.navigation.frame",
            ],
            "filters": {
                "company_name": "leads.templatetags.companies.company_name",
                "link": "workspace.templatetags.links.link",
                "linked": "workspace.lead.linked_names.linked",
                "person_link": "workspace.templatetags.links.person_link",
                "stage_badge": "leads.templatetags.badges.stage_badge",
                "temperature_badge": "leads.templatetags.badges.temperature_badge",
                "undo_offer": "workspace.lead.undo_offers.undo_offer",
            },
            "functions": {
                "consequence": "handoff.answers.reject.consequence_of",
                "stage_badges": "leads.templatetags.badges.stage_badges",
            },
        },
    },
]

# --- sign-in ---------------------------------------------------------------------------------

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "people.backends.SignInBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "people:sign_in"
LOGIN_REDIRECT_URL = "workspace:home"
LOGOUT_REDIRECT_URL = "people:sign_in"
SESSION_ENGINE = "people.sessions"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 7
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
# In a cookie, so that a message writes no row; what does not fit goes to the session.
MESSAGE_STORAGE = "people.messages.MessageStorage"

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False
# An attempt during a lockout does not prolong it.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_HANDLER = "people.lockout.LockoutHandler"
AXES_CLIENT_IP_CALLABLE = "people.clients.client_of"
AXES_USERNAME_CALLABLE = "people.lockout.account_of"
AXES_LOCKOUT_CALLABLE = "people.lockout.refusal"
# The name of the form field: under the model's field name axes would not count attempts.
AXES_USERNAME_FORM_FIELD = "username"
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "password"]

# --- HTTP security ---------------------------------------------------------------------------

SECURE_HTTPS = not IS_LOCAL
# A browser accepts a cookie of this name only from this host, over TLS and for all paths.
COOKIE_PREFIX = "__Host-" if SECURE_HTTPS else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
SESSION_COOKIE_SECURE = SECURE_HTTPS
CSRF_COOKIE_SECURE = SECURE_HTTPS
SECURE_SSL_REDIRECT = SECURE_HTTPS and env.flag("SECURE_SSL_REDIRECT", True)
SECURE_REDIRECT_EXEMPT = [r"^health/"]  # requested from inside, without TLS
# Browsers remember it, so it starts at an hour and grows by setting. The checks ask for all of it.
SECURE_HSTS_SECONDS = env.number("SECURE_HSTS_SECONDS", 3600) if SECURE_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.flag("SECURE_HSTS_INCLUDE_SUBDOMAINS")
SECURE_HSTS_PRELOAD = env.flag("SECURE_HSTS_PRELOAD")
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
# No page uses these features, so no script may ask for them.
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")
)
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
BEHIND_TLS_PROXY = env.flag("BEHIND_TLS_PROXY")
# So many proxies of ours add the address of their client to X-Forwarded-For.
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", int(BEHIND_TLS_PROXY))
if BEHIND_TLS_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
# The admin theme's Alpine build evaluates expressions. Only admin pages have this policy.
ADMIN_CONTENT_SECURITY_POLICY = {
    **CONTENT_SECURITY_POLICY["DIRECTIVES"],
    "script-src": [SELF, UNSAFE_EVAL, UNSAFE_INLINE],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# --- static files ----------------------------------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "core.stylesheets.StylesheetFinder",
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
STATIC_ROOT = env.directory("STATIC_ROOT", DATA_DIR / "static")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if not env.flag("PLAIN_STATIC", IS_LOCAL)
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
# Locally the files are served from their source folders, without collectstatic.
WHITENOISE_USE_FINDERS = IS_LOCAL

# --- time and language -----------------------------------------------------------------------

TIME_ZONE = "UTC"
USE_TZ = True
LANGUAGE_CODE = "en-us"
USE_I18N = False
FORMAT_MODULE_PATH = "config.formats"
# The zone of a day in reports. After a change all numbers are recounted.
REPORTING_TIME_ZONE = os.environ.get("REPORTING_TIME_ZONE", "UTC")

# --- mail ------------------------------------------------------------------------------------

DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "handoff@localhost")
EMAIL_HOST = os.environ.get("EMAIL_HOST", "")
EMAIL_PORT = env.number("EMAIL_PORT", 587)
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_SSL = env.flag("EMAIL_USE_SSL")
EMAIL_USE_TLS = not EMAIL_USE_SSL and env.flag("EMAIL_USE_TLS", True)
EMAIL_TIMEOUT = 10
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if EMAIL_HOST
    else "django.core.mail.backends.filebased.EmailBackend"
)
EMAIL_FILE_PATH = DATA_DIR / "mail"
# The base of links in emails.
SITE_URL = (os.environ.get("SITE_URL") or "http://localhost:8000").rstrip("/")

# --- API -------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "api.problem_details.problem_details",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Lead handoff API",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
}

# --- workers ---------------------------------------------------------------------------------

CELERY_BROKER_URL = os.environ.get("CELERY_BROKER_URL") or REDIS_URL.replace(
    "unix://", "redis+socket://"
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Only all three together redeliver the tasks of a killed worker within seconds.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
}
CELERY_TASK_TIME_LIMIT = (
    270  # below the visibility timeout, after which another worker gets the task
)
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
# Mail has a queue and a worker of its own: a slow mail server never keeps sweeps waiting. A worker
# without --queues does the work of both.
CELERY_TASK_DEFAULT_QUEUE = "celery"
CELERY_TASK_QUEUES = {
    name: {"exchange": name, "routing_key": name} for name in (CELERY_TASK_DEFAULT_QUEUE, "mail")
}
CELERY_TASK_ROUTES = {"people.tasks.deliver_notices": {"queue": "mail"}}
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")
# In seconds, or the arguments of a crontab. A run that waited longer than its interval is dropped,
# as the next one does its work.
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "clocks": {
        "task": "handoff.tasks.sweep_clocks",
        "schedule": 5,
        "options": {"expires": 5},
    },
    "waiting leads": {
        "task": "handoff.tasks.offer_waiting",
        "schedule": 5,
        "options": {"expires": 5},
    },
    "departures": {
        "task": "handoff.tasks.reassign_departed",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "workload": {
        "task": "handoff.tasks.merge_workload",
        "schedule": 10,
        "options": {"expires": 10},
    },
    "returned leads": {
        "task": "handoff.tasks.resurface_due_leads",
        "schedule": 600,
        "options": {"expires": 600},
    },
    "suppressed requests": {
        "task": "handoff.tasks.notify_of_suppressed_requests",
        "schedule": 600,
        "options": {"expires": 600},
    },
    # Hourly, because a day ends at another time in each time zone.
    "rejection digests": {
        "task": "handoff.tasks.send_rejection_digests",
        "schedule": {"minute": 5},
        "options": {"expires": 3600},
    },
    "notices": {
        "task": "people.tasks.deliver_notices",
        "schedule": 10,
        "options": {"expires": 10},
    },
    "calendars": {
        "task": "people.tasks.refresh_calendars",
        "schedule": 3600,
        "options": {"expires": 3600},
    },
    "rollups": {
        "task": "reporting.tasks.follow_log",
        "schedule": 30,
        "options": {"expires": 30},
    },
    # The first run of a night begins, and the others go on until everything is compared.
    "rollup check": {
        "task": "reporting.tasks.prove_rollups",
        "schedule": {"hour": "3-5", "minute": "*/5"},
        "options": {"expires": 300},
    },
    "old idempotency keys": {
        "task": "api.tasks.purge_answers",
        "schedule": {"hour": 2, "minute": 10},
        "options": {"expires": 3600},
    },
    "old sessions": {
        "task": "people.tasks.purge_sessions",
        "schedule": {"hour": 2, "minute": 30},
        "options": {"expires": 3600},
    },
    "old mail files": {
        "task": "people.tasks.purge_mail_files",
        "schedule": {"hour": 2, "minute": 40},
        "options": {"expires": 3600},
    },
    "old undoable answers": {
        "task": "handoff.tasks.purge_undoable_answers",
        "schedule": {"hour": 2, "minute": 50},
        "options": {"expires": 3600},
    },
    "old notices": {
        "task": "people.tasks.purge_notices",
        "schedule": {"hour": 2, "minute": 20},
        "options": {"expires": 3600},
    },
}

# --- logs, without personal data -------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "config.logs.LineFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "filters": {"outages": {"()": "config.logs.OutageFilter"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["outages"],
        }
    },
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "INFO")},
    "loggers": {
        # Sweeps every few seconds would fill the log.
        **{
            name: {"level": os.environ.get("LOG_LEVEL", "WARNING")}
            for name in ("celery.beat", "celery.worker.strategy", "celery.app.trace")
        },
        # At DEBUG these log personal data.
        **{name: {"level": "INFO"} for name in ("django.template", "django.db.backends")},
    },
}
