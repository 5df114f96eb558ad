"""Reads on in `progress.jsonl` from where the last worker stopped."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from training.contract.errors import InvalidProgress
from training.contract.progress import ProgressLine, parse_line

logger = logging.getLogger(__name__)

CHUNK_BYTES = 1024 * 1024


@dataclass
class Tail:
    """`offset` is the byte behind the last whole line that was read."""

    path: Path
    offset: int = 0

    def read(self) -> list[ProgressLine]:
        """The whole lines written since; a half line waits for the next call.

        A line that an engine killed in the middle of a write left broken is skipped: the numbers of its step
        are told again after the resume.
        """
        if not self.path.exists():
            return []
        # An engine that resumes may cut off what it told after its checkpoint.
        self.offset = min(self.offset, self.path.stat().st_size)
        with self.path.open("rb") as stream:
            stream.seek(self.offset)
            data = stream.read(CHUNK_BYTES)
        whole = data[: data.rfind(b"\n") + 1]
        self.offset += len(whole)
        return [line for text in whole.splitlines() if (line := _parse(text)) is not None]


def _parse(text: bytes) -> ProgressLine | None:
    if not text.strip():
        return None
    try:
        return parse_line(text.decode())
    except (InvalidProgress, UnicodeDecodeError) as error:
        logger.warning("A line of progress.jsonl was skipped: %s", error)
        return None
