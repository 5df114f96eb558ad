"""One writer a format: where each image's labels go inside the zip."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from annotation.core.formats import coco, ctc, label_tiff, ome_tiff
from annotation.models import ExportFormat
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


WRITERS: dict[ExportFormat, Callable[[Path, Sequence[Labelled]], list[str]]] = {
    ExportFormat.LABEL_TIFF: _label_tiff,
    ExportFormat.OME_TIFF: _ome_tiff,
    ExportFormat.CTC: _ctc,
    ExportFormat.COCO: _coco,
}


def _file(folder: Path, name: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _write_cells(path: Path, labelled: Sequence[Labelled]) -> None:
    """Class and mother of every cell, one line each."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["image", "cell", "class", "mother"])
        for place, each in _places(labelled):
            for cell in sorted(each.stack.cells):
                table.writerow(
                    [place, cell, each.stack.classes.get(cell, ""), each.stack.mothers.get(cell, "")]
                )


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
