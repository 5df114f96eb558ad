"""What a trained classifier remembers of single cells, and where each of them is to be seen."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from annotation.models import Image, Revision
from annotation.selectors import labels
from backend.foundation import storage
from backend.foundation.errors import NotFound
from training.contract.cell_memory import CELLS, CellMemory
from training.models import SnapshotItem, TrainedModel


class NothingRemembered(NotFound):
    """The model keeps no cells: it is no classifier, or older than this."""


@dataclass(frozen=True, kw_only=True)
class RememberedCell:
    """A cell of a training, validation or test image, on the labels that the model learned from."""

    image: Image
    revision: Revision
    t: int
    z: int
    cell: int
    box: tuple[int, int, int, int]
    truth: str
    told: str
    sure: float
    learned: bool
    likeness: float | None = None


@dataclass(frozen=True, kw_only=True)
class Extremes:
    """Of one class the cells that the model was least sure of, worst first, and surest of, best first."""

    name: str
    worst: list[RememberedCell] = field(default_factory=list)
    best: list[RememberedCell] = field(default_factory=list)


def extremes(*, trained_model: TrainedModel, most: int) -> list[Extremes]:
    """The worst and the best cells of each class. Raises NothingRemembered."""
    memory = open_memory(trained_model=trained_model)
    names = list(trained_model.settings.get("classes") or [])
    chosen = [memory.extremes(number, most) for number in range(len(names))]
    rows = np.concatenate([part for pair in chosen for part in pair] or [np.zeros(0, np.int64)])
    cells = _cells(trained_model, memory, rows.tolist())
    return [
        Extremes(name=name, worst=_of(cells, worst), best=_of(cells, best))
        for name, (worst, best) in zip(names, chosen, strict=True)
    ]


def most_alike(
    *, trained_model: TrainedModel, features: npt.NDArray[np.floating], most: int
) -> list[RememberedCell]:
    """The training cells most like one with these features, the likest first. Raises NothingRemembered."""
    memory = open_memory(trained_model=trained_model)
    rows, like = memory.nearest(features, most)
    likeness = dict(zip(rows.tolist(), like.tolist(), strict=True))
    return _of(_cells(trained_model, memory, rows.tolist(), likeness), rows)


def open_memory(*, trained_model: TrainedModel) -> CellMemory:
    """Raises NothingRemembered."""
    key = f"{trained_model.weights_key}/{CELLS}"
    if not storage.exists(key):
        raise NothingRemembered(
            f"{trained_model} remembers no cells: only classifiers do, and those trained before this was "
            "kept do not. Train it again."
        )
    return _read(key)


@lru_cache(maxsize=8)
def _read(key: str) -> CellMemory:
    """What lies beside a trained model's weights never changes."""
    return CellMemory.from_bytes(storage.get(key))


def revision_of(*, trained_model: TrainedModel, image: Image) -> Revision | None:
    """The labels of an image that the model learned from or was judged on, else the image's own newest."""
    item = SnapshotItem.objects.filter(snapshot__trained_models=trained_model, image=image).first()
    if item is not None and item.revision is not None:
        return item.revision
    return labels.head_revision(image.current_branch) if image.current_branch else None


def _of(cells: Mapping[int, RememberedCell], rows: Iterable[Any]) -> list[RememberedCell]:
    return [cells[int(row)] for row in rows if int(row) in cells]


def _cells(
    model: TrainedModel, memory: CellMemory, rows: list[int], likeness: Mapping[int, float] | None = None
) -> dict[int, RememberedCell]:
    """Row → cell; those whose image was deleted are left out."""
    names = list(model.settings.get("classes") or [])
    ids = {uuid.UUID(str(memory.image_ids[memory.image[row]])) for row in rows}
    items = SnapshotItem.objects.filter(snapshot__trained_models=model, image_id__in=ids)
    pinned = {item.image_id: item for item in items.select_related("image", "revision__branch")}
    found = {}
    for row in rows:
        item = pinned.get(uuid.UUID(str(memory.image_ids[memory.image[row]])))
        if item is None or item.revision is None:
            continue
        found[row] = RememberedCell(
            image=item.image,
            revision=item.revision,
            t=int(memory.frames[row, 0]),
            z=int(memory.frames[row, 1]),
            cell=int(memory.cells[row]),
            box=tuple(int(end) for end in memory.boxes[row]),  # type: ignore[arg-type]
            truth=names[int(memory.truth[row])],
            told=names[int(memory.told[row])],
            sure=float(memory.sure[row]),
            learned=bool(memory.learned[row]),
            likeness=(likeness or {}).get(row),
        )
    return found
