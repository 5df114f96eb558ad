"""What the cells of an atlas are sorted by when people look through them: as they are at present."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from annotation.core import schema_changes
from annotation.models import AttributeKind, CellAttribute, CellHead
from backend.foundation import storage
from backend.foundation.errors import NotFound
from training.models import Atlas
from training.selectors import atlases
from training.selectors.atlases import VECTORS, NoSuchPoint

IGNORED, LOCKED, UNCERTAIN = 1, 2, 4
LIKES = 12  # neighbours that are asked about a cell's class
MOST_ANCHORS = 20_000  # of larger atlases, neighbours are sought among these
CHUNK = 1_000

Floats = NDArray[np.float32]


class NoSuchAttribute(NotFound):
    """The attribute is not one of the project's."""


class SortedBy(NamedTuple):
    """n cells: `quality` 0 … 1 (NaN: nobody said), `disagreement` 0 … 1 (NaN: no class), `flags` uint8."""

    quality: Floats
    disagreement: Floats
    flags: NDArray[np.uint8]


def sorted_by(*, atlas: Atlas) -> SortedBy:
    """Quality, how far a cell's class stands against those of its like, and flags, by number."""
    _, told = atlases.classes(atlas=atlas)
    quality = np.full(atlas.point_count, np.nan, np.float32)
    flags = np.zeros(atlas.point_count, np.uint8)
    for branch_id, rows in atlases.numbers_by_branch(atlas).items():
        heads = CellHead.objects.filter(branch_id=branch_id, exists=True)
        columns = ("cell", "state__quality", "state__ignored", "state__locked", "state__uncertain")
        for cell, known, ignored, locked, uncertain in heads.values_list(*columns):
            number = rows.get(cell)
            if number is not None:
                quality[number] = np.nan if known is None else known
                flags[number] = IGNORED * ignored + LOCKED * locked + UNCERTAIN * uncertain
    return SortedBy(quality, disagreement(vectors(atlas=atlas), told), flags)


class ToldAttribute(NamedTuple):
    """Of n cells what one attribute says: places in `texts`, or for a number the number itself (then `texts`
    is empty); None where nobody said."""

    texts: list[str]
    told: list[float | None]


def attribute(*, atlas: Atlas, attribute_id: UUID) -> ToldAttribute:
    """The values of an attribute of the atlas's project, as they are at present. Raises NoSuchAttribute."""
    known = CellAttribute.objects.filter(project=atlas.project_id, pk=attribute_id).first()
    if known is None:
        raise NoSuchAttribute("The project has no such attribute.")
    values = _values(atlas, str(attribute_id))
    if known.kind == AttributeKind.NUMBER:
        numbers = {number: float(value) for number, value in values.items() if not isinstance(value, str)}
        return ToldAttribute([], [numbers.get(number) for number in range(atlas.point_count)])
    words = {number: schema_changes.text_of(value) for number, value in values.items()}
    fixed = {AttributeKind.FLAG: ["false", "true"], AttributeKind.CHOICE: list(known.choices)}
    first = fixed.get(AttributeKind(known.kind), [])
    texts = [*first, *sorted(set(words.values()) - set(first))]
    place = {text: float(at) for at, text in enumerate(texts)}
    told = [place[words[number]] if number in words else None for number in range(atlas.point_count)]
    return ToldAttribute(texts, told)


def _values(atlas: Atlas, name: str) -> dict[int, Any]:
    """{number of a cell: its value}."""
    found = {}
    for branch_id, rows in atlases.numbers_by_branch(atlas).items():
        heads = CellHead.objects.filter(branch_id=branch_id, exists=True, state__attributes__has_key=name)
        for cell, attributes in heads.values_list("cell", "state__attributes"):
            if cell in rows:
                found[rows[cell]] = attributes[name]
    return found


def vectors(*, atlas: Atlas) -> Floats:
    """What the map compares, float32 (n, d)."""
    kept = np.frombuffer(storage.get(f"{atlas.folder}/{VECTORS}"), "<f4")
    return kept.reshape(atlas.point_count, -1)


def distances(*, atlas: Atlas, number: int) -> Floats:
    """How far every cell is from one, float32 (n,). Raises NoSuchPoint."""
    kept = vectors(atlas=atlas)
    if number >= len(kept):
        raise NoSuchPoint(f"The atlas has no cell {number}.")
    return np.asarray(np.sqrt(((kept - kept[number]) ** 2).sum(1)), np.float32)


def disagreement(kept: Floats, told: NDArray[np.uint8]) -> Floats:
    """Of each cell with a class (`told` 1 … 254) the part of its nearest cells with a class that have
    another; NaN for cells without a class, or where no other cell has one."""
    against = np.full(len(kept), np.nan, np.float32)
    named = np.flatnonzero((told > 0) & (told < atlases.GONE))
    if named.size < 2:
        return against
    anchors = named
    if named.size > MOST_ANCHORS:
        anchors = np.sort(np.random.default_rng(0).choice(named, MOST_ANCHORS, replace=False))
    ground, squares = kept[anchors], (kept[anchors] ** 2).sum(1)
    wanted = min(LIKES + 1, anchors.size)
    for start in range(0, named.size, CHUNK):
        these = named[start : start + CHUNK]
        far = squares[None, :] - 2 * kept[these] @ ground.T
        far[these[:, None] == anchors[None, :]] = np.inf
        near = np.argpartition(far, wanted - 2, axis=1)[:, : wanted - 1]
        against[these] = (told[anchors[near]] != told[these][:, None]).mean(1)
    return against
