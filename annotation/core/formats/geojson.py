"""Outlines as GeoJSON the way QuPath writes and reads it: a feature for each cell in each frame, in px from
the picture's upper left corner, along the edges of pixels, with holes.

Frame and slice are in `geometry.plane`. Ours carry a member `cytoloop` with the cell's number, its mother,
and what people said of it, and one in the collection with what the attributes are; others pass over them.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from annotation.core.formats import told_cells, tracked
from annotation.core.formats.base import ImageSource, LabelStack, RefusedFile
from annotation.core.formats.tracked import Points, TrackedLabels, TrackedObject

ENDING = ".geojson"
OURS = "cytoloop"
MOST_BYTES = 1 << 30
Ring = list[list[int]]
TURNS = {(1, 0): (0, 1), (0, 1): (-1, 0), (-1, 0): (0, -1), (0, -1): (1, 0)}
"""Right of a direction (x, y); y goes down."""


# ---------------------------------------------------------------- out


def write(path: Path, labels: LabelStack) -> list[str]:
    """One file for an image; a cell in several pieces is one feature."""
    with path.open("w", encoding="utf-8") as file:
        ours = {"attributes": told_cells.attributes_json(labels.attributes), "image": labels.name}
        file.write(f'{{"type": "FeatureCollection", "{OURS}": {json.dumps(ours)}, "features": [')
        for number, feature in enumerate(_features(labels)):
            file.write((",\n" if number else "\n") + json.dumps(feature, separators=(",", ":")))
        file.write("\n]}\n")
    return []


def _features(labels: LabelStack) -> Iterator[dict[str, Any]]:
    for t, z, planes in labels.frames():
        for plane in planes:
            places = ndimage.find_objects(plane.astype(np.int64)) if plane.max(initial=0) < 1 << 22 else None
            for cell in np.unique(plane[plane > 0]).tolist():
                where = places[cell - 1] if places else _place(plane, cell)
                yield _feature(labels, cell, t, z, _polygons(plane[where] == cell, where))


def _place(plane: NDArray[np.uint32], cell: int) -> tuple[slice, slice]:
    y, x = np.nonzero(plane == cell)
    return slice(int(y.min()), int(y.max()) + 1), slice(int(x.min()), int(x.max()) + 1)


def _feature(labels: LabelStack, cell: int, t: int, z: int, polygons: list[list[Ring]]) -> dict[str, Any]:
    several = len(polygons) > 1
    told = told_cells.of_cell(labels, cell)
    numbers = {k: v for k, v in told.get("attributes", {}).items() if type(v) in (int, float)}
    links = {"mother": labels.mothers.get(cell), "merged_into": labels.merged.get(cell)}
    ignored = {"ignored": True} if cell in labels.ignored else {}
    own = {"cell": cell, **{k: v for k, v in links.items() if v}, **ignored, **told}
    kind = labels.classes.get(cell)
    properties = {
        "objectType": "annotation", "name": str(cell),
        **({"classification": {"name": kind}} if kind else {}),
        **({"isLocked": True} if told.get("locked") else {}),
        **({"measurements": numbers} if numbers else {}),
        OURS: own,
    }  # fmt: skip
    geometry = {
        "type": "MultiPolygon" if several else "Polygon",
        "coordinates": polygons if several else polygons[0],
        "plane": {"c": -1, "z": z, "t": t},
    }
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _polygons(mask: NDArray[np.bool_], where: tuple[slice, slice]) -> list[list[Ring]]:
    """The pieces of a cell, each as its outer ring and its holes, x and y of corners of pixels."""
    pieces, count = ndimage.label(mask)
    top, left = where[0].start, where[1].start
    found = []
    for piece in range(1, count + 1):
        rings = sorted(_rings(pieces == piece), key=lambda ring: -abs(_area(ring)))
        found.append([[[x + left, y + top] for x, y in ring] for ring in rings])
    return found


def _rings(mask: NDArray[np.bool_]) -> list[list[tuple[int, int]]]:
    """Closed rings along the edges of pixels, the mask on the right hand."""
    ahead = _edges(mask)
    rings = []
    while ahead:
        start = next(iter(ahead))
        at, way = start, next(iter(ahead[start]))
        ring = [start]
        while True:
            ahead[at].discard(way)
            if not ahead[at]:
                del ahead[at]
            at = (at[0] + way[0], at[1] + way[1])
            if at == start and (at not in ahead or TURNS[way] not in ahead[at]):
                break
            before, way = way, _next(ahead[at], way)
            if way != before:
                ring.append(at)
        rings.append([*ring, start])
    return rings


def _next(ways: set[tuple[int, int]], way: tuple[int, int]) -> tuple[int, int]:
    """To the right where one can, so that pieces that meet at a corner stay apart."""
    right = TURNS[way]
    return right if right in ways else next(iter(ways))


def _edges(mask: NDArray[np.bool_]) -> dict[tuple[int, int], set[tuple[int, int]]]:
    """{corner (x, y): directions of the edges that begin there}."""
    wide = np.pad(mask, 1)
    found: dict[tuple[int, int], set[tuple[int, int]]] = {}
    sides = (
        ((1, 0), wide[:-2, 1:-1], (0, 0)), ((0, 1), wide[1:-1, 2:], (1, 0)),
        ((-1, 0), wide[2:, 1:-1], (1, 1)), ((0, -1), wide[1:-1, :-2], (0, 1)),
    )  # fmt: skip
    for way, beyond, (dx, dy) in sides:
        ys, xs = np.nonzero(mask & ~beyond)
        for x, y in zip((xs + dx).tolist(), (ys + dy).tolist(), strict=True):
            found.setdefault((x, y), set()).add(way)
    return found


def _area(ring: Sequence[tuple[int, int]]) -> float:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring)) / 2


# ---------------------------------------------------------------- in


def is_geojson(path: Path) -> bool:
    """Whether the file says that it is a collection of features."""
    with path.open("rb") as file:
        return b"Feature" in file.read(4096)


def read(path: Path, image: ImageSource) -> TrackedLabels:
    """Polygons as cells; a feature that does not tell its number is a cell of its own. Raises RefusedFile."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ValueError("it is too large")
        book = json.loads(path.read_text(encoding="utf-8"))
        several = [book] if isinstance(book, dict) else book
        features = [one for part in several for one in part.get("features", [part])]
        drawn = [(one, pieces) for one in features if (pieces := _pieces(one))]
        cells = _numbers([one for one, _ in drawn])
        objects = [_object(one, cell, p) for (one, p), cell in zip(drawn, cells, strict=True)]
        own = {cell: _properties(one).get(OURS) or {} for (one, _), cell in zip(drawn, cells, strict=True)}
        classes = {cell: _class(one) for (one, _), cell in zip(drawn, cells, strict=True)}
        mothers = {cell: int(one["mother"]) for cell, one in own.items() if one.get("mother")}
        merged = {cell: int(one["merged_into"]) for cell, one in own.items() if one.get("merged_into")}
        attributes = (several[0].get(OURS) or {}).get("attributes") if several else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise RefusedFile(path, f"it is no GeoJSON that can be read: {error}") from error
    told = told_cells.read_book(path, {"cells": own, "attributes": attributes})
    classes = {cell: name for cell, name in classes.items() if name}
    return tracked.fitted(path, objects, mothers, image, _note(features, len(drawn)), merged, classes, told)


