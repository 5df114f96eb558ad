"""`cytoloop worker`: answers letters."""

import argparse
import signal

from django.conf import settings

from backend.celery import app
from backend.foundation import database, presence, processes
from backend.foundation.place import child_lock


def run(arguments: argparse.Namespace) -> int:
    """Work until told to stop: SIGTERM finishes what was begun, SIGQUIT stops at once (jobs go on later)."""
    if arguments.parent:
        processes.end_with_parent(signal.SIGQUIT, parent=arguments.parent)
        presence.announce(child_lock(settings.CYTOLOOP_HOME))
    if settings.CYTOLOOP_EMBEDDED_DATABASE:
        database.hold(settings.CYTOLOOP_HOME)
    options = [
        "worker",
        f"--queues={arguments.queues}",
        f"--concurrency={arguments.concurrency}",
        f"--hostname={arguments.name}@%h",
        f"--loglevel={settings.CYTOLOOP_LOG_LEVEL}",
        "--without-gossip",
        "--without-mingle",
        "--without-heartbeat",
    ]
    app.worker_main([*options, "--beat"] if arguments.beat else options)
    return 0
