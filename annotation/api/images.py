"""Images over HTTP: lists, facts, thumbnails, and the bytes of the OME-Zarr."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api import bytes_out
from annotation.api.doors import ListDoor, asked, changed, find, person
from annotation.models import Branch, Image, ImageState
from annotation.policies.access import NothingHere
from annotation.selectors import blobs
from annotation.selectors import images as reading
from annotation.services import images


class CurrentBranchOut(serializers.ModelSerializer[Branch]):
    class Meta:
        model = Branch
        fields = ["id", "name", "head_number"]


class DraftOut(serializers.Serializer[Any]):
    """A branch that a model proposed."""

    id = serializers.UUIDField()
    name = serializers.CharField()


class ImageOut(serializers.ModelSerializer[Image]):
    """An image sequence; `accepted_number` is the revision accepted last, null when none was. `draft` is what
    a model proposed last while nothing else is known of the image."""

    project = serializers.UUIDField(source="dataset.project_id")
    channel_names = serializers.ListField(child=serializers.CharField())
    current_branch = serializers.SerializerMethodField()
    accepted_number = serializers.SerializerMethodField()
    labelled = serializers.SerializerMethodField()
    draft = serializers.SerializerMethodField()

    class Meta:
        model = Image
        fields = [
            "id", "dataset", "project", "name", "group", "size_t", "size_c", "size_z", "size_y", "size_x",
            "dtype", "channel_names", "pixel_size_z_um", "pixel_size_y_um", "pixel_size_x_um",
            "frame_interval_s", "axes_note", "state", "source", "current_branch", "labelled",
            "draft", "accepted_number", "created_at",
        ]  # fmt: skip

    @extend_schema_field(CurrentBranchOut(allow_null=True))
    def get_current_branch(self, image: Image) -> Any:
        """The labels that people see; of who rates the image blind, their own."""
        own = getattr(image, "own_branch", None)
        return own or (CurrentBranchOut(image.current_branch).data if image.current_branch else None)

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_accepted_number(self, image: Image) -> int | None:
        return None if getattr(image, "own_branch", None) else getattr(image, "accepted_number", None)

    @extend_schema_field(OpenApiTypes.BOOL)
    def get_labelled(self, image: Image) -> bool:
        branch = self.get_current_branch(image)
        return branch is not None and branch["head_number"] > 0

    @extend_schema_field(DraftOut(allow_null=True))
    def get_draft(self, image: Image) -> Any:
        pk = getattr(image, "draft_id", None)
        if pk is None or self.get_labelled(image) or getattr(image, "own_branch", None):
            return None
        return {"id": pk, "name": getattr(image, "draft_name", "")}


class ImageChange(serializers.Serializer[Image]):
    name = serializers.CharField(max_length=500)
    group = serializers.CharField(max_length=500, allow_blank=True)
    channel_names = serializers.ListField(child=serializers.CharField(max_length=200), allow_empty=False)
    pixel_size_z_um = serializers.FloatField(min_value=1e-6, max_value=1e6, allow_null=True)
    pixel_size_y_um = serializers.FloatField(min_value=1e-6, max_value=1e6, allow_null=True)
    pixel_size_x_um = serializers.FloatField(min_value=1e-6, max_value=1e6, allow_null=True)
    frame_interval_s = serializers.FloatField(min_value=1e-6, max_value=1e9, allow_null=True)


class ImageFilter(serializers.Serializer[Image]):
    dataset = serializers.UUIDField(required=False)
    project = serializers.UUIDField(required=False)
    search = serializers.CharField(required=False, help_text="Part of the name.")
    state = serializers.ChoiceField(choices=ImageState.choices, required=False)
    labelled = serializers.BooleanField(required=False, allow_null=True, default=None)
    accepted = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="Has it a revision that was accepted?"
    )


class ImagesView(ListDoor[Image]):
    queryset = Image.objects.none()
    serializer_class = ImageOut

    @extend_schema(operation_id="listImages", parameters=[ImageFilter], responses=ImageOut(many=True))
    def get(self, request: Request) -> Response:
        return self.page(reading.list_images(user=person(request), **asked(ImageFilter, request)), ImageOut)


class ImageView(APIView):
    @extend_schema(operation_id="getImage", responses=ImageOut)
    def get(self, request: Request, pk: UUID) -> Response:
        return Response(_image(request, pk))

    @extend_schema(operation_id="updateImage", request=ImageChange, responses=ImageOut)
    def patch(self, request: Request, pk: UUID) -> Response:
        images.change(image=find_image(request, pk), by=person(request), **changed(ImageChange, request))
        return Response(_image(request, pk))

    @extend_schema(operation_id="deleteImage", responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        images.delete(image=find_image(request, pk), by=person(request))
        return Response(status=204)


class ThumbnailView(APIView):
    @extend_schema(operation_id="getThumbnail", responses={(200, "image/png"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        place = blobs.find_image(user=person(request), image_id=pk)
        return bytes_out.answer(request, key=place.thumbnail_key, content_type="image/png")


class ZarrView(APIView):
    @extend_schema(
        operation_id="readZarr",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
        parameters=[
            OpenApiParameter(
                "path", str, OpenApiParameter.PATH, description="A key of the OME-Zarr 0.5 store."
            )
        ],
    )
    def get(self, request: Request, pk: UUID, path: str) -> HttpResponse:
        place = blobs.find_image(user=person(request), image_id=pk)
        content_type = "application/json" if path.endswith(".json") else "application/octet-stream"
        return bytes_out.answer(
            request, key=blobs.key_inside(place.store_key, path), content_type=content_type
        )


def find_image(request: Request, pk: UUID) -> Image:
    """The image, if the asker may see it."""
    return find(Image.objects.select_related("dataset__project__team", "current_branch"), request, pk)


def _image(request: Request, pk: UUID) -> dict[str, Any]:
    row = reading.list_images(user=person(request)).filter(pk=pk).first()
    if row is None:
        raise NothingHere("There is nothing here that you may see.")
    return ImageOut(row).data


urlpatterns = [
    path("images/", ImagesView.as_view(), name="images"),
    path("images/<uuid:pk>/", ImageView.as_view(), name="image"),
    path("images/<uuid:pk>/thumbnail/", ThumbnailView.as_view(), name="thumbnail"),
    path("images/<uuid:pk>/zarr/<path:path>", ZarrView.as_view(), name="zarr"),
]
