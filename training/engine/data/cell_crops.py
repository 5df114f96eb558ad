"""The cells that a classifier learns from, and batches of them in which no class is forgotten."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from training.engine.data.augmentation import vary_look
from training.engine.data.cell_places import CellPlace, ReadFrame, Sight, common_field_px, places_of
from training.engine.data.images import LabelledImage
from training.engine.errors import NothingToLearn
from training.engine.seeds import Chance

REACH = 1.5
"""Cells are kept with half a crop more than is shown, so that there is something to turn and shift in."""
SHIFT = 0.06
"""Most shift of a cell from the crop's middle, as a share of the crop."""
DIMMED = 0.25
KEPT_BYTES = 1_500_000_000


@dataclass(frozen=True)
class ClassedCell:
    """A cell with a known class (0 …) in a frame of an image."""

    image: int
    t: int
    z: int
    place: CellPlace
    class_index: int


@dataclass(frozen=True)
class CellCrops:
    """Cells kept in memory: `windows` float16 (n, channels + 1, s, s), the last plane the mask; classes int64
    (n,). `whole`: they are images as a whole."""

    windows: npt.NDArray[np.float16]
    classes: npt.NDArray[np.int64]
    digest: str
    left_out: int
    whole: bool = False


def classed_cells(images: Sequence[LabelledImage], classes: int) -> list[ClassedCell]:
    """Every cell of the images whose class is known, in every frame. Raises UnreadableImage."""
    found: list[ClassedCell] = []
    for number, image in enumerate(images):
        for t, z, here in places_of(image):
            for place in here:
                index = image.classes.get(place.cell, 0)
                if 1 <= index <= classes:
                    found.append(ClassedCell(number, t, z, place, index - 1))
    return found


def count_classes(cells: Sequence[ClassedCell], names: Sequence[str]) -> npt.NDArray[np.int64]:
    """Cells of each class, int64 (k,). Raises NothingToLearn where fewer than two classes have any."""
    counts = np.bincount([cell.class_index for cell in cells], minlength=len(names))
    seen = [name for name, count in zip(names, counts, strict=True) if count]
    if len(seen) < 2:
        told = f"only {seen[0]}" if seen else "none of " + ", ".join(names)
        raise NothingToLearn(
            f"The cells of the training images have too few classes: {told}. "
            "Give cells of at least two of the classes, or choose other classes."
        )
    return np.asarray(counts, np.int64)


def are_whole(images: Sequence[LabelledImage], cells: Sequence[ClassedCell]) -> bool:
    """Whether what has a class are images as a whole: every cell fills its frame, and has it for itself."""
    seen = [(cell.image, cell.t, cell.z) for cell in cells]
    return len(set(seen)) == len(seen) and all(
        (cell.place.top, cell.place.left) == (0, 0)
        and (cell.place.bottom, cell.place.right) == images[cell.image].size
        for cell in cells
    )


def choose_sight(
    cells: Sequence[ClassedCell], *, crop_px: int, surroundings: float, each: bool, whole: bool = False
) -> Sight:
    """How the net shall see cells, by those it learns from; an image as a whole always fills its crop."""
    if whole:
        return Sight(crop_px, 1.0, None)
    field = None if each else common_field_px([cell.place for cell in cells], surroundings)
    return Sight(crop_px, surroundings, field)


