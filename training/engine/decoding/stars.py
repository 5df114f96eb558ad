"""From probabilities and rays to labels: the likeliest polygons, less those that overlap likelier ones.

After Schmidt et al. 2018 (StarDist, arXiv 1806.03535). Which two polygons may overlap is asked of a tree of
their middles, how much they do of points spread evenly over the smaller one, and the pixels of all polygons
are found together, without a loop over cells.
"""

from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from scipy.spatial import cKDTree

from training.engine.decoding.planes import best_first, lay_out
from training.engine.decoding.watershed import without_small
from training.engine.targets.stars import ANGLES, RAYS

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]

PX_PER_TOP = 25
"""No more tops are looked at than one in so many pixels: a young net sees one everywhere."""
PAIRS_AT_ONCE = 50_000
"""Pairs of polygons compared at a time; each takes some 2 KB."""

_RINGS = np.sqrt((np.arange(4) + 0.5) / 4).astype(np.float32)
"""Where, along the rays, the points stand that stand for equal shares of a polygon."""


@dataclass(frozen=True, kw_only=True)
class StarDecoding:
    """Thresholds. probability: of a cell's middle; shared: most of the smaller polygon that may lie in a
    likelier one; foreground: of a cell's pixel; overlaps: whether cells may share pixels; size_px: the
    fewest pixels of a cell."""

    probability: float = 0.3
    shared: float = 0.4
    foreground: float = 0.4
    overlaps: bool = False
    size_px: int = 12

    def to_json(self) -> dict[str, Any]:
        """As it stands in model.json."""
        return asdict(self)

    @staticmethod
    def from_json(data: dict[str, Any]) -> "StarDecoding":
        """Reads what `to_json` wrote; unknown words are left out."""
        return StarDecoding(**{f.name: data[f.name] for f in fields(StarDecoding) if f.name in data})


@dataclass(frozen=True)
class Stars:
    """Polygons, the likeliest first: middles y and x in px (n,), rays in px (n, 32)."""

    y: Indices
    x: Indices
    rays: Floats

    def __getitem__(self, chosen: npt.NDArray[Any]) -> "Stars":
        return Stars(self.y[chosen], self.x[chosen], self.rays[chosen])

    def __len__(self) -> int:
        return len(self.y)


def decode(maps: Floats, decoding: StarDecoding) -> npt.NDArray[np.uint32]:
    """Labels uint32 (p, y, x), 1 … n, from maps float32 (35, y, x): foreground, probability, edge, 32 rays in
    px. One plane unless cells may overlap."""
    shape = (maps.shape[1], maps.shape[2])
    stars = find_stars(maps, decoding)
    cells, pixels = pixels_of(stars, shape)
    on_cell = maps[0].ravel()[pixels] > decoding.foreground
    labels = lay_out(cells[on_cell], pixels[on_cell], shape, overlaps=decoding.overlaps)
    return without_small(labels, decoding.size_px)


