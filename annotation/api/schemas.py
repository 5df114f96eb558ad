"""The classes and attributes of a project in versions, and migrations of its cells, over HTTP."""

from typing import Any, TypeVar
from uuid import UUID

from django.db import models
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.doors import ListDoor, changed, find, parsed, person
from annotation.api.schema_forms import (
    AttributeChange,
    AttributeIn,
    AttributeOut,
    ClassOrderIn,
    MigrationAsked,
    MigrationIn,
    MigrationPreviewOut,
    SchemaNumberIn,
    SchemaOut,
    SchemaVersionOut,
)
from annotation.core.schema_changes import Condition
from annotation.models import CellAttribute, LabelClass, Project, SchemaVersion
from annotation.models.ownership import OwnedQuerySet
from annotation.selectors import projects as project_reading
from annotation.selectors import schemas as reading
from annotation.services import projects, schema_migrations, schemas
from annotation.services.schema_migrations import Asked

Row = TypeVar("Row", bound=models.Model)


def find_project(request: Request, pk: UUID) -> Project:
    """The project, if the asker may see it."""
    return find(Project.objects.select_related("team"), request, pk)


class SchemaView(APIView):
    @extend_schema(operation_id="getSchema", responses=SchemaOut)
    def get(self, request: Request, pk: UUID) -> Response:
        return Response(_schema(find_project(request, pk)))


