"""`cytoloop evaluate` of predicted channels: images of light beside those that were recorded."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from annotation.core import picture_scores
from annotation.core.formats import folder, sources
from annotation.core.formats.base import ImageSource, RefusedFile
from annotation.core.formats.plans import CHANNELS
from backend.cli.evaluate_tables import NotATable, Told, met, told_of

PREDICTED, UNCERTAINTY = " predicted", " uncertainty"
"""What `cytoloop predict` puts behind the names of channels."""


def holds_pictures(path: Path) -> bool:
    """Whether a file holds light, not labels: its values are no whole numbers."""
    try:
        return bool(np.issubdtype(sources.open_image(path).dtype, np.floating))
    except (ValueError, RefusedFile):
        return False


def judge(truth: Path, predicted: Mapping[str, Path]) -> Told:
    """Recorded images below a folder, also of a file a channel, beside the predicted files by stem. Channels
    are matched by name, else by place. Raises NotATable.
    """
    recorded = {(_stem(item, truth),): item for item in folder.plan_import(truth.resolve()).items}
    said = met(recorded, {(stem,): path for stem, path in predicted.items()})
    pairs = [(item, said[stem]) for stem, item in sorted(recorded.items(), key=_first) if stem in said]
    if not pairs:
        raise NotATable(f"No image of {truth} is found among the predicted ones by its name.")
    return _judge(pairs)


def _first(row: tuple[tuple[str], folder.ImportItem]) -> str:
    return row[0][0]


def _stem(item: folder.ImportItem, truth: Path) -> str:
    if item.layout == CHANNELS:
        return item.name
    path = item.image[0].relative_to(truth.resolve())
    return path.with_name(path.stem.removesuffix(".ome")).as_posix()


def _judge(pairs: Iterable[tuple[folder.ImportItem, Path]]) -> Told:
    tables = [_count(item, path) for item, path in pairs]
    return told_of(picture_scores.judge(tables), len(tables))


def _count(item: folder.ImportItem, path: Path) -> dict[str, dict[str, Any]]:
    try:
        right, said = folder.open_item(replace(item, labels=None)).source, sources.open_image(path)
        found: dict[str, dict[str, Any]] = {}
        size_t, _, size_z, _, _ = said.shape_tczyx
        deep = right.shape_tczyx[2]
        if right.shape_tczyx[0] != size_t or (deep != size_z and 1 not in (deep, size_z)):
            raise ValueError("they have other time points or slices")
        for name, c, d in _channels(right, said):
            unsure = _uncertainty_of(said, d)
            frames = [
                picture_scores.count(
                    np.asarray(right.read_plane(t, c, z), np.float32),
                    np.asarray(said.read_plane(t, d, z), np.float32),
                    sigma=None if unsure is None else np.asarray(said.read_plane(t, unsure, z), np.float32),
                )
                for t in range(size_t) for z in range(min(size_z, deep))
            ]  # fmt: skip
            found[name] = picture_scores.added(frames)
    except (ValueError, IndexError, RefusedFile) as error:
        raise NotATable(f"{item.name} and {path} cannot be compared: {error}") from error
    return found


def _channels(right: ImageSource, said: ImageSource) -> list[tuple[str, int, int]]:
    """(name, place in the truth, place in the prediction) of the channels that both have."""
    ours = {name: place for place, name in enumerate(right.channel_names)}
    theirs = {name: place for place, name in enumerate(said.channel_names)}
    if not ours.keys() & theirs.keys():
        theirs = {
            name.removesuffix(PREDICTED): place
            for name, place in theirs.items()
            if not name.endswith(UNCERTAINTY)
        }
    shared = [name for name in theirs if name in ours]
    if shared:
        return [(name, ours[name], theirs[name]) for name in shared]
    if len(ours) != len(theirs):
        raise ValueError(f"they have {len(ours)} and {len(theirs)} channels of other names")
    return [(name, c, d) for (name, d), c in zip(theirs.items(), ours.values(), strict=True)]


def _uncertainty_of(said: ImageSource, place: int) -> int | None:
    """The channel that says how unsure another one is, as `cytoloop predict` names it."""
    wanted = said.channel_names[place].removesuffix(PREDICTED) + UNCERTAINTY
    return said.channel_names.index(wanted) if wanted in said.channel_names else None
