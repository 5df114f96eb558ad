"""Simulated slides of any size, with labels: test material, loaded past the way that people's work goes."""

import os
import uuid
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from itertools import islice
from typing import Any

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from annotation.core import simulation_slide
from annotation.core.formats import ome_zarr, thumbnails
from annotation.core.simulation_slide import Slide, SlideTile
from annotation.models import Branch, Dataset, Image, ImageState, Origin, Revision, RevisionKind
from annotation.policies import access
from annotation.services import claims, labels, revisions
from annotation.services.ingestion import DatasetIsBusy, clear_leftovers, image_folder, keep_image
from backend.accounts.models import Role, User
from backend.foundation import events, storage
from backend.foundation.errors import Conflict, Invalid

ROWS_AT_ONCE = 20_000
LARGEST_PX = 1_000_000
MOST_CELLS = 50_000_000

Tell = Callable[[float, str], None]


class NoSuchSlide(Invalid):
    """A slide of no pixels, no cells, or more of them than makes sense."""


class SlideIsThere(Conflict):
    """The dataset holds a slide of the same size, cells and seed."""


def simulate(
    *, dataset: Dataset, size_px: int, cells: int, seed: int, by: User, on_progress: Tell
) -> tuple[Image, int]:
    """A square slide with its labels as the first, accepted revision, and how many cells it has.

    Equal chunks are one file with many names, so that the disk holds each picture once.
    """
    access.require(by, dataset.project, Role.MANAGER)
    if not (256 <= size_px <= LARGEST_PX and 1 <= cells <= MOST_CELLS):
        raise NoSuchSlide(f"A slide has 256 to {LARGEST_PX} px a side and up to {MOST_CELLS} cells.")
    digest = sha256(f"simulated slide {size_px} {cells} {seed}".encode()).hexdigest()
    with claims.alone("import", dataset.pk) as is_alone:
        if not is_alone:
            raise DatasetIsBusy(f"Another import into {dataset.name} is running; wait until it is done.")
        clear_leftovers(dataset)
        if Image.objects.filter(dataset=dataset, content_sha256=digest).exists():
            raise SlideIsThere(f"{dataset.name} has this slide already; choose another seed for one more.")
        return _make(dataset, size_px, cells, seed, digest, by, on_progress)


def _make(
    dataset: Dataset, size_px: int, cells: int, seed: int, digest: str, by: User, tell: Tell
) -> tuple[Image, int]:
    tell(0.0, "simulating blocks")
    slide = simulation_slide.make_slide(size_px=size_px, cells=cells, seed=seed)
    image = keep_image(
        dataset=dataset, source=slide.facts, digest=digest, name=slide.facts.name, group="",
        source_path="simulated", upload=None,
    )  # fmt: skip
    try:
        tell(0.1, "writing pixels")
        _write_pixels(image, slide)
        tell(0.2, "loading labels")
        return image, _load(image, slide, by, tell)
    except BaseException:
        clear_leftovers(dataset)
        raise


# ---------------------------------------------------------------- pixels


def _write_pixels(image: Image, slide: Slide) -> None:
    group, _ = ome_zarr.begin(storage.zarr_store(image.store_key), slide.facts.shape_tczyx, slide.facts.dtype)
    for chunk in simulation_slide.chunks(slide):
        key = f"{image.store_key}/{chunk.key}"
        if chunk.data is not None:
            storage.put(key, chunk.data)
        else:
            _repeat(f"{image.store_key}/{chunk.same_as}", key)
    samples = [slide.sample(channel) for channel in range(len(slide.facts.channel_names))]
    stored = ome_zarr.finish(group, slide.facts, samples)
    image.thumbnail_key = f"{image_folder(image.pk)}/thumbnail.png"
    storage.put(image.thumbnail_key, thumbnails.thumbnail(stored))


def _repeat(first: str, key: str) -> None:
    """One more name for the same bytes; a copy where storage knows no names."""
    source, target = storage.local_path(first), storage.local_path(key)
    if source is None or target is None:
        storage.put(key, storage.get(first))
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    os.link(source, target)


# ---------------------------------------------------------------- labels