def find_stars(maps: Floats, decoding: StarDecoding) -> Stars:
    """The polygons at tops of the probability that lie in no likelier one by more than `shared`."""
    probability = ndimage.uniform_filter(maps[1], 3)
    tops = (maps[1] > decoding.probability) & (probability >= ndimage.maximum_filter(probability, 3))
    y, x = np.nonzero(tops)
    order = np.argsort(-probability[y, x], kind="stable")[: max(100, maps[1].size // PX_PER_TOP)]
    y, x = y[order], x[order]
    stars = Stars(y, x, np.maximum(maps[3:, y, x].T, 0.5))
    better, worse = _may_overlap(stars)
    apart = np.zeros(len(better), bool)
    for start in range(0, len(better), PAIRS_AT_ONCE):
        pairs = slice(start, start + PAIRS_AT_ONCE)
        apart[pairs] = shared(stars[better[pairs]], stars[worse[pairs]]) <= decoding.shared
    return stars[best_first(np.arange(len(stars)), better[~apart], worse[~apart])]


def _may_overlap(stars: Stars) -> tuple[Indices, Indices]:
    """Pairs (better, worse) of polygons whose longest rays reach each other."""
    none = np.zeros(0, np.int64)
    if len(stars) < 2:
        return none, none
    middles, reach = np.stack([stars.y, stars.x], 1), stars.rays.max(1)
    pairs = cKDTree(middles).query_pairs(2 * float(np.percentile(reach, 99)), output_type="ndarray")
    if not len(pairs):
        return none, none
    better, worse = pairs.min(1), pairs.max(1)
    near = np.hypot(*(middles[better] - middles[worse]).T) < reach[better] + reach[worse]
    return better[near], worse[near]


def shared(one: Stars, other: Stars) -> Floats:
    """How much of the smaller polygon of each pair lies in the larger one, 0 … 1, (pairs,)."""
    area, other_area = areas_px(one.rays), areas_px(other.rays)
    swap = area < other_area
    small_y, small_x = np.where(swap, one.y, other.y), np.where(swap, one.x, other.x)
    large_y, large_x = np.where(swap, other.y, one.y), np.where(swap, other.x, one.x)
    small = np.where(swap[:, None], one.rays, other.rays)
    large = np.where(swap[:, None], other.rays, one.rays)
    reach = (small[:, ::2, None] * _RINGS).reshape(len(small), RAYS // 2 * len(_RINGS))
    angle = np.repeat(ANGLES[::2], len(_RINGS)).astype(np.float32)
    y = (small_y - large_y)[:, None] + reach * np.sin(angle)
    x = (small_x - large_x)[:, None] + reach * np.cos(angle)
    # A sector of a long ray stands for more of the polygon than one of a short ray.
    share = np.repeat(small[:, ::2] ** 2, len(_RINGS), axis=1)
    pair = np.arange(len(small))[:, None].repeat(reach.shape[1], 1)
    held = inside(large, pair, y.astype(np.float32), x.astype(np.float32))
    return np.asarray((held * share).sum(1) / share.sum(1), np.float32)


def areas_px(rays: Floats) -> Floats:
    """Area of polygons (n, 32) in px², (n,)."""
    return np.asarray(0.5 * np.sin(ANGLES[1]) * (rays * np.roll(rays, -1, 1)).sum(1), np.float32)


def inside(rays: Floats, star: Indices, y: Floats, x: Floats) -> npt.NDArray[np.bool_]:
    """Whether points at y, x from the middle of polygon `star` (any shape, all alike) lie inside it.

    The side of the edge between the two rays beside the point decides; rays: (n, 32).
    """
    sector = np.floor(np.arctan2(y, x) * np.float32(RAYS / (2 * np.pi))).astype(np.int64) % RAYS
    following = (sector + 1) % RAYS
    first, second = rays[star, sector], rays[star, following]
    sines, cosines = np.sin(ANGLES).astype(np.float32), np.cos(ANGLES).astype(np.float32)
    ay, ax = first * sines[sector], first * cosines[sector]
    by, bx = second * sines[following], second * cosines[following]
    return np.asarray((bx - ax) * (y - ay) - (by - ay) * (x - ax) >= 0)


def pixels_of(stars: Stars, shape: tuple[int, int]) -> tuple[Indices, Indices]:
    """The pixels of all polygons in a picture: number of the polygon (n,), flat index of the pixel (n,)."""
    ends_y = stars.y[:, None] + stars.rays * np.sin(ANGLES)
    ends_x = stars.x[:, None] + stars.rays * np.cos(ANGLES)
    top, left = np.maximum(np.ceil(ends_y.min(1)), 0), np.maximum(np.ceil(ends_x.min(1)), 0)
    high = np.minimum(np.floor(ends_y.max(1)), shape[0] - 1) - top + 1
    wide = np.minimum(np.floor(ends_x.max(1)), shape[1] - 1) - left + 1
    size = (np.maximum(high, 0) * np.maximum(wide, 0)).astype(np.int64)
    star = np.repeat(np.arange(len(stars)), size)
    place = np.arange(int(size.sum())) - np.repeat(np.cumsum(size) - size, size)
    down, across = np.divmod(place, wide.astype(np.int64)[star])
    y, x = down + top.astype(np.int64)[star], across + left.astype(np.int64)[star]
    away_y, away_x = (y - stars.y[star]).astype(np.float32), (x - stars.x[star]).astype(np.float32)
    within = inside(stars.rays, star, away_y, away_x)
    return star[within], (y * shape[1] + x)[within]
