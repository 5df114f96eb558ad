"""COCO instance annotations: one JSON for a dataset, one COCO image a frame, one annotation a cell in a
frame.

Masks are compressed run lengths, so cells may overlap and have holes. Beside the standard fields, images
carry `t`, `z` and `movie` (the image's name here), annotations `track_id` (the cell), `mother` and
`merged_into`, and where people said so `class_path` (from the root of the tree of classes), `also` (further
classes), `attributes` (`info.attributes` says what they are) and `uncertain`; other tools pass over them.
Categories are the classes of the cells; a cell without class is a "cell". Ignored cells are `iscrowd`: the
evaluation of COCO passes over what lies in them.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.core.edits import Runs, runs_of_planes
from annotation.core.formats import rle, told_cells
from annotation.core.formats.base import AttributeSaid, LabelStack, RefusedFile, stack_of
from annotation.core.layers import layers_of

NO_CLASS = "cell"


@dataclass
class _Book:
    """The COCO file while it is written; ids begin at 1."""

    images: list[dict[str, Any]] = field(default_factory=list)
    annotations: list[dict[str, Any]] = field(default_factory=list)
    categories: dict[str, int] = field(default_factory=lambda: {NO_CLASS: 1})
    attributes: dict[str, AttributeSaid] = field(default_factory=dict)

    def category(self, name: str) -> int:
        return self.categories.setdefault(name, len(self.categories) + 1)

    def as_json(self) -> dict[str, Any]:
        categories = [{"id": i, "name": name, "supercategory": "cell"} for name, i in self.categories.items()]
        info: dict[str, Any] = {"description": "Cells labelled with Cytoloop", "version": "1.0"}
        if self.attributes:
            info["attributes"] = told_cells.attributes_json(self.attributes)
        return {
            "info": info,
            "licenses": [],
            "images": self.images,
            "annotations": self.annotations,
            "categories": categories,
        }


def frame_file_name(labels: LabelStack, t: int, z: int) -> str:
    """Name of the picture of one frame: the image's own where it has one frame only."""
    size_t, size_z, _, _ = labels.shape_tzyx
    stem = labels.name
    if size_t > 1:
        stem += f"_t{t:03d}"
    if size_z > 1:
        stem += f"_z{z:03d}"
    return f"{stem}.tif"


def write(path: Path, stacks: Iterable[LabelStack]) -> None:
    """Write the annotations of several images into one file."""
    book = _Book()
    for labels in stacks:
        book.attributes.update(labels.attributes)
        for t, z, planes in labels.frames():
            _add_frame(book, labels, t, z, runs_of_planes(planes))
    path.write_text(json.dumps(book.as_json()), encoding="utf-8")


def _add_frame(book: _Book, labels: LabelStack, t: int, z: int, cells: Mapping[int, Runs]) -> None:
    size_t, size_z, height, width = labels.shape_tzyx
    image = {
        "id": len(book.images) + 1,
        "file_name": frame_file_name(labels, t, z),
        "height": height,
        "width": width,
        "movie": labels.name,
        "t": t,
        "z": z,
        "size_t": size_t,
        "size_z": size_z,
    }
    book.images.append(image)
    for cell, runs in cells.items():
        book.annotations.append(_annotation(book, labels, image["id"], cell, runs))


def _annotation(book: _Book, labels: LabelStack, image_id: Any, cell: int, runs: Runs) -> dict[str, Any]:
    _, _, height, width = labels.shape_tzyx
    counts = rle.counts_of_runs(runs, height, width)
    return {
        "id": len(book.annotations) + 1,
        "image_id": image_id,
        "category_id": book.category(labels.classes.get(cell, NO_CLASS)),
        "segmentation": {"size": [height, width], "counts": rle.compress(counts)},
        "area": sum(runs[2::3]),
        "bbox": _box(runs),
        "iscrowd": int(cell in labels.ignored),
        "track_id": cell,
        "mother": labels.mothers.get(cell),
        **({"merged_into": labels.merged[cell]} if cell in labels.merged else {}),
        **told_cells.of_cell(labels, cell),
    }


def _box(runs: Runs) -> list[int]:
    """x, y, width, height."""
    table = np.asarray(runs, np.int64).reshape(-1, 3)
    top, bottom = int(table[:, 0].min()), int(table[:, 0].max())
    left, right = int(table[:, 1].min()), int((table[:, 1] + table[:, 2]).max())
    return [left, top, right - left, bottom - top + 1]


# ---------------------------------------------------------------- reading


