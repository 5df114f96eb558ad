"""Changing what cells may be together with the cells that are so already: previewed, logged, taken back.

A migration is one transaction: the new version of the schema, and on every branch with cells concerned one
revision of ordinary edits. Locked cells stay as they are and are counted; their archived
class stays readable.
"""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction

from annotation.core import schema_changes
from annotation.core.cell_labels import Axis
from annotation.core.class_schema import RULES, Schema, changes
from annotation.core.edits import CellChange, Edit
from annotation.core.schema_changes import Condition, Plan, Step
from annotation.models import (
    Branch,
    CellAttribute,
    CellHead,
    ClassRule,
    EditRecord,
    LabelClass,
    Project,
    Revision,
    RevisionKind,
    SchemaVersion,
)
from annotation.policies import access
from annotation.selectors import labels as label_reading
from annotation.selectors import schema_candidates
from annotation.selectors import schemas as reading
from annotation.selectors.schema_candidates import Counted
from annotation.services import revisions, schemas
from annotation.services.naming import keep
from backend.accounts.models import Role, User
from backend.foundation.clock import now
from backend.foundation.errors import Conflict, Invalid

TOOL = "schema"
CELLS_AN_EDIT = 10_000
RIDING_CELLS = 100
"""Changes of more cells never fit into a notification."""


class BadMigration(Invalid):
    """What is asked for names classes or attributes that are not there, or itself."""


class SchemaMoved(Conflict):
    """Somebody changed the classes after the preview was made."""


class NothingToTakeBack(Conflict):
    """The newest version of the schema is not the one that is to be taken back, or there is none."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One change of the schema that cells follow.

    MERGE: `label_class` into `into` (None: cells lose it). SPLIT: `name` and `color` of the new class,
    `condition` which cells. RETYPE: `attribute` becomes what `said` describes, values by `conversion`.
    MOVE: `label_class` below `parent`. RULE: how many classes a cell carries.
    """

    kind: str
    label_class: LabelClass | None = None
    into: LabelClass | None = None
    parent: LabelClass | None = None
    name: str = ""
    color: str = "#7aa2f7"
    condition: Condition | None = None
    attribute: CellAttribute | None = None
    said: dict[str, Any] = field(default_factory=dict)
    conversion: dict[str, Any] = field(default_factory=dict)
    rule: str = ""


@dataclass(slots=True)
class Preview:
    """What a migration would do: (from, to, cells) the most first, and where."""

    schema_number: int
    changes: list[str]
    rows: list[tuple[str, str, int]] = field(default_factory=list)
    cells: int = 0
    images: int = 0
    branches: int = 0
    locked: int = 0
    unconverted: int = 0


def preview(*, project: Project, asked: Asked, by: User) -> Preview:
    """What `carry_out` would do now; nothing is kept. Raises RoleTooLow, BadMigration."""
    with transaction.atomic():
        locked = _begin(project, by)
        before = reading.current(locked)
        asked = _fresh(locked, asked)
        steps, where = KINDS[asked.kind](locked, asked)
        after = reading.current(locked)
        shown = _told(locked, asked, before, after, schema_candidates.counted(locked, steps, where))
        transaction.set_rollback(True)
    return shown


@transaction.atomic
def carry_out(*, project: Project, asked: Asked, schema_number: int, by: User) -> SchemaVersion:
    """Change the schema and every cell that is concerned; `schema_number` is that of the preview.

    Raises RoleTooLow, BadMigration, SchemaMoved, NameTaken.
    """
    locked = _begin(project, by)
    if locked.schema_number != schema_number:
        raise SchemaMoved("Somebody changed the classes meanwhile; look at the preview again.")
    before = reading.current(locked)
    asked = _fresh(locked, asked)
    steps, where = KINDS[asked.kind](locked, asked)
    after = reading.current(locked)
    found = _planned(locked, steps, where)
    shown = _told(locked, asked, before, after, schema_candidates.counted(locked, steps, where))
    version = schemas.record(project=locked, by=by, migration=_in_short(asked, shown))
    assert version is not None
    for branch, plan in found:
        _write(branch, plan.changes, version, by)
    return version


def _begin(project: Project, by: User) -> Project:
    access.require(by, project, Role.MANAGER)
    return schemas.lock(project)


def _in_short(asked: Asked, shown: Preview) -> dict[str, Any]:
    return {
        "operation": asked.kind, "rows": [list(row) for row in shown.rows[:50]], "cells": shown.cells,
        "images": shown.images, "locked": shown.locked, "unconverted": shown.unconverted,
    }  # fmt: skip


