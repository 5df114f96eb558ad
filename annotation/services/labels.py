"""Labels: branches, cell ids, edits, acceptance, restoring, and whole label images from outside.

Only the server numbers revisions. Every writer locks the branch first, so that what it read is still so
when it writes; a batch of edits carries an id, so that sending it again answers the same.
"""

from collections.abc import Collection, Sequence
from enum import StrEnum
from uuid import UUID

from django.db import transaction
from django.db.models import F

from annotation.core import class_schema, locks
from annotation.core import edits as core_edits
from annotation.core.cell_labels import MERGED, one_axis
from annotation.core.class_schema import Schema
from annotation.core.edits import MAX_CELL, Collision, Edit
from annotation.core.tiles import InexactEdit
from annotation.models import Branch, EditRecord, Image, Origin, Project, Revision, RevisionKind
from annotation.policies import access
from annotation.selectors import labels as reading
from annotation.selectors import schemas
from annotation.services import collisions, leases, revisions, workbench
from annotation.services.authors import Author, ModelAuthor
from annotation.services.bulk import LabelsDoNotFit, import_planes, restore
from annotation.services.workbench import Workbench
from backend.accounts.models import Role, User
from backend.foundation import events
from backend.foundation.clock import now
from backend.foundation.errors import Conflict, Invalid

__all__ = [
    "Author", "LabelsDoNotFit", "ModelAuthor", "OnConflict", "accept", "commit_edits", "import_planes",
    "main_branch", "open_branch", "reserve_cells", "restore",
]  # fmt: skip

MAX_EDITS = 2000
MAX_RUNS = 2_000_000
MAX_RESERVED = 100_000
MAIN = "main"


class OnConflict(StrEnum):
    """What to do when somebody else changed the same cells meanwhile."""

    REFUSE = "REFUSE"
    KEEP_MINE = "KEEP_MINE"


class StaleRevision(Conflict):
    """Somebody changed the same cells since the base; the details name them."""


class EditDoesNotFit(Conflict):
    """The edit expects pixels or facts that are not so at its base."""


class CellLocked(Conflict):
    """The edit changes a cell that somebody locked; the details name the cells."""


class EditTooLarge(Invalid):
    """The batch holds more than one revision may."""


class BadEdit(Invalid):
    """The edit leaves the image, or names cells or classes that are not there."""


class NoSuchBase(Invalid):
    """The base is not a revision of the branch."""


class IdsUsedUp(Conflict):
    """The branch has no free cell ids left."""


# ---------------------------------------------------------------- branches


@transaction.atomic
def open_branch(
    *,
    image: Image,
    name: str,
    origin: str = Origin.PERSON,
    author_model: ModelAuthor | None = None,
    author_name: str = "",
) -> Branch:
    """The branch of this name, made when it is not there. A name that another origin holds gets a number
    added."""
    model_id = author_model.id if author_model else None
    Image.objects.select_for_update().get(pk=image.pk)
    taken = {branch.name: branch for branch in Branch.objects.filter(image=image)}
    wanted = name[:190]
    for candidate in (wanted, *(f"{wanted} ({i})" for i in range(2, len(taken) + 3))):
        found = taken.get(candidate)
        if found is None:
            who = author_model.name if author_model else author_name
            return Branch.objects.create(
                image=image, name=candidate, origin=origin, author_name=who, author_model_id=model_id
            )
        if (found.origin, found.author_model_id) == (origin, model_id):
            return found
    raise AssertionError("one of the candidates is free")


def main_branch(*, image: Image) -> Branch:
    """The branch `main`, which every image has."""
    return Branch.objects.get(image=image, name=MAIN)


@transaction.atomic
def reserve_cells(*, branch: Branch, count: int, by: User) -> int:
    """Set aside `count` cell ids that nobody else will get; answers the first of them."""
    access.require(by, branch.image.dataset.project, Role.ANNOTATOR)
    if not 1 <= count <= MAX_RESERVED:
        raise Invalid(f"Between 1 and {MAX_RESERVED} ids can be reserved at once, not {count}.")
    locked = revisions.lock(branch.pk)
    first = locked.next_cell
    if first + count - 1 > MAX_CELL:
        raise IdsUsedUp(f"Cell ids end at {MAX_CELL}; this branch has used all but {MAX_CELL - first + 1}.")
    Branch.objects.filter(pk=branch.pk).update(next_cell=F("next_cell") + count)
    return first


# ---------------------------------------------------------------- edits