def read(path: Path, only: str | None = None) -> list[LabelStack]:
    """The images of a COCO file as label stacks, in the order of the file; `only` the one of this name.
    Raises RefusedFile.

    Frames of one `movie` become one stack; files of other tools have one image a picture, and their cells get
    numbers from 1 in each. Segmentations must be run lengths, packed or plain.
    """
    try:
        book = json.loads(path.read_text(encoding="utf-8"))
        images, categories = book["images"], {c["id"]: str(c["name"]) for c in book["categories"]}
        by_image: dict[Any, list[dict[str, Any]]] = {image["id"]: [] for image in images}
        for annotation in book["annotations"]:
            by_image[annotation["image_id"]].append(annotation)
        attributes = told_cells.read_attributes(book.get("info", {}).get("attributes") or {})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RefusedFile(path, f"this is not a COCO file ({error})") from None
    movies: dict[str, list[dict[str, Any]]] = {}
    for image in images:
        movies.setdefault(str(image.get("movie", image["file_name"])), []).append(image)
    made = (
        _stack(path, name, frames, by_image, categories)
        for name, frames in movies.items()
        if only is None or name == only
    )
    return [replace(one, attributes=attributes) for one in made]


def _stack(
    path: Path,
    name: str,
    frames: Sequence[dict[str, Any]],
    by_image: Mapping[Any, Sequence[dict[str, Any]]],
    categories: Mapping[Any, str],
) -> LabelStack:
    height, width = int(frames[0]["height"]), int(frames[0]["width"])
    size_t, size_z = (int(frames[0].get(key, 1)) for key in ("size_t", "size_z"))
    planes = np.zeros((1, size_t, size_z, height, width), np.uint32)
    mothers: dict[int, int] = {}
    classes: dict[int, str] = {}
    ignored: set[int] = set()
    merged: dict[int, int] = {}
    plain: dict[int, dict[str, Any]] = {}
    for frame in frames:
        t, z = int(frame.get("t", 0)), int(frame.get("z", 0))
        here = _layers(path, by_image[frame["id"]], height, width)
        planes = _with_frame(planes, here, t, z)
        for number, annotation in enumerate(by_image[frame["id"]], start=1):
            cell = int(annotation.get("track_id", number))
            if annotation.get("mother"):
                mothers[cell] = int(annotation["mother"])
            if annotation.get("merged_into"):
                merged[cell] = int(annotation["merged_into"])
            if annotation.get("iscrowd"):
                ignored.add(cell)
            plain[cell] = annotation
            category = categories.get(annotation["category_id"], NO_CLASS)
            if category != NO_CLASS:
                classes[cell] = category
    told = told_cells.read_book(path, {"cells": plain})
    return stack_of(
        planes, name=name, mothers=mothers, classes=classes, ignored=ignored, merged=merged, said=told.said,
        marks=told.marks,
    )  # fmt: skip


def _with_frame(planes: NDArray[np.uint32], frame: NDArray[np.uint32], t: int, z: int) -> NDArray[np.uint32]:
    missing = len(frame) - len(planes)
    if missing > 0:
        planes = np.concatenate((planes, np.zeros((missing, *planes.shape[1:]), np.uint32)))
    planes[: len(frame), t, z] = frame
    return planes


def _layers(
    path: Path, annotations: Sequence[Mapping[str, Any]], height: int, width: int
) -> NDArray[np.uint32]:
    """Planes (p, y, x) of one picture, cells ascending."""
    cells = [int(a.get("track_id", number)) for number, a in enumerate(annotations, start=1)]
    order = sorted(range(len(cells)), key=cells.__getitem__)
    pixels = [_pixels(path, annotations[i], height, width) for i in order]
    if not pixels:
        return np.zeros((1, height, width), np.uint32)
    owners = np.repeat(np.asarray(cells, np.uint32)[order], [p.size for p in pixels])
    return layers_of(np.concatenate(pixels), owners, height * width).reshape(-1, height, width)


def _pixels(path: Path, annotation: Mapping[str, Any], height: int, width: int) -> NDArray[np.int64]:
    segmentation = annotation["segmentation"]
    if not isinstance(segmentation, dict):
        raise RefusedFile(path, "outlines as polygons are not read; save the masks as run lengths (RLE)")
    counts = segmentation["counts"]
    try:
        plain = rle.decompress(counts) if isinstance(counts, str) else counts
        return rle.pixels_of_counts(plain, height, width)
    except ValueError as error:
        raise RefusedFile(path, f"annotation {annotation.get('id')}: {error}") from None
