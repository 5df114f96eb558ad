"""Uploads over HTTP: announce, send chunks, finish, watch."""

from typing import IO, Any
from uuid import UUID

from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.datasets import find_dataset
from annotation.api.doors import ListDoor, find, parsed, person
from annotation.models import Upload, UploadFile
from annotation.selectors import datasets as reading
from annotation.services import uploads
from annotation.services.uploads import CHUNK_BYTES, Announced


class UploadFileOut(serializers.ModelSerializer[UploadFile]):
    class Meta:
        model = UploadFile
        fields = ["id", "path", "size", "received", "state", "reason"]


class UploadOut(serializers.ModelSerializer[Upload]):
    """An upload; files are sent in chunks of `chunk_bytes`, the last one shorter."""

    files = UploadFileOut(many=True)
    chunk_bytes = serializers.SerializerMethodField()

    class Meta:
        model = Upload
        fields = [
            "id", "dataset", "state", "message", "fraction", "labels_accepted", "chunk_bytes", "created_at",
            "files",
        ]  # fmt: skip

    @extend_schema_field(OpenApiTypes.INT)
    def get_chunk_bytes(self, _: Upload) -> int:
        return CHUNK_BYTES


class UploadFileIn(serializers.Serializer[UploadFile]):
    path = serializers.CharField(max_length=1000)
    size = serializers.IntegerField(min_value=0)


class UploadIn(serializers.Serializer[Upload]):
    files = UploadFileIn(many=True)
    labels_accepted = serializers.BooleanField(default=False)


class ChunkOut(serializers.ModelSerializer[UploadFile]):
    """How many bytes of the file are here, from its start."""

    class Meta:
        model = UploadFile
        fields = ["received", "state"]


class BytesParser(BaseParser):
    """The body as bytes, at most one chunk and one byte, so that memory stays flat."""

    media_type = "*/*"

    def parse(self, stream: IO[Any], *_: Any, **__: Any) -> dict[str, bytes]:
        return {"bytes": stream.read(CHUNK_BYTES + 1)}


class UploadsView(ListDoor[Upload]):
    queryset = Upload.objects.none()
    serializer_class = UploadOut

    @extend_schema(operation_id="listUploads", responses=UploadOut(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        return self.page(reading.list_uploads(dataset=find_dataset(request, pk)), UploadOut)

    @extend_schema(operation_id="createUpload", request=UploadIn, responses={201: UploadOut})
    def post(self, request: Request, pk: UUID) -> Response:
        dataset, given = find_dataset(request, pk), parsed(UploadIn, request)
        files = [Announced(**file) for file in given.pop("files")]
        return Response(
            UploadOut(uploads.announce(dataset=dataset, files=files, by=person(request), **given)).data,
            status=201,
        )


class UploadView(APIView):
    @extend_schema(operation_id="getUpload", responses=UploadOut)
    def get(self, request: Request, pk: UUID) -> Response:
        return Response(UploadOut(_find(request, pk)).data)


class ChunkView(APIView):
    parser_classes = [BytesParser]

    @extend_schema(
        operation_id="sendChunk",
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses=ChunkOut,
        parameters=[
            OpenApiParameter("X-Sha256", str, OpenApiParameter.HEADER, description="Of this chunk, in hex.")
        ],
    )
    def put(self, request: Request, pk: UUID, file: UUID, offset: int) -> Response:
        kept = uploads.receive_chunk(
            upload=_find(request, pk),
            file_id=file,
            offset=offset,
            data=dict(request.data).get("bytes", b""),
            sha256=request.headers.get("X-Sha256", ""),
            by=person(request),
        )
        return Response(ChunkOut(kept).data)


class FinishView(APIView):
    @extend_schema(operation_id="finishUpload", request=None, responses={202: UploadOut})
    def post(self, request: Request, pk: UUID) -> Response:
        return Response(
            UploadOut(uploads.finish(upload=_find(request, pk), by=person(request))).data, status=202
        )


def _find(request: Request, pk: UUID) -> Upload:
    return find(Upload.objects.select_related("dataset__project__team"), request, pk)


urlpatterns = [
    path("datasets/<uuid:pk>/uploads/", UploadsView.as_view(), name="uploads"),
    path("uploads/<uuid:pk>/", UploadView.as_view(), name="upload"),
    path("uploads/<uuid:pk>/files/<uuid:file>/chunks/<int:offset>/", ChunkView.as_view(), name="chunk"),
    path("uploads/<uuid:pk>/finish/", FinishView.as_view(), name="finish-upload"),
]
