"""Two people on one movie, by time: their moves, put one upon the other, make the links that both meant.

The twin knows nothing of names: a movie is objects that are seen in frames, and links between them.
"""

from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation.core import edits, moves
from annotation.core.edits import CellChange, CellFacts, CellMove, Edit, PixelChange
from annotation.core.lineage import Span

UUID = "3b241101-e2bb-4255-8caf-4136c566a962"
OBJECTS, FRAMES = 5, 12
HALF = FRAMES // 2

Place = tuple[int, int]
Links = dict[Place, Place]
"""(t, object) → (t, object) before it."""


@dataclass
class Movie:
    """What each object is called in each frame, and the facts of the names."""

    names: dict[Place, int]
    facts: dict[int, CellFacts]
    free: int = 100
    log: list[Edit] = field(default_factory=list)

    def copy(self, free: int) -> "Movie":
        return Movie(dict(self.names), dict(self.facts), free)

    def frames(self, name: int) -> list[int]:
        return sorted(t for (t, _), other in self.names.items() if other == name)

    def apply(self, edit: Edit) -> None:
        renamed = {}
        for (t, seen), name in self.names.items():
            to = moves.names_in(edit.moves, t).get(name, name)
            renamed[t, seen] = to
        assert len({(t, name) for (t, _), name in renamed.items()}) == len(renamed), (
            "two cells under one name"
        )
        self.names = renamed
        for change in edit.cells:
            now = self.facts.get(change.cell)
            assert change.after is not None
            self.facts[change.cell] = change.after if now is None else replace(now, **change.said)

    def make(self, several: list[CellMove], made: dict[int, CellFacts]) -> None:
        """An edit as the editor makes it: daughters stay with the frame at which their mother ended."""
        cells = [CellChange(cell, None, facts) for cell, facts in made.items()]
        for cell, facts in self.facts.items():
            if facts.mother is not None and self.frames(cell):
                to = moves.names_in(several, self.frames(facts.mother)[-1]).get(facts.mother)
                if to is not None:
                    cells.append(CellChange(cell, facts, replace(facts, mother=to)))
        edit = Edit(UUID, "track", cells=tuple(cells), moves=tuple(several))
        moves.check(edit)
        self.log.append(edit)
        self.apply(edit)

    def links(self) -> Links:
        found: Links = {}
        at = {(t, name): (t, seen) for (t, seen), name in self.names.items()}
        for name in set(self.names.values()):
            frames = self.frames(name)
            found |= {at[b, name]: at[a, name] for a, b in pairwise(frames)}
            mother = self.facts[name].mother
            if mother is not None:
                found[at[frames[0], name]] = at[self.frames(mother)[-1], mother]
        return found


def movie() -> Movie:
    names = {(t, seen): seen + 1 for t in range(FRAMES) for seen in range(OBJECTS)}
    return Movie(names, {seen + 1: CellFacts() for seen in range(OBJECTS)})


def cut(one: Movie, links: Links, t: int, seen: int, *, divide: bool) -> None:
    """The object begins a new track in frame t, as a daughter of the one before or of nobody."""
    name = one.names[t, seen]
    if name != one.names.get((t - 1, seen)) and divide:
        return
    one.free += 1
    mother = name if divide and one.frames(name)[0] < t else None
    if not divide:
        links.pop((t, seen), None)
    if one.frames(name)[0] < t:
        one.make([CellMove(name, one.free, t, FRAMES - 1)], {one.free: CellFacts(mother=mother)})
    elif one.facts[name].mother is not None and not divide:
        facts = one.facts[name]
        edit = Edit(UUID, "track", cells=(CellChange(name, facts, replace(facts, mother=None)),))
        one.log.append(edit)
        one.apply(edit)


