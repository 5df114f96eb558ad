"""Choosing thresholds, and calibrating the predicted quality.

Both use the validation images and as many training images. A dozen validation images alone mislead: on nuclei
of ten kinds the thresholds that they chose lost 1 to 2 points of AP on new images against those chosen with
training images beside them, which a net of this size does not yet know by heart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from training.engine import scoring
from training.engine.data.images import Truth
from training.engine.decoding import quality
from training.engine.decoding.quality import Calibration
from training.engine.devices import Device
from training.engine.instance_kinds import InstanceKind

MOST_PX = 3_000_000
"""Most pixels of validation frames, and as many of training frames, that every decoding is tried on."""
SIZES_PX = (0, 8, 12, 20, 30, 45)
CHANCES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)
MARGIN = 0.01
"""What other thresholds must gain over the first ones: less is chance (the one-standard-error rule of Breiman
et al., Classification and Regression Trees, 1984, with the error of a few hundred cells)."""


@dataclass(frozen=True)
class ReadFrame:
    """A labelled frame after the net has read it: maps float32 (k, y, x)."""

    maps: npt.NDArray[np.float32]
    truth: Truth


@dataclass(frozen=True)
class Judged:
    """The cells of one frame at one decoding: how they match true ones, and `quality.measure` of them."""

    matches: scoring.Matches
    features: npt.NDArray[np.float64]

    def kept(self, cut: "Cut") -> scoring.Matches:
        """The matches of the cells that a cut leaves."""
        return self.matches.kept(cut.keep(self.features))


@dataclass(frozen=True)
class Cut:
    """Which cells are left out: those of fewer than `size_px` pixels, and those whose chance to be right, by
    the `calibration` of their quality, is below `chance`. `score`: what is gained by it."""

    size_px: int
    chance: float
    calibration: Calibration
    score: float

    def keep(self, features: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        """Of cells with features (n, 4) those that stay, (n,)."""
        return (quality.areas_px(features) >= self.size_px) & (
            self.calibration.chances(features) >= self.chance
        )


def choose_decoding(
    kind: InstanceKind,
    frames: Sequence[ReadFrame],
    device: Device,
    *,
    size_px: int | None,
    overlaps: bool = False,
) -> tuple[dict[str, Any], float | None]:
    """The decoding with the best pooled AP at IoU 0.5 over the frames, and that AP; without frames the
    first one.

    First the thresholds of the maps, then the smallest size (unless given), the calibration of the
    predicted quality and the least quality of a cell. `overlaps`: whether cells may share pixels.
    """
    first = {
        **kind.decodings[0],
        "overlaps": overlaps,
        "size_px": 12 if size_px is None else size_px,
        "chance": 0.0,
    }
    if not any(frame.truth.labels.any() for frame in frames):
        return {**first, "calibration": list(Calibration().weights)}, None
    bare = [{**decoding, "overlaps": overlaps, "size_px": 0} for decoding in kind.decodings]
    judged = [_judge(kind, frames, decoding, device) for decoding in bare]
    scores = [_score([j.matches for j in each]) for each in judged]
    best = int(np.argmax(scores))
    best = best if scores[best] > scores[0] + MARGIN else 0
    cut = choose_cut(judged[best], size_px=size_px)
    weights = list(cut.calibration.weights)
    chosen = {**bare[best], "size_px": cut.size_px, "chance": cut.chance, "calibration": weights}
    return chosen, round(cut.score, 4)


def judge_frame(
    kind: InstanceKind, frame: ReadFrame, decoding: Mapping[str, Any]
) -> tuple[npt.NDArray[np.uint32], Judged]:
    """The cells found in a frame, labels uint32 (p, y, x) with ids 1 … n, and how right they are."""
    labels = scoring.judged(kind.decode(frame.maps, decoding), frame.truth.ignored)
    features = quality.measure(labels, frame.maps[0], frame.maps[kind.edge])
    return labels, Judged(scoring.match(frame.truth, labels), features)


def choose_cut(judged: Sequence[Judged], *, size_px: int | None) -> Cut:
    """Fits the predicted quality to the cells of some frames, and chooses the cut of the best score on them;
    the smallest size is chosen too, unless given."""
    features = np.concatenate([j.features for j in judged])
    calibration = quality.fit(features, np.concatenate([j.matches.ious > 0.5 for j in judged]))
    sizes = SIZES_PX if size_px is None else (size_px,)
    cuts = [Cut(size, chance, calibration, 0.0) for size in sizes for chance in CHANCES]
    scored = [replace(cut, score=_score([j.kept(cut) for j in judged])) for cut in cuts]
    return max(scored, key=lambda cut: (cut.score, -cut.size_px, -cut.chance))


def _judge(
    kind: InstanceKind, frames: Sequence[ReadFrame], decoding: Mapping[str, Any], device: Device
) -> list[Judged]:
    return list(device.map(lambda frame: judge_frame(kind, frame, decoding)[1], frames))


def _score(matches: Sequence[scoring.Matches]) -> float:
    """Mean of the pooled AP at IoU 0.5, 0.6 and 0.7: chance decides less than at 0.5 alone."""
    return sum(scoring.average_precision(matches, iou) for iou in (0.5, 0.6, 0.7)) / 3
