"""The audit log over HTTP: read, filtered, exported; one author's edits taken back."""

from typing import Any
from uuid import UUID

from django.http import StreamingHttpResponse
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.doors import ListDoor, asked, find, parsed, person
from annotation.api.label_forms import CommitOut
from annotation.api.labels import find_branch
from annotation.models import Project
from annotation.policies import access
from annotation.selectors import audit, audit_lines
from annotation.selectors.audit import Asked
from annotation.services import reverting
from annotation.services.reverting import Whose
from backend.accounts.models import Role

MAX_LISTED = 2_000


class AuditFilter(serializers.Serializer[Any]):
    """Which lines; `model` and `tool` are names as the log says them."""

    dataset = serializers.UUIDField(required=False)
    image = serializers.UUIDField(required=False)
    branch = serializers.UUIDField(required=False)
    person = serializers.UUIDField(required=False)
    model = serializers.CharField(required=False, max_length=200)
    tool = serializers.CharField(required=False, max_length=50)
    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False)


class AuditExportFilter(AuditFilter):
    form = serializers.ChoiceField(
        choices=[("jsonl", "JSON lines"), ("csv", "CSV")], default="jsonl",
        help_text="JSON lines hold every edit whole and can be replayed; CSV is a table for people.",
    )  # fmt: skip


class AuditLineOut(serializers.Serializer[Any]):
    """One edit, or a revision that was written whole (import, prediction, restore): then `edit` is null."""

    revision = serializers.UUIDField()
    at = serializers.DateTimeField()
    number = serializers.IntegerField()
    onto = serializers.IntegerField()
    kind = serializers.CharField()
    message = serializers.CharField()
    dataset = serializers.UUIDField()
    image = serializers.UUIDField()
    image_name = serializers.CharField()
    branch = serializers.UUIDField()
    branch_name = serializers.CharField()
    person = serializers.UUIDField(allow_null=True)
    person_name = serializers.CharField(allow_null=True)
    model = serializers.CharField(help_text="The model that wrote it or had a part in it; else empty.")
    position = serializers.IntegerField(allow_null=True)
    edit = serializers.UUIDField(allow_null=True)
    tool = serializers.CharField()
    parameters = serializers.DictField()
    undoes = serializers.UUIDField(allow_null=True)
    accepted_at = serializers.DateTimeField(allow_null=True)


class AuditPersonOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()


class AuditWordsOut(serializers.Serializer[Any]):
    """What the filters can say."""

    people = AuditPersonOut(many=True)
    models = serializers.ListField(child=serializers.CharField())
    tools = serializers.ListField(child=serializers.CharField())


