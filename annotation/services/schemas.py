"""Versions of what the cells of a project may be: every change of classes and attributes makes one."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from annotation.core import class_schema
from annotation.core.class_schema import Schema
from annotation.models import (
    AttributeKind,
    CellAttribute,
    CellState,
    LabelClass,
    Project,
    Revision,
    SchemaVersion,
)
from annotation.policies import access
from annotation.selectors import schemas as reading
from annotation.services.naming import keep
from backend.accounts.models import Role, User
from backend.foundation import events
from backend.foundation.errors import Conflict, Invalid


class BadAttribute(Invalid):
    """An attribute that no cell could be given: a choice without choices, a range without numbers."""


class BadTree(Invalid):
    """A class would be its own ancestor, or lie below one of another project or an archived one."""


class AttributeIsUsed(Conflict):
    """Cells carry, or once carried, the attribute."""


def lock(project: Project) -> Project:
    """The project, locked until the transaction ends: its schema changes one change at a time."""
    return Project.objects.select_for_update(of=("self",)).select_related("team").get(pk=project.pk)


def record(
    *, project: Project, by: User | None, migration: Mapping[str, Any] | None = None
) -> SchemaVersion | None:
    """Keep the schema as it is now as a new version, when it differs from the newest; None otherwise."""
    last = reading.newest(project)
    before = Schema.from_json(last.content) if last else Schema()
    after = reading.current(project)
    if before == after and last is not None and migration is None:
        return None
    version = SchemaVersion.objects.create(
        project=project,
        number=last.number + 1 if last else 1,
        content=after.to_json(),
        changes=class_schema.changes(before, after),
        migration=dict(migration or {}),
        author=by,
    )
    Project.objects.filter(pk=project.pk).update(schema_number=version.number)
    project.schema_number = version.number
    events.publish("schema.changed", project=project.pk, number=version.number)
    return version


# ---------------------------------------------------------------- classes


def check_parent(project: Project, label_class: LabelClass | None, parent: LabelClass | None) -> None:
    """Raises `BadTree`."""
    if parent is None:
        return
    if parent.project_id != project.pk:
        raise BadTree("The class above must be one of the same project.")
    if parent.archived:
        raise BadTree(f"The class {parent.name} is archived; nothing can lie below it.")
    if label_class is not None and reading.current(project).makes_circle(str(label_class.pk), str(parent.pk)):
        raise BadTree(f"The class {label_class.name} cannot lie below itself.")


# ---------------------------------------------------------------- attributes


@transaction.atomic
def add_attribute(*, project: Project, by: User, **said: Any) -> CellAttribute:
    """A new attribute; it comes last. Raises RoleTooLow, BadAttribute, NameTaken."""
    access.require(by, project, Role.MANAGER)
    locked = lock(project)
    row = CellAttribute(project=locked, position=locked.attributes.count(), **said)
    check_attribute(row)
    keep(row)
    record(project=locked, by=by)
    return row


@transaction.atomic
def change_attribute(*, attribute: CellAttribute, by: User, **changes: Any) -> CellAttribute:
    """Rename, move, archive an attribute, or change its unit, range, choices and the class that it is of.

    Values that cells carry stay as they are: a choice that cells carry cannot go, and a range is widened
    only; else it is retyped with a migration. Raises RoleTooLow, BadAttribute, AttributeIsUsed, NameTaken.
    """
    access.require(by, attribute.project, Role.MANAGER)
    locked = lock(attribute.project)
    for name, value in changes.items():
        setattr(attribute, name, value)
    check_attribute(attribute)
    _check_narrowed(attribute, changes)
    keep(attribute, changes)
    record(project=locked, by=by)
    return attribute


@transaction.atomic
def delete_attribute(*, attribute: CellAttribute, by: User) -> None:
    """Forget an attribute that no cell ever carried; others can be archived."""
    access.require(by, attribute.project, Role.MANAGER)
    locked = lock(attribute.project)
    if carried(attribute):
        raise AttributeIsUsed(f"Cells carry {attribute.name}, now or in an older revision; archive it.")
    attribute.delete()
    record(project=locked, by=by)


def carried(attribute: CellAttribute) -> bool:
    """Does a cell carry it, now or in an older revision?"""
    states = CellState.objects.filter(branch__image__dataset__project=attribute.project_id)
    return states.filter(attributes__has_key=str(attribute.pk)).exists()


def check_attribute(row: CellAttribute) -> None:
    """Raises `BadAttribute`."""
    row.choices = list(dict.fromkeys(" ".join(str(one).split()) for one in row.choices if str(one).strip()))
    if row.kind == AttributeKind.CHOICE and not row.choices:
        raise BadAttribute(f"{row.name} is a choice: say what there is to choose from.")
    if row.kind != AttributeKind.CHOICE and row.choices:
        raise BadAttribute(f"{row.name} is no choice; it takes no list of choices.")
    if row.kind != AttributeKind.NUMBER and (row.unit or row.low is not None or row.high is not None):
        raise BadAttribute(f"{row.name} is no number; it takes neither unit nor range.")
    if row.low is not None and row.high is not None and row.low > row.high:
        raise BadAttribute(f"The range of {row.name} ends before it begins.")
    of = row.label_class
    if of is not None and (of.project_id != row.project_id or of.archived):
        raise BadAttribute("The attribute can only be of a class of the same project that is in use.")


def _check_narrowed(row: CellAttribute, changes: Mapping[str, Any]) -> None:
    if not {"choices", "low", "high", "unit"} & changes.keys() or not carried(row):
        return
    was = CellAttribute.objects.get(pk=row.pk)
    if was.unit != row.unit:
        raise AttributeIsUsed(f"Cells carry {row.name} in {was.unit or 'no unit'}; convert it instead.")
    if set(was.choices) - set(row.choices):
        raise AttributeIsUsed(f"Cells may carry a choice of {row.name} that is left out; convert it instead.")
    narrower = (row.low is not None and (was.low is None or row.low > was.low)) or (
        row.high is not None and (was.high is None or row.high < was.high)
    )
    if narrower:
        raise AttributeIsUsed(f"Cells may carry a value of {row.name} out of this range; convert it instead.")


# ---------------------------------------------------------------- going back


def put_back(project: Project, content: Mapping[str, Any]) -> None:
    """Classes and attributes as an older version had them; what came later is archived."""
    schema = Schema.from_json(content)
    Project.objects.filter(pk=project.pk).update(class_rule=schema.rule)
    project.class_rule = schema.rule
    later = LabelClass.objects.filter(project=project).exclude(pk__in=schema.classes.keys())
    later.update(archived=True, key="")
    LabelClass.objects.filter(project=project).update(key="")
    for one in schema.classes.values():
        LabelClass.objects.filter(pk=one.id).update(
            name=one.name, color=one.color, key=one.key, parent=one.parent, position=one.position,
            archived=one.archived, replaced_by=one.replaced_by,
        )  # fmt: skip
    CellAttribute.objects.filter(project=project).exclude(pk__in=schema.attributes.keys()).update(
        archived=True
    )
    for each in sorted(schema.attributes.values(), key=lambda one: not one.archived):
        CellAttribute.objects.filter(pk=each.id).update(
            name=each.name, unit=each.unit, low=each.low, high=each.high, choices=list(each.choices),
            label_class=each.label_class, position=each.position, archived=each.archived,
            replaced_by=each.replaced_by, conversion=dict(each.conversion),
        )  # fmt: skip


def made_by(revision: Revision) -> SchemaVersion | None:
    """The version of the schema by which a revision was made."""
    versions = SchemaVersion.objects.filter(project=revision.image.dataset.project_id)
    return versions.filter(number=revision.schema_number).first()
