"""COCO files of other tools: boxes, polygons or run lengths with classes, told by the pictures' names.

Our own tell whole movies too, by the name of the movie.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.core.formats import rle
from annotation.core.formats.base import RefusedFile
from annotation.core.formats.objects import Box, DrawnObject, Outline, Shape

MOST_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class _Lengths:
    """A mask as run lengths, packed or plain."""

    counts: str | tuple[int, ...]

    def pixels(self, height: int, width: int) -> NDArray[np.int64]:
        """The pixels of the mask. Raises ValueError for another size."""
        plain = rle.decompress(self.counts) if isinstance(self.counts, str) else list(self.counts)
        return np.sort(rle.pixels_of_counts(plain, height, width))


def is_coco(path: Path) -> bool:
    """Whether the file is a COCO file with annotations."""
    return bool(_book(path, path.stat().st_mtime_ns))


def pictures_of(path: Path) -> list[str]:
    """The pictures that the file tells of, by stem."""
    stamp = path.stat().st_mtime_ns
    return [*_book(path, stamp), *(stem_of_movie(name) for name in _movies(path, stamp))]


def movie_of(path: Path, stem: str) -> str | None:
    """The name of the movie in one of our own files to which the image `stem` belongs."""
    return next(
        (name for name in _movies(path, path.stat().st_mtime_ns) if stem_of_movie(name) == stem), None
    )


def stem_of_movie(name: str) -> str:
    """`plate/a1` → `a1`."""
    return PurePosixPath(name).name


@lru_cache(maxsize=4)
def _movies(path: Path, changed: int) -> tuple[str, ...]:
    if not _book(path, changed):
        return ()
    images = json.loads(path.read_text(encoding="utf-8"))["images"]
    return tuple(dict.fromkeys(str(image["movie"]) for image in images if "movie" in image))


def read(path: Path, stem: str) -> list[DrawnObject]:
    """The objects of one picture. Raises RefusedFile."""
    book = _book(path, path.stat().st_mtime_ns)
    return [_object(path, one, name) for one, name in book.get(stem, ())]


@lru_cache(maxsize=4)
def _book(path: Path, _changed: int) -> Mapping[str, list[tuple[dict[str, Any], str]]]:
    """{stem of a picture: (annotation, name of its class)}; empty for any other JSON."""
    if path.stat().st_size > MOST_BYTES:
        return {}
    try:
        book = json.loads(path.read_text(encoding="utf-8"))
        names = {kind["id"]: str(kind["name"]) for kind in book.get("categories", [])}
        stems = {
            image["id"]: PurePosixPath(str(image["file_name"]).replace("\\", "/")).stem
            for image in book["images"]
        }
        of_picture: dict[str, list[tuple[dict[str, Any], str]]] = {stem: [] for stem in stems.values()}
        for one in book["annotations"]:
            name = names.get(one.get("category_id"), "")
            of_picture[stems[one["image_id"]]].append((one, name))
    except (ValueError, KeyError, TypeError, AttributeError, OSError):
        return {}
    return of_picture


def _object(path: Path, one: Mapping[str, Any], name: str) -> DrawnObject:
    try:
        return DrawnObject(_shape(one), name, ignored=bool(one.get("iscrowd")))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise RefusedFile(
            path, f"annotation {one.get('id')} has neither a mask nor a box of four numbers"
        ) from None


def _shape(one: Mapping[str, Any]) -> Shape:
    """The mask where there is one, else the box."""
    outline = one.get("segmentation")
    if isinstance(outline, dict):
        counts = outline["counts"]
        return _Lengths(counts if isinstance(counts, str) else tuple(int(n) for n in counts))
    if outline:
        rings = tuple(tuple(float(v) for v in ring) for ring in outline if len(ring) >= 6)
        if rings:
            return Outline(rings)
    left, top, wide, high = (float(v) for v in one["bbox"])
    return Box(left, top, left + wide, top + high)
