"""One writer a format: where each image's labels go inside the zip."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from annotation.core.formats import (
    coco,
    ctc,
    geff,
    geojson,
    imagej_rois,
    label_tiff,
    ome_tiff,
    told_cells,
    track_table,
    trackmate,
)
from annotation.core.tracks import tables
from annotation.models import ExportFormat
from annotation.selectors.measures import Measures
from annotation.selectors.stacks import Labelled
from backend.foundation.errors import Conflict


class CannotHold(Conflict):
    """The format cannot hold these labels."""


def write(*, format: ExportFormat, folder: Path, labelled: Sequence[Labelled]) -> list[str]:
    """Write all images' labels below `folder`; answers sentences about what the format could not hold."""
    return [*WRITERS[format](folder, labelled), *_left_out(format, labelled)]


def _left_out(format: ExportFormat, labelled: Sequence[Labelled]) -> list[str]:
    """What is not in the files, and what only Cytoloop reads in them."""
    stacks = [each.stack for each in labelled]
    notes = []
    missing = told_cells.left_out(stacks, HOLDS[format])
    if missing:
        notes.append(f"Left out, because this format has no place for it: {missing}.")
    ignored = sum(len(each.whole.ignored) for each in labelled)
    if ignored and format not in WITH_IGNORED:
        notes.append(f"Left out: {ignored} ignored cell{'s' if ignored > 1 else ''}.")
    where, plainly = BESIDE.get(format, ("", frozenset()))
    beside = told_cells.left_out(stacks, plainly) if where else ""
    return [*notes, f"Only {where}: {beside}."] if beside else notes


def _label_tiff(folder: Path, labelled: Sequence[Labelled]) -> list[str]:
    """`x_labels.tif` for each image x, and what a picture cannot say in `cells.csv`."""
    notes: list[str] = []
    for place, each in _places(labelled):
        notes += label_tiff.write(_file(folder, f"{place}_labels.tif"), each.stack)
    _write_cells(folder / "cells.csv", labelled)
    return notes


def _ome_tiff(folder: Path, labelled: Sequence[Labelled]) -> list[str]:
    """`x.ome.tif` with its `x_labels.ome.tif`, and what a picture cannot say in `cells.csv`."""
    notes: list[str] = []
    for place, each in _places(labelled):
        ome_tiff.write_image(_file(folder, f"{place}.ome.tif"), each.source())
        notes += ome_tiff.write_labels(_file(folder, f"{place}_labels.ome.tif"), each.stack)
    _write_cells(folder / "cells.csv", labelled)
    return notes


def _ctc(folder: Path, labelled: Sequence[Labelled]) -> list[str]:
    """A folder for each image with sequence 01, its truth and its frames, so that any reader of the layout
    can take it."""
    notes: list[str] = []
    for place, each in _places(labelled):
        try:
            notes += ctc.write(folder / place, each.stack, image=each.source())
        except ctc.TooManyTracks as error:
            raise CannotHold(f"{each.image.name}: {error}") from error
    return notes


def _coco(folder: Path, labelled: Sequence[Labelled]) -> list[str]:
    """One `annotations.json` for all images; each is named after its place."""
    coco.write(
        folder / "annotations.json", (replace(each.whole, name=place) for place, each in _places(labelled))
    )
    return []


def _geojson(folder: Path, labelled: Sequence[Labelled]) -> list[str]:
    """`x.geojson` for each image x."""
    notes: list[str] = []
    for place, each in _places(labelled):
        notes += geojson.write(_file(folder, f"{place}{geojson.ENDING}"), each.whole)
    return notes


def _trackmate(folder: Path, labelled: Sequence[Labelled]) -> list[str]:
    """`x.xml` for each image x, beside `x.ome.tif`, which it names."""
    notes: list[str] = []
    for place, each in _places(labelled):
        picture = _file(folder, f"{place}.ome.tif")
        ome_tiff.write_image(picture, each.source())
        notes += trackmate.write(_file(folder, f"{place}.xml"), each.stack, image_name=picture.name)
    return notes


def _geff(folder: Path, labelled: Sequence[Labelled]) -> list[str]:
    """`x.geff` for each image x, with its labels beside it."""
    notes: list[str] = []
    for place, each in _places(labelled):
        notes += geff.write(_file(folder, f"{place}{geff.ENDING}"), each.stack)
    return notes


def _track_table(folder: Path, labelled: Sequence[Labelled]) -> list[str]:
    """`x_tracks.csv` for each image x."""
    for place, each in _places(labelled):
        track_table.write(_file(folder, f"{place}_tracks.csv"), each.stack)
    return ["Places and sizes alone: a table of tracks has no outlines."]