def _told(project: Project, asked: Asked, before: Schema, after: Schema, counted: Counted) -> Preview:
    concerned = Branch.objects.filter(pk__in=counted.branches)
    return Preview(
        schema_number=project.schema_number,
        changes=changes(before, after),
        rows=schema_changes.told(counted.changes, before, after),
        cells=sum(cells for _, cells in counted.changes),
        images=concerned.order_by().values("image").distinct().count(),
        branches=len(counted.branches),
        locked=counted.locked,
        unconverted=counted.unchanged if asked.kind == "RETYPE" else 0,
    )


# ---------------------------------------------------------------- the schema


Steps = tuple[list[Step], tuple[str, str]]
"""What becomes of facts, and which cells may be concerned: SQL, and the value in it."""


def _fresh(project: Project, asked: Asked) -> Asked:
    """The rows as they are now, of this project."""
    try:
        classes: dict[str, Any] = {
            name: LabelClass.objects.get(project=project, pk=row.pk)
            for name in ("label_class", "into", "parent")
            if (row := getattr(asked, name)) is not None
        }
        if asked.attribute is not None:
            attribute = CellAttribute.objects.get(project=project, pk=asked.attribute.pk)
            return replace(asked, attribute=attribute, **classes)
    except (LabelClass.DoesNotExist, CellAttribute.DoesNotExist):
        raise BadMigration("A class or attribute that is named is not one of this project.") from None
    return replace(asked, **classes)


def _merge(project: Project, asked: Asked) -> Steps:
    old, into = _need(asked.label_class), asked.into
    if into is not None and (into.pk == old.pk or into.archived):
        raise BadMigration("A class is merged into another one that is in use.")
    line = reading.current(project).line_of(str(into.pk)) if into else []
    above = old.parent_id if into is None or str(old.pk) in line else into.pk
    if into is not None and str(old.pk) in line:
        LabelClass.objects.filter(pk=into.pk).update(parent=old.parent_id)
    children = LabelClass.objects.filter(parent=old)
    (children.exclude(pk=into.pk) if into else children).update(parent=above)
    CellAttribute.objects.filter(label_class=old, archived=False).update(label_class=above)
    keep(old, {"archived": True, "replaced_by": into, "key": ""})
    axis = reading.current(project).axis
    steps = [schema_changes.replaced(str(old.pk), str(into.pk) if into else None)]
    return [*steps, schema_changes.kept_apart(axis)], (schema_candidates.CARRIES_CLASS, str(old.pk))


def _split(project: Project, asked: Asked) -> Steps:
    old, condition = _need(asked.label_class), asked.condition
    known = (
        CellAttribute.objects.filter(project=project, pk=condition.attribute).first() if condition else None
    )
    if condition is None or known is None:
        raise BadMigration("Say by which attribute the new class is split off.")
    made = LabelClass(
        project=project, name=asked.name, color=asked.color.lower(), parent=asked.parent or old.parent,
        position=old.position,
    )  # fmt: skip
    keep(made)
    step = schema_changes.split_off(str(old.pk), str(made.pk), condition)
    return [step], (schema_candidates.CARRIES_CLASS, str(old.pk))


def _retype(project: Project, asked: Asked) -> Steps:
    old = asked.attribute
    if old is None or old.archived:
        raise BadMigration("Say which attribute in use is converted.")
    keep(old, {"archived": True})
    said = {"name": old.name, "label_class": old.label_class, "position": old.position, **asked.said}
    made = CellAttribute(project=project, **said)
    schemas.check_attribute(made)
    keep(made)
    keep(old, {"replaced_by": made, "conversion": dict(asked.conversion)})
    new = reading.current(project).attributes[str(made.pk)]
    return [schema_changes.retyped(str(old.pk), new, asked.conversion)], (
        schema_candidates.CARRIES_ATTRIBUTE,
        str(old.pk),
    )


def _move(project: Project, asked: Asked) -> Steps:
    row = _need(asked.label_class)
    schemas.check_parent(project, row, asked.parent)
    keep(row, {"parent": asked.parent})
    return _apart(reading.current(project).axis)


def _rule(project: Project, asked: Asked) -> Steps:
    if asked.rule not in RULES:
        raise BadMigration("Say how many classes a cell may carry: ONE, BRANCH or ANY.")
    keep(project, {"class_rule": ClassRule(asked.rule)})
    return _apart(reading.current(project).axis)


def _apart(axis: Axis) -> Steps:
    return [schema_changes.kept_apart(axis)], (schema_candidates.CARRIES_SEVERAL, "[]")


def _need(row: LabelClass | None) -> LabelClass:
    if row is None or row.archived:
        raise BadMigration("Say which class in use is meant.")
    return row


KINDS = {"MERGE": _merge, "SPLIT": _split, "RETYPE": _retype, "MOVE": _move, "RULE": _rule}


