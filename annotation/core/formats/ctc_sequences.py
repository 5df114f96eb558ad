"""Tracked sequences in the layout of the Cell Tracking Challenge below a folder, with frames or without, as
scores want them. `annotation.core.formats.ctc` reads the same layout for imports.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.core.formats import ctc, sources

TRACK_FILES = ("man_track.txt", "res_track.txt")
IGNORED = re.compile(r"^ignore(\d{3,})\.tiff?$", re.IGNORECASE)
LABEL_ENDING = re.compile(r"_(GT|ST|RES)$", re.IGNORECASE)


@dataclass(frozen=True)
class TrackedSequence:
    """The files of one sequence: masks by frame, outlines by (frame, z or None), {daughter: mother}, and
    pictures of where nobody looked, by frame."""

    place: Path
    masks: Mapping[int, Path]
    outlines: Mapping[tuple[int, int | None], Path]
    mothers: Mapping[int, int]
    unseen: Mapping[int, Path]

    def labels(self, frame: int) -> NDArray[np.int64]:
        """Numbers of tracks (z, y, x) in a frame. Raises RefusedFile."""
        return read_labels(self.masks[frame])

    def ignored(self, frame: int) -> NDArray[np.bool_] | None:
        """Where nobody looked for cells (z, y, x), of `IGNORE/ignore000.tif`. Raises RefusedFile."""
        return read_labels(self.unseen[frame]) > 0 if frame in self.unseen else None


def find(root: Path) -> dict[str, TrackedSequence]:
    """{name: sequence} of every track file below a folder; `01_GT/TRA` and `01_RES` are both called `01`, a
    folder that is a result itself has the empty name. Raises RefusedFile for a broken track file.
    """
    found = {}
    for path in sorted(p for name in TRACK_FILES for p in root.rglob(name)):
        tracked = path.parent
        place = tracked.parent if tracked.name == "TRA" else tracked
        found[_name(place, root)] = _sequence(place, tracked, path)
    return found


def _name(place: Path, root: Path) -> str:
    relative = place.relative_to(root)
    return "" if relative == Path() else LABEL_ENDING.sub("", relative.as_posix())


def _sequence(place: Path, tracked: Path, track_file: Path) -> TrackedSequence:
    lines = ctc.read_tracks(track_file)
    mothers = {track.label: track.parent for track in lines.values() if track.parent}
    outlines = {
        (int(match[1]), None if match[2] is None else int(match[2])): path
        for path in sorted((place / "SEG").iterdir() if (place / "SEG").is_dir() else ())
        if (match := ctc.SEG_MASK.match(path.name))
    }
    unseen = {
        int(match[1]): path
        for path in sorted((place / "IGNORE").iterdir() if (place / "IGNORE").is_dir() else ())
        if (match := IGNORED.match(path.name))
    }
    return TrackedSequence(place, ctc.masks_by_frame(tracked), outlines, mothers, unseen)


def read_labels(path: Path) -> NDArray[np.int64]:
    """A label file as (z, y, x). Raises RefusedFile."""
    source = sources.open_image(path)
    t, c, z, _, _ = source.shape_tczyx
    planes: list[NDArray[Any]] = [
        source.read_plane(i, j, k) for i in range(t) for j in range(c) for k in range(z)
    ]
    return np.stack(planes).astype(np.int64)
