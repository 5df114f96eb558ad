"""Click-to-segment over HTTP: the model for the pages, embeddings of frames, and masks by a larger model."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import FileResponse, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api import bytes_out
from backend.accounts.api.sessions import person
from training.contract.prompting import DECODER, ENCODER
from training.policies import prompting as policies
from training.runners import embeddings
from training.selectors import prompting as selectors

MOST_CLICKS = 64


class NormalisationOut(serializers.Serializer[Any]):
    """How grey values become what the net sees."""

    low_percentile = serializers.FloatField()
    high_percentile = serializers.FloatField()
    invert_above = serializers.FloatField()
    clip_low = serializers.FloatField()
    clip_high = serializers.FloatField()
    sample_px = serializers.IntegerField()


class PromptModelOut(serializers.Serializer[Any]):
    """The contract of a click-to-segment model, as in its `prompt.json`."""

    format = serializers.IntegerField()
    name = serializers.CharField()
    kind = serializers.CharField(help_text="“window” or “whole”.")
    digest = serializers.CharField()
    features = serializers.IntegerField()
    channels = serializers.IntegerField()
    stride_px = serializers.IntegerField()
    multiple_px = serializers.IntegerField()
    tile_px = serializers.IntegerField()
    margin_px = serializers.IntegerField()
    window_cells = serializers.IntegerField()
    scales = serializers.ListField(child=serializers.IntegerField())
    most_points = serializers.IntegerField()
    side_px = serializers.IntegerField()
    normalisation = NormalisationOut()
    licence = serializers.CharField()
    scores = serializers.DictField(allow_null=True)


class LargerModelOut(serializers.Serializer[Any]):
    """A larger model that the server answers with."""

    name = serializers.CharField()
    digest = serializers.CharField()


class CurrentPromptModelOut(serializers.Serializer[Any]):
    """The model for the pages with its files' addresses, and the larger one where a team installed one."""

    model = PromptModelOut()
    encoder = serializers.CharField()
    decoder = serializers.CharField()
    larger = LargerModelOut(allow_null=True)


class EmbeddingIn(serializers.Serializer[Any]):
    """Which tile of which frame's embedding."""

    t = serializers.IntegerField(min_value=0, default=0)
    z = serializers.IntegerField(min_value=0, default=0)
    ty = serializers.IntegerField(min_value=0)
    tx = serializers.IntegerField(min_value=0)
    zoom = serializers.ChoiceField(
        choices=[1, 2], default=1, help_text="2: of the frame enlarged twice, for small cells."
    )
    channels = serializers.RegexField(
        r"^\d+(,\d+){0,2}$",
        required=False,
        help_text="Numbers of at most three channels with commas between; the first three when left out.",
    )
    digest = serializers.CharField(required=False, help_text="The model that the asker has.")


class ClickIn(serializers.Serializer[Any]):
    """A place in px of the picture, pixel middles at .5; sign 1: the cell, −1: not the cell."""

    y = serializers.FloatField()
    x = serializers.FloatField()
    sign = serializers.ChoiceField(choices=[1, -1])


class BoxIn(serializers.Serializer[Any]):
    """A box in px of the picture."""

    y0 = serializers.FloatField()
    x0 = serializers.FloatField()
    y1 = serializers.FloatField()
    x1 = serializers.FloatField()


class PromptIn(serializers.Serializer[Any]):
    """Clicks and a box on one cell of one frame."""

    t = serializers.IntegerField(min_value=0, default=0)
    z = serializers.IntegerField(min_value=0, default=0)
    channels = serializers.ListField(
        child=serializers.IntegerField(min_value=0), max_length=3, required=False, default=list
    )
    clicks = serializers.ListField(child=ClickIn(), max_length=MOST_CLICKS)
    box = BoxIn(required=False, allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Something must be said of the cell itself."""
        if attrs["box"] is None and not any(click["sign"] > 0 for click in attrs["clicks"]):
            raise serializers.ValidationError("Give a click on the cell, or a box.")
        return attrs


class MaskOut(serializers.Serializer[Any]):
    """A mask as runs `y, x, length, …` along x, and the IoU that the model expects of it."""

    runs = serializers.ListField(child=serializers.IntegerField())
    quality = serializers.FloatField()


class CurrentPromptModelView(APIView):
    @extend_schema(operation_id="getPromptModel", responses=CurrentPromptModelOut)
    def get(self, request: Request) -> Response:
        model = selectors.shipped_model()
        place = f"/api/v1/prompt-models/{model.digest}"
        larger = embeddings.larger_model()
        answer = {
            "model": model.to_json(),
            "encoder": f"{place}/{ENCODER}",
            "decoder": f"{place}/{DECODER}",
            "larger": larger,
        }
        return Response(CurrentPromptModelOut(answer).data)


class PromptModelFileView(APIView):
    @extend_schema(
        operation_id="readPromptModelFile",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
        parameters=[
            OpenApiParameter("digest", str, OpenApiParameter.PATH, description="The model's digest."),
            OpenApiParameter("name", str, OpenApiParameter.PATH, enum=[ENCODER, DECODER]),
        ],
    )
    def get(self, request: Request, digest: str, name: str) -> FileResponse:
        path = selectors.model_file(digest=digest, name=name)
        response = FileResponse(path.open("rb"), content_type="application/octet-stream")
        response["Cache-Control"] = bytes_out.FOR_EVER
        return response


class EmbeddingView(APIView):
    @extend_schema(
        operation_id="readEmbedding",
        description="Bytes of one tile of a frame's embedding: feature by feature, row by row, 0 to 255 for "
        "−1 to 1. Made by the engine process when nobody asked before; 503 when none runs.",
        parameters=[EmbeddingIn],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, pk: uuid.UUID) -> HttpResponse:
        image = policies.find_image(user=person(request), image_id=pk)
        asked = EmbeddingIn(data=request.query_params)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        model = selectors.shipped_model()
        if wanted.get("digest", model.digest) != model.digest:
            raise selectors.NoSuchModelFile("The page has another model than the server; reload it.")
        channels = [int(c) for c in wanted.get("channels", "").split(",") if c]
        place = selectors.frame_place(image=image, t=wanted["t"], z=wanted["z"], channels=channels)
        made = embeddings.tile(place=place, ty=wanted["ty"], tx=wanted["tx"], zoom=wanted["zoom"])
        response = HttpResponse(made, content_type="application/octet-stream")
        response["Cache-Control"] = bytes_out.FOR_EVER
        return response


class PromptsView(APIView):
    @extend_schema(
        operation_id="promptImage",
        description="A mask for clicks and a box, by the larger model that a team has installed; "
        "409 without one, 503 when no engine process runs.",
        request=PromptIn,
        responses=MaskOut,
    )
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        image = policies.find_image(user=person(request), image_id=pk)
        given = PromptIn(data=request.data)
        given.is_valid(raise_exception=True)
        said = given.validated_data
        place = selectors.frame_place(image=image, t=said["t"], z=said["z"], channels=said["channels"])
        found = embeddings.segment(place=place, clicks=said["clicks"], box=said["box"])
        return Response(MaskOut(found).data)
