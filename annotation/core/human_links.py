"""What people have said of the links of a movie, read from its log of edits.

A linker that runs again must keep it. A detection (a cell in a frame) is followed under all the names that
edits give it, so what was said of two detections stays said of them. An edit says

* by a move: that the piece belongs to the cell it was given to, at both ends and within; and that it does not
  belong to what it was taken from. A piece that becomes a new cell is only taken away;
* by pixels in a frame in which the cell had none: that this is the cell of the frames before and after. A
  better outline says nothing of links;
* by a mother: that the cell is her daughter, and of the mother before that it is not;
* by an ending or a fusion: that the cell does not go on;
* by an answer (tool `link.confirm`): that a link is right as it stands. It changes nothing else.

A locked cell is right as it stands. What was undone was not said.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from annotation.core.edit_values import CellChange, CellFacts, CellMove, Edit
from annotation.core.runs import area_px

Place = tuple[int, int]
"""(t, cell)."""


class HumanLink(NamedTuple):
    """`cell` in frame `t` goes on as `to_cell` in the later frame `to_t`: itself, or a daughter."""

    t: int
    cell: int
    to_t: int
    to_cell: int


@dataclass(frozen=True, slots=True)
class HumanLinks:
    """Links that people made, pairs that they took apart, and cells (t, cell) that do not go on; sorted."""

    links: tuple[HumanLink, ...] = ()
    cuts: tuple[HumanLink, ...] = ()
    ends: tuple[Place, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.links or self.cuts or self.ends)


@dataclass(frozen=True, slots=True)
class Stroke:
    """The pixels that a cell gains and loses in a frame, over all slices: how many, and which."""

    t: int
    cell: int
    gained_px: int
    lost_px: int
    gained: int
    lost: int


CONFIRMS = "link.confirm"
"""The tool of an edit that only says that the link in its parameters is right."""
SAYS = (CONFIRMS, "redo")
"""Tools of edits that say it: what is taken back and done again says it again."""


def confirmation(id: str, link: HumanLink) -> Edit:
    """The edit by which a person says that a link is right as it stands."""
    return Edit(id, CONFIRMS, parameters=link._asdict())


@dataclass(frozen=True, slots=True)
class BriefEdit:
    """What an edit says of links, without its pixels."""

    id: str
    undoes: str | None
    strokes: tuple[Stroke, ...]
    cells: tuple[CellChange, ...]
    moves: tuple[CellMove, ...]
    confirmed: HumanLink | None = None

    @property
    def named(self) -> set[int]:
        """Every cell that it says something of."""
        facts = [facts for change in self.cells for facts in (change.before, change.after) if facts]
        return (
            {stroke.cell for stroke in self.strokes}
            | {change.cell for change in self.cells}
            | {cell for move in self.moves for cell in (move.cell, move.to)}
            | {facts.mother for facts in facts if facts.mother is not None}
            | ({self.confirmed.cell, self.confirmed.to_cell} if self.confirmed else set())
        )


def brief(edit: Edit) -> BriefEdit:
    """An edit without its pixels."""
    by_frame = defaultdict(list)
    for change in edit.pixels:
        by_frame[change.t, change.cell].append(change)
    strokes = tuple(
        Stroke(
            t,
            cell,
            sum(area_px(c.add) for c in changes),
            sum(area_px(c.remove) for c in changes),
            hash(tuple(sorted((c.z, c.add) for c in changes if c.add))),
            hash(tuple(sorted((c.z, c.remove) for c in changes if c.remove))),
        )
        for (t, cell), changes in by_frame.items()
    )
    return BriefEdit(edit.id, edit.undoes, strokes, edit.cells, edit.moves, _confirmed(edit))


def _confirmed(edit: Edit) -> HumanLink | None:
    """The link that an edit confirms; an edit of other parameters than four numbers confirms none."""
    numbers = [edit.parameters.get(name) for name in HumanLink._fields]
    if edit.tool not in SAYS or not all(isinstance(number, int) for number in numbers):
        return None
    return HumanLink(*(int(number) for number in numbers if number is not None))


@dataclass(eq=False, slots=True)
class _Seen:
    """A detection under its present name; without pixels it is gone."""

    t: int
    cell: int
    area_px: int


@dataclass(frozen=True, slots=True)
class _Said:
    """`one` and `two` are one cell, or with `cut` are not linked."""

    one: _Seen
    two: _Seen
    cut: bool = False


@dataclass(frozen=True, slots=True)
class _Fact:
    """A person has said the mother of a cell, or with `ends` that it does not go on."""

    cell: int
    mother: int | None = None
    ends: bool = False


@dataclass
class Ledger:
    """What was said so far. Only cells that `stand_on` was given, and those drawn since, are followed."""

    _frames: dict[int, dict[int, _Seen]] = field(default_factory=dict)
    _said: dict[str, list[_Said | _Fact]] = field(default_factory=dict)
    _roots: dict[str, tuple[str, int]] = field(default_factory=dict)

    def stand_on(self, places: Iterable[tuple[int, int, int]], known: HumanLinks | None = None) -> None:
        """Labels were replaced as a whole: from now on they are these (t, cell, area px).

        Links of detections that are still there, by name, stay said; pairs that were taken apart do not, for
        their names may be others' now. `known` was said before.
        """
        frames: dict[int, dict[int, _Seen]] = defaultdict(dict)
        for t, cell, area in places:
            frames[cell][t] = _Seen(t, cell, area)
        self._frames = dict(frames)
        self._said = {origin: self._rebound(several) for origin, several in self._said.items()}
        if known:
            same = [link for link in known.links if link.cell == link.to_cell]
            mothers = [_Fact(link.to_cell, link.cell) for link in known.links if link.cell != link.to_cell]
            pairs = [*self._pairs(same, cut=False), *self._pairs(known.cuts, cut=True)]
            self._said["known"] = [*pairs, *mothers]

    def take(self, edit: BriefEdit) -> None:
        """Follow one edit of a person."""
        root, depth = self._root_of(edit)
        repainted = self._repainted(edit)
        said = self._take_moves(edit, repainted)
        said += self._take_strokes(edit, {(m.first, cell) for m in repainted for cell in (m.cell, m.to)})
        said += self._take_facts(edit)
        if edit.confirmed is not None:
            said += self._take_answer(edit.confirmed)
        if depth % 2:
            self._said.pop(root, None)
        elif said:
            self._said[root] = [*self._said.pop(root, []), *said]

    def standing(self, facts: Mapping[int, CellFacts]) -> HumanLinks:
        """What still stands, under the names of now; `facts` are those of every cell that is there."""
        several = [one for said in self._said.values() for one in said]
        pairs = [one for one in several if isinstance(one, _Said)]
        links = {_link(one.one, one.two) for one in pairs if not one.cut and self._follows(one.one, one.two)}
        for cell, known in facts.items():
            if known.locked:
                links |= {_link(a, b) for a, b in pairwise(self._ordered(cell))}
        spoken = {one.cell: one for one in several if isinstance(one, _Fact) and not one.ends}
        spoken |= {cell: _Fact(cell, known.mother) for cell, known in facts.items() if known.locked}
        sources = {link[:2] for link in links}
        for cell, one in spoken.items():
            if one.mother is not None and cell in facts and facts[cell].mother == one.mother:
                pair = self._birth(cell, one.mother)
                if pair is not None and (pair[0].t, pair[0].cell) not in sources:
                    links.add(_link(*pair))
        apart = {_link(one.one, one.two) for one in pairs if one.cut and self._apart(one.one, one.two, facts)}
        return HumanLinks(
            tuple(sorted(links)),
            tuple(sorted(apart - links)),
            tuple(sorted(self._ends(several, facts) - {link[:2] for link in links})),
        )

    # ------------------------------------------------------------ taking

    def _root_of(self, edit: BriefEdit) -> tuple[str, int]:
        """The edit that this one undoes or redoes in the end, and how often it was turned round."""
        root, depth = edit.id, 0
        if edit.undoes is not None:
            root, before = self._roots.get(edit.undoes, (edit.undoes, 0))
            depth = before + 1
        self._roots[edit.id] = (root, depth)
        return root, depth

    def _take_moves(self, edit: BriefEdit, repainted: Sequence[CellMove]) -> list[_Said | _Fact]:
        """Rename what is moved; new neighbours at both ends are links, old ones that are parted are cuts."""
        moves = [*edit.moves, *repainted]
        born = {change.cell for change in edit.cells if change.before is None}
        pieces = [
            (move, [one for one in self._ordered(move.cell) if move.first <= one.t <= move.last])
            for move in moves
        ]
        parted = [pair for _, piece in pieces if piece for pair in self._ends_of(piece)]
        for _, piece in pieces:
            for one in piece:
                del self._frames[one.cell][one.t]
        for move, piece in pieces:
            for one in piece:
                one.cell = move.to
                self._frames.setdefault(move.to, {})[one.t] = one
        said: list[_Said | _Fact] = [
            _Said(a, b, cut=True) for a, b in parted if a.cell != b.cell and a.area_px and b.area_px
        ]
        for move, piece in pieces:
            if piece and move.to not in born:
                said += [_Said(a, b) for a, b in (*self._ends_of(piece), *pairwise(piece))]
        return said

    def _repainted(self, edit: BriefEdit) -> list[CellMove]:
        """Cells that lose all their pixels in a frame to one that had none there: moves said by pixels."""
        gone = {
            (stroke.t, stroke.lost): stroke.cell
            for stroke in edit.strokes
            if stroke.lost_px and not stroke.gained_px and self._area(stroke) == stroke.lost_px
        }
        return [
            CellMove(gone[stroke.t, stroke.gained], stroke.cell, stroke.t, stroke.t)
            for stroke in edit.strokes
            if stroke.gained_px and not self._area(stroke) and (stroke.t, stroke.gained) in gone
        ]

    def _take_strokes(self, edit: BriefEdit, done: set[Place]) -> list[_Said | _Fact]:
        """Count pixels; a cell that comes to be in a frame is linked to where it was before and after."""
        drawn = []
        for stroke in edit.strokes:
            if (stroke.t, stroke.cell) in done:
                continue
            frames = self._frames.setdefault(stroke.cell, {})
            seen = frames.get(stroke.t)
            if seen is None:
                seen = frames[stroke.t] = _Seen(stroke.t, stroke.cell, 0)
                drawn.append(seen)
            seen.area_px += stroke.gained_px - stroke.lost_px
            if seen.area_px <= 0:
                seen.area_px = 0
                del frames[stroke.t]
        return [_Said(a, b) for one in drawn if one.area_px for a, b in self._ends_of([one])]

    def _take_facts(self, edit: BriefEdit) -> list[_Said | _Fact]:
        said: list[_Said | _Fact] = []
        for change in edit.cells:
            before, after = change.before or CellFacts(), change.after
            if after is None:
                continue
            if after.mother != before.mother:
                said.append(_Fact(change.cell, after.mother))
                pair = self._birth(change.cell, before.mother)
                said += [_Said(*pair, cut=True)] if pair else []
            if (after.ending, after.merged_into) != (before.ending, before.merged_into):
                said.append(_Fact(change.cell, ends=True))
        return said

    def _take_answer(self, link: HumanLink) -> list[_Said | _Fact]:
        if link.cell != link.to_cell:
            return [_Fact(link.to_cell, link.cell)]
        return [*self._pairs([link], cut=False)]

    # ------------------------------------------------------------ what stands

    def _follows(self, one: _Seen, two: _Seen) -> bool:
        """Whether two detections are one cell, with nothing of it between them."""
        if one.cell != two.cell or not (self._is_there(one) and self._is_there(two)) or one.t >= two.t:
            return False
        frames = self._frames[one.cell]
        return not any(one.t < t < two.t for t in frames)

    def _apart(self, one: _Seen, two: _Seen, facts: Mapping[int, CellFacts]) -> bool:
        """Whether two detections are there, the one before the other, and are not linked."""
        if not (self._is_there(one) and self._is_there(two)) or one.t >= two.t or one.cell == two.cell:
            return False
        return facts.get(two.cell, CellFacts()).mother != one.cell

    def _ends(self, several: Sequence[_Said | _Fact], facts: Mapping[int, CellFacts]) -> set[Place]:
        said = {one.cell for one in several if isinstance(one, _Fact) and one.ends}
        ends = set()
        for cell, known in facts.items():
            if known.ending is not None or (known.merged_into is not None and (cell in said or known.locked)):
                ends |= {(one.t, cell) for one in self._ordered(cell)[-1:]}
        return ends

    def _birth(self, cell: int, mother: int | None) -> tuple[_Seen, _Seen] | None:
        """The last detection of a mother before the first of her daughter."""
        first = self._ordered(cell)[:1]
        if mother is None or not first:
            return None
        before = [one for one in self._ordered(mother) if one.t < first[0].t]
        return (before[-1], first[0]) if before else None

    # ------------------------------------------------------------ detections

    def _ordered(self, cell: int) -> list[_Seen]:
        return [one for _, one in sorted(self._frames.get(cell, {}).items())]

    def _ends_of(self, piece: Sequence[_Seen]) -> list[tuple[_Seen, _Seen]]:
        """The pairs at both ends of a piece of a track: what its cell is before, and what after."""
        track = self._ordered(piece[0].cell)
        times = [one.t for one in track]
        before, after = bisect_left(times, piece[0].t), bisect_left(times, piece[-1].t + 1)
        left = [(track[before - 1], piece[0])] if before else []
        return left + ([(piece[-1], track[after])] if after < len(track) else [])

    def _is_there(self, one: _Seen) -> bool:
        return self._frames.get(one.cell, {}).get(one.t) is one

    def _area(self, stroke: Stroke) -> int:
        return self._area_at(stroke.t, stroke.cell)

    def _area_at(self, t: int, cell: int) -> int:
        seen = self._frames.get(cell, {}).get(t)
        return seen.area_px if seen else 0

    def _at(self, t: int, cell: int) -> _Seen:
        """The detection of this name; one that is gone where there is none."""
        return self._frames.get(cell, {}).get(t) or _Seen(t, cell, 0)

    def _pairs(self, links: Iterable[HumanLink], *, cut: bool) -> list[_Said]:
        return [_Said(self._at(*one[:2]), self._at(*one[2:]), cut) for one in links]

    def _rebound(self, several: Iterable[_Said | _Fact]) -> list[_Said | _Fact]:
        return [
            _Said(self._at(one.one.t, one.one.cell), self._at(one.two.t, one.two.cell))
            if isinstance(one, _Said)
            else one
            for one in several
            if isinstance(one, _Fact) or not one.cut
        ]


def _link(one: _Seen, two: _Seen) -> HumanLink:
    return HumanLink(one.t, one.cell, two.t, two.cell)
