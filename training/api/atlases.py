"""Atlases over HTTP: make, list, read all points at once, ask for neighbours, give classes to many cells."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.schema_forms import ValueField
from annotation.models import Project
from annotation.policies import access
from backend.accounts.api.sessions import person
from training.api import lists
from training.api.jobs import JobOut
from training.models import Atlas, Labelling
from training.policies import atlases as policies
from training.selectors import atlas_crops, atlas_review, orders
from training.selectors import atlases as selectors
from training.services import atlases as services
from training.services import jobs
from training.services import labelling as labellings

FOR_EVER = "private, max-age=31536000, immutable"


class AtlasIn(serializers.Serializer[Any]):
    """Cells of which images, and what their vectors are made of: a trained model of embed or classify, or
    their measurements where none is named. Images without outlined cells are left out."""

    project = serializers.UUIDField()
    dataset = serializers.UUIDField(required=False, default=None, allow_null=True)
    image_ids = serializers.ListField(child=serializers.UUIDField(), required=False, default=list)
    trained_model = serializers.UUIDField(required=False, default=None, allow_null=True)
    name = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)
    settings = serializers.DictField(required=False, default=dict)


class AtlasFilterIn(serializers.Serializer[Any]):
    """Which atlases to list."""

    project = serializers.UUIDField(required=False)
    trained_model = serializers.UUIDField(required=False)
    dataset = serializers.UUIDField(required=False)
    job = serializers.UUIDField(required=False)


class AtlasOut(serializers.ModelSerializer[Atlas]):
    """A map of cells; `made_of` names the model, or says “measurements”."""

    measures = serializers.ListField(child=serializers.CharField())
    created_by = serializers.CharField(source="created_by.name", default=None, allow_null=True)

    class Meta:
        model = Atlas
        fields = (
            "id", "project", "job", "trained_model", "name", "made_of", "measures", "point_count",
            "group_count", "created_by", "created_at",
        )  # fmt: skip


class AtlasChangeIn(serializers.Serializer[Any]):
    """What may be changed of an atlas."""

    name = serializers.CharField(max_length=200)


class NumbersIn(serializers.Serializer[Any]):
    """Numbers of cells of the atlas, with commas between, at most 64."""

    numbers = serializers.RegexField(r"^\d{1,9}(,\d{1,9}){0,63}$", max_length=700)


class NeighboursIn(serializers.Serializer[Any]):
    """How many neighbours."""

    count = serializers.IntegerField(required=False, default=24, min_value=1, max_value=200)


class NeighbourOut(serializers.Serializer[Any]):
    """A cell like the one that was asked for; `number` is its row among the points."""

    number = serializers.IntegerField()
    image = serializers.UUIDField()
    cell = serializers.IntegerField()
    t = serializers.IntegerField()
    z = serializers.IntegerField()
    distance = serializers.FloatField()


class LabellingIn(serializers.Serializer[Any]):
    """What is said of which cells, by their numbers in the atlas: a class (null takes it away), a quality
    from 0 to 1 (null: nobody said), whether nothing shall be learnt from them, whether people are not sure
    what they are, and attributes by id (null takes the value away); at least one of these."""

    numbers = serializers.ListField(
        child=serializers.IntegerField(min_value=0), min_length=1, max_length=labellings.MOST_CELLS
    )
    label_class = serializers.UUIDField(allow_null=True, required=False)
    quality = serializers.FloatField(min_value=0, max_value=1, allow_null=True, required=False)
    ignored = serializers.BooleanField(required=False)
    uncertain = serializers.BooleanField(required=False)
    attributes = serializers.DictField(child=ValueField(allow_null=True), required=False)

    def validate_attributes(self, given: dict[str, Any]) -> dict[str, Any]:
        """Attributes are named by their ids."""
        try:
            return {str(uuid.UUID(name)): value for name, value in given.items()}
        except ValueError:
            raise serializers.ValidationError("Name attributes by their ids.") from None


class AtlasAttributeOut(serializers.Serializer[Any]):
    """What an attribute says of each cell, by number: its place in `texts`, or the number itself where the
    attribute is one; null where nobody said."""

    texts = serializers.ListField(child=serializers.CharField())
    told = serializers.ListField(child=serializers.FloatField(allow_null=True))


class LabellingOut(serializers.ModelSerializer[Labelling]):
    """What was done; cells that were locked, gone, or of the class already are `skipped_count`."""

    class_name = serializers.CharField(source="label_class.name", default=None, allow_null=True)
    skipped_count = serializers.IntegerField(min_value=0)
    created_by = serializers.CharField(source="created_by.name", default=None, allow_null=True)
    said = serializers.DictField()

    class Meta:
        model = Labelling
        fields = (
            "id", "label_class", "class_name", "said", "cell_count", "skipped_count", "created_by",
            "created_at", "undone_at",
        )  # fmt: skip


class AtlasesView(GenericAPIView[Atlas]):
    serializer_class = AtlasOut
    queryset = Atlas.objects.none()

    @extend_schema(operation_id="listAtlases", parameters=[AtlasFilterIn], responses=AtlasOut(many=True))
    def get(self, request: Request) -> Response:
        """The atlases that one may see, newest first."""
        return lists.answer(self, request, asked=AtlasFilterIn, found=selectors.list_atlases, told=AtlasOut)

    @extend_schema(operation_id="makeAtlas", request=AtlasIn, responses={201: JobOut})
    def post(self, request: Request) -> Response:
        """Start the job that makes an atlas; it is there when the job has succeeded."""
        given = AtlasIn(data=request.data)
        given.is_valid(raise_exception=True)
        user, asked = person(request), given.validated_data
        project = access.find(Project.objects.all(), user=user, pk=asked["project"])
        order = orders.atlas_order(user=user, asked=asked)
        job = jobs.start(project=project, order=order, by=user)
        return Response(JobOut(job).data, status=status.HTTP_201_CREATED)


class AtlasView(APIView):
    @extend_schema(operation_id="getAtlas", responses=AtlasOut)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """One atlas."""
        return Response(AtlasOut(_atlas(request, pk)).data)

    @extend_schema(operation_id="renameAtlas", request=AtlasChangeIn, responses=AtlasOut)
    def patch(self, request: Request, pk: uuid.UUID) -> Response:
        """Give an atlas another name."""
        atlas, given = _atlas(request, pk), AtlasChangeIn(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(
            AtlasOut(services.rename(atlas=atlas, by=person(request), **given.validated_data)).data
        )

    @extend_schema(operation_id="deleteAtlas", responses={204: None})
    def delete(self, request: Request, pk: uuid.UUID) -> Response:
        """Delete an atlas; classes that were given with its help stay."""
        services.delete(atlas=_atlas(request, pk), by=person(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class AtlasPointsView(APIView):
    @extend_schema(
        operation_id="readAtlasPoints", responses={(200, "application/octet-stream"): OpenApiTypes.BINARY}
    )
    def get(self, request: Request, pk: uuid.UUID) -> HttpResponse:
        """All points as columns: u32 length of a JSON head, the head (count, images, groups, columns with
        name, dtype and the byte at which each begins after the head), then the arrays, little-endian. They
        never change."""
        content = selectors.columns(atlas=_atlas(request, pk))
        return HttpResponse(
            content, content_type="application/octet-stream", headers={"Cache-Control": FOR_EVER}
        )


class AtlasClassesView(APIView):
    @extend_schema(
        operation_id="readAtlasClasses", responses={(200, "application/octet-stream"): OpenApiTypes.BINARY}
    )
    def get(self, request: Request, pk: uuid.UUID) -> HttpResponse:
        """The class of every cell at present, one byte each: its place from 1 in the header X-Classes, which
        lists ids of classes with commas between; 0 for none, 255 for a cell that is gone."""
        known, told = selectors.classes(atlas=_atlas(request, pk))
        return HttpResponse(
            told.tobytes(), content_type="application/octet-stream", headers={"X-Classes": ",".join(known)}
        )


class AtlasCropsView(APIView):
    @extend_schema(
        operation_id="readAtlasCrops",
        parameters=[NumbersIn],
        responses={(200, "image/png"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, pk: uuid.UUID) -> HttpResponse:
        """Pictures of cells side by side, 72 px each."""
        atlas, asked = _atlas(request, pk), NumbersIn(data=request.query_params)
        asked.is_valid(raise_exception=True)
        numbers = [int(each) for each in asked.validated_data["numbers"].split(",")]
        content = atlas_crops.sprite(atlas=atlas, numbers=numbers)
        return HttpResponse(content, content_type="image/png", headers={"Cache-Control": FOR_EVER})


class AtlasReviewView(APIView):
    @extend_schema(
        operation_id="readAtlasReview", responses={(200, "application/octet-stream"): OpenApiTypes.BINARY}
    )
    def get(self, request: Request, pk: uuid.UUID) -> HttpResponse:
        """What cells are sorted by in a review, as they are at present: all qualities (f4, NaN: nobody said),
        then how far each class stands against those of its like (f4, 0 to 1, NaN: no class), then flags (u1:
        1 ignored, 2 locked, 4 uncertain)."""
        found = atlas_review.sorted_by(atlas=_atlas(request, pk))
        body = b"".join((found.quality.tobytes(), found.disagreement.tobytes(), found.flags.tobytes()))
        return HttpResponse(body, content_type="application/octet-stream")


class AtlasAttributeView(APIView):
    @extend_schema(operation_id="readAtlasAttribute", responses=AtlasAttributeOut)
    def get(self, request: Request, pk: uuid.UUID, attribute: uuid.UUID) -> Response:
        """What an attribute says of every cell at present."""
        found = atlas_review.attribute(atlas=_atlas(request, pk), attribute_id=attribute)
        return Response({"texts": found.texts, "told": found.told})


class AtlasLikenessView(APIView):
    @extend_schema(
        operation_id="readAtlasLikeness",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, pk: uuid.UUID, number: int) -> HttpResponse:
        """How far every cell is from one in what the map compares, f4."""
        body = atlas_review.distances(atlas=_atlas(request, pk), number=number).tobytes()
        return HttpResponse(
            body, content_type="application/octet-stream", headers={"Cache-Control": FOR_EVER}
        )


class AtlasNeighboursView(APIView):
    @extend_schema(
        operation_id="listNeighbours", parameters=[NeighboursIn], responses=NeighbourOut(many=True)
    )
    def get(self, request: Request, pk: uuid.UUID, number: int) -> Response:
        """The cells most alike to one, nearest first. Not paged: it is a short list."""
        atlas, asked = _atlas(request, pk), NeighboursIn(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found = selectors.neighbours(atlas=atlas, number=number, count=asked.validated_data["count"])
        return Response(NeighbourOut(found, many=True).data)


class LabellingsView(GenericAPIView[Labelling]):
    serializer_class = LabellingOut
    queryset = Labelling.objects.none()

    @extend_schema(operation_id="listLabellings", responses=LabellingOut(many=True))
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """What was labelled with the atlas's help, newest first."""
        found = Labelling.objects.filter(atlas=_atlas(request, pk)).select_related(
            "label_class", "created_by"
        )
        return self.get_paginated_response(LabellingOut(self.paginate_queryset(found), many=True).data)

    @extend_schema(operation_id="labelCells", request=LabellingIn, responses={201: LabellingOut})
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Give cells a class as one act, which can be undone as one: an ordinary revision of every image."""
        atlas, given = _atlas(request, pk), LabellingIn(data=request.data)
        given.is_valid(raise_exception=True)
        done = labellings.label(atlas=atlas, by=person(request), **given.validated_data)
        return Response(LabellingOut(done).data, status=status.HTTP_201_CREATED)


class LabellingUndoView(APIView):
    @extend_schema(operation_id="undoLabelling", request=None, responses=LabellingOut)
    def post(self, request: Request, pk: uuid.UUID, labelling: uuid.UUID) -> Response:
        """Take a labelling back: every cell has the class again that it had before."""
        row = selectors.get_labelling(user=person(request), atlas=_atlas(request, pk), labelling_id=labelling)
        return Response(LabellingOut(labellings.undo(labelling=row, by=person(request))).data)


def _atlas(request: Request, pk: uuid.UUID) -> Atlas:
    rows = policies.visible_to(person(request)).select_related("project__team", "created_by")
    return selectors.find(rows=rows, atlas_id=pk)
