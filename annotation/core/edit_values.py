"""What an edit is: one undoable change of labels, the same value in TypeScript, in JSON and here.

Pixels are membership: an edit says which pixels really joined or left which cell, so its inverse only swaps
the two. A whole track is moved to another cell by name, without its pixels. Runs are flat ints
`(y, x, n, y, x, n, …)` in image coordinates, along x, sorted, disjoint, maximal.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

TILE_PX = 256
ENDINGS = ("death", "leaves")
MAX_CELL = 2**31 - 1
MAX_COORDINATE = 2**31 - 1
ROW = 2**32  # stride of rows on the number line; wider than any image, so runs of two rows never touch

Runs = tuple[int, ...]
Parameters = Mapping[str, str | int | float | bool | None]
"""Settings of the tool, and `model` where one had a part in it: flat, small, for people to read."""

AttributeValue = str | int | float | bool
"""What an attribute of a cell may be: a choice or a text, a number, a flag."""

TileKey = tuple[int, int, int, int]


class InvalidEdit(ValueError):
    """The edit is not well formed; says what is wrong and where."""


class StaleFacts(ValueError):
    """The edit expects other facts of a cell than the ones that hold."""

    def __init__(self, message: str, cells: Sequence[int]) -> None:
        super().__init__(message)
        self.cells = tuple(cells)


class UnknownCell(ValueError):
    """Pixels are added to a cell that does not exist."""

    def __init__(self, message: str, cells: Sequence[int]) -> None:
        super().__init__(message)
        self.cells = tuple(cells)


@dataclass(frozen=True, slots=True)
class CellFacts:
    """What is known of a cell beside its pixels.

    `mother` is the cell that divided where this one begins, `merged_into` the one that took it up where it
    ends, `ending` why else it ends (one of ENDINGS); None: nobody has said.

    `quality` is a model's 0..1, None once drawn by a person. `channel` is the channel whose structure the
    mask outlines, None for the whole cell; masks of different channels never touch each other. A `locked`
    cell is changed by nothing but unlocking it. About an `ignored` one nothing is learnt or scored.

    `label_class` is the main class, `also` are further ones (sorted; never without a main one). `attributes`
    are pairs (id, value), sorted. Of an `uncertain` cell people are not sure what it is.
    """

    label_class: str | None = None
    mother: int | None = None
    quality: float | None = None
    channel: int | None = None
    locked: bool = False
    ignored: bool = False
    merged_into: int | None = None
    ending: str | None = None
    also: tuple[str, ...] = ()
    attributes: tuple[tuple[str, AttributeValue], ...] = ()
    uncertain: bool = False


@dataclass(frozen=True, slots=True)
class PixelChange:
    """Pixels of one (t, z) that join (`add`) and leave (`remove`) one cell."""

    t: int
    z: int
    cell: int
    add: Runs = ()
    remove: Runs = ()


@dataclass(frozen=True, slots=True)
class CellChange:
    """Facts of one cell before and after; before None: it is created, after None: it is deleted."""

    cell: int
    before: CellFacts | None
    after: CellFacts | None

    @property
    def said(self) -> dict[str, Any]:
        """Name and new value of the facts that it changes; of a cell that is made, all of them."""
        if self.after is None:
            return {}
        names = (field.name for field in fields(CellFacts))
        return {
            name: getattr(self.after, name)
            for name in names
            if self.before is None or getattr(self.before, name) != getattr(self.after, name)
        }


@dataclass(frozen=True, slots=True)
class CellMove:
    """The pixels of `cell` in the frames first..last (both included, every slice) become those of `to`.

    `to` has no pixels in these frames, unless the same edit moves them away too.
    """

    cell: int
    to: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Edit:
    """One gesture: at most one PixelChange a (t, z, cell) and one CellChange a cell. Its moves happen at once
    and name no cell in a frame where the edit draws on it.

    `undoes` is the id of the earlier edit that this one takes back, so that each person's history of undo and
    redo can be read from the log. `parameters` is with what it was made; it changes nothing.
    """

    id: str
    tool: str
    pixels: tuple[PixelChange, ...] = ()
    cells: tuple[CellChange, ...] = ()
    undoes: str | None = None
    moves: tuple[CellMove, ...] = ()
    parameters: Parameters = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Collision:
    """Why a stale edit cannot be put on top of a newer one.

    `cell` is the stale edit's, `other_cell` the newer one's; t and z are None when it is about facts and not
    about one frame, z when it is about a move; `edit` is the stale edit's id.
    """

    cell: int
    t: int | None
    z: int | None
    other_cell: int
    edit: str = field(default="", compare=False)
