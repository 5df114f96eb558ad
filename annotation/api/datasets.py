"""Datasets over HTTP."""

from typing import Any
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.doors import ListDoor, asked, changed, find, parsed, person
from annotation.models import Dataset, Project
from annotation.policies.access import NothingHere
from annotation.selectors import datasets as reading
from annotation.services import datasets


class DatasetOut(serializers.ModelSerializer[Dataset]):
    image_count = serializers.IntegerField()
    labelled_count = serializers.IntegerField()
    accepted_count = serializers.IntegerField()

    class Meta:
        model = Dataset
        fields = [
            "id", "project", "name", "description", "image_count", "labelled_count", "accepted_count",
            "created_at",
        ]  # fmt: skip


class DatasetIn(serializers.Serializer[Dataset]):
    project = serializers.UUIDField()
    name = serializers.CharField(max_length=200)
    description = serializers.CharField(allow_blank=True, default="")


class DatasetChange(serializers.Serializer[Dataset]):
    name = serializers.CharField(max_length=200)
    description = serializers.CharField(allow_blank=True)


class DatasetFilter(serializers.Serializer[Dataset]):
    project = serializers.UUIDField(required=False)
    name = serializers.CharField(required=False, help_text="Exactly this name.")


class DatasetsView(ListDoor[Dataset]):
    queryset = Dataset.objects.none()
    serializer_class = DatasetOut

    @extend_schema(operation_id="listDatasets", parameters=[DatasetFilter], responses=DatasetOut(many=True))
    def get(self, request: Request) -> Response:
        rows = reading.list_datasets(user=person(request)).filter(**asked(DatasetFilter, request))
        return self.page(rows, DatasetOut)

    @extend_schema(operation_id="createDataset", request=DatasetIn, responses={201: DatasetOut})
    def post(self, request: Request) -> Response:
        given = parsed(DatasetIn, request)
        project = find(Project.objects.select_related("team"), request, given.pop("project"))
        dataset = datasets.create(project=project, by=person(request), **given)
        return Response(_dataset(request, dataset.pk), status=201)


class DatasetView(APIView):
    @extend_schema(operation_id="getDataset", responses=DatasetOut)
    def get(self, request: Request, pk: UUID) -> Response:
        return Response(_dataset(request, pk))

    @extend_schema(operation_id="updateDataset", request=DatasetChange, responses=DatasetOut)
    def patch(self, request: Request, pk: UUID) -> Response:
        datasets.change(
            dataset=find_dataset(request, pk), by=person(request), **changed(DatasetChange, request)
        )
        return Response(_dataset(request, pk))

    @extend_schema(operation_id="deleteDataset", responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        datasets.delete(dataset=find_dataset(request, pk), by=person(request))
        return Response(status=204)


def find_dataset(request: Request, pk: UUID) -> Dataset:
    """The dataset, if the asker may see it."""
    return find(Dataset.objects.select_related("project__team"), request, pk)


def _dataset(request: Request, pk: UUID) -> dict[str, Any]:
    row = reading.list_datasets(user=person(request)).filter(pk=pk).first()
    if row is None:
        raise NothingHere("There is nothing here that you may see.")
    return DatasetOut(row).data


urlpatterns = [
    path("datasets/", DatasetsView.as_view(), name="datasets"),
    path("datasets/<uuid:pk>/", DatasetView.as_view(), name="dataset"),
]