@transaction.atomic
def _load(image: Image, slide: Slide, by: User, tell: Tell) -> int:
    branch = labels.open_branch(image=image, name=labels.MAIN, origin=Origin.PERSON)
    locked = revisions.lock(branch.pk)
    areas = simulation_slide.areas(slide)
    locked.next_cell = areas.size
    revision = revisions.begin(
        branch=locked, kind=RevisionKind.IMPORT, author=by, batch_id=uuid.uuid4(), base=0,
        message="A simulated slide, with the labels from which it was made.",
    )  # fmt: skip
    _copy_tiles(revision, slide, tell)
    tell(0.7, "loading cells")
    _copy_cells(revision, areas)
    labels.accept(revision=revision, by=by)
    revisions.announce(revision)
    image.current_branch, image.state = Branch.objects.get(pk=branch.pk), ImageState.READY
    image.save(update_fields=["current_branch", "state", "thumbnail_key"])
    events.publish("image.ready", project=image.dataset.project_id, id=image.pk, dataset=image.dataset_id)
    return int((areas > 0).sum())


def _copy_tiles(revision: Revision, slide: Slide, tell: Tell) -> None:
    """Tiles and the cells in them as they are made, then the heads in one statement."""
    total = (slide.size_px / 256) ** 2
    for done, batch in enumerate(_batches(simulation_slide.label_tiles(slide), ROWS_AT_ONCE // 4)):
        _copy(TILES, (_tile_row(revision, tile) for tile in batch))
        _copy(PLACES, (row for tile in batch for row in _place_rows(revision, tile)))
        tell(0.2 + 0.5 * min(1.0, done * ROWS_AT_ONCE / 4 / total), "loading labels")
    with connection.cursor() as cursor:
        cursor.execute(TILE_HEADS_SQL, [revision.pk])


def _tile_row(revision: Revision, tile: SlideTile) -> tuple[Any, ...]:
    place = (0, 0, tile.ty, tile.tx)
    return (revision.branch_id, revision.pk, revision.number, *place, tile.content, tile.stats)


def _place_rows(revision: Revision, tile: SlideTile) -> list[tuple[Any, ...]]:
    return [(revision.branch_id, cell, 0, 0, tile.ty, tile.tx) for cell in tile.cells.tolist()]


def _copy_cells(revision: Revision, areas: NDArray[np.int64]) -> None:
    """Cells with pixels on the slide; their pixel counts travel in a table of this transaction."""
    seen = np.flatnonzero(areas)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE slide_area (cell int, pixels bigint) ON COMMIT DROP")
    _copy(STATES, ((revision.branch_id, revision.pk, revision.number, cell, True) for cell in seen.tolist()))
    _copy(AREAS, zip(seen.tolist(), areas[seen].tolist(), strict=True))
    with connection.cursor() as cursor:
        cursor.execute(CELL_HEADS_SQL, [revision.pk])


def _copy(sql: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(sql) as copy:
        for row in rows:
            copy.write_row(row)


def _batches(tiles: Iterator[SlideTile], size: int) -> Iterator[list[SlideTile]]:
    while batch := list(islice(tiles, size)):
        yield batch


TILES = "COPY annotation_tile (branch_id, revision_id, number, t, z, ty, tx, content, stats) FROM STDIN"
PLACES = "COPY annotation_celltile (branch_id, cell, t, z, ty, tx) FROM STDIN"
STATES = "COPY annotation_cellstate (branch_id, revision_id, number, cell, exists) FROM STDIN"
AREAS = "COPY slide_area (cell, pixels) FROM STDIN"

TILE_HEADS_SQL = """
INSERT INTO annotation_tilehead (branch_id, number, tile_id, t, z, ty, tx)
SELECT branch_id, number, id, t, z, ty, tx FROM annotation_tile WHERE revision_id = %s
"""

CELL_HEADS_SQL = """
INSERT INTO annotation_cellhead (branch_id, cell, exists, pixel_count, state_id)
SELECT s.branch_id, s.cell, true, a.pixels, s.id
FROM annotation_cellstate s JOIN slide_area a USING (cell) WHERE s.revision_id = %s
"""
