"""The layout of the Cell Tracking Challenge, in and out.

`01/t000.tif …` are the frames; `01_GT/TRA/man_track000.tif` with `man_track.txt` the tracks; `01_GT/SEG` and
`01_ST/SEG` segmentations; `01_RES/mask000.tif` with `res_track.txt` a result. A track file has lines
`L B E P`: label, first frame, last frame, parent or 0. Rules: https://celltrackingchallenge.net
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotation.core.formats import channel_files, sources, told_cells
from annotation.core.formats.base import ImageSource, LabelFrame, RefusedFile, default_channels
from annotation.core.formats.ctc_writing import FACTS, TooManyTracks, write
from annotation.core.formats.label_images import check_plane
from annotation.core.formats.told_cells import Told

__all__ = [
    "CtcLabels",
    "TooManyTracks",
    "Track",
    "channel_folders",
    "frames",
    "grow_markers",
    "is_sequence",
    "label_folder",
    "masks_by_frame",
    "open_frames",
    "open_labels",
    "read_tracks",
    "write",
]

FRAME = re.compile(r"^t(\d{3,})\.tiff?$", re.IGNORECASE)
SEQUENCE = re.compile(r"^\d{2,}$")
TRACK_MASK = re.compile(r"^(?:man_track|mask)(\d{3,})\.tiff?$", re.IGNORECASE)
SEG_MASK = re.compile(r"^man_seg_?(\d{3,})(?:_(\d{3,}))?\.tiff?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Track:
    """One line of a track file; parent 0: none."""

    label: int
    first: int
    last: int
    parent: int


# ---------------------------------------------------------------- finding


def is_sequence(folder: Path) -> bool:
    """Whether a folder is a sequence such as `01` with `t000.tif` in it."""
    return bool(SEQUENCE.match(folder.name)) and any(FRAME.match(p.name) for p in folder.iterdir())


def frames(folder: Path) -> list[tuple[int, Path]]:
    """(number, file) of every frame of a sequence, ascending."""
    found = ((FRAME.match(path.name), path) for path in folder.iterdir())
    return sorted((int(match[1]), path) for match, path in found if match)


def channel_folders(folder: Path) -> list[Path]:
    """`01_C2`, `01_C3` …: the other channels of a sequence `01` as our own export writes them."""
    found: list[Path] = []
    while (other := folder.with_name(f"{folder.name}_C{len(found) + 2}")).is_dir():
        found.append(other)
    return found


def open_frames(paths: Sequence[Path], *, name: str) -> ImageSource:
    """The frames of a sequence with all its channels. Raises RefusedFile."""
    folder = paths[0].parent
    parts: list[ImageSource] = [sources.open_sequence(paths, name=name)]
    for other in channel_folders(folder):
        parts.append(sources.open_sequence([path for _, path in frames(other)], name=name))
        if parts[-1].shape_tczyx != parts[0].shape_tczyx:
            raise RefusedFile(other, f"this channel has other frames than {folder.name}")
    if len(parts) == 1:
        return parts[0]
    told = folder.with_name(f"{folder.name}_channels.txt")
    names = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
    return channel_files.of_parts(parts, names if len(names) == len(parts) else default_channels(len(parts)))


def label_folder(folder: Path) -> Path | None:
    """Where the labels of a sequence lie: its ground truth, else its silver truth, else a result."""
    for ending, inner in (("_GT", "TRA"), ("_GT", "SEG"), ("_ST", "SEG"), ("_RES", ".")):
        candidate = folder.with_name(folder.name + ending)
        if (candidate / inner).is_dir():
            return candidate
    return None


def read_tracks(path: Path) -> dict[int, Track]:
    """Tracks by label. Raises RefusedFile for a line that is not four numbers or says the impossible."""
    tracks: dict[int, Track] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            track = Track(*(int(word) for word in line.split()))
        except (ValueError, TypeError):
            raise RefusedFile(path, f"line {number} is not four whole numbers: {line.strip()[:60]}") from None
        if track.label < 1 or track.first > track.last or track.label in tracks:
            raise RefusedFile(path, f"line {number} is no possible track: {line.strip()[:60]}")
        tracks[track.label] = track
    _check_parents(path, tracks)
    return tracks


def _check_parents(path: Path, tracks: Mapping[int, Track]) -> None:
    for track in tracks.values():
        if track.parent and track.parent not in tracks:
            raise RefusedFile(
                path, f"track {track.label} has parent {track.parent}, which is not in the file"
            )
        if track.parent and tracks[track.parent].last >= track.first:
            raise RefusedFile(path, f"track {track.label} begins before its parent {track.parent} has ended")


# ---------------------------------------------------------------- reading


@dataclass(frozen=True)
class CtcLabels:
    """Labels of a sequence. Iterating gives (t, z, planes (1, y, x) uint32)."""

    image: ImageSource
    numbers: tuple[int, ...]  # the frame number in the file names of each time point
    tracks: Mapping[int, Path]
    segments: Mapping[tuple[int, int | None], Path]  # by (frame, z or None for the whole volume)
    names: Mapping[int, int]  # label in the files → cell
    mothers: dict[int, int]
    merged: Mapping[int, int]
    told: Told = field(default_factory=Told)

    @property
    def note(self) -> str:
        """What was done that the files do not say; nothing here."""
        return ""

    def __iter__(self) -> Iterator[LabelFrame]:
        next_cell = 1
        for t, number in enumerate(self.numbers):
            volume, next_cell = self._volume(number, next_cell)
            yield from ((t, z, volume[z][None]) for z in range(len(volume)))

    def _volume(self, number: int, next_cell: int) -> tuple[NDArray[np.uint32], int]:
        """Labels (z, y, x) of one frame. Without tracks the cells of each frame are new ones."""
        _, _, z, y, x = self.image.shape_tczyx
        segmented = self._segmented(number)
        if number in self.tracks:
            markers = self._renamed(_read_volume(self.tracks[number], (z, y, x)))
            return grow_markers(markers, segmented), next_cell
        if self.tracks:
            return np.zeros((z, y, x), np.uint32), next_cell
        moved = np.where(segmented > 0, segmented + (next_cell - 1), 0).astype(np.uint32)
        return moved, max(next_cell, int(moved.max(initial=0)) + 1)

    def _renamed(self, volume: NDArray[np.uint32]) -> NDArray[np.uint32]:
        if not self.names:
            return volume
        lookup = np.arange(max(int(volume.max()), *self.names) + 1, dtype=np.uint32)
        lookup[list(self.names)] = list(self.names.values())
        return lookup[volume]

    def _segmented(self, number: int) -> NDArray[np.uint32]:
        _, _, z, y, x = self.image.shape_tczyx
        volume = np.zeros((z, y, x), np.uint32)
        if (number, None) in self.segments:
            volume = _read_volume(self.segments[number, None], (z, y, x))
        for depth in range(z):
            if (number, depth) in self.segments:
                volume[depth] = _read_volume(self.segments[number, depth], (1, y, x))[0]
        return volume


def grow_markers(markers: NDArray[np.uint32], segmented: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Track markers with the outlines of a segmentation, both (z, y, x).

    Each segment takes the number of the marker it shares most pixels with, one segment a marker; a marker
    without a segment stays as it is, a segment without a marker is left out.
    """
    both = (markers > 0) & (segmented > 0)
    if not both.any() or np.array_equal(markers, segmented):
        return markers
    pairs, counts = np.unique(np.stack((segmented[both], markers[both])), axis=1, return_counts=True)
    result = markers.copy()
    taken: set[int] = set()
    for i in np.argsort(-counts, kind="stable"):
        segment, marker = int(pairs[0, i]), int(pairs[1, i])
        if segment not in taken and -marker not in taken:
            taken.update((segment, -marker))
            result[(segmented == segment) & (markers == 0)] = marker
    return result


