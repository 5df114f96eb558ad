"""`cytoloop evaluate` beyond pictures: boxes.json and classes.csv with intervals.

Which are judged is told by what lies in both folders; each kind adds its scores to the answer.
"""

import csv
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from annotation.core import box_scores, class_scores, resampling
from annotation.core.box_scores import Picture
from annotation.core.resampling import Judge
from backend.foundation.errors import Invalid

BOXES = ("boxes.json", "annotations.json")
CLASSES = ("classes.csv", "cells.csv")
"""As `cytoloop predict` and `cytoloop export` write them."""


class NotATable(Invalid):
    """A file of boxes or classes cannot be read, or two files share no image."""


@dataclass(frozen=True)
class Told:
    """Scores of one kind: `scores` {name: [value, low, high]}, `classes` {class: {name: …}}, the images."""

    scores: dict[str, list[float | None]]
    classes: dict[str, dict[str, list[float | None]]]
    images: int

    def to_json(self) -> dict[str, Any]:
        """What a program reads."""
        return {"scores": self.scores, "classes": self.classes, "images": self.images}

    def sentence(self, kind: str) -> str:
        """What a person reads."""
        return f"{kind} of {self.images} images: {', '.join(_said(n, v) for n, v in self.scores.items())}."


def judge_tables(truth: Path, predicted: Path) -> dict[str, Told]:
    """Boxes and classes, where both folders have them. Raises NotATable."""
    kinds: dict[str, tuple[tuple[str, ...], Callable[[Path, Path], Told]]] = {
        "boxes": (BOXES, judge_boxes), "classes": (CLASSES, judge_classes),
    }  # fmt: skip
    found: dict[str, Told] = {}
    for kind, (names, judge) in kinds.items():
        ours, theirs = (_first_of(folder, names) for folder in (truth, predicted))
        if ours is not None and theirs is not None:
            found[kind] = judge(ours, theirs)
    return found


def _first_of(folder: Path, names: Iterable[str]) -> Path | None:
    return next((folder / name for name in names if (folder / name).is_file()), None)


def judge_boxes(truth: Path, predicted: Path) -> Told:
    """Two files in COCO form; images are matched by file name and frame, classes by name."""
    right, said = _read_boxes(truth), _read_boxes(predicted)
    names = sorted({kind for rows in [*right.values(), *said.values()] for kind, *_ in rows})
    said = met(right, said)
    _check_shared(right, said, truth, predicted)
    tables = [
        box_scores.count([_picture(rows, said.get(frame, []), names)], names)
        for frame, rows in sorted(right.items())
    ]
    return told_of(box_scores.judge_images(tables), len(tables))


def judge_classes(truth: Path, predicted: Path) -> Told:
    """Two tables of image, cell and class; cells are matched by image and number."""
    right, said = _read_classes(truth), _read_classes(predicted)
    said = met(right, said)
    _check_shared(right, said, truth, predicted)
    tables: dict[str, dict[str, dict[str, int]]] = {}
    for (image, cell), kind in right.items():
        if (image, cell) in said:
            row = tables.setdefault(image, {}).setdefault(kind, {})
            row[said[image, cell]] = row.get(said[image, cell], 0) + 1
    return told_of(class_scores.judge(list(tables.values())), len(tables))


def told_of(judge: Judge, images: int) -> Told:
    scores: dict[str, list[float | None]] = {}
    classes: dict[str, dict[str, list[float | None]]] = {}
    for (of, name), one in resampling.estimates(judge, images).items():
        where = classes.setdefault(of, {}) if of else scores
        where[name] = [one.value, one.low, one.high]
    return Told(scores, classes, images)


def _said(name: str, value: list[float | None]) -> str:
    at, low, high = value
    between = "" if low is None else f" ({low:.3f} to {high:.3f})"
    return f"{name} {at:.3f}{between}"


Key = TypeVar("Key", bound=tuple[Any, ...])
Value = TypeVar("Value")


def met(right: Mapping[Key, Any], said: dict[Key, Value]) -> dict[Key, Value]:
    """What is said under the names of the truth: where no name of an image is found in both, the folders
    before it are left out on both sides, unless two images would then have one name.
    """
    if right.keys() & said.keys():
        return said
    ours, theirs = ({key: (key[0].rsplit("/", 1)[-1], *key[1:]) for key in keys} for keys in (right, said))
    if len(set(ours.values())) < len(ours) or len(set(theirs.values())) < len(theirs):
        return said
    named = {bare: key for key, bare in ours.items()}
    return {named.get(theirs[key], key): value for key, value in said.items()}


def _check_shared(right: Mapping[Any, Any], said: Mapping[Any, Any], truth: Path, predicted: Path) -> None:
    if not right.keys() & said.keys():
        raise NotATable(f"{truth} and {predicted} have nothing in common: no image and cell is in both.")


Row = tuple[str, list[float], float, bool]


def _read_boxes(path: Path) -> dict[tuple[str, int, int], list[Row]]:
    """(file, t, z) → class, box as x, y, width, height, score, crowd."""
    try:
        book = json.loads(path.read_text(encoding="utf-8"))
        kinds = {row["id"]: str(row["name"]) for row in book["categories"]}
        frames = {
            row["id"]: (_stem(row["file_name"]), int(row.get("t", 0)), int(row.get("z", 0)))
            for row in book["images"]
        }
        found: dict[tuple[str, int, int], list[Row]] = {frame: [] for frame in frames.values()}
        for row in book["annotations"]:
            box = [float(part) for part in row["bbox"]]
            told = (kinds[row["category_id"]], box, float(row.get("score", 1.0)), bool(row.get("iscrowd")))
            found[frames[row["image_id"]]].append(told)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NotATable(f"{path} is no table of boxes in COCO form: {error}.") from error
    return found


def _read_classes(path: Path) -> dict[tuple[str, str], str]:
    """(image, cell) → class; cells without class are left out."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = [(row["image"], row["cell"], row["class"]) for row in csv.DictReader(file)]
            return {(image, cell): kind for image, cell, kind in rows if kind}
    except (OSError, ValueError, KeyError) as error:
        raise NotATable(f"{path} is no table of image, cell and class: {error}.") from error


def _stem(name: str) -> str:
    return Path(name).with_suffix("").as_posix().removesuffix(".ome")


def _picture(right: list[Row], said: list[Row], names: list[str]) -> Picture:
    return Picture(
        true_boxes=_corners(right),
        true_classes=np.array([names.index(kind) + 1 for kind, *_ in right], np.int64),
        boxes=_corners(said),
        classes=np.array([names.index(kind) + 1 for kind, *_ in said], np.int64),
        scores=np.array([score for _, _, score, _ in said], np.float64),
        crowd=np.array([crowd for *_, crowd in right], np.bool_),
    )


def _corners(rows: list[Row]) -> NDArray[np.float64]:
    boxes = np.array([box for _, box, *_ in rows], np.float64).reshape(len(rows), 4)
    return np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1)
