"""Which movies lie in a folder: files with several time points, sequences of the Cell Tracking Challenge, and
folders of pictures that are one frame each."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from annotation.core.formats import ctc, sources
from annotation.core.formats.base import ImageSource, RefusedFile
from annotation.core.formats.sources import IMAGE_ENDINGS
from backend.cli import saying
from backend.foundation.errors import NotFound

FRAME_NAME = re.compile(r"^(?:t|man_track|man_seg_?|mask)\d{3,}\.tiff?$", re.IGNORECASE)
LABEL_WORD = re.compile(r"(?:[_\- ](?:GT|ST|RES|masks?|labels?|tracks?))+$", re.IGNORECASE)
NUMBERS = re.compile(r"(\d+)")


class NoMovie(NotFound):
    """A folder holds no movie that can be read."""


def find_images(folder: Path, axes: str | None = None) -> dict[str, ImageSource]:
    """{name: movie} of pictures. Raises NoMovie."""
    if folder.is_dir():
        inside = [path for path in sorted(folder.iterdir()) if path.is_dir()]
        found = [path for path in (folder, *inside) if ctc.is_sequence(path)]
        if found:
            return {path.name: _sequence(path, [p for _, p in ctc.frames(path)]) for path in found}
    return _find(folder, axes)


def find_labels(folder: Path, axes: str | None = None) -> dict[str, ImageSource]:
    """{name: movie} of label images; `01_GT/TRA` has the name `01`, `x_masks.tif` the name `x`. Raises
    NoMovie."""
    if folder.is_dir():
        results = [path for path in sorted(folder.iterdir()) if path.is_dir() and ctc.is_sequence(path)]
        places = {path.name: ctc.label_folder(path) for path in results}
        known = {name: tracked(place) for name, place in places.items() if place is not None}
        if known:
            return {name: _sequence(place, _pictures(place)) for name, place in known.items()}
        inner = tracked(folder)
        if inner != folder:
            return {LABEL_WORD.sub("", folder.name): _sequence(inner, _pictures(inner))}
    return {LABEL_WORD.sub("", name): movie for name, movie in _find(folder, axes).items()}


def tracked(folder: Path) -> Path:
    """Where in a label folder such as `01_GT` the masks lie: with the tracks, else with the segmentation."""
    return next((folder / name for name in ("TRA", "SEG") if (folder / name).is_dir()), folder)


def _find(folder: Path, axes: str | None) -> dict[str, ImageSource]:
    if not folder.exists():
        raise NoMovie(f"There is no folder or file {folder}.")
    places = [folder] if folder.is_file() else [folder, *sorted(p for p in folder.rglob("*") if p.is_dir())]
    found: dict[str, ImageSource] = {}
    for place in places:
        found.update(_in_folder(place, folder, axes))
    if not found:
        raise NoMovie(f"There is no movie in {folder}: several frames in one file, or a folder of frames.")
    return found


def _in_folder(place: Path, root: Path, axes: str | None) -> Iterator[tuple[str, ImageSource]]:
    """Movies of one folder; `place` may be a single file."""
    frames = []
    for path in [place] if place.is_file() else _pictures(place):
        try:
            source = sources.open_image(path, stated_axes=axes)
        except RefusedFile as refused:
            saying.remark(f"Refused: {refused}")
            continue
        if FRAME_NAME.match(path.name) or source.shape_tczyx[0] == 1:
            frames.append(path)
        else:
            yield path.stem.removesuffix(".ome"), source
    if len(frames) > 1:
        yield (place.name if place != root else root.resolve().name), _sequence(place, frames)


def _pictures(folder: Path) -> list[Path]:
    """Image files of a folder in the order of the numbers in their names."""
    files = [path for path in folder.iterdir() if path.is_file() and path.suffix.lower() in IMAGE_ENDINGS]
    return sorted(files, key=lambda path: [int(p) if p.isdigit() else p for p in NUMBERS.split(path.name)])


def _sequence(folder: Path, frames: Sequence[Path]) -> ImageSource:
    try:
        return sources.open_sequence(frames, name=folder.name)
    except RefusedFile as refused:
        raise NoMovie(str(refused)) from refused
