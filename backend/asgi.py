"""What the web server runs."""

import os

from django.core.asgi import get_asgi_application

from backend.celery import app as celery_app  # letters leave through it

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")

application = get_asgi_application()

__all__ = ["application", "celery_app"]
