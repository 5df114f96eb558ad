"""Every knob, read once from the environment. A bad value refuses to start with one sentence."""

import os
import secrets
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

import platformdirs

from backend.foundation import letterbox
from backend.foundation.environment import BadSetting, Environment
from backend.foundation.place import socket_folder

REPOSITORY = Path(__file__).resolve().parent.parent
QUEUE_SCHEMES = ("redis", "rediss", "amqp", "amqps", "memory")


def home_folder(env: Environment) -> Path:
    """The data folder: as told, or `.cytoloop` beside a checkout's code, or the user's data folder."""
    told = env.text("CYTOLOOP_HOME")
    if told:
        home = Path(told).expanduser().resolve()
    elif (REPOSITORY / "pyproject.toml").exists():
        home = REPOSITORY / ".cytoloop"
    else:
        home = Path(platformdirs.user_data_dir("cytoloop"))
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadSetting(
            f"CYTOLOOP_HOME: the data folder {home} cannot be made ({error.strerror}). Name a "
            f"folder that you may write to."
        ) from error
    if not os.access(home, os.W_OK):
        raise BadSetting(
            f"CYTOLOOP_HOME: the data folder {home} is not writable. Name one that you may write to."
        )
    return home


def secret_key(env: Environment, home: Path) -> str:
    """As told, or made once and kept in the data folder, readable by its owner only."""
    told = env.text("SECRET_KEY")
    if told:
        if len(told) < 32:
            raise BadSetting(
                "SECRET_KEY is shorter than 32 characters. Make a longer one, or unset it to have one made."
            )
        return told
    path = home / "secret_key"
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip() or secret_key_again(path)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii")


def secret_key_again(path: Path) -> str:
    """Replace an empty key file, left by a process that was killed between making and writing it."""
    path.unlink()
    return secret_key(Environment({}), path.parent)


def database(env: Environment, home: Path) -> dict[str, Any]:
    """PostgreSQL: the one in DATABASE_URL, or the embedded one, reached through its socket."""
    address = env.url("DATABASE_URL", ("postgres", "postgresql"))
    pool = env.integer("CYTOLOOP_DATABASE_POOL", 0, least=0, most=200)
    common: dict[str, Any] = {"ENGINE": "django.db.backends.postgresql", "CONN_HEALTH_CHECKS": True}
    options: dict[str, Any] = {"pool": {"min_size": 1, "max_size": pool, "timeout": 20}} if pool else {}
    if address is None:
        place = {"NAME": "cytoloop", "USER": "postgres", "HOST": str(socket_folder(home)), "PORT": "5432"}
        return {**common, **place, "OPTIONS": options}
    name = unquote(address.path.strip("/"))
    if not name:
        raise BadSetting(
            "DATABASE_URL names no database. Write postgresql://user:password@host:5432/database."
        )
    return {
        **common,
        "NAME": name,
        "USER": unquote(address.username or ""),
        "PASSWORD": unquote(address.password or ""),
        "HOST": unquote(address.hostname or ""),
        "PORT": str(address.port or ""),
        "OPTIONS": {**options, **dict(parse_qsl(address.query))},
    }


def storage_url(env: Environment) -> str:
    """`s3://bucket/prefix`, or empty for the data folder."""
    address = env.url("CYTOLOOP_STORAGE_URL", ("s3",))
    if address is None:
        return ""
    if not address.netloc:
        raise BadSetting("CYTOLOOP_STORAGE_URL names no bucket. Write s3://bucket/prefix, or unset it.")
    return address.geturl()


def object_store(env: Environment) -> dict[str, Any]:
    """How to reach the S3-compatible store; keys that are not told are looked for where AWS's tools keep
    them.
    """
    endpoint = env.url("CYTOLOOP_S3_ENDPOINT", ("http", "https"))
    told = {
        "endpoint": endpoint.geturl().rstrip("/") if endpoint else "",
        "region": env.text("CYTOLOOP_S3_REGION"),
        "access_key_id": env.text("CYTOLOOP_S3_ACCESS_KEY"),
        "secret_access_key": env.text("CYTOLOOP_S3_SECRET_KEY"),
    }
    store: dict[str, Any] = {name: value for name, value in told.items() if value}
    if endpoint and endpoint.scheme == "http":
        store["client_options"] = {"allow_http": True}
    return store


