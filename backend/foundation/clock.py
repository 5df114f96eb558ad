"""What time it is, asked in one place so that tests can answer."""

from datetime import datetime

from django.utils import timezone


def now() -> datetime:
    """This moment, aware, in UTC."""
    return timezone.now()
