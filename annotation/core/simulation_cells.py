"""The bodies of the simulated movie: where cells are, what shape they have, when they divide, come and go."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.spatial import cKDTree

Floats = NDArray[np.float64]

TEXTURE_PX = 96  # side of a cell's own texture; larger than any cell at the default size
MITOSIS_FRAMES = 3.0  # frames of rounding up before a cell divides
YOUTH_FRAMES = 5.0  # frames in which a daughter spreads out again
HARMONICS = np.arange(2, 6)


@dataclass
class Cell:
    """One cell of the world; lengths in px, times in frames, angles in radians."""

    number: int
    mother: int | None
    y: float
    x: float
    vy: float
    vx: float
    radius: float
    angle: float
    stretch: float
    wobble: Floats
    phases: Floats
    clock: float  # frames until it divides
    nucleus_light: float
    body_light: float
    nucleus_shift: tuple[float, float]
    chromatin: NDArray[np.float32]
    cytoplasm: NDArray[np.float32]
    age: float = math.inf
    seen: bool = False
    gone: bool = False

    @property
    def rounding(self) -> float:
        """0 in interphase, 1 just before the division."""
        return min(max((MITOSIS_FRAMES - self.clock) / MITOSIS_FRAMES, 0.0), 1.0)

    @property
    def youth(self) -> float:
        """1 at birth, 0 once spread out."""
        return max(0.0, 1.0 - self.age / YOUTH_FRAMES)

    @property
    def size(self) -> float:
        """Radius now: small when rounded up, and small at birth."""
        return self.radius * (1 - 0.24 * self.rounding) * (1 - 0.3 * self.youth)

    def outline(self, angles: Floats) -> Floats:
        """Distance of the edge from the centre in each direction, px."""
        calm = (1 - self.rounding) * (1 - 0.7 * self.youth)
        turned = angles - self.angle
        waves = np.cos(HARMONICS[:, None, None] * turned + self.phases[:, None, None])
        shape = 1 + calm * np.tensordot(self.wobble, waves, 1)
        squeeze = 1 + (self.stretch - 1) * calm
        ellipse = 1 / np.sqrt((np.cos(turned) / squeeze) ** 2 + (np.sin(turned) * squeeze) ** 2)
        return np.asarray(self.size * shape * ellipse)


@dataclass
class World:
    """All cells, in a world that reaches `margin` px beyond the picture on each side."""

    height: int
    width: int
    radius: float
    cycle: float  # mean frames between two divisions
    speed: float
    rng: np.random.Generator
    steady: float = 0.8
    """Of a step, so much is the step before again; of the rest, chance decides."""
    solid: bool = True
    """Whether cells give way to each other."""
    margin: float = 0.0
    cells: list[Cell] = field(default_factory=list)
    born: int = 0

    def fill(self, count: int) -> None:
        """Put so many cells into the picture, and as densely around it."""
        self.margin = 3 * self.radius
        high, wide = self.height + 2 * self.margin, self.width + 2 * self.margin
        seen = 1.6 * self.radius  # cells cut by the border are in sight too
        total = round(count * high * wide / ((self.height + seen) * (self.width + seen)))
        places = self.rng.random((total, 2)) * (high, wide) - self.margin
        for y, x in places:
            self.cells.append(self._new_cell(float(y), float(x)))
        for _ in range(40):
            self._push_apart(0.5)

    def step(self) -> None:
        """One frame further: divide, crawl, push, turn; cells that have left the picture are let go."""
        divided = [cell for cell in self.cells if cell.clock <= 1]
        self.cells = [cell for cell in self.cells if cell.clock > 1]
        for cell in divided:
            self.cells.extend(self._daughters(cell))
        for cell in self.cells:
            self._crawl(cell)
        for _ in range(6):
            self._push_apart(0.35)
        self.cells = [cell for cell in self.cells if not self._has_left(cell)]

    def _new_cell(self, y: float, x: float, mother: Cell | None = None) -> Cell:
        rng = self.rng
        self.born += 1
        texture = gaussian_filter(
            rng.standard_normal((2, TEXTURE_PX, TEXTURE_PX)), (0, 1.5, 2.0), mode="wrap"
        )
        first = mother is None
        return Cell(
            number=self.born,
            mother=mother.number if mother else None,
            y=y,
            x=x,
            vy=float(rng.normal(0, self.speed)),
            vx=float(rng.normal(0, self.speed)),
            radius=(mother.radius if mother else self.radius)
            * float(rng.uniform(0.86, 1.1) if first else 0.97),
            angle=float(rng.uniform(0, 2 * math.pi)),
            stretch=float(rng.uniform(1.0, 1.35)),
            wobble=rng.normal(0, 0.09, HARMONICS.size) / np.sqrt(HARMONICS / 2),
            phases=rng.uniform(0, 2 * math.pi, HARMONICS.size),
            clock=float(rng.uniform(1, self.cycle) if first else rng.uniform(0.8, 1.2) * self.cycle),
            nucleus_light=float(rng.lognormal(0, 0.28)) if mother is None else mother.nucleus_light,
            body_light=float(rng.lognormal(0, 0.3)) if mother is None else mother.body_light,
            nucleus_shift=(float(rng.normal(0, 0.09)), float(rng.normal(0, 0.09))),
            chromatin=_chromatin(texture[0] / texture[0].std(), rng),
            cytoplasm=(texture[1] / texture[1].std()).astype(np.float32),
        )

    def _daughters(self, mother: Cell) -> list[Cell]:
        """Two cells on both sides of the mother's plate."""
        result = []
        for side in (-1, 1):
            apart = 0.5 * mother.size * side
            y = mother.y + apart * math.sin(mother.angle + math.pi / 2)
            x = mother.x + apart * math.cos(mother.angle + math.pi / 2)
            cell = self._new_cell(y, x, mother)
            cell.angle, cell.age = mother.angle, 0.0
            cell.vy, cell.vx = (y - mother.y) * 0.25, (x - mother.x) * 0.25
            result.append(cell)
        return result

    def _crawl(self, cell: Cell) -> None:
        rng = self.rng
        calm = 1 - 0.8 * cell.rounding
        jolt = round(math.sqrt(1 - self.steady**2), 12) * self.speed
        cell.vy = self.steady * cell.vy + float(rng.normal(0, jolt))
        cell.vx = self.steady * cell.vx + float(rng.normal(0, jolt))
        cell.y += cell.vy * calm
        cell.x += cell.vx * calm
        cell.angle += float(rng.normal(0, 0.06)) * calm
        cell.phases = cell.phases + rng.normal(0, 0.14, HARMONICS.size)
        cell.clock -= 1
        cell.age += 1

    def _push_apart(self, strength: float) -> None:
        """Cells closer than their sizes allow give way to each other."""
        if len(self.cells) < 2 or not self.solid:
            return
        places = np.asarray([(cell.y, cell.x) for cell in self.cells])
        sizes = np.asarray([cell.size for cell in self.cells])
        pairs = cKDTree(places).query_pairs(2 * float(sizes.max()), output_type="ndarray")
        a, b = pairs[:, 0], pairs[:, 1]
        between = places[b] - places[a]
        distance = np.maximum(np.hypot(between[:, 0], between[:, 1]), 1e-3)
        push = np.maximum(0.92 * (sizes[a] + sizes[b]) - distance, 0) * strength / 2 / distance
        move = np.zeros_like(places)
        np.add.at(move, a, -between * push[:, None])
        np.add.at(move, b, between * push[:, None])
        for cell, (dy, dx) in zip(self.cells, move.tolist(), strict=True):
            cell.y += dy
            cell.x += dx

    def _has_left(self, cell: Cell) -> bool:
        """Seen before and out of sight now (it must not come back as the same cell), or far outside."""
        reach = 2 * self.margin
        far = not (-reach < cell.y < self.height + reach and -reach < cell.x < self.width + reach)
        return far or cell.gone


def _chromatin(noise: Floats, rng: np.random.Generator) -> NDArray[np.float32]:
    """Texture of a nucleus around 1: grains, and two to four dark nucleoli near the middle."""
    rows, columns = np.mgrid[:TEXTURE_PX, :TEXTURE_PX] - TEXTURE_PX / 2
    texture = 1 + 0.16 * noise
    for _ in range(int(rng.integers(2, 5))):
        y, x = rng.normal(0, 3.4, 2)
        wide = rng.uniform(1.3, 2.1)
        texture -= 0.5 * np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / (2 * wide**2))
    return np.asarray(np.maximum(texture, 0.15), np.float32)


def visible_numbers(cells: Sequence[Cell], labels: NDArray[np.uint32]) -> set[int]:
    """Numbers of the cells with pixels in the picture; those that had some and have none are marked gone."""
    present = set(np.unique(labels).tolist()) - {0}
    for cell in cells:
        cell.gone = cell.seen and cell.number not in present
        cell.seen = cell.seen or cell.number in present
    return present
