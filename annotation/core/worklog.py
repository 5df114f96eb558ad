"""Work told from the log: how long somebody drew, which cells they made, which they corrected."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

# A longer silence between two saves is a pause. What precedes the first save of a sitting is not known.
PAUSE_S = 300.0


@dataclass(slots=True)
class Work:
    """What one person did. A correction is an edit of a cell that was there before; cells are named by their
    branch and number."""

    seconds: float = 0.0
    edits: int = 0
    corrections: int = 0
    made: set[tuple[Any, int]] = field(default_factory=set)
    corrected: set[tuple[Any, int]] = field(default_factory=set)

    @property
    def seconds_per_cell(self) -> float | None:
        """Time over the cells that were made or corrected."""
        touched = len(self.made | self.corrected)
        return self.seconds / touched if touched else None

    @property
    def corrections_per_cell(self) -> float | None:
        """How many edits a corrected cell took."""
        return self.corrections / len(self.corrected) if self.corrected else None


def seconds_between(moments: Sequence[datetime]) -> list[float]:
    """For each save the seconds since the one before it; 0 for the first and after a pause."""
    gaps = [0.0]
    for before, after in pairwise(moments):
        gap = (after - before).total_seconds()
        gaps.append(gap if gap <= PAUSE_S else 0.0)
    return gaps[: len(moments)]


def cells_of(edit: Mapping[str, Any]) -> tuple[set[int], set[int]]:
    """The cells that an edit makes, and those that it changes; the edit as it lies in the log."""
    said = {change["cell"]: change for change in edit.get("cells", ())}
    made = {cell for cell, change in said.items() if change["before"] is None and change["after"] is not None}
    named = set(said) | {change["cell"] for change in edit.get("pixels", ())}
    named |= {cell for move in edit.get("moves", ()) for cell in (move["cell"], move["to"])}
    return made, named - made


def add(work: Work, *, branch: Any, edits: Iterable[Mapping[str, Any]], seconds: float) -> None:
    """Add a save to somebody's work."""
    work.seconds += seconds
    for edit in edits:
        made, changed = cells_of(edit)
        work.edits += 1
        work.made |= {(branch, cell) for cell in made}
        if changed:
            work.corrections += 1
            work.corrected |= {(branch, cell) for cell in changed}
