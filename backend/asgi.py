"""What the web server runs."""

import os

import django

from backend.celery import app as celery_app  # letters leave through it

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")
django.setup(set_prefix=False)

from backend.foundation.serving import Handler  # noqa: E402 (its parts want the settings)

application = Handler()

__all__ = ["application", "celery_app"]
