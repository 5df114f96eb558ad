"""The frames a net learns to translate: input and target planes, crops of them, and their varied look."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from training.engine.data import elastic, kept_back
from training.engine.data.channel_images import ChannelImage, Range
from training.engine.data.frames import CACHE_BYTES, MOST_FRAMES
from training.engine.data.images import Frame
from training.engine.seeds import Chance

AS_IT_IS = 0.5
"""Share of the crops whose pixels are left as they are (zoom 1, quarter turns), for interpolation smooths."""


@dataclass(frozen=True)
class Crop:
    """A square of a frame: middle (y, x) in px, `matrix` (2, 2) from steps in the crop to those in
    the frame; bent by at most `bent_px` px."""

    frame: int
    y: float
    x: float
    matrix: npt.NDArray[np.float64]
    bent_px: float = 0.0


@dataclass(frozen=True)
class Share:
    """A part of a batch, drawn but not made."""

    crops: Sequence[Crop]
    look_seed: int

    @property
    def weight(self) -> int:
        """Its part of the batch."""
        return len(self.crops)


class ChannelFrames:
    """All training frames; what fits into `cache_bytes` stays in memory as float16, the rest is read anew."""

    def __init__(
        self,
        images: Sequence[ChannelImage],
        *,
        shared: bool,
        keeps_back: bool = False,
        cache_bytes: int = CACHE_BYTES,
    ) -> None:
        """Reads every frame once; `shared`: one range for the targets of all; `keeps_back`: targets are not a
        number where `kept_back` says so, so that nothing is learned there. Raises UnreadableImage."""
        self.images, self.keeps_back = images, keeps_back
        frames = [Frame(i, t, z) for i, image in enumerate(images) for t, z in image.frames]
        places = np.linspace(0, len(frames) - 1, min(len(frames), MOST_FRAMES)).round().astype(int)
        self.frames = [frames[i] for i in places]
        times = sorted({(frame.image, frame.t) for frame in self.frames})
        self.seen = {(i, t): images[i].input_range(t) for i, t in times}
        self.wanted = {(i, t): images[i].target_range(t) for i, t in times}
        if shared:
            self.wanted = dict.fromkeys(self.wanted, self.target_scale())
        self.cached: dict[int, npt.NDArray[np.float16]] = {}
        self.digests: list[str] = []
        for number in range(len(self.frames)):
            planes = self.window(number)
            self.digests.append(hashlib.sha256(np.ascontiguousarray(planes).data).hexdigest())
            if planes.nbytes // 2 <= cache_bytes:
                cache_bytes -= planes.nbytes // 2
                self.cached[number] = planes.astype(np.float16)

    @property
    def inputs(self) -> int:
        """Planes that go in."""
        return self.images[0].planes

    def size(self, number: int) -> tuple[int, int]:
        """Height and width of a frame in px."""
        height, width = self.images[self.frames[number].image].size
        return height, width

    def window(
        self, number: int, rows: slice = slice(None), columns: slice = slice(None)
    ) -> npt.NDArray[np.float32]:
        """Normalised planes float32 (inputs + targets, y, x) of a frame or a window of it; targets that are
        kept back are not a number."""
        cached = self.cached.get(number)
        if cached is not None:
            return np.asarray(cached[:, rows, columns], np.float32)
        frame = self.frames[number]
        image, when = self.images[frame.image], (frame.image, frame.t)
        seen = self.seen[when].normalise(image.read_input(frame.t, frame.z, rows, columns))
        wanted = self.wanted[when].normalise(image.read_target(frame.t, frame.z, rows, columns))
        if self.keeps_back:
            wanted[:, kept_back.mask(*self.size(number), number)[rows, columns]] = np.nan
        return np.concatenate([clip_input(seen), wanted])

    def target_scale(self) -> Range:
        """Median range of the targets over the training frames: what predictions are told in."""
        low = np.median([found.low for found in self.wanted.values()], axis=0)
        span = np.median([found.span for found in self.wanted.values()], axis=0)
        return Range(low.astype(np.float32), span.astype(np.float32))

    def digest(self) -> str:
        """SHA-256 over which frames were learned from and what they hold."""
        whole = hashlib.sha256()
        for frame, digest in zip(self.frames, self.digests, strict=True):
            image_id = self.images[frame.image].line.image_id
            whole.update(f"{image_id} {frame.t} {frame.z} {digest}\n".encode())
        return whole.hexdigest()


def clip_input(seen: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """A speck of dust shall not outshine everything else."""
    return np.clip(seen, -0.5, 2.0)


@dataclass(frozen=True, kw_only=True)
class ChannelLesson:
    """Draws batches of `batch` crops of `crop_px` px."""

    frames: ChannelFrames
    batch: int
    crop_px: int
    scale_jitter: float
    intensity_jitter: float
    elastic_px: float = 0.0

    def draw(self, chance: Chance, parts: int) -> list[Share]:
        """A batch in at most `parts` shares; all chance is drawn here."""
        crops = [self._draw_crop(chance.rng) for _ in range(self.batch)]
        size = -(-self.batch // parts)
        starts = range(0, self.batch, size)
        return [Share(crops[start : start + size], int(chance.rng.integers(2**62))) for start in starts]

    def make(self, share: Share) -> tuple[Tensor, Tensor]:
        """Input float32 (b, c, s, s) with its look varied, and target float32 (b, k, s, s)."""
        cuts = torch.stack([cut(self.frames, crop, self.crop_px) for crop in share.crops])
        generator = torch.Generator().manual_seed(share.look_seed)
        seen, wanted = cuts[:, : self.frames.inputs], cuts[:, self.frames.inputs :]
        return vary_intensity(seen, generator, strength=self.intensity_jitter), wanted

    def steps_per_epoch(self) -> int:
        """Steps in which about as many pixels are drawn as all frames have."""
        area = sum(int(np.prod(self.frames.size(i))) for i in range(len(self.frames.frames)))
        return max(1, round(area / (self.batch * self.crop_px**2)))

    def _draw_crop(self, rng: np.random.Generator) -> Crop:
        areas = np.array([np.prod(self.frames.size(i)) for i in range(len(self.frames.frames))], float)
        frame = int(rng.choice(len(areas), p=np.sqrt(areas) / np.sqrt(areas).sum()))
        y, x = rng.uniform(0, 1, 2) * (np.array(self.frames.size(frame)) - 1)
        mirrored = -1.0 if rng.random() < 0.5 else 1.0
        zoom, turn = np.exp(rng.uniform(-1, 1) * np.log(self.scale_jitter)), rng.uniform(0, 2 * np.pi)
        bent_px = self.elastic_px
        if rng.random() < AS_IT_IS:
            y, x, zoom, turn, bent_px = np.round(y), np.round(x), 1.0, rng.integers(4) * np.pi / 2, 0.0
        cos, sin = np.cos(turn) / zoom, np.sin(turn) / zoom
        matrix = np.array([[cos, -sin], [sin, cos]]) @ np.diag([1.0, mirrored])
        return Crop(frame, float(y), float(x), matrix, bent_px)


def cut(frames: ChannelFrames, crop: Crop, crop_px: int) -> Tensor:
    """Planes float32 (inputs + targets, s, s) of a crop; beyond the border the picture is mirrored."""
    height, width = frames.size(crop.frame)
    reach = crop_px / 2 * np.abs(crop.matrix).sum(1) + 2
    rows = _span(crop.y, reach[0], height)
    columns = _span(crop.x, reach[1], width)
    planes = torch.from_numpy(frames.window(crop.frame, rows, columns))
    steps = torch.arange(crop_px, dtype=torch.float32) - (crop_px - 1) // 2
    dy, dx = torch.meshgrid(steps, steps, indexing="ij")
    y = crop.y - rows.start + crop.matrix[0, 0] * dy + crop.matrix[0, 1] * dx
    x = crop.x - columns.start + crop.matrix[1, 0] * dy + crop.matrix[1, 1] * dx
    high, wide = max(planes.shape[1] - 1, 1), max(planes.shape[2] - 1, 1)
    grid = torch.stack([2 * x / wide - 1, 2 * y / high - 1], -1)[None].float()
    seed = elastic.seed_of(crop.y, crop.x, *crop.matrix.ravel().tolist())
    grid = elastic.bend(grid, most_px=crop.bent_px, size=(planes.shape[1], planes.shape[2]), seed=seed)
    return functional.grid_sample(planes[None], grid, padding_mode="reflection", align_corners=True)[0]


def _span(middle: float, reach: float, length: int) -> slice:
    """What of 0 … length is needed for `middle` ± `reach`, with what is mirrored in at the borders."""
    low, high = int(np.floor(middle - reach)), int(np.ceil(middle + reach))
    start = max(0, min(low, 2 * (length - 1) - high))
    return slice(start, max(start + 1, min(length, max(high, -low) + 1)))


def vary_intensity(pixels: Tensor, generator: torch.Generator, *, strength: float) -> Tensor:
    """Gain, offset, gamma and noise of inputs (b, c, y, x), alike for all planes of a crop."""
    if strength == 0:
        return pixels

    def draw() -> Tensor:
        return 2 * torch.rand((len(pixels), 1, 1, 1), generator=generator) - 1

    gamma, gain, offset = torch.exp(0.3 * strength * draw()), torch.exp(0.3 * strength * draw()), 0.1 * draw()
    bent = pixels.clamp(min=0).pow(gamma) + pixels.clamp(max=0)
    noise = 0.05 * strength * draw().clamp(min=0) * torch.randn(pixels.shape, generator=generator)
    return bent * gain + strength * offset + noise
