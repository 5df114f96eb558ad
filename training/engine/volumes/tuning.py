"""Choosing thresholds of volumes, and calibrating the predicted quality; as `engine.tuning` in the plane."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt

from annotation.core import matching
from training.engine import scoring
from training.engine.decoding import quality as chances
from training.engine.decoding.quality import Calibration
from training.engine.scoring import Matches
from training.engine.volumes import quality
from training.engine.volumes.kinds import VolumeKind

MARGIN = 0.01
SIZES = (0, 20, 60, 150, 400)
"""Fewest voxels of a cell that are tried."""
CHANCES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)

Labels = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class ReadVolume:
    """A labelled volume after the net has read it: maps (k, z, y, x), labels and ignored (z, y, x)."""

    maps: npt.NDArray[np.float32]
    labels: Labels
    ignored: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class _Judged:
    matches: Matches
    features: npt.NDArray[np.float64]


def choose_decoding(
    kind: VolumeKind, volumes: Sequence[ReadVolume], spacing: float, *, size_px: int | None
) -> tuple[dict[str, Any], float | None]:
    """The decoding with the best pooled AP over the volumes, and that AP; without volumes the first one."""
    first = {**kind.decodings[0], "size_px": 30 if size_px is None else size_px, "chance": 0.0}
    if not any(volume.labels.any() for volume in volumes):
        return {**first, "calibration": list(Calibration().weights)}, None
    bare = [{**decoding, "size_px": 0} for decoding in kind.decodings]
    judged = [list[_Judged]() for _ in bare]
    for volume in volumes:
        for each, found in zip(judged, _judge_all(kind, volume, spacing, bare), strict=True):
            each.append(found)
    scores = [_score([j.matches for j in each]) for each in judged]
    best = int(np.argmax(scores))
    best = best if scores[best] > scores[0] + MARGIN else 0
    features = np.concatenate([j.features for j in judged[best]])
    right = np.concatenate([j.matches.ious > 0.5 for j in judged[best]])
    calibration = chances.fit(features, right)
    size, chance, score = _choose_cuts(
        judged[best], calibration, [size_px] if size_px is not None else list(SIZES)
    )
    told = {"size_px": size, "chance": chance, "calibration": list(calibration.weights)}
    return {**bare[best], **told}, round(score, 4)


def best_matches(labels: Labels, ignored: npt.NDArray[np.bool_], found: Labels) -> Matches:
    """Best IoU of each found cell 1 … n with a true one; all (z, y, x). Found cells in ignored area must be
    gone."""
    table = matching.overlaps(matching.outside(labels[None], ignored), found[None])
    best = np.zeros(len(table.predicted_ids))
    np.maximum.at(best, table.columns, table.iou)
    return Matches(best, len(table.truth_ids))


def without_ignored(found: Labels, ignored: npt.NDArray[np.bool_]) -> Labels:
    """Found cells (z, y, x) less those mostly in ignored area, numbered anew."""
    if not ignored.any():
        return found
    ids, numbers = np.unique(matching.outside(found[None], ignored)[0], return_inverse=True)
    return (numbers.reshape(found.shape) + (0 if ids[0] == 0 else 1)).astype(np.uint32)


def _judge_all(
    kind: VolumeKind, volume: ReadVolume, spacing: float, decodings: Sequence[Mapping[str, Any]]
) -> list[_Judged]:
    """All decodings of one volume; those of one threshold of the foreground share the work before it."""
    judged = []
    for foreground, group in groupby(decodings, lambda decoding: float(decoding["foreground"])):
        ready = kind.make_ready(volume.maps, foreground, spacing)
        for decoding in group:
            found = without_ignored(kind.decode(ready, decoding), volume.ignored)
            features = quality.measure(found, volume.maps[0], volume.maps[kind.edge])
            judged.append(_Judged(best_matches(volume.labels, volume.ignored, found), features))
    return judged


def _score(matches: Sequence[Matches]) -> float:
    """Mean of the pooled AP at IoU 0.5, 0.6 and 0.7."""
    return sum(scoring.average_precision(matches, iou) for iou in (0.5, 0.6, 0.7)) / 3


def _choose_cuts(
    judged: Sequence[_Judged], calibration: Calibration, sizes: Sequence[int]
) -> tuple[int, float, float]:
    tried: list[tuple[float, int, float]] = []
    for size in sizes:
        for chance in CHANCES:
            kept = [
                j.matches.kept(
                    (chances.areas_px(j.features) >= size) & (calibration.chances(j.features) >= chance)
                )
                for j in judged
            ]
            tried.append((_score(kept), -size, -chance))
    score, size, chance = max(tried)
    return -size, -chance, score
