"""An exported audit log read back: the labels of every branch, edit by edit, exactly or not at all.

The log is JSON lines: a first line about the log, one line an edit, a last line with the SHA-256 of all bytes
before it. Edits of one branch come in the order in which they were applied, each revision saying which one it
was put on.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from annotation.core import documents, edits
from annotation.core.documents import Labels

FORMAT = "cytoloop-audit"
VERSION = 1


class BrokenLog(ValueError):
    """The log is not whole: a line is missing, changed, or does not fit on the ones before it."""


@dataclass(slots=True)
class Replayed:
    """What a log leads to: labels by branch (its id), and the last revision of each."""

    labels: dict[str, Labels] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    edits: int = 0


def replay(lines: Iterable[str]) -> Replayed:
    """Apply every edit of a complete log. Raises BrokenLog naming the line."""
    replayed, digest, ended = Replayed(), hashlib.sha256(), False
    for number, text in enumerate(lines, start=1):
        line = _read(text, number)
        if number == 1:
            _check_head(line)
        elif line.get("line") == "end":
            _check_end(line, digest.hexdigest(), replayed, number)
            ended = True
        else:
            _apply(replayed, line, number)
        digest.update(text.rstrip("\r\n").encode() + b"\n")
    if not ended:
        raise BrokenLog("The log stops before its last line.")
    return replayed


def _read(text: str, number: int) -> dict[str, Any]:
    try:
        line = json.loads(text)
    except json.JSONDecodeError as error:
        raise BrokenLog(f"Line {number} is no JSON: {error}.") from error
    if not isinstance(line, dict):
        raise BrokenLog(f"Line {number} is no object.")
    return line


def _check_head(line: dict[str, Any]) -> None:
    if line.get("format") != FORMAT or line.get("version") != VERSION:
        raise BrokenLog(f"Line 1 is not the head of a {FORMAT} log of version {VERSION}.")
    if not line.get("complete"):
        raise BrokenLog("The log was filtered when it was exported; only a complete one leads to the labels.")


def _check_end(line: dict[str, Any], digest: str, replayed: Replayed, number: int) -> None:
    if line.get("sha256") != digest or line.get("edits") != replayed.edits:
        raise BrokenLog(f"Line {number} does not fit: lines before it were changed, added or taken out.")


def _apply(replayed: Replayed, line: dict[str, Any], number: int) -> None:
    branch, revision = str(line["branch"]), int(line["revision"])
    last = replayed.numbers.get(branch, 0)
    if revision not in (last,) and int(line["onto"]) != last:
        raise BrokenLog(f"Line {number}: revision {revision} was put on {line['onto']}, not on {last}.")
    replayed.numbers[branch] = revision
    if line["edit"] is None:
        return
    replayed.edits += 1
    before = replayed.labels.get(branch, Labels())
    try:
        replayed.labels[branch] = documents.apply(before, edits.parse(line["edit"]))
    except ValueError as error:
        raise BrokenLog(f"Line {number} does not fit on the ones before it: {error}") from error
