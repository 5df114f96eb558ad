"""Measurements over HTTP: a frame for the page, a whole movie as CSV or Parquet."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from django.http import HttpResponseBase, StreamingHttpResponse
from django.urls import path
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.doors import asked
from annotation.api.label_forms import MAX_NUMBER
from annotation.api.labels import find_branch
from annotation.core.tracks import tables
from annotation.core.tracks.measuring import Columns
from annotation.models import Branch
from annotation.selectors import labels, measures

CSV, PARQUET = "csv", "parquet"


class MeasuresFilter(serializers.Serializer[Branch]):
    """A frame of the head, or of a revision."""

    t = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER, default=0)
    revision = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER, required=False)


class TableFilter(serializers.Serializer[Branch]):
    """As what, and of which revision."""

    kind = serializers.ChoiceField(choices=[CSV, PARQUET], default=CSV)
    revision = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER, required=False)


class MeasuresOut(serializers.Serializer[Branch]):
    """Columns over the cells of a frame as of revision `head`, all of one length; see
    `annotation.core.tracks.measuring`."""

    head = serializers.IntegerField()
    t = serializers.IntegerField()
    columns = serializers.DictField(
        child=serializers.ListField(child=serializers.JSONField(allow_null=True))  # numbers, words, nothing
    )


class MeasuresView(APIView):
    @extend_schema(operation_id="readMeasures", parameters=[MeasuresFilter], responses=MeasuresOut)
    def get(self, request: Request, pk: UUID) -> Response:
        """What is measured of every cell in one frame."""
        branch, which = find_branch(request, pk), asked(MeasuresFilter, request)
        t = which.pop("t")
        labels.check_frame(image=branch.image, t=t, z=0)
        found = measures.of_branch(branch=branch, **which)
        columns = next(iter(found.frames([t])), {}) if found else {}
        head = which.get("revision", branch.head_number)
        return Response({"head": head, "t": t, "columns": tables.rows_of(columns)})


class MeasuresTableView(APIView):
    @extend_schema(
        operation_id="readMeasuresTable",
        parameters=[TableFilter],
        responses={(200, "text/csv"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        """All frames as one table, a row for each cell in each frame."""
        branch, which = find_branch(request, pk), asked(TableFilter, request)
        kind = which.pop("kind")
        found = measures.of_branch(branch=branch, **which)
        frames: Iterator[Columns] = found.frames() if found else iter(())
        name = f"{Path(branch.image.name).name or 'image'}-measurements.{kind}"
        if kind == PARQUET:
            return _parquet(frames, name, branch)
        response = StreamingHttpResponse(tables.csv_lines(frames), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = _attached(name)
        return response


def _parquet(frames: Iterator[Columns], name: str, branch: Branch) -> HttpResponseBase:
    """The file is made whole before it goes out: its directory of columns stands at its end."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "measurements.parquet"
        tables.write_parquet(target, frames, facts={"image": branch.image.name, "branch": str(branch.pk)})
        body = target.read_bytes() if target.exists() else b""
    response = StreamingHttpResponse(iter([body]), content_type="application/vnd.apache.parquet")
    response["Content-Disposition"] = _attached(name)
    return response


def _attached(name: str) -> str:
    return content_disposition_header(True, name) or "attachment"


urlpatterns = [
    path("branches/<uuid:pk>/measures/", MeasuresView.as_view(), name="measures"),
    path("branches/<uuid:pk>/measures-table/", MeasuresTableView.as_view(), name="measures-table"),
]
