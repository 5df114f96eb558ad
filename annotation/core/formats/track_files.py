"""Files of tracks beside images: TrackMate's XML, GEFF, tables of tracks, GeoJSON, ImageJ's regions as a zip.

A file belongs to the image of the same name, with `_tracks`, `_rois` or `_spots` behind it or not, in its own
folder; TrackMate's and GEFF say the name themselves. Images that are numbered frames (`x-0001.tif`) become
one movie where a zip `x.zip` of regions tells of as many. A graph beside an image that has its label picture
adds the mothers.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from annotation.core.formats import geff, geojson, imagej_rois, track_table, trackmate
from annotation.core.formats.base import ImageSource
from annotation.core.formats.plans import PAIRS, SINGLE, TRACKS, ImportPlan
from annotation.core.formats.tracked import TrackedLabels

WORD = re.compile(r"[_-](tracks?|rois?|roiset|spots)$", re.IGNORECASE)
NUMBERED = re.compile(r"^(.*?)[-_ ]?(\d{2,})$")
READERS = {
    ".xml": trackmate.read,
    ".csv": track_table.read,
    ".zip": imagej_rois.read,
    geojson.ENDING: geojson.read,
}


def read(path: Path, image: ImageSource) -> TrackedLabels:
    """The cells of an image that a file tells of. Raises RefusedFile."""
    return geff.read(path, image) if path.is_dir() else READERS[path.suffix.lower()](path, image)


def stem_of(path: Path) -> str | None:
    """The name of the image that a file of tracks belongs to, None where it holds none."""
    ending = path.suffix.lower()
    if ending == ".xml" and trackmate.is_trackmate(path):
        return trackmate.picture_of(path)
    if (ending == ".csv" and track_table.is_tracks(path)) or (ending == ".zip" and imagej_rois.is_rois(path)):
        return WORD.sub("", path.stem)
    if ending == geojson.ENDING and geojson.is_geojson(path):
        return WORD.sub("", path.stem)
    if geff.is_geff(path):
        return path.name.removesuffix(geff.ENDING)
    return None


def attach(plan: ImportPlan, folders: Sequence[Path]) -> None:
    """Give images the tracks that lie beside them; `folders` are those that were taken for such files."""
    beside = sorted({*(file.path for file in plan.ignored), *folders})
    for path in beside:
        stem = stem_of(path)
        taken = stem is not None and (_to_one(plan, path, stem) or _to_frames(plan, path, stem))
        if taken:
            plan.ignored[:] = [file for file in plan.ignored if file.path != path]


def _to_one(plan: ImportPlan, path: Path, stem: str) -> bool:
    """To the image of this name in the same folder."""
    for place, item in enumerate(plan.items):
        own = item.image[0]
        fits = own.parent == path.parent and own.stem.removesuffix(".ome") == stem and item.series == 0
        if fits and item.layout in (SINGLE, PAIRS) and not item.image_class and len(item.image) == 1:
            if item.layout == PAIRS:
                if not path.is_dir() or item.table is not None or geff.mothers_of_labels(path) is None:
                    continue
                plan.items[place] = replace(item, table=path)
                return True
            plan.items[place] = replace(item, labels=path, layout=TRACKS)
            return True
    return False


def _to_frames(plan: ImportPlan, path: Path, stem: str) -> bool:
    """To the images `x-0001`, `x-0002` … below the folder, which so become one movie."""
    if path.suffix.lower() != ".zip":
        return False
    found = []
    for item in plan.items:
        match = NUMBERED.match(item.image[0].stem)
        inside = path.parent in item.image[0].parents and item.layout == SINGLE and len(item.image) == 1
        if match and inside and match[1] == stem:
            found.append((int(match[2]), item))
    found.sort(key=lambda row: row[0])
    if len(found) < 2 or len(found) < imagej_rois.frames_in(path):
        return False
    items = [item for _, item in found]
    name = items[0].name.rsplit("/", 1)
    named = "/".join((*name[:-1], stem))
    movie = replace(
        items[0], name=named, group=named, image=tuple(i.image[0] for i in items), labels=path, layout=TRACKS
    )
    plan.items[plan.items.index(items[0])] = movie
    plan.items[:] = [item for item in plan.items if item not in items[1:]]
    return True