def _read_volume(path: Path, shape: tuple[int, int, int]) -> NDArray[np.uint32]:
    """A label file (z, y, x). Raises RefusedFile for another size or impossible numbers."""
    source = sources.open_image(path)
    t, c, z, y, x = source.shape_tczyx
    if (t * c * z, y, x) != shape:
        has, wants = " x ".join(map(str, (t * c * z, y, x))), " x ".join(map(str, shape))
        raise RefusedFile(path, f"the labels are {has} (z, y, x), the image is {wants}")
    planes = [source.read_plane(i, j, k) for i in range(t) for j in range(c) for k in range(z)]
    for plane in planes:
        check_plane(path, plane)
    return np.stack(planes).astype(np.uint32)


def open_labels(folder: Path, labels: Path, image: ImageSource) -> CtcLabels:
    """Labels of the sequence `folder` from its label folder (`01_GT`, `01_ST`, `01_RES`). Raises RefusedFile.

    Cells have the numbers of the track masks, outlines those of the segmentation where there is one. Every
    file is read once for the check.
    """
    numbers = tuple(number for number, _ in frames(folder))
    tracked = labels if (labels / "res_track.txt").exists() else labels / "TRA"
    tracks = _numbered(tracked, TRACK_MASK)
    text = next((p for p in (tracked / "man_track.txt", tracked / "res_track.txt") if p.exists()), None)
    lines = read_tracks(text) if text else {}
    names = _read_names(tracked / "cells.csv")
    mothers = _mothers(lines, names)
    result = CtcLabels(
        image, numbers, tracks, _segments(folder, labels), names, mothers, _read_fusions(tracked),
        told_cells.read_file(tracked / FACTS),
    )  # fmt: skip
    for _ in result:
        pass
    return result


