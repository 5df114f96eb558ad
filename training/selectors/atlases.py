"""Reading atlases: lists, columns of points, neighbours, classes as they are now, crops."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from numpy.typing import NDArray

from annotation.models import CellHead
from backend.accounts.models import User
from backend.foundation import storage
from backend.foundation.errors import NotFound
from training.models import Atlas, AtlasPoint, Labelling
from training.models.atlases import AtlasQuerySet
from training.policies import atlases as policies

INDEXED_FROM = 5_000
"""Atlases of at least so many cells have an index; fewer are compared one by one."""
PROBED_LISTS = 24
MOST_NEIGHBOURS = 200
VECTORS, COLUMNS = "vectors.f32", "columns.bin"
GONE = 255
"""In place of a class: the cell is not there any more."""


class NoSuchPoint(NotFound):
    """There is no such atlas for this person, or it has no cell of that number any more."""


class Neighbour(NamedTuple):
    """A cell of an atlas and how far it is from the one that was asked for."""

    number: int
    image: uuid.UUID
    cell: int
    t: int
    z: int
    distance: float


def list_atlases(
    *,
    user: User | AnonymousUser,
    project: uuid.UUID | None = None,
    trained_model: uuid.UUID | None = None,
    dataset: uuid.UUID | None = None,
    job: uuid.UUID | None = None,
) -> AtlasQuerySet:
    """Atlases that this person may see, newest first."""
    asked = {
        "project_id": project,
        "trained_model_id": trained_model,
        "job_id": job,
        "sources__image__dataset_id": dataset,
    }
    found = policies.visible_to(user).select_related("created_by", "trained_model")
    return found.filter(**{name: value for name, value in asked.items() if value}).distinct()


def find(*, rows: AtlasQuerySet, atlas_id: uuid.UUID) -> Atlas:
    """The atlas among those that a person may see. Raises NoSuchPoint."""
    found = rows.filter(pk=atlas_id).first()
    if found is None:
        raise NoSuchPoint("There is no such atlas that you may see.")
    return found


def get_labelling(*, user: User | AnonymousUser, atlas: Atlas, labelling_id: uuid.UUID) -> Labelling:
    """A labelling of an atlas that this person may see. Raises NoSuchPoint."""
    found = Labelling.objects.visible_to(user).filter(atlas=atlas, pk=labelling_id).first()
    if found is None:
        raise NoSuchPoint("This atlas has no such labelling.")
    return found


def columns(*, atlas: Atlas) -> bytes:
    """All points, as `services.atlases` packed them."""
    return storage.get(f"{atlas.folder}/{COLUMNS}")


def has_pgvector() -> bool:
    """Whether this database can search vectors by index."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'vector'")
        return cursor.fetchone() is not None


def points(*, atlas: Atlas, numbers: Sequence[int]) -> list[AtlasPoint]:
    """Rows of these cells, in their order, with their image. Raises NoSuchPoint for one that is not there."""
    rows = AtlasPoint.objects.filter(atlas=atlas, number__in=numbers).defer("embedding")
    found = {row.number: row for row in rows.select_related("source__image")}
    missing = [number for number in numbers if number not in found]
    if missing:
        raise NoSuchPoint(f"The atlas has no cell {missing[0]} any more, or its image was deleted.")
    return [found[number] for number in numbers]


def neighbours(*, atlas: Atlas, number: int, count: int) -> list[Neighbour]:
    """The cells most alike to one, nearest first. Raises NoSuchPoint.

    By pgvector's index over the atlas's cells where there is one, which finds nearly all of the true
    neighbours; where the database has no pgvector, by comparing all.
    """
    row = AtlasPoint.objects.filter(atlas=atlas, number=number).values_list("embedding", flat=True).first()
    if row is None:
        raise NoSuchPoint(f"The atlas has no cell {number} any more, or its image was deleted.")
    count = min(count, MOST_NEIGHBOURS)
    if not has_pgvector():
        return _compared(atlas, np.asarray(row, np.float32), number, count)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('ivfflat.probes', %s, true)", [str(PROBED_LISTS)])
        asked: dict[str, str | int | uuid.UUID] = {
            "vector": str(list(row)),
            "atlas": atlas.pk,
            "number": number,
            "count": count,
        }
        cursor.execute(NEIGHBOURS_SQL.format(width=len(row)), asked)
        return [Neighbour(*found) for found in cursor.fetchall()]


NEIGHBOURS_SQL = """
SELECT near.number, source.image_id, near.cell, near.t, near.z, near.distance FROM (
    SELECT number, source_id, cell, t, z,
        embedding::vector({width}) <-> %(vector)s::vector({width}) AS distance
    FROM training_atlaspoint WHERE atlas_id = %(atlas)s AND number <> %(number)s
    ORDER BY embedding::vector({width}) <-> %(vector)s::vector({width}) LIMIT %(count)s
) near JOIN training_atlasimage source ON source.id = near.source_id ORDER BY near.distance, near.number
"""


def _compared(atlas: Atlas, vector: NDArray[np.float32], number: int, count: int) -> list[Neighbour]:
    kept = np.frombuffer(storage.get(f"{atlas.folder}/{VECTORS}"), "<f4").reshape(-1, len(vector))
    squares = ((kept - vector) ** 2).sum(1)
    squares[number] = np.inf
    near = np.argsort(squares, kind="stable")[: count + 1].tolist()
    rows = AtlasPoint.objects.filter(atlas=atlas, number__in=near).exclude(number=number)
    columns = ("number", "source__image_id", "cell", "t", "z")
    there = {row[0]: row for row in rows.values_list(*columns)}
    found = [(*there[one], float(np.sqrt(squares[one]))) for one in near if one in there]
    return [Neighbour._make(each) for each in found[:count]]


def classes(*, atlas: Atlas) -> tuple[list[str], NDArray[np.uint8]]:
    """Which class each cell has at present: ids of classes, and for each cell its place in them from 1, 0 for
    none, 255 for a cell that is not there any more; uint8 (n,)."""
    told = np.full(atlas.point_count, GONE, np.uint8)
    known: dict[str, int] = {}
    for branch_id, rows in numbers_by_branch(atlas).items():
        heads = CellHead.objects.filter(branch_id=branch_id, exists=True)
        for cell, label_class in heads.values_list("cell", "state__label_class_id"):
            number = rows.get(cell)
            if number is None:
                continue
            told[number] = known.setdefault(str(label_class), len(known) + 1) if label_class else 0
    return list(known), told


def numbers_by_branch(atlas: Atlas) -> Mapping[uuid.UUID, dict[int, int]]:
    """Branch → cell → number."""
    found: dict[uuid.UUID, dict[int, int]] = {}
    rows = AtlasPoint.objects.filter(atlas=atlas).order_by("number")
    places = dict(atlas.sources.values_list("pk", "revision__branch_id"))
    for source_id, cell, number in rows.values_list("source_id", "cell", "number"):
        found.setdefault(places[source_id], {})[cell] = number
    return found
