"""The touched tiles and cells of a locked branch, in memory: edits are tried here before anything is
written."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

import numpy as np

from annotation.core import edits as core_edits
from annotation.core import intervals, tile_content
from annotation.core import tiles as core_tiles
from annotation.core.edits import CellFacts, Edit, PixelChange, TileKey
from annotation.core.tiles import TileContent
from annotation.models import Branch
from annotation.selectors import labels as reading
from annotation.services import revisions
from annotation.services.revisions import KnownCell, NewTile


@dataclass(slots=True)
class Workbench:
    """What the edits of one batch touch, as it is at the head and as it becomes."""

    before: dict[TileKey, TileContent]
    known: dict[int, KnownCell]
    tiles: dict[TileKey, TileContent] = field(init=False)
    facts: dict[int, CellFacts] = field(init=False)

    def __post_init__(self) -> None:
        self.tiles = dict(self.before)
        self.facts = {cell: known.facts for cell, known in self.known.items() if known.facts is not None}

    # ---- applying

    def apply_exactly(self, edit: Edit) -> Edit:
        """Apply an edit that must fit as it is. Raises core's InexactEdit, StaleFacts, UnknownCell."""
        self.facts = core_edits.apply_facts(self.facts, edit.cells)
        core_edits.check_cells_exist(edit, self.facts)
        for key, changes in core_edits.split_by_tile(edit).items():
            self.tiles[key] = core_tiles.apply(self._tile(key), ty=key[2], tx=key[3], changes=changes)
        return edit

    def apply_over(self, edit: Edit) -> Edit:
        """Apply an edit as sets: what is already so is passed over, a cell that is gone comes back.

        Returns the edit that was really made, whose inverse undoes it exactly.
        """
        facts_before = dict(self.facts)
        tiles_before = {key: self._tile(key) for key in core_edits.split_by_tile(edit)}
        for key, changes in core_edits.split_by_tile(edit).items():
            self.tiles[key] = core_tiles.apply(
                self._tile(key), ty=key[2], tx=key[3], changes=changes, exact=False
            )
        self._impose_facts(edit)
        touched = {p.cell for p in edit.pixels} | {c.cell for c in edit.cells}
        pixels = [
            change for frame in _frames(tiles_before) for change in self._really_changed(frame, tiles_before)
        ]
        cells = core_edits.changes_between(_of(facts_before, touched), _of(self.facts, touched))
        return replace(edit, pixels=tuple(pixels), cells=cells)

    def _impose_facts(self, edit: Edit) -> None:
        for change in edit.cells:
            if change.after is not None:
                self.facts[change.cell] = change.after
            elif self._pixel_count(change.cell) == 0:
                self.facts.pop(change.cell, None)
        for cell in {p.cell for p in edit.pixels if p.add} - self.facts.keys():
            known = self.known.get(cell)
            self.facts[cell] = known.last_facts if known else CellFacts()

    def _really_changed(
        self, frame: tuple[int, int], before: dict[TileKey, TileContent]
    ) -> Iterable[PixelChange]:
        added, removed = {}, {}
        for key in (key for key in before if key[:2] == frame):
            old, new = tile_content.to_intervals(before[key]), tile_content.to_intervals(self.tiles[key])
            added[key[2:]] = tile_content.from_intervals(intervals.difference(new, old))
            removed[key[2:]] = tile_content.from_intervals(intervals.difference(old, new))
        add, remove = core_tiles.runs_of_tiles(added), core_tiles.runs_of_tiles(removed)
        for cell in sorted(add.keys() | remove.keys()):
            yield PixelChange(*frame, cell, add.get(cell, ()), remove.get(cell, ()))

    def _tile(self, key: TileKey) -> TileContent:
        return self.tiles.get(key, core_tiles.EMPTY_TILE)

    def _pixel_count(self, cell: int) -> int:
        return self.pixel_counts([cell])[cell]

    # ---- what came of it

    def changed_tiles(self) -> list[NewTile]:
        """The tiles whose content is no longer that of the head."""
        pairs = ((key, self.before.get(key, core_tiles.EMPTY_TILE), now) for key, now in self.tiles.items())
        return [
            revisions.new_tile(*key, now, before=before.ids) for key, before, now in pairs if now != before
        ]

    def changed_states(self) -> dict[int, tuple[CellFacts | None, CellFacts]]:
        """Cells whose facts are no longer those of the head: (facts now, last known facts)."""
        states: dict[int, tuple[CellFacts | None, CellFacts]] = {}
        for cell in self.facts.keys() | self.known.keys():
            known, now = self.known.get(cell), self.facts.get(cell)
            if now != (known.facts if known else None):
                states[cell] = (now, now or (known.last_facts if known else CellFacts()))
        return dict(sorted(states.items()))

    def pixel_counts(self, cells: Iterable[int] | None = None) -> dict[int, int]:
        """Pixels over all frames, after the edits, of these cells or of all that are known here."""
        gained: Counter[int] = Counter()
        for key, now in self.tiles.items():
            gained.update(_pixels_of(now))
            gained.subtract(_pixels_of(self.before.get(key, core_tiles.EMPTY_TILE)))
        wanted = self.facts.keys() | self.known.keys() if cells is None else cells
        return {cell: self._pixels_at_head(cell) + gained[cell] for cell in wanted}

    def _pixels_at_head(self, cell: int) -> int:
        return self.known[cell].pixel_count if cell in self.known else 0

    def deleted_with_pixels(self) -> list[int]:
        """Cells that do not exist any more although pixels of them are left somewhere."""
        return sorted(cell for cell, count in self.pixel_counts().items() if count and cell not in self.facts)


def set_out(*, branch: Branch, edits: Sequence[Edit]) -> Workbench:
    """Fetch what these edits touch: one query for the tiles, one for the cells."""
    keys = {key for edit in edits for key in core_edits.split_by_tile(edit)}
    return Workbench(
        before=reading.heads_at(branch_id=branch.pk, keys=sorted(keys)),
        known=revisions.known_cells(branch_id=branch.pk, cells=cells_of(edits)),
    )


def cells_of(edits: Iterable[Edit]) -> set[int]:
    """Every cell that the edits name, mothers included."""
    named: set[int] = set()
    for edit in edits:
        named.update(p.cell for p in edit.pixels)
        for change in edit.cells:
            named.add(change.cell)
            named.update(
                f.mother for f in (change.before, change.after) if f is not None and f.mother is not None
            )
    return named


def classes_of(edits: Iterable[Edit]) -> set[UUID]:
    """Every class that the edits give to a cell."""
    after = (change.after for edit in edits for change in edit.cells)
    return {UUID(facts.label_class) for facts in after if facts is not None and facts.label_class is not None}


def _frames(keys: Iterable[TileKey]) -> list[tuple[int, int]]:
    return sorted({key[:2] for key in keys})


def _of(facts: dict[int, CellFacts], cells: set[int]) -> dict[int, CellFacts]:
    return {cell: facts[cell] for cell in cells if cell in facts}


def _pixels_of(content: TileContent) -> dict[int, int]:
    """Pixels of each cell in a tile."""
    if not len(content):
        return {}
    edges = (content.counts.cumsum() - content.counts).astype(int)
    areas = np.add.reduceat(content.lengths.astype(np.int64), edges)
    return dict(zip(content.ids.tolist(), areas.tolist(), strict=True))
