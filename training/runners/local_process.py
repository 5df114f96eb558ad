"""The engine as a process on this machine, in a process group of its own."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil
from django.conf import settings

from training.contract.files import RunFolder, write_json

logger = logging.getLogger(__name__)

RECIPES = "training.engine.recipes"
REPOSITORY = Path(__file__).resolve().parents[2]
LOG = "log.txt"
# Who works on the folder: pid and start time, since pids are used again.
ENGINE_FILE = "engine.json"
ORPHAN_PATIENCE_S = 30.0
SAME_START_S = 1.0
THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def thread_count() -> int:
    """Threads an engine may use: as set, or one for each core that this process may run on."""
    if settings.CYTOLOOP_THREADS:
        return int(settings.CYTOLOOP_THREADS)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)


@dataclass
class LocalProcess:
    """A started engine."""

    process: subprocess.Popen[bytes]

    def poll(self) -> int | None:
        """The exit code, or None while it works."""
        return self.process.poll()

    def memory_bytes(self) -> int | None:
        """Resident memory of the engine and its children."""
        try:
            engine = psutil.Process(self.process.pid)
            return sum(int(p.memory_info().rss) for p in (engine, *engine.children(recursive=True)))
        except psutil.Error:
            return None

    def terminate(self) -> None:
        """SIGTERM to the engine alone: its children belong to it."""
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()

    def kill(self) -> None:
        """SIGKILL to the whole group."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=10)


@dataclass(frozen=True)
class LocalProcessRunner:
    """Starts `python -m <recipes>.<recipe> RUN` with the thread policy in its environment."""

    recipes: str = RECIPES

    def start(self, *, folder: RunFolder, recipe: str) -> LocalProcess:
        """End what an earlier worker left behind, then start."""
        end_orphan(folder=folder)
        module = f"{self.recipes}.{recipe}"
        command = [sys.executable, "-m", "training.runners.leash", str(os.getpid()), module, str(folder.path)]
        with (folder.path / LOG).open("ab") as log:
            process = subprocess.Popen(
                command,
                cwd=REPOSITORY,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        _remember(folder, process.pid)
        return LocalProcess(process)


def end_orphan(*, folder: RunFolder) -> bool:
    """End an engine that still works on this folder for a worker that is gone.

    Answers whether there was one.
    """
    orphan = _find_orphan(folder)
    if orphan is None:
        return False
    logger.warning(
        "An engine of an earlier worker (pid %s) still runs on %s; it is ended.", orphan.pid, folder.path
    )
    with contextlib.suppress(psutil.Error):
        orphan.terminate()
    _, alive = psutil.wait_procs([orphan], timeout=ORPHAN_PATIENCE_S)
    if alive:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(orphan.pid, signal.SIGKILL)
        psutil.wait_procs(alive, timeout=10)
    return True


def _find_orphan(folder: RunFolder) -> psutil.Process | None:
    try:
        known = json.loads((folder.path / ENGINE_FILE).read_text())
        process = psutil.Process(int(known["pid"]))
        same = abs(process.create_time() - float(known["started"])) < SAME_START_S
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except (OSError, ValueError, KeyError, psutil.Error):
        return None


def _remember(folder: RunFolder, pid: int) -> None:
    with contextlib.suppress(psutil.Error):
        write_json(folder.path / ENGINE_FILE, {"pid": pid, "started": psutil.Process(pid).create_time()})


def _environment() -> dict[str, str]:
    threads = str(thread_count())
    path = os.pathsep.join([str(REPOSITORY), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {
        **os.environ,
        **dict.fromkeys(THREAD_VARIABLES, threads),
        "PYTHONPATH": path,
        "PYTHONUNBUFFERED": "1",
    }