def gather(
    images: Sequence[LabelledImage],
    cells: Sequence[ClassedCell],
    sight: Sight,
    channels: int,
    chance: Chance,
    *,
    reach: float = REACH,
    most_bytes: int = KEPT_BYTES,
) -> CellCrops:
    """Cuts the cells out; of more than fit into `most_bytes`, rare classes keep all that they can.

    Raises UnreadableImage, ChannelMismatch.
    """
    side = round(sight.crop_px * reach)
    kept = thin_out(cells, most_bytes // (2 * (channels + 1) * side**2), chance)
    windows = np.empty((len(kept), channels + 1, side, side), np.float16)
    digest = hashlib.sha256()
    frame, at = None, None
    for number, cell in enumerate(kept):
        if (cell.image, cell.t, cell.z) != at:
            at = (cell.image, cell.t, cell.z)
            frame = ReadFrame.of(images[cell.image], cell.t, cell.z)
        if frame is not None:
            windows[number] = frame.cut(cell.place, sight, channels, reach=reach)
        name = f"{images[cell.image].line.image_id} {cell.t} {cell.z} {cell.place.cell} {cell.class_index}\n"
        digest.update(name.encode())
    digest.update(windows.data)
    classes = np.array([cell.class_index for cell in kept], np.int64)
    left_out = len(cells) - len(kept)
    return CellCrops(windows, classes, digest.hexdigest(), left_out, are_whole(images, cells))


def thin_out(cells: Sequence[ClassedCell], most: int, chance: Chance) -> list[ClassedCell]:
    """At most about `most` cells, in their order: an equal number of each class as far as there are."""
    if len(cells) <= most:
        return list(cells)
    of_class = np.array([cell.class_index for cell in cells])
    counts = np.bincount(of_class)
    # The largest number a class may keep so that all together stay within `most`.
    tried = range(1, int(counts.max()) + 1)
    cap = max((cap for cap in tried if np.minimum(counts, cap).sum() <= most), default=1)
    chosen = [chance.rng.permutation(np.flatnonzero(of_class == index))[:cap] for index in range(len(counts))]
    return [cells[number] for number in np.sort(np.concatenate(chosen)).tolist()]


@dataclass(frozen=True)
class CropShare:
    """A part of a batch that is drawn but not made: which cells, how each is turned, and the look's seed.

    moves: float64 (n, 2, 3), from places in the crop (−1 … 1) to places in the window.
    """

    cells: npt.NDArray[np.int64]
    moves: npt.NDArray[np.float64]
    look_seed: int

    @property
    def weight(self) -> int:
        """Its part of the batch."""
        return len(self.cells)


@dataclass(frozen=True, kw_only=True)
class CropLesson:
    """Draws batches of `batch` cells; `balance` draws every class equally often, else every cell."""

    crops: CellCrops
    crop_px: int
    batch: int
    balance: bool
    scale_jitter: float
    colour_jitter: float
    mask: str

    def draw(self, chance: Chance, parts: int) -> list[CropShare]:
        """Draws a batch in at most `parts` shares. All chance is drawn here, in one order."""
        cells = self._draw_cells(chance.rng)
        moves = np.stack([self._draw_move(chance.rng) for _ in cells])
        size = -(-self.batch // parts)
        return [
            CropShare(
                cells[start : start + size], moves[start : start + size], int(chance.rng.integers(2**62))
            )
            for start in range(0, self.batch, size)
        ]

    def make(self, share: CropShare) -> tuple[Tensor, Tensor]:
        """Crops float32 (b, channels or + 1, s, s), turned and varied, and their classes int64 (b,)."""
        windows = torch.from_numpy(self.crops.windows[share.cells].astype(np.float32))
        shape = [len(share.cells), windows.shape[1], self.crop_px, self.crop_px]
        grid = functional.affine_grid(torch.from_numpy(share.moves).float(), shape, align_corners=False)
        turned = functional.grid_sample(windows, grid, padding_mode="border", align_corners=False)
        generator = torch.Generator().manual_seed(share.look_seed)
        pixels = vary_look(turned[:, :-1].contiguous(), generator, strength=self.colour_jitter)
        classes = torch.from_numpy(self.crops.classes[share.cells])
        return present(torch.cat([pixels, turned[:, -1:]], 1), self.mask), classes

    def steps_per_epoch(self) -> int:
        """Steps in which as many cells are drawn as there are."""
        return max(1, round(len(self.crops.classes) / self.batch))

    def _draw_cells(self, rng: np.random.Generator) -> npt.NDArray[np.int64]:
        classes = self.crops.classes
        if not self.balance:
            return np.asarray(rng.integers(len(classes), size=self.batch))
        there = np.unique(classes)
        drawn = [rng.choice(np.flatnonzero(classes == rng.choice(there))) for _ in range(self.batch)]
        return np.asarray(drawn, np.int64)

    def _draw_move(self, rng: np.random.Generator) -> npt.NDArray[np.float64]:
        zoom = np.exp(rng.uniform(-1, 1) * np.log(self.scale_jitter))
        turn = rng.uniform(0, 2 * np.pi)
        side = self.crop_px * zoom / self.crops.windows.shape[-1]
        cos, sin = np.cos(turn) * side, np.sin(turn) * side
        mirror = -1.0 if rng.random() < 0.5 else 1.0
        shift = rng.uniform(-SHIFT, SHIFT, 2) * 2 * side
        return np.array([[cos * mirror, -sin, shift[0]], [sin * mirror, cos, shift[1]]])


def present(crops: Tensor, mask: str) -> Tensor:
    """Crops with their mask as the last plane (b, channels + 1, s, s) → what the net is given.

    `channel` leaves the mask there, `dim` darkens what is outside it to a quarter, `none` leaves it away.
    """
    if mask == "channel":
        return crops
    if mask == "none":
        return crops[:, :-1]
    return crops[:, :-1] * (DIMMED + (1 - DIMMED) * crops[:, -1:])
