"""Writes labels in the layout of the Cell Tracking Challenge: 16-bit masks and a file of tracks.

A track is in every frame from its first to its last, its parent ends before it begins, labels fit 16 bits.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tifffile import imwrite

from annotation.core.formats import told_cells
from annotation.core.formats.base import ImageSource, LabelStack

LARGEST_LABEL = 65_535
FACTS = "facts.json"


class TooManyTracks(ValueError):
    """More tracks than a 16-bit label image can number."""


@dataclass
class _Numbering:
    """Gives each stretch of consecutive frames of a cell a label of its own, as the layout wants it."""

    taken: set[int]
    keep: bool
    label: dict[int, int]
    first: dict[int, int]
    last: dict[int, int]
    cell: dict[int, int]
    parent: dict[int, int]
    next_free: int

    @classmethod
    def over(cls, cells: Collection[int]) -> "_Numbering":
        top = max(cells, default=0)
        keep = top <= LARGEST_LABEL
        return cls(set(cells) if keep else set(), keep, {}, {}, {}, {}, {}, top + 1 if keep else 1)

    def at(self, cell: int, t: int) -> int:
        """The label of a cell present in frame t; frames must come in order."""
        label = self.label.get(cell)
        if label is not None and self.last[label] >= t - 1:
            self.last[label] = t
            return label
        return self._begin(cell, t, label)

    def _begin(self, cell: int, t: int, before: int | None) -> int:
        label = cell if self.keep and before is None else self._free()
        self.label[cell], self.cell[label] = label, cell
        self.first[label] = self.last[label] = t
        self.parent[label] = before or 0
        return label

    def _free(self) -> int:
        if len(self.taken) >= LARGEST_LABEL:
            raise TooManyTracks(
                f"There are more than {LARGEST_LABEL} tracks; this layout cannot number them."
            )
        while self.next_free in self.taken or self.next_free > LARGEST_LABEL:
            self.next_free = self.next_free % LARGEST_LABEL + 1
        self.taken.add(self.next_free)
        return self.next_free


def write(
    root: Path,
    labels: LabelStack,
    *,
    image: ImageSource | None = None,
    sequence: str = "01",
    result: bool = False,
) -> list[str]:
    """Write a sequence: `01_GT` (TRA and SEG) or, with `result`, `01_RES`; frames too when an image is given.

    Cells keep their numbers where the largest fits into 16 bits, else all are numbered anew; a cell that is
    away for some frames becomes two tracks, the second with the first as parent. `cells.csv` says which label
    was which cell where they differ, `fusions.csv` which cell took up which, `facts.json` what people said
    of cells. Returns sentences about what
    this layout could not hold. Raises TooManyTracks.
    """
    folder = root / f"{sequence}_RES" if result else root / f"{sequence}_GT" / "TRA"
    folder.mkdir(parents=True, exist_ok=True)
    segments = root / f"{sequence}_GT" / "SEG"
    numbering, lost = _Numbering.over(labels.cells), 0
    digits = max(3, len(str(labels.shape_tzyx[0] - 1)))
    for t in range(labels.shape_tzyx[0]):
        volume, hidden = _volume_at(labels, t, numbering)
        lost += hidden
        stem = f"mask{t:0{digits}}.tif" if result else f"man_track{t:0{digits}}.tif"
        _write_volume(folder / stem, volume)
        if not result:
            segments.mkdir(exist_ok=True)
            _write_volume(segments / f"man_seg{t:0{digits}}.tif", volume)
    notes = _write_tracks(folder, numbering, labels.mothers, result=result)
    notes += _write_fusions(folder / "fusions.csv", labels.merged)
    _write_facts(folder / FACTS, labels)
    if image is not None:
        _write_frames(root / sequence, image, digits)
    if lost:
        notes.append(f"Where cells overlap ({lost} px), only the cell with the lowest number was kept.")
    return notes


def _volume_at(labels: LabelStack, t: int, numbering: _Numbering) -> tuple[NDArray[np.uint16], int]:
    """Labels (z, y, x) of frame t in the numbers of the files, and how many memberships were left out."""
    planes = [labels.read(t, z) for z in range(labels.shape_tzyx[1])]
    volume = np.stack([several[0] for several in planes])
    lost = sum(int(np.count_nonzero(several[1:])) for several in planes)
    cells, inverse = np.unique(volume, return_inverse=True)
    names = [numbering.at(int(cell), t) if cell else 0 for cell in cells]
    return np.asarray(names, np.uint16)[inverse].reshape(volume.shape), lost


def _write_volume(path: Path, volume: NDArray[np.uint16]) -> None:
    data, axes = (volume[0], "YX") if len(volume) == 1 else (volume, "ZYX")
    imwrite(path, data, photometric="minisblack", compression="zlib", metadata={"axes": axes})


def _write_frames(folder: Path, image: ImageSource, digits: int) -> None:
    """The first channel of every frame, for which the layout has room, and each other one in a folder of its
    own: `01_C2`, `01_C3` … with the names of all in `01_channels.txt`."""
    names = image.channel_names
    if len(names) > 1:
        told = "".join(f"{' '.join(name.split())}\n" for name in names)
        folder.with_name(f"{folder.name}_channels.txt").write_text(told, encoding="utf-8")
    for c in range(image.shape_tczyx[1]):
        place = folder if c == 0 else folder.with_name(f"{folder.name}_C{c + 1}")
        _write_channel(place, image, c, digits)


def _write_channel(folder: Path, image: ImageSource, c: int, digits: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    size_t, _, size_z, _, _ = image.shape_tczyx
    for t in range(size_t):
        volume = np.stack([image.read_plane(t, c, z) for z in range(size_z)])
        data, axes = (volume[0], "YX") if size_z == 1 else (volume, "ZYX")
        imwrite(
            folder / f"t{t:0{digits}}.tif",
            data,
            photometric="minisblack",
            compression="zlib",
            metadata={"axes": axes},
        )


def _write_tracks(
    folder: Path, numbering: _Numbering, mothers: Mapping[int, int], *, result: bool
) -> list[str]:
    first_label = {}
    for label in sorted(numbering.cell, key=lambda k: -numbering.first[k]):
        first_label[numbering.cell[label]] = label
    broken = []
    for daughter in mothers.keys() & first_label.keys():
        begins, parent = first_label[daughter], numbering.label.get(mothers[daughter])
        if parent is None or numbering.last[parent] >= numbering.first[begins]:
            broken.append(daughter)
        else:
            numbering.parent[begins] = parent
    lines = [
        f"{k} {numbering.first[k]} {numbering.last[k]} {numbering.parent[k]}" for k in sorted(numbering.cell)
    ]
    (folder / ("res_track.txt" if result else "man_track.txt")).write_text(
        "".join(f"{line}\n" for line in lines)
    )
    _write_names(folder / "cells.csv", numbering.cell)
    names = ", ".join(map(str, sorted(broken)))
    return [f"The mother of cell {names} was left out, because it does not end before."] if broken else []


def _write_fusions(path: Path, merged: Mapping[int, int]) -> list[str]:
    """A track of this layout has one parent: what merges just ends, and a table beside it says where to."""
    if not merged:
        return []
    rows = "".join(f"{cell},{into}\n" for cell, into in sorted(merged.items()))
    path.write_text(f"cell,merged_into\n{rows}", encoding="utf-8")
    return [
        f"{len(merged)} cells merge into others. This layout has no fusions: their tracks just end, and its "
        "scores do not see them; fusions.csv says which cell took each up."
    ]


def _write_facts(path: Path, labels: LabelStack) -> None:
    """What people said of cells, for which this layout has no place."""
    book = told_cells.book(labels)
    if book:
        path.write_text(json.dumps(book, ensure_ascii=False), encoding="utf-8")


def _write_names(path: Path, cells: Mapping[int, int]) -> None:
    if any(label != cell for label, cell in cells.items()):
        rows = "".join(f"{label},{cell}\n" for label, cell in sorted(cells.items()))
        path.write_text(f"label,cell\n{rows}", encoding="utf-8")
