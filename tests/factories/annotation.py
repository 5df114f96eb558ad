"""Small projects, images and edits for the tests of annotation."""

import hashlib
import itertools
import uuid
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from annotation.core import link_tables
from annotation.core.edits import CellChange, CellFacts, CellMove, Edit, PixelChange
from annotation.core.formats import base, ome_zarr
from annotation.models import (
    Branch,
    Dataset,
    Image,
    ImageState,
    LabelClass,
    Origin,
    Project,
    Revision,
    RevisionKind,
)
from annotation.services import labels, linkings
from annotation.services.authors import ModelAuthor
from annotation.services.labels import OnConflict
from backend.accounts.models import Team, User
from backend.foundation import storage

numbers = itertools.count(1)


def make_project(team: Team, *, name: str = "") -> Project:
    return Project.objects.create(team=team, name=name or f"Project {next(numbers)}")


def make_class(project: Project, *, name: str = "", parent: LabelClass | None = None) -> LabelClass:
    return LabelClass.objects.create(project=project, name=name or f"Class {next(numbers)}", parent=parent)


def make_dataset(project: Project, *, name: str = "") -> Dataset:
    return Dataset.objects.create(project=project, name=name or f"Dataset {next(numbers)}")


def make_image(
    dataset: Dataset,
    *,
    shape_tzyx: tuple[int, int, int, int] = (2, 1, 600, 700),
    pixels: bool = False,
    name: str = "",
) -> Image:
    """An image that is ready, with an empty branch `main`; its OME-Zarr is written only with `pixels`."""
    number = next(numbers)
    t, z, y, x = shape_tzyx
    image = Image.objects.create(
        dataset=dataset, name=name or f"image {number:03}", size_t=t, size_c=1, size_z=z, size_y=y, size_x=x,
        dtype="uint16", channel_names=["nuclei"], store_key=f"images/{number}/image.ome.zarr",
        state=ImageState.READY, content_sha256=hashlib.sha256(str(number).encode()).hexdigest(),
    )  # fmt: skip
    image.current_branch = labels.open_branch(image=image, name="main", origin=Origin.PERSON)
    image.save(update_fields=["current_branch"])
    if pixels:
        values = np.random.default_rng(number).integers(0, 500, (t, 1, z, y, x), np.uint16)
        ome_zarr.write(storage.zarr_store(image.store_key), base.of_array(values))
    return image


def make_branch(
    team: Team, *, ids: int = 1000, shape_tzyx: tuple[int, int, int, int] = (2, 1, 600, 700)
) -> Branch:
    """The empty branch `main` of a new image in a new project, with `ids` cell ids reserved."""
    image = make_image(make_dataset(make_project(team)), shape_tzyx=shape_tzyx)
    Branch.objects.filter(image=image).update(next_cell=ids + 1)
    return Branch.objects.select_related("image__dataset__project__team").get(image=image)


def linked_movie(team: Team, frames: int = 6) -> Branch:
    """Cell 1 in every frame until it dies, cell 2 up to the middle and cell 3 its daughter from there on, as
    a linker left them; surest is cell 1, least sure the birth."""
    made = make_branch(team, shape_tzyx=(frames, 1, 40, 300))
    half, planes = frames // 2, []
    for t in range(frames):
        plane = np.zeros((1, 40, 300), np.uint32)
        plane[0, 2:6, 250:260] = 1
        plane[0, 20:24, 10:20] = 2 if t < half else 3
        planes.append((t, 0, plane))
    revision = labels.import_planes(
        image=made.image, branch=made, frames=planes, kind=RevisionKind.PREDICTION,
        facts={3: CellFacts(mother=2), 1: CellFacts(ending="death")},
        author=ModelAuthor(id=uuid.uuid4(), name="exact"),
    )  # fmt: skip
    rows = [(t, 1, t - 1, 1, 0.9 - 0.01 * t) for t in range(1, frames)]
    rows += [(t, 2, t - 1, 2, 0.9 - 0.1 * t) for t in range(1, half)]
    rows += [(half, 3, half - 1, 2, 0.4)]
    rows += [(t, 3, t - 1, 3, 1.6 - 0.2 * t) for t in range(half + 1, frames)]
    times, cells, from_t, from_cell, confidence = zip(*rows, strict=True)
    table = link_tables.table(
        t=times, cell=cells, from_t=from_t, from_cell=from_cell, confidence=confidence,
        given=[False] * len(rows),
    )  # fmt: skip
    linkings.keep(revision=revision, linker="exact", table=table)
    made.refresh_from_db()
    return made


# ---------------------------------------------------------------- edits


def box(y: int, x: int, height: int, width: int) -> tuple[int, ...]:
    """Runs of a filled rectangle."""
    return tuple(value for row in range(y, y + height) for value in (row, x, width))


def edit(
    *, pixels: Sequence[PixelChange] = (), cells: Sequence[CellChange] = (), tool: str = "brush"
) -> Edit:
    return Edit(str(uuid.uuid4()), tool, tuple(pixels), tuple(cells))


def new_cell(
    cell: int, y: int, x: int, height: int = 4, width: int = 4, *, t: int = 0, facts: CellFacts | None = None
) -> Edit:
    """A new rectangular cell."""
    pixels = [PixelChange(t, 0, cell, add=box(y, x, height, width))]
    return edit(pixels=pixels, cells=[CellChange(cell, None, facts or CellFacts())])


def paint(cell: int, y: int, x: int, height: int = 4, width: int = 4, *, t: int = 0) -> Edit:
    """More pixels for a cell that is there."""
    return edit(pixels=[PixelChange(t, 0, cell, add=box(y, x, height, width))])


def move(*several: tuple[int, int, int, int], cells: Sequence[CellChange] = ()) -> Edit:
    """Moves (cell, to, first, last) that happen at once, with what they say of cells."""
    moves = tuple(CellMove(*one) for one in several)
    return Edit(str(uuid.uuid4()), "track", cells=tuple(cells), moves=moves)


def erase(cell: int, y: int, x: int, height: int = 4, width: int = 4, *, t: int = 0) -> Edit:
    """Fewer pixels for a cell."""
    return edit(pixels=[PixelChange(t, 0, cell, remove=box(y, x, height, width))])


def commit(
    branch: Branch,
    author: User,
    *edits: Edit,
    base: int | None = None,
    on_conflict: OnConflict = OnConflict.REFUSE,
    batch_id: uuid.UUID | None = None,
) -> Revision:
    """Commit edits, made from the head unless told."""
    head = Branch.objects.values_list("head_number", flat=True).get(pk=branch.pk)
    return labels.commit_edits(
        branch=branch,
        batch_id=batch_id or uuid.uuid4(),
        base=head if base is None else base,
        edits=edits,
        on_conflict=on_conflict,
        author=author,
    )


def picture(text: str) -> NDArray[np.uint32]:
    """Typed labels, `.` for background, as planes (1, y, x)."""
    rows = [[0 if word == "." else int(word) for word in line.split()] for line in text.strip().splitlines()]
    return np.asarray([rows], dtype=np.uint32)
