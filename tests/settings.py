"""The house's settings for tests: an embedded PostgreSQL of its own, and letters that stay in the outbox."""

import os
from pathlib import Path

_repository = Path(__file__).resolve().parent.parent
_home = Path(os.environ.get("CYTOLOOP_TEST_HOME") or _repository / "build" / "test-home")
_home.mkdir(parents=True, exist_ok=True)
os.environ["CYTOLOOP_HOME"] = str(_home)
os.environ.setdefault("SECRET_KEY", "only-for-tests-only-for-tests-only-for-tests")
for _name in ("CYTOLOOP_STORAGE_URL", "CYTOLOOP_DATABASE_POOL", "CELERY_BROKER_URL"):
    os.environ.pop(_name, None)

from backend.foundation.database import hold  # noqa: E402
from backend.settings import *  # noqa: E402, F403
from backend.settings import CYTOLOOP_EMBEDDED_DATABASE, CYTOLOOP_HOME, LOGGING  # noqa: E402

# Most tests count models; those about starter models ask for them.
CYTOLOOP_STARTERS = False
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS = {}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGGING = {**LOGGING, "root": {"handlers": [], "level": "WARNING"}}
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]

if CYTOLOOP_EMBEDDED_DATABASE:
    hold(CYTOLOOP_HOME)
