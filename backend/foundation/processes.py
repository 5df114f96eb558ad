"""Processes that belong together end together, however the first one ends."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Ask the kernel to send this process SIGTERM when its parent is gone (Linux; elsewhere nothing happens).

    Call it in the child, or give it to `subprocess.Popen` as `preexec_fn`. The kernel watches the parent's *thread*
    that made the child: start such children from a thread that lives as long as the process.
    """
    if not sys.platform.startswith("linux"):
        return
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if parent == 1:
        # The parent ended before the kernel was asked. (In a container the parent may rightly be process 1.)
        return


def is_running(pid: int) -> bool:
    """Whether a process with this id lives (and is no zombie's number reused by someone we may not ask about)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
