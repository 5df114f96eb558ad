"""A picture to try a model on once it has left: simulated cells, so that no picture of a lab leaves too."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from annotation.core.simulation import simulate_movie
from training.engine.data.cell_crops import present
from training.engine.data.cell_places import ReadFrame, Sight, places
from training.engine.data.channel_frames import clip_input
from training.engine.data.normalising import HIGH_PERCENTILE, LOW_PERCENTILE, look_at, normalise
from training.engine.leaving.graphs import LeavingNet
from training.engine.volumes.stacks import look_at_volume

Floats = npt.NDArray[np.float32]

SIDE_PX = 256
SLICES, SLICE_PX = 16, 96
"""A volume to try a model on has about so many slices of about such a side."""
SEED = 7


@dataclass(frozen=True)
class Trial:
    """A raw picture float32 (1, c, [z,] y, x), what the net is given of it, and what the engine makes of
    that: an array for each of the graph's outputs. `raw` and `given` are one where what came before is not
    told."""

    raw: Floats
    given: Floats
    made: tuple[Floats, ...]


def make_trial(leaving: LeavingNet) -> Trial:
    """Simulated cells as the recipe would show them to the net."""
    if leaving.deep is not None:
        volume = simulated_volume(leaving)
        given = _normalised(leaving, volume)[None]
        return Trial(volume[None].astype(np.float32), given, ask(leaving, given))
    frame, labels = simulated_frame(_raw_channels(leaving))
    if leaving.side is not None:
        given = _crops(leaving, frame, labels)
        raw = given
    else:
        raw = frame[None].astype(np.float32)
        given = _normalised(leaving, frame)[None]
    return Trial(raw, given, ask(leaving, given))


def ask(leaving: LeavingNet, given: Floats) -> tuple[Floats, ...]:
    """What the engine's own net makes of pictures (b, c, y, x), in float32."""
    with torch.inference_mode():
        made = leaving.activate(leaving.net.float()(torch.from_numpy(given)))
    return tuple(each.numpy() for each in (made if isinstance(made, tuple) else (made,)))


def simulated_frame(channels: int) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint32]]:
    """Cells bright on dark: pixels (c, y, x), labels (y, x)."""
    movie = simulate_movie(seed=SEED, frames=1, height=SIDE_PX, width=SIDE_PX)
    both = movie.image[0, :, 0]
    return both[np.arange(channels) % len(both)], movie.labels[0, 0].astype(np.uint32)


def simulated_volume(leaving: LeavingNet) -> npt.NDArray[np.uint16]:
    """Cells that wander from slice to slice: pixels (c, z, y, x), sides as the net wants them."""
    deep, side = (
        -(-length // step) * step for length, step in zip((SLICES, SLICE_PX), leaving.steps, strict=False)
    )
    movie = simulate_movie(seed=SEED, frames=deep, height=side, width=side)
    both = np.moveaxis(movie.image[:, :, 0], 1, 0)
    return np.asarray(both[np.arange(leaving.channels) % len(both)])


def _raw_channels(leaving: LeavingNet) -> int:
    classifies = leaving.side is not None
    return leaving.channels - (leaving.card.settings.get("mask") == "channel") * classifies


def _normalised(leaving: LeavingNet, frame: npt.NDArray[np.uint16]) -> Floats:
    if leaving.card.recipe != "translate":
        look = look_at(frame) if frame.ndim == 3 else look_at_volume(frame)
        return normalise(frame, look, leaving.channels)
    space = tuple(range(1, frame.ndim))
    limits = np.percentile(
        frame.astype(np.float32), (LOW_PERCENTILE, HIGH_PERCENTILE), axis=space, keepdims=True
    )
    low, high = limits
    span = np.maximum(high - low, 1e-6 + 1e-3 * np.abs(high))
    return clip_input(((frame - low) / span).astype(np.float32))


def _crops(leaving: LeavingNet, frame: npt.NDArray[np.uint16], labels: npt.NDArray[np.uint32]) -> Floats:
    card = leaving.card
    sight = Sight(
        int(card.settings["crop_px"]), float(card.settings["surroundings"]), card.decoding["field_px"]
    )
    read = ReadFrame(frame, labels[None], look_at(frame))
    channels = _raw_channels(leaving)
    cut = read.cut(places(labels[None])[0], sight, channels).astype(np.float32)
    return present(torch.from_numpy(cut)[None], str(card.settings["mask"])).numpy()