@transaction.atomic
def commit_edits(
    *,
    branch: Branch,
    batch_id: UUID,
    base: int,
    edits: Sequence[Edit],
    on_conflict: OnConflict = OnConflict.REFUSE,
    author: User,
) -> Revision:
    """Put a batch of edits on the branch as one revision.

    Made from the head, they are applied exactly. Made from an older base, they follow the moves that were
    made since and are put on top of the newer work when they touch other cells (`revision.rebased`), else
    refused with `StaleRevision`, or imposed with KEEP_MINE. `base` is the version token of every cell in the
    batch: a write is stale exactly when a cell or pixel of it was changed by a revision after `base`. A
    locked cell is changed by neither. Edits that the branch has already, from a page that left before it
    heard so, are passed over.
    """
    project = branch.image.dataset.project
    access.require(author, project, Role.ANNOTATOR)
    _check_size(edits)
    _check_bounds(branch.image, edits)
    locked = revisions.lock(branch.pk)
    seen = Revision.objects.filter(branch=locked, batch_id=batch_id).first()
    if seen is not None:
        return seen
    _check_base(locked, base)
    arrived = _arrived(locked, base, edits)
    edits = [edit for edit in edits if UUID(edit.id) not in arrived]
    if arrived and not edits:
        return Revision.objects.get(branch=locked, number=max(arrived.values()))
    base = _own_base(base, set(arrived.values()))
    _check_ids(locked, edits)
    schema = _schema_for(locked.image.dataset.project, edits)
    edits = [class_schema.brought_up(schema, edit) for edit in edits] if schema else edits
    exactly, merging = base == locked.head_number, on_conflict is OnConflict.KEEP_MINE
    if not exactly:
        newer = collisions.newer_work(branch=locked, base=base, edits=edits)
        if not merging:
            axis = schema.axis if schema else one_axis
            _refuse(locked, base, collisions.find(branch=locked, newer=newer, edits=edits, axis=axis))
        edits = collisions.follow(newer=newer, edits=edits)
    bench = workbench.set_out(branch=locked, edits=edits)
    _check_locks(bench, edits)
    applied = _apply(bench, edits) if exactly else _apply_over(locked, bench, base, edits, merging=merging)
    _check_outcome(locked, bench, applied)
    _check_schema(schema, bench, applied)
    revision = _write(locked, bench, applied, batch_id=batch_id, base=base, author=author)
    leases.renew(branch=locked, by=author)
    return revision


def _arrived(locked: Branch, base: int, edits: Sequence[Edit]) -> dict[UUID, int]:
    """Those of the edits that a revision after `base` has brought already, and which one."""
    if base == locked.head_number:
        return {}
    later = EditRecord.objects.filter(revision__branch=locked, revision__number__gt=base)
    rows = later.filter(edit_id__in=[edit.id for edit in edits])
    return dict(rows.values_list("edit_id", "revision__number"))


def _own_base(base: int, own: Collection[int]) -> int:
    """The newest revision that who drew the rest had in the picture: one's own follow on it."""
    while base + 1 in own:
        base += 1
    return base


def _write(
    locked: Branch, bench: Workbench, applied: Sequence[Edit], *, batch_id: UUID, base: int, author: User
) -> Revision:
    revision = revisions.begin(
        branch=locked,
        kind=RevisionKind.EDIT,
        author=author,
        batch_id=batch_id,
        base=base,
        edit_count=len(applied),
    )
    revisions.write_tiles(revision=revision, tiles=bench.changed_tiles())
    revisions.write_cells(revision=revision, states=bench.changed_states(), pixel_counts=bench.pixel_counts())
    revisions.write_edits(revision=revision, edits=applied)
    revisions.announce(revision, applied)
    return revision


def _apply(bench: Workbench, edits: Sequence[Edit]) -> list[Edit]:
    try:
        return [bench.apply_exactly(edit) for edit in edits]
    except NOT_AS_EXPECTED as error:
        raise EditDoesNotFit(str(error), cells=list(error.cells)) from error


NOT_AS_EXPECTED = (InexactEdit, core_edits.StaleFacts, core_edits.UnknownCell, core_edits.CellInTheWay)


def _apply_over(
    locked: Branch, bench: Workbench, base: int, edits: Sequence[Edit], *, merging: bool
) -> list[Edit]:
    applied = []
    for edit in edits:
        try:
            applied.append(bench.apply_over(edit, merging=merging))
        except core_edits.CellInTheWay as error:
            _refuse(locked, base, [Collision(cell, None, None, cell, edit.id) for cell in error.cells])
    return applied


def _refuse(locked: Branch, base: int, found: Sequence[Collision]) -> None:
    if found:
        cells = sorted({collision.cell for collision in found})
        names = ", ".join(map(str, cells[:10])) + (" and others" if len(cells) > 10 else "")
        raise StaleRevision(
            f"Somebody else changed cell {names} since revision {base}.",
            head=locked.head_number,
            collisions=[_collision_row(collision) for collision in found],
        )


def _collision_row(collision: Collision) -> dict[str, object]:
    names = ("cell", "t", "z", "other_cell", "edit")
    return {name: getattr(collision, name) for name in names}


