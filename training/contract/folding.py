"""Cross-validation as plain arithmetic: who is left out when, and what the scores of those left out say."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

from scipy.special import stdtrit

from training.contract.fields import JsonObject
from training.contract.manifest import ManifestLine, Split

LEVEL = 0.95
COUNTS = ("cells", "frames")
"""Among the scores, but no scores: how much there was."""


def folds_of(lines: Sequence[ManifestLine], folds: int, *, seed: int) -> list[list[ManifestLine]]:
    """The images to learn from in at most `folds` parts of about equal size; images of one group stay
    together. Test images are in none. The same lines and seed give the same parts."""
    groups: dict[str, list[ManifestLine]] = {}
    for line in sorted(lines, key=lambda line: line.image_id):
        if line.split in (Split.TRAIN, Split.VALIDATION):
            groups.setdefault(line.group or line.image_id, []).append(line)
    order = sorted(groups)
    random.Random(seed).shuffle(order)
    order.sort(key=lambda name: -len(groups[name]))
    parts: list[list[ManifestLine]] = [[] for _ in range(min(folds, len(order)))]
    for name in order:
        min(parts, key=len).extend(groups[name])
    return parts


def without(parts: Sequence[Sequence[ManifestLine]], fold: int) -> list[ManifestLine]:
    """What a net learns from that does not see one part, and that part as its test."""
    return [
        replace(line, split=Split.TEST if number == fold else Split.TRAIN)
        for number, part in enumerate(parts)
        for line in part
    ]


def all_of(lines: Sequence[ManifestLine]) -> list[ManifestLine]:
    """What the last net learns from: everything but the test images."""
    return [line if line.split is Split.TEST else replace(line, split=Split.TRAIN) for line in lines]


def summarise(scores: Sequence[Mapping[str, float]]) -> JsonObject:
    """Score → mean over the images, and the 95 % interval of that mean by Student's t; None with one image.

    The images' scores are not quite independent, for their nets share most of what they learned from, so the
    interval is a little too narrow (Bengio & Grandvalet 2004).
    """
    names = [name for name in (scores[0] if scores else {}) if name not in COUNTS]
    return {
        name: _mean([image[name] for image in scores])
        for name in names
        if all(name in image for image in scores)
    }


def _mean(values: Sequence[float]) -> JsonObject:
    count, mean = len(values), sum(values) / len(values)
    if count < 2:
        return {"mean": round(mean, 4), "low": None, "high": None}
    spread = math.sqrt(sum((value - mean) ** 2 for value in values) / (count - 1))
    reach = float(stdtrit(count - 1, 0.5 + LEVEL / 2)) * spread / math.sqrt(count)
    return {"mean": round(mean, 4), "low": round(mean - reach, 4), "high": round(mean + reach, 4)}