# ---------------------------------------------------------------- the cells


def _planned(project: Project, steps: Sequence[Step], where: tuple[str, str]) -> list[tuple[Branch, Plan]]:
    """What the steps change on each branch that has cells concerned; these branches are locked first."""
    found = []
    for pk in schema_candidates.branches(project):
        if schema_candidates.has_candidate(pk, *where):
            branch = revisions.lock(pk)
            found.append((branch, schema_changes.plan(schema_candidates.candidates(pk, *where), steps)))
    return found


def _write(
    branch: Branch, made: Sequence[CellChange], version: SchemaVersion, by: User, *, back: str = ""
) -> Revision | None:
    """One revision of edits; what was accepted stays accepted, for nobody's judgement of a cell changed."""
    if not made:
        return None
    branch.image.dataset.project.schema_number = version.number
    accepted = Revision.objects.filter(
        branch=branch, number=branch.head_number, accepted_at__isnull=False
    ).exists()
    parameters: dict[str, str | int | float | bool | None] = {
        "schema": version.number,
        **({"takes back": back} if back else {}),
    }
    parts = [made[at : at + CELLS_AN_EDIT] for at in range(0, len(made), CELLS_AN_EDIT)]
    edits = [Edit(str(uuid.uuid4()), TOOL, cells=tuple(part), parameters=parameters) for part in parts]
    revision = revisions.begin(
        branch=branch, kind=RevisionKind.EDIT, author=by, batch_id=uuid.uuid4(), base=branch.head_number,
        edit_count=len(edits), message=" ".join(version.changes)[:500], recalls=not accepted,
    )  # fmt: skip
    states = {one.cell: (one.after, one.after) for one in made if one.after is not None}
    heads = CellHead.objects.filter(branch=branch, cell__in=list(states))
    counts = dict(heads.values_list("cell", "pixel_count"))
    revisions.write_cells(revision=revision, states=states, pixel_counts=counts)
    revisions.write_edits(revision=revision, edits=edits)
    if accepted:
        revision.accepted_at, revision.accepted_by = now(), by
        revision.save(update_fields=["accepted_at", "accepted_by"])
    revisions.announce(revision, edits if len(made) <= RIDING_CELLS else ())
    return revision


# ---------------------------------------------------------------- taking back


@transaction.atomic
def take_back(*, project: Project, number: int, by: User) -> SchemaVersion:
    """Undo the newest version of the schema, and what became of cells with it; doing so again redoes it.

    Cells that are locked, or that somebody said to be something else since, stay. Raises RoleTooLow,
    NothingToTakeBack.
    """
    locked = _begin(project, by)
    versions = list(reading.list_versions(project=locked)[:2])
    if not versions or versions[0].number != number or number == 1:
        raise NothingToTakeBack("Only the newest change of the classes can be taken back, and not the first.")
    newest, before = versions[0], versions[1].content if len(versions) > 1 else Schema().to_json()
    schemas.put_back(locked, before)
    found = [(branch, *_unmade(branch, newest)) for branch in _touched(locked, newest)]
    counted = Counter(cells=sum(len(back) for _, back, _ in found), left=sum(len(x) for *_, x in found))
    told = {
        "operation": "TAKE_BACK", "of": number, "cells": counted["cells"], "left": counted["left"],
        "images": len({branch.image_id for branch, back, _ in found if back}),
    }  # fmt: skip
    version = schemas.record(project=locked, by=by, migration=told)
    assert version is not None
    for branch, back, _ in found:
        _write(branch, back, version, by, back=str(number))
    return version


def _touched(project: Project, version: SchemaVersion) -> list[Branch]:
    """The branches that the migration wrote to, locked."""
    rows = _records(version).filter(revision__image__dataset__project=project)
    ids = sorted(set(rows.values_list("revision__branch_id", flat=True)))
    return [revisions.lock(pk) for pk in ids]


def _records(version: SchemaVersion) -> Any:
    return EditRecord.objects.filter(
        tool=TOOL,
        revision__schema_number=version.number,
        revision__image__dataset__project=version.project_id,
        parameters__schema=version.number,
    )


def _unmade(branch: Branch, version: SchemaVersion) -> tuple[list[CellChange], list[int]]:
    rows = _records(version).filter(revision__branch=branch).order_by("revision__number", "position")
    made = [
        change for body in rows.values_list("body", flat=True)
        for change in label_reading.read_edit(bytes(body)).cells
    ]  # fmt: skip
    known = revisions.known_cells(branch_id=branch.pk, cells=[change.cell for change in made])
    standing = {cell: one.facts for cell, one in known.items() if one.facts is not None}
    return schema_changes.taken_back(made, standing)
