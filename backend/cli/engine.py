"""`cytoloop engine`: becomes the engine process that reads pictures for click-to-segment."""

import argparse
import os
import sys

from backend import settings
from backend.foundation import processes
from training.contract.socket_words import LARGER_FOLDER, MODEL_VARIABLE
from training.runners.resident_place import socket_path

MODULE = "training.engine.resident"


def run(arguments: argparse.Namespace) -> int:
    """Serve until told to stop. The wish to end with the parent survives becoming another program."""
    if arguments.parent:
        processes.end_with_parent(parent=arguments.parent)
    told = os.environ.get(MODEL_VARIABLE, "").strip()
    folder = told or str(settings.CYTOLOOP_HOME / LARGER_FOLDER)
    threads = ["--threads", str(settings.CYTOLOOP_THREADS)] if settings.CYTOLOOP_THREADS else []
    socket = socket_path(settings.CYTOLOOP_HOME)
    os.execv(
        sys.executable,
        [sys.executable, "-P", "-m", MODULE, "--socket", socket, "--model", folder, *threads],
    )
