"""Many cells of an atlas are given a class, a quality, a flag, doubt or attributes at once, by ordinary
edits, and it is taken back as one act."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypedDict, Unpack

from django.db import transaction

from annotation.core import edits as core_edits
from annotation.core.cell_labels import Axis, attributes_of, given, with_attributes
from annotation.core.edit_values import AttributeValue
from annotation.core.edits import CellChange, CellFacts, Edit
from annotation.models import Branch, LabelClass, Revision
from annotation.policies import access
from annotation.selectors import labels as reading
from annotation.selectors import schemas
from annotation.services import labels
from backend.accounts.models import Role, User
from backend.foundation import clock
from backend.foundation.errors import Conflict, Invalid
from training.models import Atlas, AtlasPoint, Labelling

TOOL = "atlas"
MOST_CELLS = 200_000


class Said(TypedDict, total=False):
    """What may be said of many cells at once; what is left out stays as it is."""

    label_class: uuid.UUID | None
    quality: float | None
    ignored: bool
    uncertain: bool
    attributes: dict[str, AttributeValue | None]


class NothingToLabel(Invalid):
    """None of the cells is there any more, or all of them are so already or are locked."""


class NoSuchClass(Invalid):
    """The class is not one of the project's."""


class AlreadyUndone(Conflict):
    """The labelling has been taken back before."""


@transaction.atomic
def label(*, atlas: Atlas, numbers: Sequence[int], by: User, **said: Unpack[Said]) -> Labelling:
    """Say this of these cells (a class None takes theirs away): one edit for each image, all or nothing.

    Attributes are said by id, None takes the value away; others stay. Cells that are gone, locked or so
    already are passed over and counted. Raises RoleTooLow, NoSuchClass, NothingToLabel, BadEdit.
    """
    access.require(by, atlas.project, Role.ANNOTATOR)
    if not said:
        raise NothingToLabel("Say a class, a quality, a flag or an attribute.")
    wanted = _class_of(atlas, said.get("label_class"))
    facts: dict[str, Any] = dict(said)
    if "label_class" in said:
        facts["label_class"] = None if wanted is None else str(wanted.pk)
    asked = sorted(set(numbers))
    if not 0 < len(asked) <= MOST_CELLS:
        raise NothingToLabel(f"Choose from 1 to {MOST_CELLS} cells, not {len(asked)}.")
    written: list[Revision] = []
    changed = 0
    for branch_id, cells in _cells_by_branch(atlas, asked).items():
        branch = Branch.objects.select_related("image__dataset__project__team").get(pk=branch_id)
        changes = _changes(branch, cells, facts)
        if changes:
            written.append(_commit(branch, _edit(atlas, changes, len(asked)), by))
            changed += len(changes)
    if not changed:
        raise NothingToLabel("Nothing was changed: the chosen cells are so already, are locked, or are gone.")
    act = Labelling.objects.create(
        atlas=atlas, label_class=wanted, said=_plain(facts), cell_count=changed,
        skipped_count=len(asked) - changed, created_by=by, created_at=clock.now(),
    )  # fmt: skip
    act.revisions.set(written)
    return act


@transaction.atomic
def undo(*, labelling: Labelling, by: User) -> Labelling:
    """Take a labelling back: every cell has the class again that it had before.

    Raises RoleTooLow, AlreadyUndone, and StaleRevision where somebody changed one of the cells since; then
    nothing is taken back.
    """
    access.require(by, labelling.atlas.project, Role.ANNOTATOR)
    row = Labelling.objects.select_for_update(of=("self",)).get(pk=labelling.pk)
    if row.undone_at is not None:
        raise AlreadyUndone("This labelling has been taken back already.")
    for revision in Revision.objects.filter(labellings=row).select_related("branch"):
        for record in revision.edit_records.all():
            done = reading.read_edit(bytes(record.body))
            back = replace(core_edits.invert(done, id=str(uuid.uuid4())), undoes=done.id)
            branch = Branch.objects.select_related("image__dataset__project__team").get(pk=revision.branch_id)
            _commit(branch, back, by, base=revision.number)
    row.undone_at = clock.now()
    row.save(update_fields=["undone_at"])
    return row


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    return {"class" if name == "label_class" else name: value for name, value in facts.items()}


def _edit(atlas: Atlas, changes: Sequence[CellChange], chosen: int) -> Edit:
    """One edit; the log says from which map it came, and with how many others."""
    parameters: dict[str, str | int | float | bool | None] = {
        "map": str(atlas.pk),
        "name": atlas.name[:200],
        "chosen": chosen,
    }
    return Edit(str(uuid.uuid4()), TOOL, (), tuple(changes), parameters=parameters)


def _commit(branch: Branch, edit: Edit, by: User, *, base: int | None = None) -> Revision:
    return labels.commit_edits(
        branch=branch,
        batch_id=uuid.uuid4(),
        base=branch.head_number if base is None else base,
        edits=[edit],
        author=by,
    )


def _class_of(atlas: Atlas, label_class: uuid.UUID | None) -> LabelClass | None:
    if label_class is None:
        return None
    found = LabelClass.objects.filter(project_id=atlas.project_id, pk=label_class).first()
    if found is None:
        raise NoSuchClass("The project has no such class.")
    return found


def _cells_by_branch(atlas: Atlas, numbers: Sequence[int]) -> dict[uuid.UUID, list[int]]:
    rows = AtlasPoint.objects.filter(atlas=atlas, number__in=numbers).order_by("source_id", "cell")
    found: dict[uuid.UUID, list[int]] = {}
    for branch_id, cell in rows.values_list("source__revision__branch_id", "cell"):
        found.setdefault(branch_id, []).append(cell)
    return found


def _with(before: CellFacts, said: dict[str, Any], axis: Axis) -> CellFacts:
    """What is said, a class in the place of those that it excludes."""
    plain = {name: value for name, value in said.items() if name not in ("label_class", "attributes")}
    after = replace(before, **plain)
    if "attributes" in said:
        values = {**attributes_of(before), **said["attributes"]}
        after = with_attributes(after, {name: one for name, one in values.items() if one is not None})
    return given(after, said["label_class"], axis) if "label_class" in said else after


def _changes(branch: Branch, cells: Sequence[int], said: dict[str, Any]) -> list[CellChange]:
    facts = reading.facts_of_cells(branch=branch, revision=None, cells=cells)
    axis = schemas.current(branch.image.dataset.project).axis
    after = {cell: _with(before, said, axis) for cell, before in facts.items()}
    return [
        CellChange(cell, before, after[cell])
        for cell, before in sorted(facts.items())
        if not before.locked and before != after[cell]
    ]