def _note(features: Sequence[Mapping[str, Any]], drawn: int) -> str:
    lines = len(features) - drawn
    left = [f"{lines} features that are no polygons were left out."] if lines else []
    foreign = any(_properties(one).get("measurements") and OURS not in _properties(one) for one in features)
    return " ".join([*left, *([tracked.not_read(["measurements"])] if foreign else [])])


def _properties(feature: Mapping[str, Any]) -> Mapping[str, Any]:
    return feature.get("properties") or {}


def _numbers(features: Sequence[Mapping[str, Any]]) -> list[int]:
    told = [int((_properties(one).get(OURS) or {}).get("cell", 0)) for one in features]
    free = max(told, default=0)
    numbers = []
    for one in told:
        free += not one
        numbers.append(one or free)
    return numbers


def _class(feature: Mapping[str, Any]) -> str:
    kind = _properties(feature).get("classification") or {}
    names = kind.get("names") or [kind.get("name") or _properties(feature).get("class") or ""]
    return ": ".join(map(str, names))


def _pieces(feature: Mapping[str, Any]) -> list[list[Points]]:
    """Polygons as their outer ring and their holes, y and x, the middle of a pixel in whole numbers."""
    geometry = feature.get("geometry") or {}
    told = geometry.get("coordinates") or []
    polygons = {"Polygon": [told], "MultiPolygon": told}.get(geometry.get("type", ""), [])
    return [[np.asarray(ring, float)[:, 1::-1] - 0.5 for ring in polygon] for polygon in polygons if polygon]


def _object(feature: Mapping[str, Any], cell: int, pieces: list[list[Points]]) -> TrackedObject:
    plane = feature["geometry"].get("plane") or _properties(feature).get("plane") or {}
    t, z = (max(int(plane.get(axis, 0)), 0) for axis in "tz")
    holes = tuple(tuple(piece[1:]) for piece in pieces)
    return TrackedObject(t, cell, float(z), outlines=tuple(piece[0] for piece in pieces), holes=holes)
