"""One writer a format: where each image's labels go inside the zip."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from annotation.core.formats import (
    coco,
    ctc,
    geff,
    imagej_rois,
    label_tiff,
    ome_tiff,
    track_table,
    trackmate,
)
from annotation.core.formats.base import Said
from annotation.core.tracks import tables
from annotation.models import ExportFormat
from annotation.selectors.measures import Measures
from annotation.selectors.stacks import Labelled
from backend.foundation.errors import Conflict


class CannotHold(Conflict):
    """The format cannot hold these labels."""


def write(*, format: ExportFormat, folder: Path, labelled: Sequence[Labelled]) -> list[str]:
    """Write all images' labels below `folder`; answers sentences about what the format could not hold."""
    return WRITERS[format](folder, labelled)


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


def _trackmate(folder: Path, labelled: Sequence[Labelled]) -> list[str]:
    """`x.xml` for each image x, beside `x.ome.tif`, which it names."""
    for place, each in _places(labelled):
        picture = _file(folder, f"{place}.ome.tif")
        ome_tiff.write_image(picture, each.source())
        trackmate.write(_file(folder, f"{place}.xml"), each.stack, image_name=picture.name)
    return []


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
    return []


def _imagej_rois(folder: Path, labelled: Sequence[Labelled]) -> list[str]:
    """`x_rois.zip` for each image x."""
    for place, each in _places(labelled):
        imagej_rois.write(_file(folder, f"{place}_rois.zip"), each.stack)
    return []


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
    ExportFormat.MEASURES: _measures,
}


def _file(folder: Path, name: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _write_cells(path: Path, labelled: Sequence[Labelled]) -> None:
    """Class and mother of every cell, one line each, and what else people said, where they said anything: the
    class's way in the tree, further classes, doubt, and a column an attribute."""
    places = _places(labelled)
    several = [said for _, each in places for said in each.stack.said.values()]
    attributes = sorted({name for said in several for name in said.attributes})
    is_more = any(said.also or said.attributes or said.uncertain or " / " in said.path for said in several)
    more = ["class_path", "also", "uncertain", *attributes] if is_more else []
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["image", "cell", "class", "mother", *more])
        for place, each in places:
            for cell in sorted(each.stack.cells):
                known = each.stack
                row = [place, cell, known.classes.get(cell, ""), known.mothers.get(cell, "")]
                table.writerow([*row, *_more(known.said.get(cell, Said()), attributes)] if more else row)


def _more(said: Said, attributes: Sequence[str]) -> list[object]:
    values = [said.attributes.get(name, "") for name in attributes]
    return [said.path, "; ".join(said.also), "yes" if said.uncertain else "", *values]


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