def masks_by_frame(folder: Path) -> dict[int, Path]:
    """{frame: file} of the tracks in a folder, `man_track000.tif` or `mask000.tif`."""
    return _numbered(folder, TRACK_MASK)


def _numbered(folder: Path, pattern: re.Pattern[str]) -> dict[int, Path]:
    if not folder.is_dir():
        return {}
    found = ((pattern.match(path.name), path) for path in sorted(folder.iterdir()))
    return {int(match[1]): path for match, path in found if match}


def _segments(folder: Path, labels: Path) -> dict[tuple[int, int | None], Path]:
    """Silver truth first, replaced by hand-made segmentation where both exist."""
    found: dict[tuple[int, int | None], Path] = {}
    for place in (folder.with_name(folder.name + "_ST") / "SEG", labels / "SEG"):
        for path in sorted(place.iterdir()) if place.is_dir() else ():
            if match := SEG_MASK.match(path.name):
                found[int(match[1]), None if match[2] is None else int(match[2])] = path
    return found


def _mothers(tracks: Mapping[int, Track], names: Mapping[int, int]) -> dict[int, int]:
    pairs = (
        (names.get(t.label, t.label), names.get(t.parent, t.parent)) for t in tracks.values() if t.parent
    )
    return {cell: mother for cell, mother in pairs if cell != mother}


def _read_fusions(folder: Path) -> dict[int, int]:
    """Which cell took up which, where our own export says so."""
    path = folder / "fusions.csv"
    if not path.exists():
        return {}
    rows = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    try:
        return {int(row["cell"]): int(row["merged_into"]) for row in rows}
    except (KeyError, TypeError, ValueError) as error:
        raise RefusedFile(path, f"it is no table of cells that merge: {error}") from error


def _read_names(path: Path) -> dict[int, int]:
    """Which cell each label was, where our own export had to write other numbers."""
    if not path.exists():
        return {}
    rows = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()[1:] if line]
    return {int(label): int(cell) for label, cell in rows}
