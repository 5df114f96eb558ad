"""A branch of its own that begins as an old revision of another."""

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping

from django.db import transaction

from annotation.core import tiles as core_tiles
from annotation.core.edit_values import Parameters
from annotation.core.edits import CellFacts
from annotation.core.tiles import CellMeasures
from annotation.models import Branch, Image, Revision, RevisionKind, Tile
from annotation.policies import access
from annotation.selectors import labels as reading
from annotation.services import labels, revisions
from annotation.services.naming import NameTaken
from annotation.services.revisions import NewTile
from backend.accounts.models import Role, User

TILES_AT_ONCE = 500


@transaction.atomic
def branch_from(*, revision: Revision, name: str, by: User) -> Revision:
    """A new branch `name` of the same image that says what `revision` said; answers its first revision.

    Cells keep their ids. Contents are copied as stored. Raises RoleTooLow, NameTaken.
    """
    image = revision.branch.image
    access.require(by, image.dataset.project, Role.ANNOTATOR)
    if Branch.objects.filter(image=image, name=name).exists():
        raise NameTaken(f"{image.name} has a branch “{name}” already.")
    branch = revisions.lock(labels.open_branch(image=image, name=name, author_name=by.name).pk)
    branch.next_cell = Branch.objects.values_list("next_cell", flat=True).get(pk=revision.branch_id)
    message = f"Branched from revision {revision.number} of {revision.branch.name}"
    parameters: Parameters = {"branch": str(revision.branch_id), "revision": revision.number}
    return _copied(revision, branch, reading.cell_facts(revision=revision), by, message, parameters)


@transaction.atomic
def starting_point(*, image: Image, of: Revision | None, name: str, by: User | None) -> Branch:
    """A branch that begins as the first rating of an image did, for another that must know nothing of it: not
    from which branch it was made, nor how many cells were drawn there since. `of` None: from nothing."""
    branch = revisions.lock(labels.open_branch(image=image, name=name).pk)
    if of is not None:
        facts = reading.cell_facts(revision=of)
        branch.next_cell = max(facts, default=0) + 1
        _copied(of, branch, facts, by, "Where the rating begins", {})
    return branch


def _copied(
    revision: Revision,
    branch: Branch,
    facts: Mapping[int, CellFacts],
    by: User | None,
    message: str,
    parameters: Parameters,
) -> Revision:
    made = revisions.begin(
        branch=branch, kind=RevisionKind.RESTORE, author=by, batch_id=uuid.uuid4(), base=0, message=message,
        parameters=parameters,
    )  # fmt: skip
    areas: Counter[int] = Counter()
    batch: list[NewTile] = []
    for tile in _tiles(revision, areas):
        batch.append(tile)
        if len(batch) == TILES_AT_ONCE:
            revisions.write_tiles(revision=made, tiles=batch)
            batch = []
    revisions.write_tiles(revision=made, tiles=batch)
    states: dict[int, tuple[CellFacts | None, CellFacts]] = {c: (known, known) for c, known in facts.items()}
    revisions.write_cells(revision=made, states=states, pixel_counts={c: areas[c] for c in facts})
    revisions.announce(made)
    return made


def _tiles(revision: Revision, areas: Counter[int]) -> Iterator[NewTile]:
    """The tiles of a revision that hold something; counts the pixels of their cells."""
    place = ("t", "z", "ty", "tx")
    rows = Tile.objects.filter(branch_id=revision.branch_id, number__lte=revision.number)
    newest = rows.order_by(*place, "-number").distinct(*place).values_list(*place, "content", "stats")
    for t, z, ty, tx, content, stats in newest.iterator(TILES_AT_ONCE):
        measured = CellMeasures.from_bytes(bytes(stats))
        if len(measured):
            areas.update(dict(zip(measured.ids.tolist(), measured.area_px.tolist(), strict=True)))
            tile = NewTile(t, z, ty, tx, bytes(content), bytes(stats))
            yield revisions.compared(tile, before=core_tiles.EMPTY_TILE.ids, now=measured.ids)
