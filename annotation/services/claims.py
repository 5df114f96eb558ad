"""One worker at a time: a claim that ends with the process, however that ends."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection


@contextmanager
def alone(subject: str, pk: UUID) -> Iterator[bool]:
    """True when nobody else holds this claim, until the end of the block. Never waits.

    It is an advisory lock of this database session, so a killed worker holds nothing.
    """
    digest = hashlib.blake2b(f"{subject}:{pk}".encode(), digest_size=8).digest()
    key = int.from_bytes(digest, "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        mine = bool(cursor.fetchone()[0])
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
