"""What a classifier looks at, over HTTP."""

from __future__ import annotations

import base64
import uuid
from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.models import Branch, Image, Revision
from annotation.policies import access
from annotation.selectors import labels
from backend.accounts.api.sessions import person
from backend.foundation.errors import NotFound
from training.models import TrainedModel
from training.runners import explanations
from training.selectors import cell_memory, trained_models

MOST_OF_A_CLASS = 6
CROP_KEPT_S = 24 * 3600


class RememberedCellOut(serializers.Serializer[Any]):
    """A cell of the images that a model learned from or was judged on; `sure` is the probability of its true
    class, `likeness` a cosine from −1 to 1. Open `branch` at `revision` to see it.
    """

    image = serializers.UUIDField(source="image.pk")
    image_name = serializers.CharField(source="image.name")
    branch = serializers.UUIDField(source="revision.branch_id")
    revision = serializers.IntegerField(source="revision.number")
    t = serializers.IntegerField()
    z = serializers.IntegerField()
    cell = serializers.IntegerField()
    box = serializers.ListField(child=serializers.IntegerField(), min_length=4, max_length=4)
    truth = serializers.CharField()
    told = serializers.CharField()
    sure = serializers.FloatField()
    learned = serializers.BooleanField()
    likeness = serializers.FloatField(allow_null=True)


class ClassExtremesOut(serializers.Serializer[Any]):
    """Of one class the cells that the model was least sure of and those it was surest of."""

    name = serializers.CharField()
    worst = RememberedCellOut(many=True)
    best = RememberedCellOut(many=True)


class ExplanationIn(serializers.Serializer[Any]):
    """Which cell: of `branch` at `revision`, else of the labels that the model learned from, else of the
    image's own newest. `of`: the class to be explained, else the one that is told.
    """

    image = serializers.UUIDField()
    cell = serializers.IntegerField(min_value=1)
    t = serializers.IntegerField(min_value=0, default=0)
    z = serializers.IntegerField(min_value=0, default=0)
    branch = serializers.UUIDField(required=False)
    revision = serializers.IntegerField(min_value=1, required=False)
    of = serializers.CharField(required=False)


class ExplanationOut(serializers.Serializer[Any]):
    """What is told of a cell and why. `crop`, `signed`, `coarse` are PNG files in base64, laid one on the
    other.
    """

    classes = serializers.ListField(child=serializers.CharField())
    probabilities = serializers.ListField(child=serializers.FloatField())
    of = serializers.CharField()
    crop = serializers.CharField()
    signed = serializers.CharField()
    coarse = serializers.CharField()
    alike = RememberedCellOut(many=True)


class ModelCellsView(APIView):
    @extend_schema(operation_id="listModelCells", responses=ClassExtremesOut(many=True))
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """The worst and the best cells of each class that a classifier tells; 404 where it remembers none."""
        found = cell_memory.extremes(trained_model=_model(request, pk), most=MOST_OF_A_CLASS)
        return Response(ClassExtremesOut(found, many=True).data)


class ExplanationView(APIView):
    @extend_schema(operation_id="explainCell", parameters=[ExplanationIn], responses=ExplanationOut)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """Why a classifier tells the class of a cell: maps of what speaks for and against it, and training
        cells most like it. 503 when no engine process runs.
        """
        found = explanations.explain(trained_model=_model(request, pk), **_asked(request, pk))
        pictures = {
            name: base64.b64encode(getattr(found, name)).decode() for name in ("crop", "signed", "coarse")
        }
        told = {"classes": found.classes, "probabilities": found.probabilities, "of": found.of}
        return Response(ExplanationOut({**told, **pictures, "alike": found.alike}).data)


class CellCropView(APIView):
    @extend_schema(
        operation_id="readCellCrop",
        parameters=[ExplanationIn],
        responses={(200, "image/png"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, pk: uuid.UUID) -> HttpResponse:
        """A cell as a classifier sees it. 503 when no engine process runs."""
        asked = _asked(request, pk)
        asked.pop("of", None)
        made = explanations.crop(trained_model=_model(request, pk), **asked)
        response = HttpResponse(made, content_type="image/png")
        response["Cache-Control"] = f"private, max-age={CROP_KEPT_S}"
        return response


def _asked(request: Request, pk: uuid.UUID) -> dict[str, Any]:
    model = _model(request, pk)
    given = ExplanationIn(data=request.query_params)
    given.is_valid(raise_exception=True)
    asked = given.validated_data
    image = access.find(
        Image.objects.select_related("dataset__project", "current_branch"),
        user=person(request),
        pk=asked["image"],
    )
    revision = _revision(request, model, image, asked)
    kept = {name: asked[name] for name in ("t", "z", "cell", "of") if name in asked}
    return {"image": image, "revision": revision, **kept}


def _revision(request: Request, model: TrainedModel, image: Image, asked: dict[str, Any]) -> Revision:
    if not asked.get("branch"):
        found = cell_memory.revision_of(trained_model=model, image=image)
    else:
        rows = Branch.objects.filter(image=image)
        branch = access.find(rows, user=person(request), pk=asked["branch"])
        number = asked.get("revision")
        found = labels.get_revision(branch=branch, number=number) if number else labels.head_revision(branch)
    if found is None:
        raise NotFound(f"Nothing was labelled on {image.name} yet.")
    return found


def _model(request: Request, pk: uuid.UUID) -> TrainedModel:
    return trained_models.get_trained_model(user=person(request), trained_model_id=pk)
