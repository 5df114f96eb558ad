"""Tables (CSV, TSV) beside images: the class of each image, of each cell, or boxes with classes.

Columns are known by their names, in any order: `image` (or filename, image_id …), `class` (or label,
category, cell_type …), and where lines tell of cells `cell` (cell_id, object_id …) or `xmin, ymin, xmax,
ymax`.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path, PurePosixPath

from annotation.core.formats import told_cells
from annotation.core.formats.base import RefusedFile
from annotation.core.formats.objects import Box, DrawnObject

ENDINGS = (".csv", ".tsv")
IMAGE = (
    "image",
    "filename",
    "file_name",
    "file",
    "image_name",
    "imagename",
    "image_id",
    "imageid",
    "path",
    "name",
    "id",
)
CLASS = ("class", "class_name", "classname", "category", "cell_type", "celltype", "phenotype", "label")
CELL = (
    "cell",
    "cell_id",
    "cellid",
    "object_id",
    "object",
    "objectnumber",
    "instance",
    "instance_id",
    "label",
)
CORNERS = (("xmin", "ymin", "xmax", "ymax"), ("x1", "y1", "x2", "y2"), ("left", "top", "right", "bottom"))
SIZES = (("x", "y", "width", "height"), ("x", "y", "w", "h"), ("left", "top", "width", "height"))
MOST_BYTES = 256 << 20


@dataclass(frozen=True)
class Told:
    """What a table says of one image: its lines, with the columns that matter."""

    kinds: tuple[str, ...]
    cells: tuple[int, ...] = ()
    boxes: tuple[Box, ...] = ()
    mothers: Mapping[int, int] = field(default_factory=dict)
    merged: Mapping[int, int] = field(default_factory=dict)
    more: told_cells.Told = field(default_factory=told_cells.Told)

    @property
    def of_whole(self) -> bool:
        """Whether it is the image that has a class, not its cells."""
        return not self.cells and not self.boxes


def is_table(path: Path) -> bool:
    """Whether the file's first line names an image column and a class column or a box."""
    return bool(_read(path, path.stat().st_mtime_ns))


def pictures_of(path: Path) -> Mapping[str, Told]:
    """{stem of an image: what is said of it}."""
    return _read(path, path.stat().st_mtime_ns)


def objects(path: Path, stem: str) -> list[DrawnObject]:
    """The boxes of one image."""
    told = pictures_of(path)[stem]
    return [DrawnObject(box, kind) for box, kind in zip(told.boxes, told.kinds, strict=True)]


def classes(path: Path, stem: str) -> dict[int, str]:
    """{cell: class} of one image."""
    told = pictures_of(path)[stem]
    return {cell: kind for cell, kind in zip(told.cells, told.kinds, strict=True) if kind}


def class_of_image(path: Path, stem: str) -> str:
    """The class of the image as a whole. Raises RefusedFile where several are given."""
    kinds = sorted(set(pictures_of(path)[stem].kinds) - {""})
    if len(kinds) > 1:
        several = ", ".join(kinds[:3])
        raise RefusedFile(path, f"{stem} has several classes ({several}); name the cell in a column “cell”")
    return kinds[0] if kinds else ""


@lru_cache(maxsize=8)
def _read(path: Path, _changed: int) -> Mapping[str, Told]:
    if path.stat().st_size > MOST_BYTES:
        return {}
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            head = file.readline()
            file.seek(0)
            signs = [sign for sign in "\t;," if sign in head]
            rows = list(csv.DictReader(file, delimiter=signs[0])) if signs else []
            names = {str(name).strip().lower(): str(name) for name in (rows[0] if rows else {})}
            return _told(rows, names)
    except (OSError, UnicodeDecodeError, csv.Error, ValueError, AttributeError, TypeError):
        return {}


def _told(rows: Sequence[Mapping[str, str]], names: Mapping[str, str]) -> Mapping[str, Told]:
    image, kind = _first(IMAGE, names), _first(CLASS, names)
    corners, sizes = _all(CORNERS, names), _all(SIZES, names)
    box = corners or sizes
    if image is None or (kind is None and box is None):
        return {}
    cell = next((names[name] for name in CELL if name in names and names[name] != kind), None)
    of_image: dict[str, list[Mapping[str, str]]] = {}
    for row in rows:
        stem = PurePosixPath(str(row[image]).strip().replace("\\", "/")).name
        of_image.setdefault(_stem(stem), []).append(row)
    return {stem: _lines(lines, kind, cell, box, sizes is box) for stem, lines in of_image.items()}


def _lines(
    lines: Sequence[Mapping[str, str]],
    kind: str | None,
    cell: str | None,
    box: tuple[str, ...] | None,
    has_size: bool,
) -> Told:
    kinds = tuple(str(line[kind]).strip() if kind else "" for line in lines)
    if box is not None:
        numbers = [[float(line[name]) for name in box] for line in lines]
        return Told(kinds, boxes=tuple(_box(four, has_size) for four in numbers))
    if cell is not None:
        cells = tuple(int(float(line[cell])) for line in lines)
        return Told(
            kinds,
            cells=cells,
            mothers=_named("mother", cells, lines),
            merged=_named("merged_into", cells, lines),
            more=told_cells.of_rows(dict(zip(cells, lines, strict=True))),
        )
    return Told(kinds)


def _named(column: str, cells: Sequence[int], lines: Sequence[Mapping[str, str]]) -> dict[int, int]:
    """The cell that a column names, where it names one."""
    told = {cell: (line.get(column) or "").strip() for cell, line in zip(cells, lines, strict=True)}
    return {cell: int(text) for cell, text in told.items() if text.isdecimal() and int(text)}


def _box(four: Sequence[float], has_size: bool) -> Box:
    left, top, third, fourth = four
    return Box(left, top, left + third, top + fourth) if has_size else Box(left, top, third, fourth)


def _stem(name: str) -> str:
    """`a.ome.tif` → `a`; a name without an image's ending stays whole."""
    path = PurePosixPath(name)
    known = path.suffix.lower() in (".tif", ".tiff", ".png", ".jpg", ".jpeg", ".npy", ".bmp")
    return path.stem.removesuffix(".ome") if known else name


def _first(wanted: Sequence[str], names: Mapping[str, str]) -> str | None:
    return next((names[name] for name in wanted if name in names), None)


def _all(wanted: Sequence[tuple[str, ...]], names: Mapping[str, str]) -> tuple[str, ...] | None:
    found = next((four for four in wanted if all(name in names for name in four)), None)
    return None if found is None else tuple(names[name] for name in found)
