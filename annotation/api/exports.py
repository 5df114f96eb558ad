"""Exports over HTTP."""

from uuid import UUID

from django.http import FileResponse
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api import bytes_out
from annotation.api.datasets import find_dataset
from annotation.api.doors import ListDoor, find, parsed, person
from annotation.api.people import AuthorOut
from annotation.models import Export, ExportFormat, ExportWhich
from annotation.selectors import datasets as reading
from annotation.services import exports


class ExportOut(serializers.ModelSerializer[Export]):
    created_by = AuthorOut(allow_null=True)

    class Meta:
        model = Export
        fields = [
            "id",
            "dataset",
            "format",
            "which",
            "release",
            "state",
            "message",
            "size_bytes",
            "created_by",
            "created_at",
        ]


class ExportIn(serializers.Serializer[Export]):
    format = serializers.ChoiceField(choices=ExportFormat.choices)
    which = serializers.ChoiceField(choices=ExportWhich.choices, default=ExportWhich.ACCEPTED)


class ExportsView(ListDoor[Export]):
    queryset = Export.objects.none()
    serializer_class = ExportOut

    @extend_schema(operation_id="listExports", responses=ExportOut(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        dataset = find_dataset(request, pk)
        return self.page(reading.list_exports(dataset=dataset, user=person(request)), ExportOut)

    @extend_schema(operation_id="createExport", request=ExportIn, responses={202: ExportOut})
    def post(self, request: Request, pk: UUID) -> Response:
        export = exports.ask(
            dataset=find_dataset(request, pk), by=person(request), **parsed(ExportIn, request)
        )
        return Response(ExportOut(export).data, status=202)


class ExportView(APIView):
    @extend_schema(operation_id="getExport", responses=ExportOut)
    def get(self, request: Request, pk: UUID) -> Response:
        return Response(ExportOut(_find(request, pk)).data)


class DownloadView(APIView):
    @extend_schema(operation_id="downloadExport", responses={(200, "application/zip"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: UUID) -> FileResponse:
        export = _find(request, pk)
        return bytes_out.stream(exports.open_result(export=export), file_name=exports.file_name(export))


def _find(request: Request, pk: UUID) -> Export:
    return find(Export.objects.select_related("dataset__project__team", "created_by"), request, pk)


urlpatterns = [
    path("datasets/<uuid:pk>/exports/", ExportsView.as_view(), name="exports"),
    path("exports/<uuid:pk>/", ExportView.as_view(), name="export"),
    path("exports/<uuid:pk>/download/", DownloadView.as_view(), name="download-export"),
]
