"""Who is there: a lock that a living process holds, and that the kernel takes away when it ends."""

import fcntl
import os
from pathlib import Path

_held: dict[Path, int] = {}


def announce(path: Path, *, alone: bool = False) -> bool:
    """Be present as long as this process lives; with `alone`, only if nobody else is (else False)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return False
    _held[path] = descriptor
    return True


def leave(path: Path) -> None:
    """Be present no longer."""
    descriptor = _held.pop(path, None)
    if descriptor is not None:
        os.close(descriptor)


def somebody(path: Path) -> bool:
    """Whether any living process announced itself here."""
    if not path.exists():
        return False
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
