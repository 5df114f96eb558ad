"""Tracks as a table, CSV: a line for each cell in each frame. Written for everyone; read by the names that
TrackMate, CellProfiler, btrack, laptrack and people give to columns.
"""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from annotation.core.formats import told_cells, tracked
from annotation.core.formats.base import ImageSource, LabelStack, RefusedFile
from annotation.core.formats.tracked import TrackedLabels, TrackedObject

COLUMNS = ("t", "cell", "mother", "class", "z", "y", "x", "area_px")
CELL = ("cell", "track_id", "trackid", "track", "particle", "id", "label", "cell_id", "tracking_id")
FRAME = ("t", "frame", "position_t", "time", "imagenumber", "timepoint")
PLACES = {
    "z": ("z", "position_z", "z_px"),
    "y": ("y", "position_y", "y_px", "location_center_y", "centroid_y"),
    "x": ("x", "position_x", "x_px", "location_center_x", "centroid_x"),
}
MOTHER = ("mother", "parent", "parent_id", "parent_track_id")
CLASS = ("class", "class_name", "cell_type", "celltype", "phenotype", "category")
MERGED, TOLD = "merged_into", ("class_path", "also", "uncertain")
RADIUS, AREA = ("radius", "radius_px"), ("area_px", "area", "areashape_area")


def write(path: Path, labels: LabelStack) -> list[str]:
    """One movie; places are the middles of cells in px, mother 0 is none."""
    lineage = tracked.graph_of(labels)
    rows = zip(
        lineage.t.tolist(),
        lineage.cell.tolist(),
        lineage.at_zyx.tolist(),
        lineage.area_px.tolist(),
        strict=True,
    )
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        merges = (MERGED,) if labels.merged else ()
        more = told_cells.columns([labels])
        table.writerow((*COLUMNS, *merges, *more))
        for t, cell, place, area in rows:
            told = (labels.mothers.get(cell, 0), labels.classes.get(cell, ""))
            into = [labels.merged.get(cell, 0) for _ in merges]
            table.writerow((t, cell, *told, *place, area, *into, *told_cells.row(labels, cell, more)))
    return []


def is_tracks(path: Path) -> bool:
    """Whether a table has cells, frames and places."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            names = _names(next(csv.reader(file), []))
    except (OSError, UnicodeDecodeError, csv.Error):
        return False
    return all(_of(names, wanted) is not None for wanted in (CELL, FRAME, PLACES["y"], PLACES["x"]))


def read(path: Path, image: ImageSource) -> TrackedLabels:
    """Lines as discs of their radius, or of the size of their area. Raises RefusedFile."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
        objects, mothers = _objects(rows)
        of_cell = {int(one.cell): line for one, line in zip(objects, rows, strict=True)}
        merged = {
            cell: _whole(line[MERGED]) for cell, line in of_cell.items() if (line.get(MERGED) or "0") != "0"
        }
    except (OSError, ValueError, csv.Error) as error:
        raise RefusedFile(path, f"it is no table of tracks that can be read: {error}") from error
    kind = _of(_names(list(rows[0])), CLASS)
    classes = {cell: line[kind] for cell, line in of_cell.items() if kind and line[kind]}
    note = tracked.not_read(_others(list(rows[0])))
    return tracked.fitted(path, objects, mothers, image, note, merged, classes, told_cells.of_rows(of_cell))


def _others(header: Sequence[str]) -> set[str]:
    """Columns that nothing is made of."""
    wanted = [*PLACES.values(), CELL, FRAME, MOTHER, RADIUS, AREA, CLASS, (MERGED, *TOLD)]
    names = _names(header)
    taken = {_of(names, several) for several in wanted} | {names.get(name) for name in (MERGED, *TOLD)}
    return {name for name in header if name not in taken and not name.startswith(told_cells.ATTRIBUTE)}


def _objects(rows: Sequence[Mapping[str, str]]) -> tuple[list[TrackedObject], dict[int, int]]:
    names = _names(list(rows[0])) if rows else {}
    cell, frame, mother = (_of(names, wanted) for wanted in (CELL, FRAME, MOTHER))
    z, y, x = (_of(names, PLACES[axis]) for axis in "zyx")
    if cell is None or frame is None or y is None or x is None:
        raise ValueError("it lacks a column of cells, frames or places")
    radius, area = _of(names, RADIUS), _of(names, AREA)
    # numbers of cells that begin with 0, and frames that begin with 1, are moved by one
    first_cell = min(_whole(row[cell]) for row in rows)
    move = 1 - first_cell if first_cell < 1 else 0
    late = int(names.get("imagenumber") == frame)
    objects, mothers = [], {}
    for row in rows:
        number = _whole(row[cell]) + move
        size = (
            float(row[radius])
            if radius
            else (float(row[area]) / 3.1416) ** 0.5
            if area
            else tracked.DEFAULT_RADIUS_PX
        )
        deep = float(row[z]) if z else None
        objects.append(
            TrackedObject(_whole(row[frame]) - late, number, deep, float(row[y]), float(row[x]), size)
        )
        if mother and row[mother] and _whole(row[mother]) > 0:
            mothers[number] = _whole(row[mother]) + move
    known = {one.cell for one in objects}
    return objects, {a: b for a, b in mothers.items() if b in known and a != b}


def _whole(text: str) -> int:
    value = float(text)
    if value != int(value):
        raise ValueError(f"{text} is no whole number")
    return int(value)


def _names(header: Sequence[str]) -> dict[str, str]:
    """{plain name: name in the file}"""
    return {name.strip().lower().replace(" ", "_"): name for name in header}


def _of(names: Mapping[str, str], wanted: Sequence[str]) -> str | None:
    return next((names[name] for name in wanted if name in names), None)
