"""W4: two people draw from one and the same revision. Told by pixel sets what may meet, nothing is lost."""

import random
from itertools import pairwise

import pytest

from annotation.core.edits import Edit, PixelChange
from annotation.core.tiles import runs_of_tiles
from annotation.models import Branch
from annotation.selectors import changes
from annotation.services.labels import OnConflict, StaleRevision
from backend.accounts.models import Team, User
from tests.factories.annotation import commit, edit, make_branch, new_cell

SIDE, CELLS, FRAMES, ROUNDS = 48, 6, 10, 105

Pixel = tuple[int, int]
State = dict[int, set[Pixel]]


class Stroke:
    """A small rectangle that a cell gains, where it is not yet its own, or loses, but for its first pixel."""

    def __init__(self, chance: random.Random, state: State) -> None:
        self.cell = chance.randint(1, CELLS)
        y, x = chance.randrange(SIDE - 6), chance.randrange(SIDE - 6)
        height, width = chance.randint(1, 6), chance.randint(1, 6)
        touched = {(r, c) for r in range(y, y + height) for c in range(x, x + width)}
        own = state[self.cell]
        self.adds = chance.random() < 0.7 or not (touched & own - {min(own)})
        self.pixels = touched - own if self.adds else touched & own - {min(own)}

    def as_edit(self, t: int) -> Edit:
        runs = runs_of(self.pixels)
        change = PixelChange(t, 0, self.cell, *((runs, ()) if self.adds else ((), runs)))
        return edit(pixels=[change])

    def meets(self, other: "Stroke") -> bool:
        return self.cell == other.cell or (self.adds and other.adds and bool(self.pixels & other.pixels))

    def lay(self, state: State) -> None:
        own = state[self.cell]
        own |= self.pixels if self.adds else set()
        own -= set() if self.adds else self.pixels


def runs_of(pixels: set[Pixel]) -> tuple[int, ...]:
    """Runs along x, one for each pixel that follows on no other."""
    ordered = sorted(pixels)
    breaks = [i for i, (a, b) in enumerate(pairwise(ordered), 1) if b != (a[0], a[1] + 1)]
    bounds = [0, *breaks, len(ordered)]
    return tuple(value for a, b in pairwise(bounds) for value in (*ordered[a], b - a))


def drawn(branch: Branch, t: int) -> State:
    head = Branch.objects.values_list("head_number", flat=True).get(pk=branch.pk)
    runs = runs_of_tiles(changes.contents_at(branch_id=branch.pk, number=head, t=t, z=0))
    return {
        cell: {(row[i], row[i + 1] + k) for i in range(0, len(row), 3) for k in range(row[i + 2])}
        for cell, row in runs.items()
    }


def test_W4_of_1000_random_pairs_both_strokes_stay_or_the_later_is_told_which(
    team: Team, ben: User, cleo: User
) -> None:
    """A pair in each frame, both drawn on one revision. What is refused names exactly the strokes that meet;
    the others go again, and half of those that met are said to win."""
    chance = random.Random(4)
    branch = make_branch(team, shape_tzyx=(FRAMES, 1, SIDE, SIDE))
    cells = [new_cell(n, 7 * n, 2 + 7 * n, 3, 3) for n in range(1, CELLS + 1)]
    base = commit(branch, ben, *cells).number
    more = [
        PixelChange(t, 0, n, add=one.pixels[0].add)
        for n, one in enumerate(cells, 1)
        for t in range(1, FRAMES)
    ]
    base = commit(branch, ben, edit(pixels=more)).number
    states = [drawn(branch, t) for t in range(FRAMES)]
    pairs = told = 0
    for _ in range(ROUNDS):
        strokes = [(t, Stroke(chance, state), Stroke(chance, state)) for t, state in enumerate(states)]
        strokes = [(t, one, two) for t, one, two in strokes if one.pixels and two.pixels]
        pairs += len(strokes)
        commit(branch, ben, *(one.as_edit(t) for t, one, _ in strokes), base=base)
        for t, one, _ in strokes:
            one.lay(states[t])
        later = {(made := two.as_edit(t)).id: (t, one, two, made) for t, one, two in strokes}
        met = {name for name, (_, one, two, _) in later.items() if two.meets(one)}
        if met:
            told += len(met)
            with pytest.raises(StaleRevision) as refused:
                commit(branch, cleo, *(made for *_, made in later.values()), base=base)
            assert {row["edit"] for row in refused.value.details["collisions"]} == met
        wins = {name for name in met if chance.random() < 0.5}
        for names, rule in ((later.keys() - met, OnConflict.REFUSE), (wins, OnConflict.KEEP_MINE)):
            if names:
                again = [row for name, row in later.items() if name in names]
                assert commit(branch, cleo, *(row[3] for row in again), base=base, on_conflict=rule).rebased
                for t, _, two, _ in again:
                    two.lay(states[t])
        base = Branch.objects.values_list("head_number", flat=True).get(pk=branch.pk)
        at = chance.randrange(FRAMES)
        assert drawn(branch, at) == states[at]
    assert [drawn(branch, t) for t in range(FRAMES)] == states
    assert pairs >= 1_000
    assert 150 < told < 600
