"""Crops that a simulated crowd is asked about: picture, true cells, and how hard each is to see and to
part."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from annotation.core import simulation
from annotation.core.crowd.pixels import runs_of
from annotation.core.crowd.values import Runs

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
SIDE_PX = 72
REACH_PX = 10  # how far from a cell an outline of it may end
SMALLEST_PX = 30

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TrueCell:
    """A cell of a crop: its mask, its signed distance (px, positive inside), both (y, x) of the crop; `faint`
    from 0 (clear against its surroundings) to 1, and who touches it by how much of its border."""

    mask: Bools
    distance: Floats
    faint: float
    touches: dict[int, float]

    @property
    def hard(self) -> float:
        """How hard it is to outline, 0 to 1: seen badly, or hard to part."""
        return 1 - (1 - self.faint) * (1 - 0.8 * min(1.0, 2 * sum(self.touches.values())))


@dataclass(frozen=True, eq=False)
class Crop:
    """One item: picture (y, x) from 0 to 1, and cells."""

    picture: Floats
    cells: tuple[TrueCell, ...]

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width, px."""
        return self.picture.shape[0], self.picture.shape[1]

    @cached_property
    def truth(self) -> list[Runs]:
        """The masks as runs."""
        return [runs_of_mask(cell.mask) for cell in self.cells]

    @cached_property
    def hard(self) -> float:
        """Mean over its cells."""
        return float(np.mean([cell.hard for cell in self.cells])) if self.cells else 0.0

    @cached_property
    def proposal(self) -> tuple[Bools, ...]:
        """What a plain threshold would propose: touching cells in one, faint ones missing."""
        smooth = ndimage.gaussian_filter(self.picture, 1.0)
        found, count = ndimage.label(smooth > 0.5 * (np.quantile(smooth, 0.1) + np.quantile(smooth, 0.98)))
        pieces = (found == i for i in range(1, count + 1))
        return tuple(piece for piece in pieces if piece.sum() >= SMALLEST_PX)


def runs_of_mask(mask: Bools) -> Runs:
    """A mask (y, x) as runs."""
    return runs_of(*np.nonzero(mask))


def mask_of_runs(runs: Runs, shape: tuple[int, int]) -> Bools:
    """Runs as a mask (y, x)."""
    mask = np.zeros(shape, bool)
    for y, start, end in runs.tolist():
        mask[y, start:end] = True
    return mask


def planes(masks: list[Runs] | tuple[Runs, ...], shape: tuple[int, int]) -> NDArray[np.int64]:
    """Labels (p, y, x) of masks that may overlap, for the scores of `annotation.core.matching`."""
    found = [np.zeros(shape, np.int64)]
    for number, runs in enumerate(masks, 1):
        mask = mask_of_runs(runs, shape)
        free = next((plane for plane in found if not plane[mask].any()), None)
        if free is None:
            found.append(free := np.zeros(shape, np.int64))
        free[mask] = number
    return np.stack(found)


def simulated(*, seed: int, count: int, cells: int = 90, side_px: int = SIDE_PX) -> list[Crop]:
    """Crops of simulated pictures with nuclei or whole cells, some of which are dim."""
    random = np.random.default_rng(seed)
    found: list[Crop] = []
    number = 0
    while len(found) < count:
        movie = simulation.simulate_movie(
            seed=1000 * seed + number,
            frames=1,
            height=360,
            width=360,
            cells=cells,
            labelled="cells" if number % 2 else "nuclei",
        )
        picture = movie.image[0, number % 2, 0].astype(np.float64)
        found += crops_of(picture, movie.labels[0, 0], random, side_px=side_px)
        number += 1
    return found[:count]


def crops_of(
    picture: Floats, labels: NDArray[np.integer], random: np.random.Generator, *, side_px: int = SIDE_PX
) -> Iterator[Crop]:
    """Tiles of a picture and its labels (y, x), each with a light of its own: some are seen badly."""
    low, high = np.quantile(picture, (0.01, 0.995))
    scaled = np.clip((picture - low) / max(high - low, 1e-9), 0, 1)
    for y in range(0, picture.shape[0] - side_px + 1, side_px):
        for x in range(0, picture.shape[1] - side_px + 1, side_px):
            tile = np.s_[y : y + side_px, x : x + side_px]
            noise = random.choice((0.0, 0.1, 0.3)) * random.standard_normal((side_px, side_px))
            crop = _crop(scaled[tile] + noise, labels[tile])
            if crop.cells:
                yield crop


def _crop(picture: Floats, labels: NDArray[np.integer]) -> Crop:
    numbers = [n for n in np.unique(labels).tolist() if n and (labels == n).sum() >= SMALLEST_PX]
    masks = [_largest(labels == n) for n in numbers]
    cells = [_cell(i, mask, masks, picture, labels) for i, mask in enumerate(masks)]
    return Crop(picture, tuple(cells))


def _largest(mask: Bools) -> Bools:
    pieces, count = ndimage.label(mask)
    return mask if count < 2 else np.asarray(pieces == np.bincount(pieces[mask]).argmax())


def _cell(
    which: int, mask: Bools, masks: list[Bools], picture: Floats, labels: NDArray[np.integer]
) -> TrueCell:
    around = ndimage.binary_dilation(mask, iterations=2)
    rim = mask & ~ndimage.binary_erosion(mask)
    touches = {
        i: share
        for i, other in enumerate(masks)
        if i != which
        and (share := float((rim & ndimage.binary_dilation(other, iterations=2)).sum() / rim.sum())) > 0.05
    }
    ground = ndimage.binary_dilation(mask, iterations=5) & (labels == 0) & ~around
    if ground.sum() < 10:
        ground = labels == 0
    contrast = 1.0
    if ground.any():
        noise = np.sqrt(0.5 * (picture[mask].var() + picture[ground].var())) + 0.02
        contrast = abs(float(picture[mask].mean() - picture[ground].mean())) / noise
    inside, outside = ndimage.distance_transform_edt(mask), ndimage.distance_transform_edt(~mask)
    return TrueCell(mask, inside - outside, float(np.exp(-contrast / 1.2)), touches)


def real(name: str = "dsb2018_nuclei/val", *, seed: int, count: int, side_px: int = SIDE_PX) -> list[Crop]:
    """Crops of labelled images beside the project, drawn at random; none where they are not there."""
    random = np.random.default_rng(seed)
    images = sorted((DATA / name / "images").glob("*.png"))
    found: list[Crop] = []
    for number in random.permutation(len(images)).tolist():
        labels = np.asarray(Image.open(DATA / name / "masks" / f"{images[number].stem}.tif"))
        picture = np.asarray(Image.open(images[number]).convert("L"), np.float64)
        found += crops_of(picture, labels.astype(np.int64), random, side_px=side_px)
    return [found[i] for i in random.permutation(len(found))[:count].tolist()]
