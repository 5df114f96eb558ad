"""How the loop's commands speak: a moving bar for people, JSON for programs."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

Tell = Callable[[float, str], None]


@contextmanager
def bar(what: str) -> Iterator[Tell]:
    """A progress bar on standard error, only on a terminal. `tell(fraction, message)` moves it."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    console = Console(stderr=True)
    with Progress(
        *columns, TimeElapsedColumn(), TextColumn("[dim]{task.fields[message]}"),
        console=console, transient=True, disable=not console.is_terminal,
    ) as progress:  # fmt: skip
        line = progress.add_task(what, total=1.0, message="")
        yield lambda fraction, message: progress.update(line, completed=fraction, message=message[:60])


def answer(*, as_json: bool, facts: dict[str, Any], sentence: str) -> None:
    """The command's result: JSON on standard output, or a sentence."""
    sys.stdout.write((json.dumps(facts, default=str) if as_json else sentence) + "\n")


def remark(sentence: str) -> None:
    """Something that a person should know, beside the result."""
    sys.stderr.write(sentence + "\n")