def broker(env: Environment, home: Path) -> tuple[str, dict[str, Any]]:
    """Redis or RabbitMQ as told, or letters as files in the data folder."""
    address = env.url("CELERY_BROKER_URL", QUEUE_SCHEMES)
    if address is not None:
        # A letter that nobody acknowledged comes back after this; longer than the longest job.
        return address.geturl(), {"visibility_timeout": 7 * 24 * 3600} if address.scheme.startswith(
            "redis"
        ) else {}
    letterbox.register()
    return f"{letterbox.SCHEME}://localhost", letterbox.options(home / "queue")


def public_address(env: Environment, port: int) -> str:
    """Where people find this server, for the links in mails: `CYTOLOOP_ADDRESS`."""
    address = env.url("CYTOLOOP_ADDRESS", ("http", "https"))
    return address.geturl().rstrip("/") if address else f"http://127.0.0.1:{port}"


def mail(env: Environment) -> dict[str, Any]:
    """Django's settings of mail, from `CYTOLOOP_MAIL_URL`: smtp:// (plain), smtp+tls:// (STARTTLS), smtps://.

    Without it no mail is sent and nobody is asked whether they want some.
    """
    address = env.url("CYTOLOOP_MAIL_URL", ("smtp", "smtp+tls", "smtps"))
    if address is None:
        return {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
    sender = env.text("CYTOLOOP_MAIL_FROM")
    if not sender:
        raise BadSetting("CYTOLOOP_MAIL_URL is set, so CYTOLOOP_MAIL_FROM must name who sends the mails.")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": address.hostname or "localhost",
        "EMAIL_PORT": address.port or {"smtp": 25, "smtp+tls": 587, "smtps": 465}[address.scheme],
        "EMAIL_HOST_USER": unquote(address.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(address.password or ""),
        "EMAIL_USE_TLS": address.scheme == "smtp+tls",
        "EMAIL_USE_SSL": address.scheme == "smtps",
        "EMAIL_TIMEOUT": 20,
        "DEFAULT_FROM_EMAIL": sender,
    }


def refuse(error: BadSetting) -> None:
    """Say the sentence and leave, without a traceback."""
    sys.stderr.write(f"Cytoloop cannot start. {error}\n")
    raise SystemExit(2)


try:
    _env = Environment()
    CYTOLOOP_HOME = home_folder(_env)
    SECRET_KEY = secret_key(_env, CYTOLOOP_HOME)
    DATABASES = {"default": database(_env, CYTOLOOP_HOME)}
    CYTOLOOP_EMBEDDED_DATABASE = not _env.text("DATABASE_URL")
    CYTOLOOP_STORAGE_URL = storage_url(_env)
    CYTOLOOP_S3 = object_store(_env)
    CELERY_BROKER_URL, CELERY_BROKER_TRANSPORT_OPTIONS = broker(_env, CYTOLOOP_HOME)
    CYTOLOOP_EMBEDDED_QUEUE = not _env.text("CELERY_BROKER_URL")
    CYTOLOOP_HOST = _env.text("CYTOLOOP_HOST", "127.0.0.1")
    PORT = _env.integer("PORT", 8000, least=1, most=65535)
    CYTOLOOP_GPU = _env.choice("CYTOLOOP_GPU", "auto", ("auto", "yes", "no"))
    CYTOLOOP_THREADS = _env.integer("CYTOLOOP_THREADS", 0, least=0, most=1024)
    CYTOLOOP_ADMIN_EMAIL = _env.text("CYTOLOOP_ADMIN_EMAIL", "owner@cytoloop.local")
    CYTOLOOP_ADMIN_PASSWORD = _env.text("CYTOLOOP_ADMIN_PASSWORD")
    CYTOLOOP_DEMONSTRATION = _env.flag("CYTOLOOP_DEMONSTRATION", default=True)
    CYTOLOOP_STARTERS = _env.flag("CYTOLOOP_STARTERS", default=True)
    CYTOLOOP_TRUSTED_PROXIES = _env.text("CYTOLOOP_TRUSTED_PROXIES", "127.0.0.1")
    CYTOLOOP_LOG_LEVEL = _env.choice("CYTOLOOP_LOG_LEVEL", "info", ("debug", "info", "warning", "error"))
    # This machine itself is always allowed: `up` and load balancers ask for the server's health by that name.
    ALLOWED_HOSTS = [*_env.words("CYTOLOOP_ALLOWED_HOSTS", ()), "localhost", "127.0.0.1", "[::1]"]
    CSRF_TRUSTED_ORIGINS = _env.words("CYTOLOOP_ORIGINS", ())
    DEBUG = _env.flag("CYTOLOOP_DEBUG", default=False)
    CYTOLOOP_WEBHOOKS_INSIDE = _env.flag("CYTOLOOP_WEBHOOKS_INSIDE", default=False)
    CYTOLOOP_ADDRESS = public_address(_env, PORT)
    CYTOLOOP_MAIL = bool(_env.text("CYTOLOOP_MAIL_URL"))
    globals().update(mail(_env))
    _behind_https = _env.flag("CYTOLOOP_HTTPS", default=False)
except BadSetting as _error:
    refuse(_error)

CYTOLOOP_PAGES = REPOSITORY / "frontend" / "dist"
CYTOLOOP_RUNS = CYTOLOOP_HOME / "runs"

ROOT_URLCONF = "backend.urls"
ASGI_APPLICATION = "backend.asgi.application"
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "rest_framework",
    "drf_spectacular",
    "backend.accounts",
    "backend.foundation",
    *(app for app in ("annotation", "training") if (REPOSITORY / app / "apps.py").exists()),
]
MIDDLEWARE = [
    "backend.foundation.middleware.RequestId",
    "django.middleware.security.SecurityMiddleware",
    "backend.foundation.middleware.SecurityHeaders",
    "backend.foundation.middleware.CompressText",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
]
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _behind_https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _behind_https else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "backend.doors.pages.refuse_forgery"

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-us"
USE_I18N = False
STATIC_URL = "static/"
WHITENOISE_ROOT = str(CYTOLOOP_PAGES)
WHITENOISE_INDEX_FILE = False
# Bytes of images, labels and chunks are read from the request in pieces; no form is larger than this.
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024 * 1024

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "backend.accounts.authentication.TokenAuthentication",
        "backend.accounts.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "backend.foundation.http.LimitOffset",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "backend.foundation.http.answer_error",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Cytoloop",
    "DESCRIPTION": "Label cells, train on them, correct, review, and keep everything.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "COMPONENT_SPLIT_PATCH": True,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "UploadStateEnum": "annotation.models.UploadState",
        "UploadFileStateEnum": "annotation.models.UploadFileState",
        "ImageStateEnum": "annotation.models.ImageState",
        "TaskStateEnum": "annotation.models.TaskState",
        "TaskKindEnum": "annotation.models.TaskKind",
        "RevisionKindEnum": "annotation.models.RevisionKind",
        "ExportStateEnum": "annotation.models.ExportState",
        "CampaignStateEnum": "annotation.models.CampaignState",
        "ItemKindEnum": "annotation.models.ItemKind",
        "ItemUseEnum": "annotation.models.ItemUse",
        "StitchingStateEnum": "annotation.models.StitchingState",
        "CrowdWorkerStateEnum": "annotation.models.WorkerState",
        "JobStateEnum": "training.models.jobs.State",
        "JobKindEnum": "training.models.jobs.Kind",
        "ReckoningStateEnum": "training.models.evaluations.ReckoningState",
        "RoleEnum": "backend.accounts.models.Role",
        "GivenRoleEnum": "annotation.models.grants.ROLES_GIVEN",
        "ReviewVerdictEnum": "annotation.models.Verdict",
        "DeliveryStateEnum": "annotation.models.DeliveryState",
        "NotificationKindEnum": "annotation.models.NotificationKind",
        "PlaceEnum": "annotation.models.Place",
        "AlertKindEnum": "annotation.core.alerts.AlertKind",
        "ExportWhichEnum": "annotation.models.ExportWhich",
        "AttributeKindEnum": "annotation.models.AttributeKind",
        "ClassRuleEnum": "annotation.models.ClassRule",
    },
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
}

CELERY_TASK_DEFAULT_QUEUE = "interactive"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = not CYTOLOOP_EMBEDDED_QUEUE
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
CELERY_TIMEZONE = "UTC"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": CYTOLOOP_LOG_LEVEL.upper()},
    "loggers": {name: {"level": "WARNING"} for name in ("uvicorn.access", "celery.beat", "celery.app.trace")},
}
