"""Reading what the cells of a project may be, now and before."""

from uuid import UUID

from django.db.models import QuerySet

from annotation.core.class_schema import ONE, AttributeDef, ClassDef, Schema
from annotation.models import CellAttribute, LabelClass, Project, SchemaVersion

ORDER = ("position", "name", "pk")


def classes(project: UUID) -> Schema:
    """The project's classes and their rule alone, in one query; of no use for attributes."""
    rows = list(LabelClass.objects.filter(project=project).select_related("project").order_by(*ORDER))
    rule = rows[0].project.class_rule if rows else ONE
    return Schema(rule, {str(row.pk): _class(row) for row in rows})


def _class(row: LabelClass) -> ClassDef:
    return ClassDef(
        id=str(row.pk), name=row.name, color=row.color, key=row.key, parent=_text(row.parent_id),
        position=row.position, archived=row.archived, replaced_by=_text(row.replaced_by_id),
    )  # fmt: skip


def current(project: Project) -> Schema:
    """The project's classes and attributes as they are, archived ones too."""
    classes = [_class(row) for row in LabelClass.objects.filter(project=project).order_by(*ORDER)]
    attributes = [
        AttributeDef(
            id=str(row.pk), name=row.name, kind=row.kind, label_class=_text(row.label_class_id),
            unit=row.unit, low=row.low, high=row.high, choices=tuple(row.choices), position=row.position,
            archived=row.archived, replaced_by=_text(row.replaced_by_id), conversion=row.conversion,
        )
        for row in CellAttribute.objects.filter(project=project).order_by(*ORDER)
    ]  # fmt: skip
    return Schema(project.class_rule, {one.id: one for one in classes}, {one.id: one for one in attributes})


def _text(key: object) -> str | None:
    return None if key is None else str(key)


def list_versions(*, project: Project) -> QuerySet[SchemaVersion]:
    """Every version of the project's schema, the newest first."""
    return project.schema_versions.select_related("author")


def newest(project: Project) -> SchemaVersion | None:
    """The version that holds now; None while nothing was ever said."""
    return SchemaVersion.objects.filter(project=project).order_by("-number").first()


def list_attributes(*, project: Project) -> QuerySet[CellAttribute]:
    """The project's attributes in their order, archived ones too."""
    return project.attributes.all()


def class_paths(project: Project) -> dict[str, str]:
    """{class id: its way from the root of the tree}: `cell type / neutrophil`."""
    schema = current(project)
    return {one: schema.path_of(one) for one in schema.classes}
