"""From embeddings of a volume to labels: voxels that end near one place are one cell, surest places first.
As `decoding.embedding` in the plane; here each voxel belongs to one cell."""

from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from training.engine.decoding.embedding import (
    LEAST_WIDTH_PX,
    MOST_WIDTH_PX,
    Places,
    best_reached,
    stand_apart,
)
from training.engine.volumes.watershed import without_small

PER_PX = 2
"""Ends in one and the same cube of 1 / PER_PX px are taken for one."""
MOST_PLACES = 20_000
"""Of more places that could be cells' the surest are looked at: a net that has learned little has as many as
voxels."""

Maps = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class VolumeEmbeddingDecoding:
    """Thresholds. foreground: of a cell's voxel; seed: least sureness of a place; reach: how well a voxel
    must reach its place, 0 … 1; size_px: the fewest voxels of a cell."""

    foreground: float = 0.5
    seed: float = 0.4
    reach: float = 0.4
    size_px: int = 30

    def to_json(self) -> dict[str, Any]:
        """As it stands in model.json."""
        return asdict(self)

    @staticmethod
    def from_json(data: dict[str, Any]) -> "VolumeEmbeddingDecoding":
        """Reads what `to_json` wrote; unknown words are left out."""
        known = {f.name: data[f.name] for f in fields(VolumeEmbeddingDecoding) if f.name in data}
        return VolumeEmbeddingDecoding(**known)


@dataclass(frozen=True)
class Ends:
    """Which voxels are cells', bool (z, y, x); the places where they end, in px of the plane, (m, 3), with
    how sure the surest that ends there is and its bandwidth, (m,); and where each voxel ends, (n,)."""

    mask: npt.NDArray[np.bool_]
    places: Maps
    sure: Maps
    width: Maps
    place_of: Ints


def follow(maps: Maps, foreground: float, spacing: float) -> Ends:
    """Where voxels of maps (7, z, y, x) end: foreground, edge, seed, bandwidth in px, offset z, y and x in px
    of the plane, with slices `spacing` px apart."""
    mask = maps[0] > foreground
    here = np.argwhere(mask) * np.array([spacing, 1, 1])
    cubes = np.rint(PER_PX * (here + maps[4:7][:, mask].T)).astype(np.int64)
    sure, width = maps[2][mask], np.clip(maps[3][mask], LEAST_WIDTH_PX, MOST_WIDTH_PX)
    if not len(cubes):
        return Ends(mask, np.zeros((0, 3), np.float32), sure, width, np.zeros(0, np.int64))
    surest = np.argsort(-sure, kind="stable")
    codes = _codes(cubes)[surest]
    _, first, index = np.unique(codes, return_index=True, return_inverse=True)
    chosen, place_of = surest[first], np.empty(len(cubes), np.int64)
    place_of[surest] = index.reshape(-1)
    return Ends(mask, (cubes[chosen] / PER_PX).astype(np.float32), sure[chosen], width[chosen], place_of)


def gather(found: Ends, decoding: VolumeEmbeddingDecoding) -> npt.NDArray[np.uint32]:
    """Labels uint32 (z, y, x), 1 … n: voxels that reach one place are one cell."""
    labels = np.zeros(found.mask.shape, np.int64)
    cells = find_cells(found, decoding.seed)
    if len(cells.middle):
        place = best_reached(found.places, cells, decoding.reach)
        labels[found.mask] = place[found.place_of] + 1
    return without_small(labels, decoding.size_px)


def find_cells(found: Ends, seed: float) -> Places:
    """The surest places that lie in reach of no surer one."""
    chosen = np.flatnonzero(found.sure > seed)
    chosen = chosen[np.argsort(-found.sure[chosen], kind="stable")]
    if len(chosen):
        # Within a third of the usual bandwidth the surest is enough.
        pitch = max(1.0, float(np.median(found.width[chosen])) / 3)
        cubes = np.floor(found.places[chosen] / pitch).astype(np.int64)
        _, first = np.unique(_codes(cubes), return_index=True)
        chosen = chosen[np.sort(first)][:MOST_PLACES]
        chosen = chosen[stand_apart(found.places[chosen], found.width[chosen])]
    return Places(found.places[chosen], found.width[chosen])


def _codes(cubes: Ints) -> Ints:
    """One number for each cube (n, 3), (n,)."""
    low = cubes.min(0)
    sides = cubes.max(0) - low + 1
    return np.asarray(np.ravel_multi_index(tuple((cubes - low).T), tuple(sides)), np.int64)
