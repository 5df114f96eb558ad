"""What speaks for and against a link, in nats: its step and how much the cell changed, against the chance
that one cell vanished and another appeared there."""

from dataclasses import dataclass

import numpy as np

from training.engine.linking.detections import Detections, Floats, Ints
from training.engine.linking.neighbours import nearest
from training.engine.linking.scales import Looks, Scales
from training.engine.linking.ways import Ways

MOST_WAYS = 3
"""Candidates of a cell: the nearest ones of the frame before."""
STEPS = ((1.0, 0.87), (2.5, 0.10), (7.0, 0.03))
"""Of all steps, such shares are drawn with so many times the usual spread: cells rest, crawl and jump."""
TRUST = 0.7
"""Area, light and shape are not quite independent of each other."""
MOST_TOLD = 4.0
CHANGED = 0.2
"""Of all cells, so many look all different in the next frame."""


@dataclass(frozen=True, eq=False)
class Weights:
    """A movie, its scales, and what is expected of each cell's next step: `ahead` (n, 3) beside the drift,
    fading to the part `lasting` with every frame; (n,) `wide` is its uncertainty in usual steps."""

    found: Detections
    looks: Looks
    scales: Scales
    reach: float
    use_looks: bool = True
    ahead: Floats | None = None
    wide: Floats | None = None
    lasting: float = 0.0

    def expected(self, t: int, frames: int = 1) -> Floats:
        """Where the cells of frame t are expected `frames` later, (k, 3)."""
        rows = self.found.rows(t)
        drift = self.scales.drift[t : t + frames].sum(0)
        far = sum(self.lasting**k for k in range(frames))
        ahead = 0.0 if self.ahead is None else self.ahead[rows] * far
        return np.asarray(self.found.place[rows] + drift + ahead)

    def near(self, first: int, last: int) -> tuple[Ints, Ints, Floats]:
        """Rows (source, target) of near pairs of frames first…last − 1 and the next ones, and the squared
        distance to where the source was expected; (m,)."""
        parts = [self._near(t) for t in range(first, last)]
        if not parts:
            return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
        source, target, square = (np.concatenate([part[i] for part in parts]) for i in range(3))
        return source.astype(np.int64), target.astype(np.int64), square

    def _near(self, t: int) -> tuple[Ints, Ints, Floats]:
        before, after = self.found.bounds[t], self.found.bounds[t + 1]
        places = self.found.place[self.found.rows(t + 1)]
        if before == after or not len(places):
            return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
        distance, row = nearest(self.expected(t), places, MOST_WAYS, self.reach)
        target, rank = np.nonzero(np.isfinite(distance))
        return before + row[target, rank], after + target, distance[target, rank] ** 2

    def link(self, source: Ints, target: Ints, square: Floats, frames: int = 1) -> Floats:
        """Energies of links (m,) over so many frames, all of one length."""
        rates = self.scales.rates
        wide = 1.0 if self.wide is None else self.wide[source]
        energy = -self.log_step(square, frames, wide)
        energy += np.log(self.vanishing(source)) + np.log(self.appearing(target))
        energy -= np.log(max(1 - rates.vanish - rates.divide, 0.5))
        if frames > 1:
            energy -= (frames - 1) * np.log(rates.miss)
        if self.use_looks:
            energy -= self.log_looks(source, target)
        return np.asarray(energy)

    def log_step(self, square: Floats, frames: int = 1, wide: Floats | float = 1.0) -> Floats:
        """Logarithm of the density of steps of these squared lengths, per px² or px³."""
        # A step that lasts is made again in the frames that follow.
        grown = sum(sum(self.lasting**k for k in range(n + 1)) ** 2 for n in range(frames))
        axes, variance = self.found.axes, (self.scales.step * wide) ** 2 * grown
        parts = [
            np.log(share) - square / (2 * spread) - axes / 2 * np.log(2 * np.pi * spread)
            for share, spread in ((share, times**2 * variance) for times, share in STEPS)
        ]
        return np.asarray(np.logaddexp(np.logaddexp(parts[0], parts[1]), parts[2]))

    def vanishing(self, rows: Ints) -> Floats:
        """Chance that a cell is not in the next frame: larger at the picture's edge."""
        return self._at_edge(rows, self.scales.rates.vanish)

    def appearing(self, rows: Ints) -> Floats:
        """Density of cells that were not in the frame before, per px² or px³."""
        t = self.found.t[rows]
        count = np.maximum(np.diff(self.found.bounds)[t], 1)
        return self.appearing_rate(rows) * count / self.found.room

    def appearing_rate(self, rows: Ints) -> Floats:
        """Chance of a cell that it was not in the frame before."""
        return self._at_edge(rows, self.scales.rates.appear)

    def _at_edge(self, rows: Ints, rate: float) -> Floats:
        wide = self.scales.step + 0.25 * self.scales.radius
        return np.asarray(rate + max(0.4 - rate, 0.0) * np.exp(-self.found.border[rows] / wide))

    def log_looks(self, source: Ints, target: Ints) -> Floats:
        """How much likelier these changes are of one cell than between two. Cells that divide or are cut
        badly change in everything at once: of them looks say nothing."""
        change = self.looks.values[target] - self.looks.values[source]
        total = np.zeros(len(source))
        for i, (same, other) in enumerate(self.scales.change.tolist()):
            if same < 0.8 * other:
                square = change[:, i] ** 2 / 2
                total += square / other**2 - square / same**2 + np.log(other / same)
        told = np.logaddexp(np.log1p(-CHANGED) + TRUST * total, np.log(CHANGED))
        return np.asarray(np.minimum(told, MOST_TOLD))

    def ways(self, first: int, last: int) -> tuple[Ways, Floats]:
        """All near pairs of some frames with their energies, and the squared distances."""
        source, target, square = self.near(first, last)
        return Ways(source, target, self.link(source, target, square)), square
