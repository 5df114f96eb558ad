"""`progress.jsonl`: what the engine tells while it works, one JSON object a line."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from training.contract.errors import InvalidProgress
from training.contract.fields import FieldReader, JsonObject

BUDGET_SHARE = "budget_share"
"""Among the values of a validation that was asked for at a share of the budget: that share."""


@dataclass(frozen=True, kw_only=True)
class Status:
    """What is going on: a sentence, how much is done (0..1) and the seconds left where they can be told.

    `at` is the moment of writing, UTC, ISO 8601.
    """

    at: str
    message: str
    fraction: float | None = None
    eta_s: float | None = None
    kind: str = field(default="status", init=False)


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """Numbers at one step of training; `elapsed_s` is running time, summed over resumes."""

    at: str
    step: int
    epoch: float
    elapsed_s: float
    values: Mapping[str, float]
    kind: str = field(default="metrics", init=False)


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture was written: `pictures/<name>`."""

    at: str
    name: str
    caption: str
    step: int
    kind: str = field(default="picture", init=False)


ProgressLine = Status | Metrics | Picture


def format_line(line: ProgressLine) -> str:
    """One line of JSON with its line break."""
    return json.dumps(asdict(line), ensure_ascii=False) + "\n"


def parse_line(text: str) -> ProgressLine:
    """Reads one whole line. Raises InvalidProgress."""
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise InvalidProgress(f"progress.jsonl: a line is not JSON ({error.msg}).") from None
    read = FieldReader(data, where="progress.jsonl", error=InvalidProgress)
    kind = read.text("kind")
    if kind == "status":
        return Status(
            at=read.text("at"),
            message=read.text("message", empty=True),
            fraction=read.optional_number("fraction", at_least=0, at_most=1),
            eta_s=read.optional_number("eta_s", at_least=0),
        )
    if kind == "metrics":
        return _parse_metrics(read)
    if kind == "picture":
        return Picture(
            at=read.text("at"),
            name=read.text("name"),
            caption=read.text("caption", empty=True),
            step=read.integer("step", at_least=0),
        )
    raise read.refuse("kind", "status, metrics or picture")


def parse_progress(data: bytes) -> tuple[list[ProgressLine], int]:
    """Reads the whole lines at the head of `data`; returns them and the bytes they take.

    A last line without its line break is still being written and is left for the next call.
    """
    end = data.rfind(b"\n") + 1
    lines = [parse_line(line) for line in data[:end].decode().splitlines() if line.strip()]
    return lines, end


def _parse_metrics(read: FieldReader) -> Metrics:
    values: JsonObject = read.table("values")
    numbers = FieldReader(values, where="progress.jsonl: values", error=InvalidProgress)
    return Metrics(
        at=read.text("at"),
        step=read.integer("step", at_least=0),
        epoch=read.number("epoch", at_least=0),
        elapsed_s=read.number("elapsed_s", at_least=0),
        values={name: numbers.number(name) for name in values},
    )
