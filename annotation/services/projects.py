"""Projects and their classes."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from annotation.models import CellState, ClassRule, LabelClass, Project
from annotation.policies import access
from annotation.services import images, schemas
from annotation.services.naming import keep
from backend.accounts.models import Role, Team, User
from backend.accounts.policies import role_in
from backend.foundation.errors import Conflict


class ClassIsUsed(Conflict):
    """Cells carry, or once carried, the class, or others lie below it."""


class NeedsMigration(Conflict):
    """The change may change cells: it is previewed and carried out as a migration."""


@transaction.atomic
def create(*, team: Team, name: str, description: str = "", by: User) -> Project:
    """A new project of the team."""
    role = role_in(by, team)
    if role is None:
        raise access.NothingHere("There is no such team.")
    if role.rank < Role.MANAGER.rank:
        raise access.RoleTooLow("Only managers and owners make projects.")
    made = keep(Project(team=team, name=name, description=description, created_by=by))
    schemas.record(project=made, by=by)
    return made


@transaction.atomic
def change(*, project: Project, by: User, **changes: Any) -> Project:
    """Rename or describe a project."""
    access.require(by, project, Role.MANAGER)
    return keep(project, changes)


@transaction.atomic
def delete(*, project: Project, by: User) -> None:
    """Forget a project with everything in it. Owners only."""
    access.require(by, project, Role.OWNER)
    images.delete_datasets(dataset_ids=list(project.datasets.values_list("pk", flat=True)))
    project.delete()


@transaction.atomic
def add_class(
    *,
    project: Project,
    name: str,
    color: str,
    position: int | None = None,
    parent: LabelClass | None = None,
    key: str = "",
    by: User,
) -> LabelClass:
    """A new class below `parent`; it comes last unless told."""
    access.require(by, project, Role.MANAGER)
    locked = schemas.lock(project)
    schemas.check_parent(locked, None, parent)
    at = project.classes.count() if position is None else position
    made = LabelClass(project=locked, name=name, color=color.lower(), position=at, parent=parent, key=key)
    keep(made)
    schemas.record(project=locked, by=by)
    return made


@transaction.atomic
def change_class(*, label_class: LabelClass, by: User, **changes: Any) -> LabelClass:
    """Rename, recolour, reorder or archive a class, or give it a key. Cells that carry it keep it.

    Moving it in the tree, where cells carry one class of each branch, is a migration
    (`schema_migrations`).
    """
    access.require(by, label_class.project, Role.MANAGER)
    locked = schemas.lock(label_class.project)
    if "color" in changes:
        changes["color"] = changes["color"].lower()
    if "parent" in changes:
        _check_move(locked, label_class, changes["parent"])
    if changes.get("archived"):
        changes["key"] = ""
        _check_below(label_class)
    elif changes.get("archived") is False:
        changes["replaced_by"] = None
    if changes.get("key"):
        LabelClass.objects.filter(project=locked, key=changes["key"]).exclude(pk=label_class.pk).update(
            key=""
        )
    keep(label_class, changes)
    schemas.record(project=locked, by=by)
    return label_class


@transaction.atomic
def order_classes(*, project: Project, ids: Sequence[UUID], by: User) -> None:
    """Put the classes in this order, as one change; classes that are not named keep their place behind."""
    access.require(by, project, Role.MANAGER)
    locked = schemas.lock(project)
    rows = {row.pk: row for row in LabelClass.objects.filter(project=locked)}
    named = [rows[pk] for pk in dict.fromkeys(ids) if pk in rows]
    for position, row in enumerate([*named, *(row for pk, row in rows.items() if pk not in set(ids))]):
        row.position = position
    LabelClass.objects.bulk_update(rows.values(), ["position"])
    schemas.record(project=locked, by=by)


def _check_move(project: Project, label_class: LabelClass, parent: LabelClass | None) -> None:
    schemas.check_parent(project, label_class, parent)
    if project.class_rule == ClassRule.BRANCH and parent != label_class.parent:
        raise NeedsMigration(
            "A cell of this project has one class from each branch of the tree: moving a class can change "
            "cells. Look at the preview of the move first."
        )


def _check_below(label_class: LabelClass) -> None:
    below = label_class.children.filter(archived=False).first()
    if below is not None:
        raise ClassIsUsed(f"The class {below.name} lies below {label_class.name}; move or archive it first.")


@transaction.atomic
def delete_class(*, label_class: LabelClass, by: User) -> None:
    """Forget a class that no cell ever carried; others can be archived."""
    access.require(by, label_class.project, Role.MANAGER)
    locked = schemas.lock(label_class.project)
    further = CellState.objects.filter(branch__image__dataset__project=locked)
    if label_class.cell_states.exists() or further.filter(also__contains=[str(label_class.pk)]).exists():
        raise ClassIsUsed(
            f"Cells carry the class {label_class.name}, now or in an older revision; archive it instead."
        )
    if label_class.children.exists() or label_class.attributes.exists():
        raise ClassIsUsed(f"Classes or attributes lie below {label_class.name}; move them first.")
    label_class.delete()
    schemas.record(project=locked, by=by)