def _imagej_rois(folder: Path, labelled: Sequence[Labelled]) -> list[str]:
    """`x_rois.zip` for each image x."""
    notes: list[str] = []
    for place, each in _places(labelled):
        notes += imagej_rois.write(_file(folder, f"{place}_rois.zip"), each.stack)
    return notes


def _measures(folder: Path, labelled: Sequence[Labelled]) -> list[str]:
    """`x_measurements.parquet` for each image x, and the same as `.csv`."""
    for place, each in _places(labelled):
        facts = {"image": each.image.name, "revision": str(each.revision.number)}
        target = _file(folder, f"{place}_measurements.parquet")
        measured = Measures(revision=each.revision, image=each.image, class_names=each.class_names)
        tables.write_parquet(target, measured.frames(), facts=facts)
        tables.write_csv(target.with_suffix(".csv"), tables.read_parquet(target))
    return []


WRITERS: dict[ExportFormat, Callable[[Path, Sequence[Labelled]], list[str]]] = {
    ExportFormat.LABEL_TIFF: _label_tiff,
    ExportFormat.OME_TIFF: _ome_tiff,
    ExportFormat.CTC: _ctc,
    ExportFormat.COCO: _coco,
    ExportFormat.TRACKMATE: _trackmate,
    ExportFormat.GEFF: _geff,
    ExportFormat.TRACK_TABLE: _track_table,
    ExportFormat.IMAGEJ_ROI: _imagej_rois,
    ExportFormat.GEOJSON: _geojson,
    ExportFormat.MEASURES: _measures,
}

_SAID = frozenset({"class", "tree", "also", "attributes", "uncertain"})
_GRAPH = frozenset({"mother", "merged"})
HOLDS: dict[ExportFormat, frozenset[str]] = {
    ExportFormat.LABEL_TIFF: _SAID | _GRAPH,
    ExportFormat.OME_TIFF: _SAID | _GRAPH,
    ExportFormat.CTC: told_cells.EVERYTHING,
    ExportFormat.COCO: told_cells.EVERYTHING,
    ExportFormat.TRACKMATE: told_cells.EVERYTHING,
    ExportFormat.GEFF: told_cells.EVERYTHING,
    ExportFormat.TRACK_TABLE: _SAID | _GRAPH,
    ExportFormat.IMAGEJ_ROI: frozenset(),
    ExportFormat.GEOJSON: told_cells.EVERYTHING,
    ExportFormat.MEASURES: _SAID | {"mother"},
}
"""What each format can say of cells, in itself or in a file beside it."""

WITH_IGNORED = {ExportFormat.COCO, ExportFormat.GEOJSON}
BESIDE: dict[ExportFormat, tuple[str, frozenset[str]]] = {
    ExportFormat.CTC: ("in TRA/facts.json, which other programs pass over", _GRAPH),
    ExportFormat.TRACKMATE: ("in an element of its own, which TrackMate drops when it saves", _GRAPH),
    ExportFormat.GEFF: ("in the group's extra metadata, which other programs pass over", _GRAPH),
    ExportFormat.COCO: ("in fields that other programs pass over", frozenset({"class"})),
    ExportFormat.GEOJSON: ("in members that other programs pass over", frozenset({"class", "locked"})),
}
"""Where the rest is that only Cytoloop reads, and what everybody does."""


def _file(folder: Path, name: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _write_cells(path: Path, labelled: Sequence[Labelled]) -> None:
    """Class and mother of every cell, one line each, and what else people said, where they said anything: the
    class's way in the tree, further classes, doubt, and a column an attribute."""
    places = _places(labelled)
    merges = ["merged_into"] if any(each.stack.merged for _, each in places) else []
    more = told_cells.columns(each.stack for _, each in places)
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["image", "cell", "class", "mother", *merges, *more])
        for place, each in places:
            for cell in sorted(each.stack.cells):
                known = each.stack
                row = [place, cell, known.classes.get(cell, ""), known.mothers.get(cell, "")]
                into = [known.merged.get(cell, "") for _ in merges]
                table.writerow([*row, *into, *told_cells.row(known, cell, more)])


def _places(labelled: Sequence[Labelled]) -> list[tuple[str, Labelled]]:
    """A relative place for each image, named after it; names that meet get a number."""
    taken: set[str] = set()
    places = []
    for each in labelled:
        plain = (
            "/".join(part for part in each.image.name.split("/") if part not in ("", ".", "..")) or "image"
        )
        names = (plain, *(f"{plain}-{i}" for i in range(2, len(labelled) + 2)))
        place = next(name for name in names if name.casefold() not in taken)
        taken.add(place.casefold())
        places.append((place, each))
    return places