class SchemaVersionsView(ListDoor[SchemaVersion]):
    queryset = SchemaVersion.objects.none()
    serializer_class = SchemaVersionOut

    @extend_schema(operation_id="listSchemaVersions", responses=SchemaVersionOut(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        return self.page(reading.list_versions(project=find_project(request, pk)), SchemaVersionOut)


class MigrationPreviewView(APIView):
    @extend_schema(operation_id="previewMigration", request=MigrationAsked, responses=MigrationPreviewOut)
    def post(self, request: Request, pk: UUID) -> Response:
        project = find_project(request, pk)
        asked = _asked(request, project, parsed(MigrationAsked, request))
        shown = schema_migrations.preview(project=project, asked=asked, by=person(request))
        rows = [{"was": was, "becomes": now, "cells": cells} for was, now, cells in shown.rows[:200]]
        return Response(MigrationPreviewOut({**_plain(shown), "rows": rows}).data)


class MigrationView(APIView):
    @extend_schema(operation_id="migrateSchema", request=MigrationIn, responses={201: SchemaVersionOut})
    def post(self, request: Request, pk: UUID) -> Response:
        project, given = find_project(request, pk), parsed(MigrationIn, request)
        number = given.pop("schema_number")
        asked = _asked(request, project, given)
        version = schema_migrations.carry_out(
            project=project, asked=asked, schema_number=number, by=person(request)
        )
        return Response(SchemaVersionOut(version).data, status=201)


class TakeBackView(APIView):
    @extend_schema(operation_id="takeBackSchema", request=SchemaNumberIn, responses={201: SchemaVersionOut})
    def post(self, request: Request, pk: UUID) -> Response:
        version = schema_migrations.take_back(
            project=find_project(request, pk), by=person(request), **parsed(SchemaNumberIn, request)
        )
        return Response(SchemaVersionOut(version).data, status=201)


class ClassOrderView(APIView):
    @extend_schema(operation_id="orderClasses", request=ClassOrderIn, responses=SchemaOut)
    def post(self, request: Request, pk: UUID) -> Response:
        project = find_project(request, pk)
        projects.order_classes(project=project, by=person(request), **parsed(ClassOrderIn, request))
        return Response(_schema(find_project(request, pk)))


class AttributesView(ListDoor[CellAttribute]):
    queryset = CellAttribute.objects.none()
    serializer_class = AttributeOut

    @extend_schema(operation_id="listAttributes", responses=AttributeOut(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        return self.page(reading.list_attributes(project=find_project(request, pk)), AttributeOut)

    @extend_schema(operation_id="createAttribute", request=AttributeIn, responses={201: AttributeOut})
    def post(self, request: Request, pk: UUID) -> Response:
        project = find_project(request, pk)
        said = _with_class(request, parsed(AttributeIn, request))
        made = schemas.add_attribute(project=project, by=person(request), **said)
        return Response(AttributeOut(made).data, status=201)


class AttributeView(APIView):
    @extend_schema(operation_id="updateAttribute", request=AttributeChange, responses=AttributeOut)
    def patch(self, request: Request, pk: UUID) -> Response:
        row = _attribute(request, pk)
        said = _with_class(request, changed(AttributeChange, request))
        return Response(
            AttributeOut(schemas.change_attribute(attribute=row, by=person(request), **said)).data
        )

    @extend_schema(operation_id="deleteAttribute", responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        schemas.delete_attribute(attribute=_attribute(request, pk), by=person(request))
        return Response(status=204)


def _attribute(request: Request, pk: UUID) -> CellAttribute:
    return find(CellAttribute.objects.select_related("project__team", "label_class"), request, pk)


def _schema(project: Project) -> dict[str, Any]:
    return SchemaOut(
        {
            "number": project.schema_number,
            "rule": project.class_rule,
            "classes": project_reading.list_classes(project=project),
            "attributes": reading.list_attributes(project=project),
        }
    ).data


def _plain(shown: schema_migrations.Preview) -> dict[str, Any]:
    names = ("schema_number", "changes", "cells", "images", "branches", "locked", "unconverted")
    return {name: getattr(shown, name) for name in names}


def _with_class(request: Request, said: dict[str, Any]) -> dict[str, Any]:
    if "label_class" not in said:
        return said
    return {**said, "label_class": optional(LabelClass.objects.all(), request, said["label_class"])}


def optional(rows: OwnedQuerySet[Row], request: Request, pk: UUID | None) -> Row | None:
    """The row of this key that the asker may see, None for no key."""
    return None if pk is None else find(rows, request, pk)


def _asked(request: Request, project: Project, given: dict[str, Any]) -> Asked:
    """What was asked with the rows that it names, of this project."""
    classes = {
        name: optional(LabelClass.objects.filter(project=project), request, given.get(name))
        for name in ("label_class", "into", "parent")
    }
    condition = given.get("condition")
    said = given.get("said")
    return Asked(
        kind=given["operation"],
        **classes,
        name=given.get("name", ""),
        color=given.get("color", "#7aa2f7"),
        condition=_condition(condition) if condition else None,
        attribute=optional(CellAttribute.objects.filter(project=project), request, given.get("attribute")),
        said=_with_class(request, dict(said)) if said else {},
        conversion=given.get("conversion", {}),
        rule=given.get("rule", ""),
    )


def _condition(given: dict[str, Any]) -> Condition:
    return Condition(
        str(given["attribute"]), tuple(given.get("values", ())), given.get("low"), given.get("high")
    )


urlpatterns = [
    path("projects/<uuid:pk>/schema/", SchemaView.as_view(), name="schema"),
    path("projects/<uuid:pk>/schema/versions/", SchemaVersionsView.as_view(), name="schema-versions"),
    path("projects/<uuid:pk>/schema/preview/", MigrationPreviewView.as_view(), name="schema-preview"),
    path("projects/<uuid:pk>/schema/migrations/", MigrationView.as_view(), name="schema-migrations"),
    path("projects/<uuid:pk>/schema/take-back/", TakeBackView.as_view(), name="schema-take-back"),
    path("projects/<uuid:pk>/schema/order/", ClassOrderView.as_view(), name="schema-order"),
    path("projects/<uuid:pk>/attributes/", AttributesView.as_view(), name="attributes"),
    path("attributes/<uuid:pk>/", AttributeView.as_view(), name="attribute"),
]
