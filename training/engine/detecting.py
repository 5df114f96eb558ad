"""Asking a detector about labelled frames, judging what it says, and choosing where to cut."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from annotation.core import box_scores
from annotation.core.box_scores import Picture
from training.engine import scoring
from training.engine.data.box_frames import read_boxes
from training.engine.data.images import LabelledImage
from training.engine.data.normalising import look_at, normalise
from training.engine.decoding import scores as score_meaning
from training.engine.decoding.boxes import BoxReader, FoundBoxes, draw_planes
from training.engine.process import Run

IGNORED_SHARE = 0.5
"""A box of which more than this lies where nothing is said is passed over."""


@dataclass(frozen=True)
class JudgedFrame:
    """A labelled frame, what was found in it outside of ignored areas, and both as the scores want them."""

    image: LabelledImage
    t: int
    z: int
    found: FoundBoxes
    picture: Picture


def find_boxes(reader: BoxReader, frame: npt.NDArray[Any], channels: int) -> FoundBoxes:
    """The cells of a raw frame (c, y, x), however unlikely. Raises ChannelMismatch."""
    return reader.read(normalise(frame, look_at(frame), channels))


def judge_frame(
    reader: BoxReader, image: LabelledImage, t: int, z: int, *, channels: int, classes: int
) -> JudgedFrame:
    """Finds the cells of a labelled frame. Raises UnreadableImage, ChannelMismatch."""
    found = find_boxes(reader, image.read(t, z), channels)
    true, truth = read_boxes(image, image.read_truth(t, z), classes)
    found = found.chosen(~_mostly_in(found.boxes, truth.ignored))
    picture = Picture(true.boxes, true.classes, found.boxes, found.classes, found.scores)
    return JudgedFrame(image, t, z, found, picture)


def judge_frames(
    run: Run,
    reader: BoxReader,
    frames: Sequence[tuple[LabelledImage, int, int]],
    *,
    channels: int,
    classes: int,
) -> Iterator[JudgedFrame]:
    """Every frame in order. Raises RunCancelled, RunStopped between them."""
    for image, t, z in frames:
        run.raise_if_asked_to_stop()
        yield judge_frame(reader, image, t, z, channels=channels, classes=classes)


def choose_cuts(judged: Sequence[JudgedFrame], least_score: float | None) -> dict[str, Any]:
    """The least score and the meaning of scores, chosen on labelled frames, or `least_score` if given."""
    scores = np.concatenate([np.zeros(0), *(each.found.scores for each in judged)])
    right = np.concatenate([np.zeros(0, np.bool_), *(box_scores.judge(each.picture) for each in judged)])
    truths = sum(len(each.picture.true_boxes) for each in judged)
    cut = score_meaning.best_cut(scores, right, truths) if least_score is None else least_score
    return {"score": cut, "calibration": list(score_meaning.calibrate(scores, right))}


def score_frames(
    judged: Sequence[JudgedFrame], names: Sequence[str], *, most: int, least_score: float
) -> dict[str, float]:
    """Scores of boxes; where there are masks, also AP, PQ and SEG of what is drawn."""
    scores = box_scores.detection_scores(
        [each.picture for each in judged], names, most=most, least_score=least_score
    )
    if not any(each.found.masks is not None for each in judged):
        return scores
    counts = []
    for each in judged:
        shown = each.found.chosen(each.found.scores >= least_score)
        counts.append(
            scoring.count(each.image.read_truth(each.t, each.z), draw_planes(shown, each.image.size))
        )
    drawn = scoring.instance_scores(counts)
    return scores | {name: drawn[name] for name in ("ap50", "ap75", "ap90", "pq", "seg")}


def _mostly_in(boxes: npt.NDArray[np.float32], area: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Which boxes (n, 4) lie by more than half in an area (y, x)."""
    if not area.any():
        return np.zeros(len(boxes), np.bool_)
    sums = np.pad(area.astype(np.int64).cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    limits = np.array([area.shape[1], area.shape[0]] * 2)
    x0, y0, x1, y1 = np.clip(np.rint(boxes), 0, limits).astype(int).T
    inside = sums[y1, x1] - sums[y0, x1] - sums[y1, x0] + sums[y0, x0]
    return np.asarray(inside > IGNORED_SHARE * np.maximum((y1 - y0) * (x1 - x0), 1))
