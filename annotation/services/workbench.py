"""The touched tiles and cells of a locked branch, in memory: edits are tried here before anything is
written."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

import numpy as np

from annotation.core import cell_labels, intervals, locks, moves, tile_content
from annotation.core import edits as core_edits
from annotation.core import tiles as core_tiles
from annotation.core.edits import CellChange, CellFacts, CellMove, Edit, PixelChange, TileKey
from annotation.core.tiles import TileContent
from annotation.models import Branch
from annotation.selectors import labels as reading
from annotation.selectors import regions
from annotation.services import revisions
from annotation.services.revisions import KnownCell, NewTile


@dataclass(slots=True)
class Workbench:
    """What the edits of one batch touch, as it is at the head and as it becomes."""

    before: dict[TileKey, TileContent]
    known: dict[int, KnownCell]
    tiles: dict[TileKey, TileContent] = field(init=False)
    facts: dict[int, CellFacts] = field(init=False)
    # Tiles in which a cell lies, or lay at the head or after an earlier edit.
    holders: dict[int, set[TileKey]] = field(init=False)

    def __post_init__(self) -> None:
        self.tiles = dict(self.before)
        self.holders = defaultdict(set)
        for key, content in self.before.items():
            self._note(key, content)
        self.facts = {cell: known.facts for cell, known in self.known.items() if known.facts is not None}

    # ---- applying

    def apply_exactly(self, edit: Edit) -> Edit:
        """Apply an edit that must fit as it is. Raises core's InexactEdit, StaleFacts, UnknownCell,
        CellInTheWay."""
        self.facts = core_edits.apply_facts(self.facts, edit.cells)
        core_edits.check_cells_exist(edit, self.facts)
        for key in self._holding(edit.moves):
            names, content = moves.names_in(edit.moves, key[0]), self._tile(key)
            moves.check_free(content, names, t=key[0])
            self._put(key, moves.rename(content, names))
        for key, changes in core_edits.split_by_tile(edit).items():
            self._put(key, core_tiles.apply(self._tile(key), ty=key[2], tx=key[3], changes=changes))
        return edit

    def apply_over(self, edit: Edit, *, merging: bool = False) -> Edit:
        """Apply an edit as sets: what is already so is passed over, a cell that is gone comes back.

        Returns the edit that was really made, whose inverse undoes it exactly. In a frame where a moved cell
        would come upon another it raises CellInTheWay, or, `merging`, gives the two what both have.
        """
        facts_before, tiles_before = dict(self.facts), self._move_over(edit, merging=merging)
        moved = _outside(edit.moves, {key[0] for key in tiles_before})
        for key, changes in core_edits.split_by_tile(edit).items():
            tiles_before.setdefault(key, self._tile(key))
            now = core_tiles.apply(self._tile(key), ty=key[2], tx=key[3], changes=changes, exact=False)
            self._put(key, now)
        self._impose_facts(edit)
        pixels = [
            change for frame in _frames(tiles_before) for change in self._really_changed(frame, tiles_before)
        ]
        touched = locks.cells_changed(edit)
        cells = core_edits.changes_between(_of(facts_before, touched), _of(self.facts, touched))
        return replace(edit, pixels=tuple(pixels), cells=cells, moves=moved)

    def _move_over(self, edit: Edit, *, merging: bool) -> dict[TileKey, TileContent]:
        """Makes the moves; answers what was there in the frames where cells came together."""
        keys = self._holding(edit.moves)
        names = {t: moves.names_in(edit.moves, t) for t in {key[0] for key in keys}}
        crowded = {key[0] for key in keys if moves.in_the_way(self._tile(key), names[key[0]])}
        before = {key: self._tile(key) for key in keys if key[0] in crowded}
        for key in keys:
            if not merging:
                moves.check_free(self._tile(key), names[key[0]], t=key[0])
            self._put(key, moves.rename(self._tile(key), names[key[0]]))
        return before

    def _holding(self, several: Sequence[CellMove]) -> list[TileKey]:
        """Tiles that hold a cell of these moves in its frames, ascending."""
        named = ((cell, move) for move in several for cell in (move.cell, move.to))
        return sorted(
            {key for cell, m in named for key in self.holders.get(cell, ()) if m.first <= key[0] <= m.last}
        )

    def _put(self, key: TileKey, content: TileContent) -> None:
        self.tiles[key] = content
        self._note(key, content)

    def _note(self, key: TileKey, content: TileContent) -> None:
        for cell in content.ids.tolist():
            self.holders[cell].add(key)

    def _impose_facts(self, edit: Edit) -> None:
        for change in edit.cells:
            if change.after is not None:
                self.facts[change.cell] = self._with_said(change, change.after)
            elif self._pixel_count(change.cell) == 0:
                self.facts.pop(change.cell, None)
        given = {p.cell for p in edit.pixels if p.add} | {move.to for move in edit.moves}
        for cell in given - self.facts.keys():
            known = self.known.get(cell)
            self.facts[cell] = known.last_facts if known else CellFacts()

    def _with_said(self, change: CellChange, after: CellFacts) -> CellFacts:
        """What the edit says; what else was said since stays."""
        now = self.facts.get(change.cell)
        return after if now is None else cell_labels.over(change, now)

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

    def first_frames(self, *, branch_id: UUID, cells: Collection[int]) -> dict[int, int]:
        """The frame in which each of these cells begins after the edits; cells without pixels are left
        out."""
        if not cells:
            return {}
        at_head = regions.tiles_of_cells(branch_id=branch_id, cells=cells)
        rows = [(cell, key[0]) for cell, *key in at_head if tuple(key) not in self.tiles]
        for key, content in self.tiles.items():
            rows += [(cell, key[0]) for cell in content.ids.tolist() if cell in cells]
        begins: dict[int, int] = {}
        for cell, t in rows:
            begins[cell] = min(t, begins.get(cell, t))
        return begins

    def deleted_with_pixels(self) -> list[int]:
        """Cells that do not exist any more although pixels of them are left somewhere."""
        return sorted(cell for cell, count in self.pixel_counts().items() if count and cell not in self.facts)


def set_out(*, branch: Branch, edits: Sequence[Edit]) -> Workbench:
    """Fetch what these edits touch: one query for the tiles, one for the cells; of cells that are moved only
    the tiles that hold them."""
    several = [move for edit in edits for move in edit.moves]
    keys = {key for edit in edits for key in core_edits.split_by_tile(edit)}
    keys |= regions.tiles_of_moves(branch_id=branch.pk, moves=several)
    return Workbench(
        before=reading.heads_at(branch_id=branch.pk, keys=sorted(keys)),
        known=revisions.known_cells(branch_id=branch.pk, cells=cells_of(edits)),
    )


def cells_of(edits: Iterable[Edit]) -> set[int]:
    """Every cell that the edits name, mothers and those that others merge into included."""
    named: set[int] = set()
    for edit in edits:
        named |= locks.cells_changed(edit)
        for facts in (facts for c in edit.cells for facts in (c.before, c.after) if facts is not None):
            named.update(cell for cell in (facts.mother, facts.merged_into) if cell is not None)
    return named


def _outside(several: Sequence[CellMove], frames: Collection[int]) -> tuple[CellMove, ...]:
    """The moves less these frames."""
    pieces = []
    for move in several:
        first = move.first
        for t in [*sorted(t for t in frames if move.first <= t <= move.last), move.last + 1]:
            if first < t:
                pieces.append(CellMove(move.cell, move.to, first, t - 1))
            first = t + 1
    return tuple(pieces)


def classes_of(edits: Iterable[Edit]) -> set[UUID]:
    """Every class that the edits give to a cell."""
    after = (change.after for edit in edits for change in edit.cells)
    return {UUID(one) for facts in after for one in cell_labels.classes_of(facts)}


def attributes_of(edits: Iterable[Edit]) -> set[UUID]:
    """Every attribute that the edits give to a cell."""
    after = (change.after for edit in edits for change in edit.cells)
    return {UUID(name) for facts in after for name in cell_labels.attributes_of(facts)}


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
