"""The default broker: a folder in the data folder, one file a letter.

Kombu's own folder transport writes a letter in place, so a reader may catch it half-written, and moves it
through the system's temporary folder, which may be another disk. Here a letter appears and disappears by
renaming alone.
"""

import json
import logging
import os
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem

logger = logging.getLogger(__name__)

SCHEME = "letterbox"


class Channel(filesystem.Channel):
    """Letters as files named `<time>_<id>.<queue>.msg`."""

    def _put(self, queue: str, payload: Any, **_: Any) -> None:  # type: ignore[override]
        folder = Path(self.data_folder_in)
        name = f"{time.time_ns():020d}_{uuid.uuid4()}.{queue}.msg"
        draft = folder / f".{name}"
        draft.write_text(json.dumps(payload), encoding="utf-8")
        draft.replace(folder / name)

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        folder = Path(self.data_folder_in)
        for name in sorted(path.name for path in folder.iterdir()):
            if name.startswith(".") or name.partition(".")[2] != f"{queue}.msg":
                continue
            payload = self._take(folder / name)
            if payload is not None:
                return payload
        raise Empty

    def _take(self, letter: Path) -> Any:
        """The content of one letter, or None when another reader was faster or the file is damaged."""
        mine = letter.with_name(f".{letter.name}.{os.getpid()}")
        try:
            letter.rename(mine)
        except FileNotFoundError:
            return None
        try:
            return json.loads(mine.read_text(encoding="utf-8"))
        except ValueError:
            logger.warning("A damaged letter was thrown away: %s. The sweep posts it again.", letter.name)
            return None
        finally:
            mine.unlink(missing_ok=True)


class Transport(filesystem.Transport):
    """Looked into five times a second."""

    Channel = Channel
    polling_interval = 0.2


def register() -> None:
    """Make `letterbox://` known to kombu."""
    TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"


def options(folder: Path) -> dict[str, str]:
    """Transport options for a letterbox in `folder`, which is made when missing."""
    for part in ("letters", "control"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    letters = str(folder / "letters")
    return {
        "data_folder_in": letters,
        "data_folder_out": letters,
        "control_folder": str(folder / "control"),
    }
