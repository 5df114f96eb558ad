"""`cytoloop prepare`: tables up to date, the first account, the demonstration project. Harmless when
repeated.
"""

import argparse
import importlib
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from backend.accounts.services import people
from backend.foundation import database
from backend.foundation.place import FIRST_SIGN_IN
from training.services import starters

# Any number will do, as long as everyone asks for the same.
PREPARING = 0x6379746F
DEMONSTRATION_LOADED = "demonstration.loaded"


def run(_arguments: argparse.Namespace) -> int:
    """Prepare, saying each step as one JSON line on standard output."""
    if settings.CYTOLOOP_EMBEDDED_DATABASE:
        database.hold(settings.CYTOLOOP_HOME)
    with one_at_a_time():
        say(step="tables")
        migrate()
        say(step="account")
        email, password = first_account()
        say(email=email, password=password)
        if settings.CYTOLOOP_DEMONSTRATION and not (settings.CYTOLOOP_HOME / DEMONSTRATION_LOADED).exists():
            say(step="demonstration")
            # Imported by name, only at the first start: the simulator takes a second to load.
            importlib.import_module("backend.cli.demonstration").load()
            (settings.CYTOLOOP_HOME / DEMONSTRATION_LOADED).touch()
    return 0


def migrate() -> None:
    """Bring the tables up to date, and every project's starter models; nothing to do is found out quickly."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=0)
    starters.adopt_everywhere()


def first_account() -> tuple[str, str]:
    """The first owner's address, and the password if it was made up just now; it is also kept in the data
    folder.
    """
    owner, password = people.ensure_first_owner(
        email=settings.CYTOLOOP_ADMIN_EMAIL, password=settings.CYTOLOOP_ADMIN_PASSWORD
    )
    if password and not settings.CYTOLOOP_ADMIN_PASSWORD:
        keep_first_password(owner.email, password)
    return owner.email, password


def keep_first_password(email: str, password: str) -> None:
    """So that it is not lost with the terminal's window. Only the folder's owner can read it."""
    descriptor = os.open(settings.CYTOLOOP_HOME / FIRST_SIGN_IN, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(f"{email}\n{password}\n")


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Replicas that start together do not migrate together."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [PREPARING])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [PREPARING])


def say(**facts: str) -> None:
    """One JSON line for the supervisor."""
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()
