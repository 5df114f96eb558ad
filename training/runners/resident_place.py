"""Where the engine process that stays listens. No Django: the process's own starter asks here too."""

import hashlib
import os
import tempfile
from pathlib import Path

from backend.foundation.place import SOCKET_PATH_LIMIT_BYTES
from training.contract.socket_words import SOCKET_NAME, SOCKET_VARIABLE


def socket_path(home: Path) -> str:
    """As told by CYTOLOOP_ENGINE_SOCKET, or in the data folder, or in the temporary folder when that path is
    too long for a socket.
    """
    told = os.environ.get(SOCKET_VARIABLE, "").strip()
    if told:
        return told
    beside = home / SOCKET_NAME
    if len(os.fsencode(beside)) <= SOCKET_PATH_LIMIT_BYTES:
        return str(beside)
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    return str(Path(tempfile.gettempdir()) / f"cytoloop-engine-{os.getuid()}-{digest}.sock")
