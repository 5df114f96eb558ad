"""What the linker that learns learns from: windows of frames of accepted movies, turned and lit otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from training.engine.learned_links.scenes import Possible, Seen, Truth, possible
from training.engine.learned_links.windows import Turn, Window, around_of, settled, window_of
from training.engine.linking.detections import Floats, Ints
from training.engine.linking.weighing import Weights
from training.engine.seeds import Chance

FRAMES = 7
MOST_DETECTIONS = 600
"""Of a window; of crowded frames a neighbourhood is taken."""
DIVISION_WEIGHT = 3.0
MOST_NOISE = 0.08
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Wanted:
    """Which links (m,) and divisions (k,) are right, and how much what goes into each detection (n,) and out
    of it weighs: 0 where not all that is possible is in the window."""

    link: Tensor
    split: Tensor
    into: Tensor
    out: Tensor


@dataclass(frozen=True, eq=False)
class Scene:
    """A movie with all that is possible in it, what of it is right, and what weighs how much (`Wanted`)."""

    seen: Seen
    weights: Weights
    place: Floats
    near: npt.NDArray[np.int32]
    whole: Possible
    link: Mask
    split: Mask
    into: Floats
    out: Floats

    @staticmethod
    def of(seen: Seen, weights: Weights, truth: Truth) -> "Scene":
        """All of a movie at once."""
        found, place = seen.found, settled(weights)
        whole = _in_order(possible(weights, 0, found.frames - 1))
        link, split = _right(whole, truth)
        into, out = _weights(whole, truth, found.t, link, split)
        near = around_of(found, place, 0, found.frames - 1)
        return Scene(seen, weights, place, near, whole, link, split, into, out)


def _in_order(whole: Possible) -> Possible:
    """Divisions by their mothers, as links are by their frames."""
    order = np.argsort(whole.splits.mother, kind="stable")
    return replace(whole, splits=whole.splits.where(order), measures=whole.measures[order])


def _mothers(truth: Truth) -> Ints:
    most = max([int(truth.who.max(initial=0)), *truth.mothers, *truth.mothers.values()])
    mother_of = np.zeros(most + 1, np.int64)
    mother_of[list(truth.mothers)] = list(truth.mothers.values())
    return mother_of


def _right(whole: Possible, truth: Truth) -> tuple[Mask, Mask]:
    """Which links and divisions are right. Of a mother of whom one daughter alone is there, her link is."""
    who, mother_of, ways, splits = truth.who, _mothers(truth), whole.ways, whole.splits
    mother = who[splits.mother]
    split = (mother > 0) & (mother_of[who[splits.one]] == mother) & (mother_of[who[splits.other]] == mother)
    early, late = who[ways.source], who[ways.target]
    born = (early > 0) & (mother_of[late] == early)
    alone = np.bincount(ways.source[born], minlength=len(who)) == 1
    return (early > 0) & ((early == late) | (born & alone[ways.source])), split


def _weights(whole: Possible, truth: Truth, t: Ints, link: Mask, split: Mask) -> tuple[Floats, Floats]:
    """(n,) of what goes into each detection and out of it: 0 where what is right is not possible."""
    who, mother_of, n = truth.who, _mothers(truth), len(t)
    ways, splits = whole.ways, whole.splits
    base = int(who.max(initial=0)) + 1
    key = t * base + who
    before = np.isin(key - base, key) | ((mother_of[who] > 0) & np.isin((t - 1) * base + mother_of[who], key))
    has_child = np.unique(((t - 1) * base + mother_of[who])[mother_of[who] > 0])
    after = np.isin(key + base, key) | np.isin(key, has_child)
    divided = np.concatenate([splits.one[split], splits.other[split]])
    right_in = np.bincount(np.concatenate([ways.target[link], divided]), minlength=n)
    right_out = np.bincount(np.concatenate([ways.source[link], splits.mother[split]]), minlength=n)
    into = np.where((who > 0) & before & (right_in == 0) | (right_in > 1), 0.0, 1.0)
    out = np.where((who > 0) & after & (right_out == 0) | (right_out > 1), 0.0, 1.0)
    into[divided] *= DIVISION_WEIGHT
    out[splits.mother[split]] *= DIVISION_WEIGHT
    return into, out


@dataclass(frozen=True)
class Drawn:
    """A window that was drawn: of which scene, from which frame on, around which row, turned how."""

    scene: int
    first: int
    around: int
    turn: Turn


@dataclass(frozen=True)
class LinkShare:
    """Some windows of a batch."""

    windows: Sequence[Drawn]

    @property
    def weight(self) -> int:
        """How many."""
        return len(self.windows)


@dataclass(frozen=True, eq=False)
class LinkLesson:
    """Batches of windows; a movie is drawn as often as it has detections."""

    scenes: Sequence[Scene]
    batch: int
    light: float

    def draw(self, chance: Chance, parts: int) -> Sequence[LinkShare]:
        """A batch in at most `parts` shares."""
        counts = np.array([len(scene.seen.found) for scene in self.scenes], np.float64)
        drawn = [self._one(int(scene), chance) for scene in _choice(chance, counts, self.batch)]
        return [LinkShare(drawn[i::parts]) for i in range(min(parts, len(drawn)))]

    def _one(self, number: int, chance: Chance) -> Drawn:
        found, rng = self.scenes[number].seen.found, chance.rng
        first = int(rng.integers(0, max(found.frames - FRAMES, 0) + 1))
        contrast = float(np.exp(rng.uniform(-0.4, 0.4) * self.light))
        flip_y, flip_x, swap = (rng.random(3) < 0.5).tolist()
        noise, seed = MOST_NOISE * self.light * float(rng.random()), int(rng.integers(1 << 31))
        turn = Turn(flip_y, flip_x, swap, contrast, noise, seed)
        return Drawn(number, first, int(rng.integers(len(found))), turn)

    def make(self, share: LinkShare) -> tuple[Window, Wanted]:
        """The windows of a share, side by side."""
        made = [cut(self.scenes[one.scene], one) for one in share.windows]
        wanted = [torch.cat([getattr(pair[1], column.name) for pair in made]) for column in fields(Wanted)]
        return Window.joined([pair[0] for pair in made]), Wanted(*wanted)

    def steps_per_epoch(self) -> int:
        """Steps in which every frame is drawn about once."""
        windows = sum(max(scene.seen.found.frames / FRAMES, 1.0) for scene in self.scenes)
        return max(1, round(windows / self.batch))


def _choice(chance: Chance, counts: Floats, size: int) -> Ints:
    return np.asarray(chance.rng.choice(len(counts), size, p=counts / counts.sum()), np.int64)


def cut(scene: Scene, drawn: Drawn) -> tuple[Window, Wanted]:
    """A window of a scene, and what is wanted of it."""
    found, whole = scene.seen.found, scene.whole
    last = min(drawn.first + FRAMES, found.frames) - 1
    rows = _neighbourhood(scene, drawn, last)
    inside = np.zeros(len(found), np.bool_)
    inside[rows] = True
    links = _between(found.t[whole.ways.source], drawn.first, last)
    splits = _between(found.t[whole.splits.mother], drawn.first, last)
    ways, divided = whole.ways.where(links), whole.splits.where(splits)
    kept = inside[ways.source] & inside[ways.target]
    held = inside[divided.mother] & inside[divided.one] & inside[divided.other]
    into, out = scene.into.copy(), scene.out.copy()
    into[ways.target[~kept]] = 0
    out[ways.source[~kept]] = 0
    into[found.t == drawn.first] = 0
    out[found.t == last] = 0
    possible_here = Possible(
        ways.where(kept), whole.square[links][kept], divided.where(held), whole.measures[splits][held]
    )
    window = window_of(
        scene.seen, scene.weights, scene.place, rows, scene.near[rows], possible_here, drawn.turn
    )
    return window, Wanted(
        torch.from_numpy(scene.link[links][kept]),
        torch.from_numpy(scene.split[splits][held]),
        torch.from_numpy(into[rows].astype(np.float32)),
        torch.from_numpy(out[rows].astype(np.float32)),
    )


def _neighbourhood(scene: Scene, drawn: Drawn, last: int) -> Ints:
    bounds = scene.seen.found.bounds
    rows = np.arange(bounds[drawn.first], bounds[last + 1])
    if len(rows) <= MOST_DETECTIONS:
        return rows
    middle = scene.place[rows[drawn.around % len(rows)]]
    far = ((scene.place[rows] - middle) ** 2).sum(1)
    return np.sort(rows[np.argpartition(far, MOST_DETECTIONS)[:MOST_DETECTIONS]])


def _between(t: Ints, first: int, last: int) -> Ints:
    """Places, in ascending times, of those from `first` to before `last`."""
    return np.arange(*np.searchsorted(t, [first, last]))