def swap(one: Movie, links: Links, t: int, a: int, b: int) -> None:
    """Two objects exchange what came before frame t."""
    names = one.names[t, a], one.names[t, b]
    if any(one.frames(name)[0] >= t for name in names):
        return
    several = [CellMove(names[0], names[1], t, FRAMES - 1), CellMove(names[1], names[0], t, FRAMES - 1)]
    before = links.pop((t, a), None), links.pop((t, b), None)
    links.update({at: was for at, was in zip(((t, a), (t, b)), before[::-1], strict=True) if was is not None})
    one.make(several, {})


def work(one: Movie, links: Links, rng: np.random.Generator, frames: range) -> None:
    """Each frame at most once, so that nobody works on a link twice."""
    for t in rng.permutation(list(frames))[:3].tolist():
        a, b = rng.permutation(OBJECTS)[:2].tolist()
        kind = rng.integers(0, 3)
        if kind == 0:
            swap(one, links, t, a, b)
        else:
            cut(one, links, t, a, divide=kind == 1)


@settings(max_examples=150)
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_T12_two_people_by_time_lose_no_link_and_share_no_name(seed: int, early_first: bool) -> None:
    rng = np.random.default_rng(seed)
    base = movie()
    links = base.links()
    halves = [range(1, HALF), range(HALF + 1, FRAMES)]
    early, late = base.copy(100), base.copy(200)
    for person, frames in zip((early, late), halves, strict=True):
        work(person, links, rng, frames)
    newer, stale = (early, late) if early_first else (late, early)
    head = newer
    named = {c.cell for e in (*newer.log, *stale.log) for c in e.cells} | set(head.names.values())
    seen_in = {name: head.frames(name) for name in named}
    spans = {name: Span(seen[0], seen[-1]) for name, seen in seen_in.items() if seen}
    for edit in edits.follow(stale.log, newer.log, spans):
        head.apply(replace(edit, moves=tuple(m for m in edit.moves if m.cell != m.to)))
    assert head.links() == links


def stroke(cell: int, t: int) -> Edit:
    return Edit(UUID, "brush", (PixelChange(t, 0, cell, (0, 0, 1)),))


def moved(*several: tuple[int, int, int, int]) -> Edit:
    return Edit(UUID, "track", moves=tuple(CellMove(*one) for one in several))


def test_T12_a_stroke_goes_with_its_object_through_swaps_and_cuts() -> None:
    newer = [moved((1, 2, 3, 9), (2, 1, 3, 9)), moved((2, 7, 6, 9))]
    wanted = {2: 1, 3: 2, 5: 2, 6: 7, 9: 7}
    for t, name in wanted.items():
        [followed] = edits.follow([stroke(1, t)], newer, {})
        assert followed.pixels[0].cell == name
        assert edits.find_collisions([stroke(1, t)], newer, size_t=10) == []


@pytest.mark.parametrize(
    ("stale", "newer", "cells"),
    [
        (stroke(1, 5), [moved((2, 1, 4, 9))], [1]),
        (stroke(1, 3), [moved((2, 1, 4, 9))], []),
        (stroke(2, 5), [moved((2, 1, 4, 9))], []),
        (stroke(1, 5), [stroke(1, 5), moved((1, 7, 4, 9))], [7]),
        (stroke(1, 6), [stroke(1, 5), moved((1, 7, 4, 9))], []),
        (moved((1, 8, 4, 9)), [moved((1, 7, 4, 9))], [1, 7]),
        (moved((1, 8, 6, 9)), [moved((1, 7, 4, 9))], []),
        (moved((1, 8, 4, 9)), [moved((1, 7, 6, 9))], []),
        (moved((1, 8, 6, 9)), [moved((1, 7, 4, 9)), moved((7, 6, 6, 9))], [6]),
        (moved((1, 8, 4, 5)), [moved((1, 7, 6, 9))], [1]),
        (moved((1, 8, 4, 9)), [stroke(1, 6)], []),
    ],
)
def test_T12_what_of_moves_collides_and_what_does_not(
    stale: Edit, newer: list[Edit], cells: list[int]
) -> None:
    assert [c.cell for c in edits.find_collisions([stale], newer, size_t=10)] == cells
