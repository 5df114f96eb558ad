"""COCO files of what a model found: boxes with scores, and outlines where a cell does not fill its box.

One image a frame, named after the file that it came from; of a movie or a stack also `t` and `z`.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from annotation.core.edits import Runs, runs_of_planes
from annotation.core.formats import rle
from annotation.core.formats.base import LabelStack
from annotation.core.formats.coco import NO_CLASS


@dataclass(frozen=True)
class FoundStack:
    """What was found in one file: the labels, and {cell: score} as far as it is known."""

    file_name: str
    labels: LabelStack
    scores: Mapping[int, float]


def write(path: Path, found: Iterable[FoundStack], classes: Sequence[str] = ()) -> None:
    """Write all that was found into one file. Category 1 is a cell without class; the `classes` that could
    have been found follow in their order, found or not.
    """
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    categories = {NO_CLASS: 1}
    for kind in classes:
        categories.setdefault(kind, len(categories) + 1)
    for each in found:
        _, _, height, width = each.labels.shape_tzyx
        for t, z, planes in each.labels.frames():
            image = {"id": len(images) + 1, "file_name": each.file_name, "height": height, "width": width}
            images.append({**image, "t": t, "z": z})
            for cell, runs in runs_of_planes(planes).items():
                kind = each.labels.classes.get(cell, NO_CLASS)
                category = categories.setdefault(kind, len(categories) + 1)
                facts = {"id": len(annotations) + 1, "image_id": image["id"], "category_id": category}
                drawn = _drawn(runs, height, width)
                annotations.append({**facts, **drawn, "iscrowd": 0, "cell": cell, **_score(each, cell)})
    kinds = [{"id": number, "name": name} for name, number in categories.items()]
    book = {"images": images, "annotations": annotations, "categories": kinds}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(book), encoding="utf-8")


def _drawn(runs: Runs, height: int, width: int) -> dict[str, Any]:
    """Box as x, y, width, height, area, and run lengths unless the cell fills its box."""
    y, x, length = np.asarray(runs, np.int64).reshape(-1, 3).T
    left, top = int(x.min()), int(y.min())
    wide, high = int((x + length).max()) - left, int(y.max()) + 1 - top
    area = int(length.sum())
    told: dict[str, Any] = {"bbox": [left, top, wide, high], "area": area}
    if area < wide * high:
        counts = rle.compress(rle.counts_of_runs(runs, height, width))
        told["segmentation"] = {"size": [height, width], "counts": counts}
    return told


def _score(found: FoundStack, cell: int) -> dict[str, float]:
    score = found.scores.get(cell)
    return {} if score is None else {"score": score}
