"""Channels of one field in files of their own: `a_dapi.tif` beside `a_phase.tif`, or a folder a field."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.core.formats import sources
from annotation.core.formats.base import Facts, ImageSource, RefusedFile
from annotation.core.formats.plans import CHANNELS, SINGLE, ImportItem, ImportPlan

WORD = re.compile(
    r"(?<![a-z0-9])("
    r"dapi|hoechst(?:\d+)?|draq5|gfp|e?gfp|rfp|yfp|cfp|bfp|m?cherry|tomato|tritc|fitc|texas ?red|cy[357]|"
    r"alexa ?\d+|actin|phalloidin|tubulin|map2|nfh|lamin|er|mito|golgi|agp|rna|dna|nuclei|nuclear|membrane|"
    r"phase|phase[-_ ]contrast|bf|bright[-_ ]?field|dic|transmitted|trans|tl|pc|"
    r"fluo(?:rescence)?|confocal|widefield|max|mip|z[-_ ]?stack|stack|contrast|"
    r"c\d|ch[-_ ]?\d+|channel[-_ ]?\d+|w\d|input|target|source|signal"
    r")(?![a-z0-9])",
    re.IGNORECASE,
)
EXTRA = re.compile(r"^(confocal|widefield|max|mip|z[-_ ]?stack|stack|contrast)$", re.IGNORECASE)
"""Words that tell how a channel was taken, but are none by themselves."""
SIGNS = re.compile(r"[\s_\-.+()]+")
MOST_CHANNELS = 12


@dataclass(frozen=True, kw_only=True)
class ChannelFiles(Facts):
    """One image of several files, channel after channel; what has one slice is the same in every slice."""

    parts: tuple[ImageSource, ...]

    def read_plane(self, t: int, c: int, z: int) -> NDArray[Any]:
        """The plane (y, x) in the type of all."""
        for part in self.parts:
            if c < part.shape_tczyx[1]:
                plane = part.read_plane(t, c, z if part.shape_tczyx[2] > 1 else 0)
                return np.asarray(plane).astype(self.dtype, copy=False)
            c -= part.shape_tczyx[1]
        raise IndexError(c)


def open_channels(paths: Sequence[Path], names: Sequence[str]) -> ChannelFiles:
    """The files as one image. Raises RefusedFile naming the one that does not fit."""
    parts = [sources.open_image(path) for path in paths]
    first = max(parts, key=lambda part: part.shape_tczyx[2])
    t, _, z, y, x = first.shape_tczyx
    for path, part in zip(paths, parts, strict=True):
        if not _fits(part, first):
            raise RefusedFile(
                path, f"this channel is no {t} x {z} x {y} x {x} px (t, z, y, x) as the others are"
            )
    return of_parts(parts, names)


def of_parts(parts: Sequence[ImageSource], names: Sequence[str]) -> ChannelFiles:
    """Images that fit each other as channels of one, called by these names."""
    first = max(parts, key=lambda part: part.shape_tczyx[2])
    t, _, z, y, x = first.shape_tczyx
    told = [
        name if part.shape_tczyx[1] == 1 else f"{name} {channel}"
        for name, part in zip(names, parts, strict=True)
        for channel in part.channel_names
    ]
    return ChannelFiles(
        name=parts[0].name,
        shape_tczyx=(t, len(told), z, y, x),
        dtype=np.dtype(np.result_type(*(part.dtype for part in parts))),
        channel_names=tuple(told),
        pixel_size_zyx_um=first.pixel_size_zyx_um,
        frame_interval_s=first.frame_interval_s,
        axes_note="Each file was taken for one channel.",
        parts=tuple(parts),
    )


def _fits(part: ImageSource, first: ImageSource) -> bool:
    mine, theirs = part.shape_tczyx, first.shape_tczyx
    return mine[3:] == theirs[3:] and mine[0] == theirs[0] and mine[2] in (1, theirs[2])


def join(plan: ImportPlan, root: Path) -> None:
    """Make one item of the files whose names differ by the word for a channel only."""
    groups: dict[tuple[Path, str], list[tuple[ImportItem, str]]] = {}
    series = {item.image[0] for item in plan.items if item.series > 0}
    for item in plan.items:
        if item.layout == SINGLE and len(item.image) == 1 and item.image[0] not in series:
            folder, field, channel = _place(item.image[0], root)
            if channel:
                groups.setdefault((folder, field), []).append((item, channel))
    for (folder, field), found in groups.items():
        items, names = [item for item, _ in found], tuple(channel for _, channel in found)
        paths = tuple(item.image[0] for item in items)
        if not 1 < len(items) <= MOST_CHANNELS or not _openable(paths, names):
            continue
        inside = folder.relative_to(root).as_posix()
        name = "/".join(part for part in (inside, field) if part not in ("", ".")) or folder.name
        joined = replace(items[0], name=name, group=name, image=paths, layout=CHANNELS, channels=names)
        plan.items[plan.items.index(items[0])] = joined
        for item in items[1:]:
            plan.items.remove(item)


def _place(path: Path, root: Path) -> tuple[Path, str, str]:
    """(folder, field, channel) of a file; `dapi/a01.tif` as well as `a01_dapi.tif`, `` for no channel."""
    stem = path.stem.removesuffix(".ome")
    field, channel = split_name(stem)
    if channel:
        return path.parent, field, channel if field else stem
    over, word = split_name(path.parent.name)
    if word and not over and path.parent != root:
        return path.parent.parent, stem, path.parent.name
    return path.parent, stem, ""


def split_name(stem: str) -> tuple[str, str]:
    """(what is left of a name, the words for its channel): `a01_DAPI` → (`a01`, `DAPI`)."""
    spaced = SIGNS.sub(" ", stem)
    if all(EXTRA.match(word) for word in WORD.findall(spaced)):
        return stem, ""
    return "_".join(WORD.sub(" ", spaced).split()), "_".join(WORD.findall(spaced))


def _openable(paths: Sequence[Path], names: Sequence[str]) -> bool:
    try:
        open_channels(paths, names)
    except RefusedFile:
        return False
    return len(set(names)) == len(names)