# ---------------------------------------------------------------- what a batch may hold


def _check_size(edits: Sequence[Edit]) -> None:
    if not edits:
        raise Invalid("A revision needs at least one edit.")
    if len(edits) > MAX_EDITS:
        raise EditTooLarge(
            f"One revision takes at most {MAX_EDITS} edits, not {len(edits)}; send them in parts."
        )
    runs = sum(len(p.add) + len(p.remove) for edit in edits for p in edit.pixels) // 3
    if runs > MAX_RUNS:
        raise EditTooLarge(
            f"One revision takes at most {MAX_RUNS} runs of pixels, not {runs}; send them in parts."
        )


def _check_bounds(image: Image, edits: Sequence[Edit]) -> None:
    try:
        for edit in edits:
            core_edits.check_bounds(
                edit, size_t=image.size_t, size_z=image.size_z, height=image.size_y, width=image.size_x
            )
    except core_edits.InvalidEdit as error:
        raise BadEdit(str(error)) from error


def _check_base(locked: Branch, base: int) -> None:
    if base == locked.head_number or base == 0:
        return
    if not Revision.objects.filter(branch=locked, number=base).exists():
        raise NoSuchBase(
            f"The branch {locked.name} has no revision {base} to build on; its head is {locked.head_number}."
        )


def _check_ids(locked: Branch, edits: Sequence[Edit]) -> None:
    unreserved = sorted(cell for cell in workbench.cells_of(edits) if cell >= locked.next_cell)
    if unreserved:
        raise BadEdit(
            f"Cell {unreserved[0]} was never reserved on this branch; ask for ids at cell-ids/ first.",
            cells=unreserved,
        )


def _schema_for(project: Project, edits: Sequence[Edit]) -> Schema | None:
    """The project's schema where the edits say something of classes or attributes, else None."""
    classes, attributes = workbench.classes_of(edits), workbench.attributes_of(edits)
    if not classes and not attributes:
        return None
    schema = schemas.current(project)
    for kind, wanted, known in (
        ("class", classes, schema.classes), ("attribute", attributes, schema.attributes)
    ):  # fmt: skip
        missing = {str(one) for one in wanted} - known.keys()
        if missing:
            raise BadEdit(f"The project has no {kind} {min(missing)}.")
    return schema


def _check_schema(schema: Schema | None, bench: Workbench, applied: Sequence[Edit]) -> None:
    """Cells as they are afterwards; whoever takes an edit back brings back what stood before."""
    if schema is None:
        return
    said = ((change.cell, change.said) for edit in applied if edit.undoes is None for change in edit.cells)
    changed = {cell for cell, what in said if not what.keys().isdisjoint(MERGED)}
    try:
        for cell in sorted(changed & bench.facts.keys()):
            class_schema.check(schema, cell, bench.facts[cell])
    except class_schema.NotInSchema as error:
        raise BadEdit(str(error)) from error


def _check_locks(bench: Workbench, edits: Sequence[Edit]) -> None:
    """Cells locked at the head, whoever locked them and whether the author has seen it or not."""
    try:
        locks.check(edits, [cell for cell, facts in bench.facts.items() if facts.locked])
    except locks.CellsLocked as error:
        raise CellLocked(str(error), cells=list(error.cells)) from error


def _check_outcome(locked: Branch, bench: Workbench, applied: Sequence[Edit]) -> None:
    left = bench.deleted_with_pixels()
    if left:
        raise EditDoesNotFit(
            f"Cell {left[0]} is deleted, but pixels of it are left in other frames; remove them in the "
            f"same edit.",
            cells=left,
        )
    collisions.check_mothers(branch=locked, bench=bench, edits=applied)


# ---------------------------------------------------------------- acceptance


@transaction.atomic
def accept(*, revision: Revision, by: User | None) -> Revision:
    """Declare a revision right: it may enter snapshots, and its branch becomes what people see.

    `by` None is the machine's own truth (a simulator's). Accepting again changes nothing.
    """
    locked = revisions.lock(revision.branch_id)
    if by is not None:
        access.require(by, locked.image.dataset.project, Role.REVIEWER)
    row = Revision.objects.select_for_update().get(pk=revision.pk)
    row.branch = locked
    newest = reading.accepted_revision(locked.image)
    if row.accepted_at is None or newest != row:
        row.accepted_at, row.accepted_by = now(), by
        row.save(update_fields=["accepted_at", "accepted_by"])
        Image.objects.filter(pk=locked.image_id).update(current_branch=locked)
        events.publish(
            "revision.accepted",
            project=locked.image.dataset.project_id,
            id=row.pk,
            image=row.image_id,
            branch=row.branch_id,
            number=row.number,
        )
    return row
