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

Floats = npt.NDArray[np.float32]

SIDE_PX = 256
SEED = 7


@dataclass(frozen=True)
class Trial:
    """A raw picture float32 (1, c, y, x), what the net is given of it, and what the engine makes of that: an
    array for each of the graph's outputs. `raw` and `given` are one where what came before is not told."""

    raw: Floats
    given: Floats
    made: tuple[Floats, ...]


def make_trial(leaving: LeavingNet) -> Trial:
    """Simulated cells as the recipe would show them to the net."""
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


def _raw_channels(leaving: LeavingNet) -> int:
    classifies = leaving.side is not None
    return leaving.channels - (leaving.card.settings.get("mask") == "channel") * classifies


def _normalised(leaving: LeavingNet, frame: npt.NDArray[np.uint16]) -> Floats:
    if leaving.card.recipe != "translate":
        return normalise(frame, look_at(frame), leaving.channels)
    low, high = np.percentile(frame.astype(np.float32), (LOW_PERCENTILE, HIGH_PERCENTILE), axis=(1, 2))
    span = np.maximum(high - low, 1e-6 + 1e-3 * np.abs(high))
    return clip_input(((frame - low[:, None, None]) / span[:, None, None]).astype(np.float32))


def _crops(leaving: LeavingNet, frame: npt.NDArray[np.uint16], labels: npt.NDArray[np.uint32]) -> Floats:
    card = leaving.card
    sight = Sight(
        int(card.settings["crop_px"]), float(card.settings["surroundings"]), card.decoding["field_px"]
    )
    read = ReadFrame(frame, labels[None], look_at(frame))
    channels = _raw_channels(leaving)
    cut = read.cut(places(labels[None])[0], sight, channels).astype(np.float32)
    return present(torch.from_numpy(cut)[None], str(card.settings["mask"])).numpy()
