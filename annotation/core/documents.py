"""The labels of one image in memory: tiles and cell facts, changed only by whole edits."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from annotation.core import edits, moves, tiles
from annotation.core.edits import CellFacts, Edit, Runs, TileKey
from annotation.core.tiles import TileContent


class CellNotEmpty(ValueError):
    """A cell is deleted while it still has pixels."""

    def __init__(self, message: str, cells: Iterable[int]) -> None:
        super().__init__(message)
        self.cells = tuple(cells)


@dataclass(frozen=True)
class Labels:
    """Tiles by (t, z, ty, tx), the empty ones left out, and the facts of every cell that exists."""

    tiles: Mapping[TileKey, TileContent] = field(default_factory=dict)
    facts: Mapping[int, CellFacts] = field(default_factory=dict)


def apply(labels: Labels, edit: Edit, *, exact: bool = True) -> Labels:
    """The labels after an edit; the old ones stay as they were.

    Raises StaleFacts, UnknownCell, InexactEdit, CellInTheWay or CellNotEmpty, each naming its cells.
    `exact=False` passes over what is already as the edit wants it.
    """
    facts = edits.apply_facts(labels.facts, edit.cells, exact=exact)
    edits.check_cells_exist(edit, facts)
    after = _moved(labels.tiles, edit)
    for key, changes in edits.split_by_tile(edit).items():
        old = after.pop(key, tiles.EMPTY_TILE)
        new = tiles.apply(old, ty=key[2], tx=key[3], changes=changes, exact=exact)
        if len(new):
            after[key] = new
    _check_deleted_are_empty(edit, after)
    return Labels(after, facts)


def _moved(contents: Mapping[TileKey, TileContent], edit: Edit) -> dict[TileKey, TileContent]:
    after = dict(contents)
    for key, content in contents.items():
        names = moves.names_in(edit.moves, key[0])
        moves.check_free(content, names, t=key[0])
        after[key] = moves.rename(content, names)
    return after


def _check_deleted_are_empty(edit: Edit, after: Mapping[TileKey, TileContent]) -> None:
    deleted = {change.cell for change in edit.cells if change.after is None}
    if not deleted:
        return
    left = sorted({cell for content in after.values() for cell in content.ids.tolist()} & deleted)
    if left:
        names = ", ".join(map(str, left))
        raise CellNotEmpty(
            f"Cell {names} is deleted but still has pixels; remove them in the same edit.", left
        )


def runs(labels: Labels, *, t: int, z: int) -> dict[int, Runs]:
    """Runs of every cell of one frame, in image coordinates."""
    frame = {key[2:]: content for key, content in labels.tiles.items() if key[:2] == (t, z)}
    return tiles.runs_of_tiles(frame)
