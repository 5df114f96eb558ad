"""Outlines of cells over time as ImageJ's regions in a zip, `<frame>-<cell>.roi`, frames from 1, as its ROI
manager opens them. Coordinates of ImageJ have the middle of the first pixel at 0.5.
"""

import re
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
from roifile import ImagejRoi

from annotation.core.formats import tracked
from annotation.core.formats.base import ImageSource, LabelStack, RefusedFile
from annotation.core.formats.tracked import Points, TrackedLabels, TrackedObject

NAME = re.compile(r"^0*(\d+)-0*(\d+)(?:-z0*(\d+))?(?:-\d+)?$")
MIDDLE = 0.5


def write(path: Path, labels: LabelStack) -> list[str]:
    """One zip for a movie; a cell in several pieces has several regions. Holes are filled."""
    deep, holes = labels.shape_tzyx[1] > 1, Counter[int]()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for t, z, planes in labels.frames():
            times: Counter[int] = Counter()
            for cell, ring in tracked.outlines(planes, holes):
                times[cell] += 1
                more = f"-{times[cell]}" if times[cell] > 1 else ""
                name = f"{t + 1:04}-{cell:04}{f'-z{z + 1:03}' if deep else ''}{more}"
                archive.writestr(f"{name}.roi", _region(ring, name, t, z))
    return tracked.filled(holes)


def _region(ring: Points, name: str, t: int, z: int) -> bytes:
    region = ImagejRoi.frompoints(ring[:-1, ::-1] + MIDDLE, name=name)
    region.t_position, region.z_position, region.c_position = t + 1, z + 1, 1
    return bytes(region.tobytes())


def is_rois(path: Path) -> bool:
    """Whether a zip holds regions and nothing else."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
    return bool(names) and all(name.lower().endswith(".roi") for name in names)


def frames_in(path: Path) -> int:
    """The last frame that the names of a zip's regions tell of; 0 when they tell none."""
    with zipfile.ZipFile(path) as archive:
        told = [NAME.match(Path(name).stem) for name in archive.namelist()]
    return max((int(match[1]) for match in told if match), default=0)


def read(path: Path, image: ImageSource) -> TrackedLabels:
    """Regions as cells; where names do not tell frame and cell, each is a cell of its own in the frame that
    the region itself names. Raises RefusedFile.
    """
    rings: dict[tuple[int, int, int | None], list[Points]] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for number, name in enumerate(archive.namelist(), start=1):
                region = ImagejRoi.frombytes(archive.read(name))
                rings.setdefault(_place(Path(name).stem, region, number), []).extend(_rings(region))
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise RefusedFile(path, f"it holds no regions that can be read: {error}") from error
    objects = [
        TrackedObject(t, cell, z, outlines=tuple(several))
        for (t, cell, z), several in sorted(rings.items(), key=_order)
        if several
    ]
    return tracked.fitted(path, objects, {}, image)


def _order(row: tuple[tuple[int, int, int | None], list[Points]]) -> tuple[int, int, int]:
    t, cell, z = row[0]
    return t, cell, -1 if z is None else z


def _place(stem: str, region: ImagejRoi, number: int) -> tuple[int, int, int | None]:
    """(frame from 0, cell, slice from 0 or None)"""
    match = NAME.match(stem)
    if match and int(match[1]) and int(match[2]):
        return int(match[1]) - 1, int(match[2]), int(match[3]) - 1 if match[3] else None
    t = region.t_position or region.position or 1
    return max(t - 1, 0), number, region.z_position - 1 if region.z_position > 1 else None


def _rings(region: ImagejRoi) -> list[Points]:
    """The region's outlines as y, x, the middle of a pixel in whole numbers; lines and points have none."""
    told = region.coordinates(multi=True)
    several = told if isinstance(told, list) else [told]
    return [np.asarray(one, float)[:, ::-1] - MIDDLE for one in several if one is not None and len(one) >= 3]
