"""Becomes the engine, after asking the kernel to end it when the worker is gone.

Run as `python -m training.runners.leash PARENT_PID MODULE ARGUMENT…`. The wish survives `exec`, so the
process that the worker watches is the engine itself. A process of its own does this because code between fork
and exec may dead-lock in a worker that has threads. It imports no Django.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Ask, look whether the parent is still there, become the engine."""
    parent, module, *rest = arguments
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):
        sys.exit("The worker was gone before the engine began.")
    os.execv(sys.executable, [sys.executable, "-m", module, *rest])


if __name__ == "__main__":
    main(sys.argv[1:])
