"""Processes that belong together end together, however the first one ends."""

import ctypes
import os
import signal
import sys
from pathlib import Path

import psutil

PR_SET_PDEATHSIG = 1


def end_with_parent(signal_number: int = signal.SIGTERM, *, parent: int | None = None) -> None:
    """Ask the kernel to signal this process when its parent is gone (Linux; elsewhere nothing happens).

    Call it in the child, or give it to `subprocess.Popen` as `preexec_fn`. The kernel watches the parent's
    *thread* that made the child: start such children from a thread that lives as long as its process.
    """
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal_number)
    if parent is not None and os.getppid() != parent:
        raise SystemExit(0)  # it ended before the kernel was asked


def is_alive(pid: int) -> bool:
    """Whether a process of this number lives; one that ended and was not yet buried does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def working_in(folder: Path, *, program: str) -> list[int]:
    """The processes of this program whose working directory is `folder`."""
    found = []
    for process in psutil.process_iter(["name"]):
        try:
            if program in (process.info["name"] or "") and Path(process.cwd()) == folder:
                found.append(process.pid)
        except psutil.Error:
            continue
    return found
