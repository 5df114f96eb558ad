"""Where the embedded database lies, worked out without starting anything."""

import hashlib
import os
import tempfile
from pathlib import Path

# `sun_path` holds 104 bytes on macOS and 108 on Linux, the closing zero included.
SOCKET_PATH_LIMIT_BYTES = 103
SOCKET_NAME = ".s.PGSQL.5432"
# The made-up password of the first account.
FIRST_SIGN_IN = "first-sign-in.txt"


def database_folder(home: Path) -> Path:
    """PostgreSQL's own files."""
    return home / "database"


def socket_folder(home: Path) -> Path:
    """Where the server's socket lies: beside its files, or in the temporary folder when that path is too
    long.
    """
    beside = database_folder(home)
    if len(os.fsencode(beside / SOCKET_NAME)) <= SOCKET_PATH_LIMIT_BYTES:
        return beside
    digest = hashlib.sha256(os.fsencode(beside)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"cytoloop-{os.getuid()}-{digest}"


def child_lock(home: Path) -> Path:
    """Held by every child of `cytoloop up`, so that the next one waits until they are gone."""
    return home / "children.lock"


def worker_lock(home: Path) -> Path:
    """Held by every worker that answers letters for this data folder."""
    return home / "worker.lock"
