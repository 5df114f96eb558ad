"""Stale edits follow the moves that were made since: who drew on cell 5 means what is called 8 there now.

A move renames pixels and does not change them, so work that was drawn before it still says something about
the same objects. Links are kept in both directions: the mother that a stale edit gives is named as she is
called where her daughter begins, and a daughter that was given meanwhile follows a mother whom the stale edit
moves.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from annotation.core import moves
from annotation.core.edit_values import CellChange, CellFacts, CellMove, Edit, PixelChange
from annotation.core.lineage import Span

Spans = Mapping[int, Span]


class Renaming:
    """What a series of edits made of the names of cells, frame by frame."""

    def __init__(self, edits: Sequence[Edit]) -> None:
        self._moves = [edit.moves for edit in edits]
        self._of_cell: dict[int, list[tuple[int, CellMove]]] = defaultdict(list)
        for i, several in enumerate(self._moves):
            for move in several:
                self._of_cell[move.cell].append((i, move))
        self._owners: dict[int, dict[int, int]] = {}

    def __bool__(self) -> bool:
        return bool(self._of_cell)

    def at(self, cell: int, t: int, *, after: int = -1) -> int:
        """The name at the end of what was called `cell` in frame t, once edit number `after` was made."""
        while True:
            later = (step for step in self._of_cell.get(cell, ()) if step[0] > after)
            step = next(((i, m) for i, m in later if m.first <= t <= m.last), None)
            if step is None:
                return cell
            after, cell = step[0], step[1].to

    def owner(self, cell: int, t: int) -> int | None:
        """Whose pixels were brought under this name in frame t, by its first name; None: nobody's."""
        if t not in self._owners:
            names: dict[int, int] = {}
            for several in self._moves:
                names = moves.composed_names(names, moves.names_in(several, t))
            self._owners[t] = {to: first for first, to in names.items() if first != to}
        return self._owners[t].get(cell)


def brought_up(edits: Sequence[Edit]) -> list[Edit]:
    """The edits with the cells they draw on named as at the end of the series; the moves stay as they are."""
    renaming = Renaming(edits)
    if not renaming:
        return list(edits)
    return [replace(edit, pixels=_renamed(edit.pixels, renaming, i)) for i, edit in enumerate(edits)]


def _renamed(pixels: Iterable[PixelChange], renaming: Renaming, after: int) -> tuple[PixelChange, ...]:
    return tuple(replace(p, cell=renaming.at(p.cell, p.t, after=after)) for p in pixels)


def follow(stale: Sequence[Edit], newer: Sequence[Edit], spans: Spans) -> list[Edit]:
    """The stale edits in the names that hold after the newer ones.

    `spans` are the frames of the cells whose facts either side changes, at the head. A move that was made by
    both moves a cell to itself.
    """
    names = _Names(Renaming(newer))
    given = {change.cell: change.after for edit in newer for change in edit.cells}
    links = _Links(dict(spans), {cell: facts for cell, facts in given.items() if facts is not None})
    followed = []
    for edit in stale:
        named = _follow_places(edit, names)
        before = {c.cell: links.followed(c.cell, c.before, names) for c in edit.cells}
        names.learn(edit, named)
        links.learn(named)
        after = {c.cell: links.followed(c.cell, c.after, names) for c in edit.cells}
        cells = tuple(CellChange(cell, before[cell], after[cell]) for cell in after)
        named = replace(named, cells=cells)
        followed.append(replace(named, cells=(*named.cells, *links.carried(named))))
    return followed


