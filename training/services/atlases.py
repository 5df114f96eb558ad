"""Atlases are kept: their columns for the pages in storage, their vectors as rows that can be searched."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from annotation.models import Image, Revision
from backend.accounts.models import User
from backend.foundation import clock, storage
from training.contract.atlas import CellAtlas
from training.models import Atlas, AtlasImage, AtlasPoint, Job
from training.policies import projects as project_policies
from training.selectors.atlases import COLUMNS, INDEXED_FROM, VECTORS, has_pgvector
from training.services import jobs

ALIGNED = 8
MEASUREMENTS = "measurements"


@transaction.atomic
def keep(
    *, job_id: uuid.UUID | str, worker: str, found: CellAtlas, revisions: Mapping[str, Revision]
) -> Atlas:
    """Enter what a job found, once. `revisions` are the labels that were looked at, by image id; images that
    were deleted meanwhile are left out of the rows. Raises JobTakenOver.
    """
    job = jobs.lock_held(job_id=job_id, worker=worker)
    known = Atlas.objects.filter(job=job).first()
    if known is not None:
        return known
    atlas = Atlas.objects.create(
        project=job.project,
        job=job,
        trained_model=job.trained_model,
        name=job.name,
        made_of=_made_of(job),
        measures=list(found.measures),
        point_count=len(found),
        group_count=int(found.groups.max()) + 1,
        created_by=job.created_by,
        created_at=clock.now(),
    )
    there = Image.objects.in_bulk([uuid.UUID(each) for each in found.image_ids])
    sources = AtlasImage.objects.bulk_create(
        AtlasImage(atlas=atlas, image=image, revision=revisions[each], place=place)
        for place, each in enumerate(found.image_ids)
        if each in revisions and (image := there.get(uuid.UUID(each))) is not None
    )
    _copy_points(atlas, found, {source.place: source.pk for source in sources})
    build_index(atlas=atlas, width=found.vectors.shape[1])
    names = {str(pk): image.name for pk, image in there.items()}
    storage.put(f"{atlas.folder}/{VECTORS}", np.ascontiguousarray(found.vectors, "<f4").tobytes())
    storage.put(f"{atlas.folder}/{COLUMNS}", pack(found, names))
    return atlas


@transaction.atomic
def rename(*, atlas: Atlas, name: str, by: User) -> Atlas:
    """Give an atlas another name. Raises RoleTooLow."""
    project_policies.require_manager(user=by, project=atlas.project)
    atlas.name = name
    atlas.save(update_fields=["name"])
    return atlas


@transaction.atomic
def delete(*, atlas: Atlas, by: User) -> None:
    """Delete an atlas; the classes that were given with its help stay. Raises RoleTooLow."""
    project_policies.require_manager(user=by, project=atlas.project)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"DROP INDEX IF EXISTS {index_name(atlas)}")
    transaction.on_commit(partial(storage.delete_prefix, atlas.folder))
    AtlasPoint.objects.filter(atlas=atlas)._raw_delete(using="default")
    atlas.delete()


def build_index(*, atlas: Atlas, width: int) -> bool:
    """pgvector's index over the cells of this atlas alone; answers whether there is one now.

    IVFFlat, built after the rows: its lists are made of what is there, in seconds, where a graph (HNSW) takes
    a minute for 100,000 cells that never change afterwards.
    """
    if atlas.point_count < INDEXED_FROM or not has_pgvector():
        return False
    lists = max(1, round(atlas.point_count**0.5))
    with connection.cursor() as cursor:
        # Foreign keys are checked at the end of a transaction, and until then no index can be built.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
        cursor.execute(
            f"CREATE INDEX IF NOT EXISTS {index_name(atlas)} ON training_atlaspoint USING ivfflat "
            f"((embedding::vector({width})) vector_l2_ops) WITH (lists = {lists}) "
            f"WHERE atlas_id = '{atlas.pk}'::uuid"
        )
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("ANALYZE training_atlaspoint")
    return True


def index_name(atlas: Atlas) -> str:
    """The name of the index over one atlas's cells."""
    return f"atlas_{atlas.pk.hex}_near"


def pack(found: CellAtlas, names: Mapping[str, str]) -> bytes:
    """All columns for the pages: u32 length of a JSON head, the head, then arrays, little-endian, each
    beginning at a multiple of 8 bytes.

    Head: {count, images: [{id, name}], groups, columns: [{name, dtype, at}]}, `at` counted from the end of
    the padded head. Columns: image, cell, t, z, y, x, length_px, map_x, map_y, group, outlier, and
    `measure: …`.
    """
    columns: list[tuple[str, NDArray[Any]]] = [
        ("image", found.image.astype("<u4")),
        ("cell", found.cell.astype("<u4")),
        ("t", found.t.astype("<u4")),
        ("z", found.z.astype("<u4")),
        ("y", found.middle_px[:, 0].astype("<f4")),
        ("x", found.middle_px[:, 1].astype("<f4")),
        ("length_px", found.length_px.astype("<f4")),
        ("map_x", found.places[:, 0].astype("<f4")),
        ("map_y", found.places[:, 1].astype("<f4")),
        ("group", found.groups.astype("<i4")),
        ("outlier", found.outlier.astype("<f4")),
        *((f"measure: {name}", found.measured[:, i].astype("<f4")) for i, name in enumerate(found.measures)),
    ]
    told, body, at = [], [], 0
    for name, array in columns:
        told.append({"name": name, "dtype": array.dtype.str[1:], "at": at})
        body.append(_padded(array.tobytes()))
        at += len(body[-1])
    images = [{"id": each, "name": names.get(each, "")} for each in found.image_ids]
    groups = int(found.groups.max()) + 1
    head = {"count": len(found), "images": images, "groups": groups, "columns": told}
    text = json.dumps(head, ensure_ascii=False).encode()
    text += b" " * (-(len(text) + 4) % ALIGNED)
    return len(text).to_bytes(4, "little") + text + b"".join(body)


def _padded(content: bytes) -> bytes:
    return content + bytes(-len(content) % ALIGNED)


def _made_of(job: Job) -> str:
    if job.trained_model is not None:
        return str(job.trained_model)
    return MEASUREMENTS if job.settings.get("source") == "measurements" else str(job.settings["backbone"])


def _copy_points(atlas: Atlas, found: CellAtlas, sources: Mapping[int, int]) -> None:
    """100,000 rows in seconds: by COPY."""
    columns = "(atlas_id, source_id, number, cell, t, z, y, x, length_px, embedding)"
    with connection.cursor() as cursor, cursor.copy(f"COPY training_atlaspoint {columns} FROM STDIN") as copy:
        for line in _lines(atlas, found, sources):
            copy.write(line)


def _lines(atlas: Atlas, found: CellAtlas, sources: Mapping[int, int]) -> Iterator[bytes]:
    whole = np.stack([found.image, found.cell, found.t, found.z], 1).tolist()
    sizes = np.column_stack([found.middle_px, found.length_px]).tolist()
    for number, ((image, *ids), size) in enumerate(zip(whole, sizes, strict=True)):
        if image not in sources:
            continue
        vector = ",".join(f"{value:.6g}" for value in found.vectors[number].tolist())
        row = [atlas.pk, sources[image], number, *ids, *size, f"{{{vector}}}"]
        yield ("\t".join(map(str, row)) + "\n").encode()
