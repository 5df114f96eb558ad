"""From embeddings to labels: pixels that end near one place are one cell, the surest places first.

After Neven et al. 2019 (arXiv 1906.11109), who take the surest pixel, give it all pixels that end within
its bandwidth, and go on with what is left. Here all places that no surer one reaches are found together, and
every pixel goes to the place that it reaches best. Nothing is told of how many cells there are.
"""

from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from training.engine.decoding.planes import best_first, lay_out
from training.engine.decoding.watershed import fill_holes, without_small

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]

_NEAREST = 4
LEAST_WIDTH_PX, MOST_WIDTH_PX = 0.7, 64.0


@dataclass(frozen=True, kw_only=True)
class EmbeddingDecoding:
    """Thresholds. foreground: of a cell's pixel; seed: least sureness of a place; reach: how well a pixel
    must reach its place, 0 … 1; overlaps: whether cells may share pixels; size_px: the fewest pixels of a
    cell."""

    foreground: float = 0.5
    seed: float = 0.4
    reach: float = 0.4
    overlaps: bool = False
    size_px: int = 12

    def to_json(self) -> dict[str, Any]:
        """As it stands in model.json."""
        return asdict(self)

    @staticmethod
    def from_json(data: dict[str, Any]) -> "EmbeddingDecoding":
        """Reads what `to_json` wrote; unknown words are left out."""
        known = {f.name: data[f.name] for f in fields(EmbeddingDecoding) if f.name in data}
        return EmbeddingDecoding(**known)


@dataclass(frozen=True)
class Places:
    """Where cells gather, the surest first: y and x in px (n, 2), in volumes z before them (n, 3), and
    bandwidth in px (n,)."""

    middle: Floats
    width: Floats


def decode(maps: Floats, decoding: EmbeddingDecoding) -> npt.NDArray[np.uint32]:
    """Labels uint32 (p, y, x), 1 … n, from maps float32 (9, y, x): foreground, overlap, edge, seed, bandwidth
    in px, offset y and x in px of the first layer and of the second. One plane unless cells may overlap."""
    shape = (maps.shape[1], maps.shape[2])
    mask = maps[0] > decoding.foreground
    pixels = np.flatnonzero(mask)
    ends = _ends(maps[5:7], pixels)
    if decoding.overlaps:
        both = np.flatnonzero(mask & (maps[1] > 0.5))
        ends = np.concatenate([ends, _ends(maps[7:9], both)])
    places = find_places(maps, pixels, ends[: len(pixels)], decoding)
    pixels = np.concatenate([pixels, both]) if decoding.overlaps else pixels
    cell = assign(ends, places, decoding.reach)
    found = cell >= 0
    labels = lay_out(cell[found], pixels[found], shape, overlaps=decoding.overlaps)
    filled = np.stack([fill_holes(plane) for plane in labels])
    return without_small(filled, decoding.size_px)


def find_places(maps: Floats, pixels: Indices, ends: Floats, decoding: EmbeddingDecoding) -> Places:
    """The surest ends (n, 2) of pixels (n,) that lie in reach of no surer one."""
    sure = maps[3].ravel()[pixels]
    chosen = np.flatnonzero(sure > decoding.seed)
    chosen = chosen[np.argsort(-sure[chosen], kind="stable")]
    # Of all that end in one and the same pixel the surest is enough.
    _, first = np.unique(np.rint(ends[chosen]).astype(np.int64), axis=0, return_index=True)
    chosen = chosen[np.sort(first)]
    width = np.clip(maps[4].ravel()[pixels[chosen]], LEAST_WIDTH_PX, MOST_WIDTH_PX)
    if not len(chosen):
        return Places(np.zeros((0, 2), np.float32), np.zeros(0, np.float32))
    stays = stand_apart(ends[chosen], width)
    return Places(ends[chosen[stays]], width[stays])


def stand_apart(ends: Floats, width: Floats) -> npt.NDArray[np.bool_]:
    """Which of places (n, d), the surest first, stay, (n,): one that a surer one of bandwidth (n,) reaches by
    half or more is the same cell's."""
    radius = width * np.float32(np.sqrt(-2 * np.log(0.5)))
    pairs = cKDTree(ends).query_pairs(float(radius.max()), output_type="ndarray")
    better, worse = pairs.min(1), pairs.max(1)
    near = np.linalg.norm(ends[better] - ends[worse], axis=1) < radius[better]
    return best_first(np.arange(len(ends)), better[near], worse[near])


def assign(ends: Floats, places: Places, reach: float) -> Indices:
    """Index of the place that each end (n, 2) reaches best, (n,), −1 where it reaches none."""
    if not len(places.middle) or not len(ends):
        return np.full(len(ends), -1, np.int64)
    # Ends crowd: each quarter of a pixel is asked for once.
    rounded, index = np.unique(np.rint(4 * ends).astype(np.int64), axis=0, return_inverse=True)
    return best_reached(rounded / 4, places, reach)[index.reshape(-1)]


def best_reached(ends: npt.NDArray[np.floating], places: Places, reach: float) -> Indices:
    """As `assign`, of ends (n, d) no two of which are alike, and places of which there are some."""
    nearest = min(_NEAREST, len(places.middle))
    found = cKDTree(places.middle).query(ends, k=nearest)
    off, place = (np.asarray(part).reshape(-1, nearest) for part in found)
    reached = np.exp(-(off**2) / (2 * places.width[place] ** 2))
    best = reached.argmax(1)
    rows = np.arange(len(ends))
    return np.where(reached[rows, best] >= reach, place[rows, best], -1).astype(np.int64)


def _ends(offsets: Floats, pixels: Indices) -> Floats:
    """Where pixels (n,), flat, end: y and x in px, (n, 2)."""
    y, x = np.divmod(pixels, offsets.shape[2])
    return np.stack([y + offsets[0].ravel()[pixels], x + offsets[1].ravel()[pixels]], 1).astype(np.float32)