class _Names:
    """What the cells of stale edits are called at the head, where the earlier of these edits moved some
    themselves."""

    def __init__(self, newer: Renaming) -> None:
        self._newer = newer
        self._own: list[tuple[tuple[CellMove, ...], tuple[CellMove, ...]]] = []

    def learn(self, edit: Edit, followed: Edit) -> None:
        """Lookups from now on are in the names after this edit."""
        if edit.moves:
            self._own.append((edit.moves, followed.moves))

    def at(self, cell: int, t: int) -> int:
        """The head's name of `cell` in frame t: one's own moves undone, the newer ones made, one's own made
        again. A name that one's own move left bare is what that move left bare at the head."""
        steps, name = len(self._own), None
        while steps and name is None:
            steps -= 1
            mine, followed = self._own[steps]
            here = [i for i, move in enumerate(mine) if move.first <= t <= move.last]
            sources = {mine[i].to: mine[i].cell for i in here}
            bare = {mine[i].cell: followed[i].cell for i in here}
            if cell in sources:
                cell = sources[cell]
            elif cell in bare:
                name, steps = bare[cell], steps + 1
        name = self._newer.at(cell, t) if name is None else name
        for _, followed in self._own[steps:]:
            name = moves.names_in(followed, t).get(name, name)
        return name


@dataclass(slots=True)
class _Links:
    """Where cells begin and end, and the facts that newer edits gave."""

    spans: dict[int, Span]
    facts: dict[int, CellFacts]

    def learn(self, edit: Edit) -> None:
        """Cells that the edit makes begin and end where it puts them."""
        for change in edit.cells:
            if change.before is None:
                span = _made_span(change.cell, edit, self.spans)
                if span is not None:
                    self.spans[change.cell] = span

    def followed(self, cell: int, facts: CellFacts | None, names: _Names) -> CellFacts | None:
        """The facts with the cells that they link named as they are called where they meet this one."""
        span = self.spans.get(cell)
        if facts is None or span is None:
            return facts
        mother, heir = facts.mother, facts.merged_into
        if mother is not None:
            mother = names.at(mother, span.first - 1)
        if heir is not None:
            heir = names.at(heir, span.last + 1)
        return replace(facts, mother=mother, merged_into=heir)

    def carried(self, edit: Edit) -> list[CellChange]:
        """What newer edits linked to a cell that this one moves follows it."""
        if not edit.moves:
            return []
        own = {change.cell for change in edit.cells}
        found = []
        for cell, facts in self.facts.items():
            now = self._relinked(cell, facts, edit.moves)
            if now != facts and cell not in own:
                found.append(CellChange(cell, facts, now))
        self.facts.update({change.cell: change.after for change in found if change.after})
        return found

    def _relinked(self, cell: int, facts: CellFacts, several: Sequence[CellMove]) -> CellFacts:
        span = self.spans.get(cell)
        if span is None:
            return facts
        mother, heir = facts.mother, facts.merged_into
        before, behind = moves.names_in(several, span.first - 1), moves.names_in(several, span.last + 1)
        return replace(
            facts,
            mother=None if mother is None else before.get(mother, mother),
            merged_into=None if heir is None else behind.get(heir, heir),
        )


def _made_span(cell: int, edit: Edit, spans: Spans) -> Span | None:
    frames = [p.t for p in edit.pixels if p.cell == cell and p.add]
    for move in edit.moves:
        if move.to == cell:
            of = spans.get(move.cell, Span(move.first, move.last))
            frames += [max(move.first, of.first), min(move.last, of.last)]
    return Span(min(frames), max(frames)) if frames else None


def _follow_places(edit: Edit, names: _Names) -> Edit:
    pixels = tuple(replace(p, cell=names.at(p.cell, p.t)) for p in edit.pixels)
    return replace(edit, pixels=pixels, moves=tuple(_follow_move(move, names) for move in edit.moves))


def _follow_move(move: CellMove, names: _Names) -> CellMove:
    """The cell is named as where its range begins; the name that it gets, as just before that.

    A range from the first frame on is held at its other end, where the cell is cut.
    """
    here, beside = (move.first, move.first - 1) if move.first > 0 else (move.last, move.last + 1)
    return replace(move, cell=names.at(move.cell, here), to=names.at(move.to, beside))