class AuditView(ListDoor[Any]):
    serializer_class = AuditLineOut

    @extend_schema(operation_id="listAudit", parameters=[AuditFilter], responses=AuditLineOut(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        """Every edit of the project's labels, the newest first. Reviewers and above."""
        rows = audit.list_lines(
            user=person(request), project=_project(request, pk), asked=Asked(**asked(AuditFilter, request))
        )
        page = [audit.line(row) for row in self.paginate_queryset(rows) or []]
        return self.get_paginated_response(AuditLineOut(page, many=True).data)


class AuditWordsView(APIView):
    @extend_schema(operation_id="readAuditWords", responses=AuditWordsOut)
    def get(self, request: Request, pk: UUID) -> Response:
        """People, models and tools that the project's log names."""
        found = audit.words(user=person(request), project=_project(request, pk))
        people = [{"id": key, "name": name} for key, name in found.people]
        return Response(AuditWordsOut({"people": people, "models": found.models, "tools": found.tools}).data)


class AuditExportView(APIView):
    @extend_schema(
        operation_id="exportAudit",
        parameters=[AuditExportFilter],
        responses={(200, "application/x-ndjson"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, pk: UUID) -> StreamingHttpResponse:
        """The log, the oldest first. Without a filter of person, model, tool or time the JSON lines replay to
        the labels of every branch, exactly."""
        project, given = _project(request, pk), asked(AuditExportFilter, request)
        form = given.pop("form")
        wanted = Asked(**given)
        log = audit.export(user=person(request), project=project, asked=wanted, with_bodies=form == "jsonl")
        lines = (
            audit_lines.json_lines(log, project, wanted) if form == "jsonl" else audit_lines.csv_lines(log)
        )
        kind = "application/x-ndjson" if form == "jsonl" else "text/csv; charset=utf-8"
        response = StreamingHttpResponse(lines, content_type=kind)
        response["Content-Disposition"] = f'attachment; filename="audit.{form}"'
        return response


def _project(request: Request, pk: UUID) -> Project:
    project = find(Project.objects.select_related("team"), request, pk)
    access.require(person(request), project, Role.REVIEWER)
    return project


# ---------------------------------------------------------------- taking back


class WhoseIn(serializers.Serializer[Any]):
    """A person (id) or a model (its name as the log says it), and since when."""

    person = serializers.UUIDField(required=False, allow_null=True, default=None)
    model = serializers.CharField(required=False, allow_null=True, default=None, max_length=200)
    since = serializers.DateTimeField(required=False, allow_null=True, default=None)


class RevertIn(WhoseIn):
    """`head` is the revision that the preview was made of."""

    head = serializers.IntegerField(min_value=0)


class KeptOut(serializers.Serializer[Any]):
    """What stays because somebody else changed it later; t and z are null for facts and whole cells."""

    cell = serializers.IntegerField()
    t = serializers.IntegerField(allow_null=True)
    z = serializers.IntegerField(allow_null=True)
    by = serializers.CharField()
    revision = serializers.IntegerField()


class RevertedCellOut(serializers.Serializer[Any]):
    """A cell in a frame: pixels that come back and pixels that go; null frame: only facts of it."""

    cell = serializers.IntegerField()
    t = serializers.IntegerField(allow_null=True)
    z = serializers.IntegerField(allow_null=True)
    added_px = serializers.IntegerField()
    removed_px = serializers.IntegerField()


class ReversalOut(serializers.Serializer[Any]):
    """What would be taken back; lists hold the first 2000."""

    head = serializers.IntegerField()
    edits = serializers.IntegerField()
    cells = serializers.IntegerField()
    added_px = serializers.IntegerField()
    removed_px = serializers.IntegerField()
    changes = RevertedCellOut(many=True)
    kept_count = serializers.IntegerField()
    kept = KeptOut(many=True)


class RevertPreviewView(APIView):
    @extend_schema(operation_id="previewRevert", request=WhoseIn, responses=ReversalOut)
    def post(self, request: Request, pk: UUID) -> Response:
        """What taking back one author's edits would change, and what others changed since and stays."""
        plan = reverting.preview(
            branch=find_branch(request, pk), whose=Whose(**parsed(WhoseIn, request)), by=person(request)
        )
        drawn = [
            {
                "cell": p.cell,
                "t": p.t,
                "z": p.z,
                "added_px": sum(p.add[2::3]),
                "removed_px": sum(p.remove[2::3]),
            }
            for p in plan.pixels
        ]
        seen = {p.cell for p in plan.pixels}
        said = [
            {"cell": c.cell, "t": None, "z": None, "added_px": 0, "removed_px": 0}
            for c in plan.cells
            if c.cell not in seen
        ]
        answer = {
            "head": plan.head, "edits": plan.edits, "cells": plan.cell_count, "added_px": plan.added_px,
            "removed_px": plan.removed_px, "changes": [*drawn, *said][:MAX_LISTED],
            "kept_count": len(plan.kept), "kept": plan.kept[:MAX_LISTED],
        }  # fmt: skip
        return Response(ReversalOut(answer).data)


class RevertView(APIView):
    @extend_schema(operation_id="revertEdits", request=RevertIn, responses={201: CommitOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Take back one author's edits as a new revision, which is undone like any other."""
        given = parsed(RevertIn, request)
        head = given.pop("head")
        revision = reverting.revert(
            branch=find_branch(request, pk), whose=Whose(**given), head=head, by=person(request)
        )
        return Response(CommitOut(revision).data, status=201)


urlpatterns = [
    path("projects/<uuid:pk>/audit/", AuditView.as_view(), name="audit"),
    path("projects/<uuid:pk>/audit/words/", AuditWordsView.as_view(), name="audit-words"),
    path("projects/<uuid:pk>/audit/export/", AuditExportView.as_view(), name="audit-export"),
    path("branches/<uuid:pk>/revert/", RevertView.as_view(), name="revert"),
    path("branches/<uuid:pk>/revert/preview/", RevertPreviewView.as_view(), name="revert-preview"),
]
