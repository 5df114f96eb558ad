"""Models that leave the house or answer from it, over HTTP."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.http import FileResponse, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.api.sessions import person
from backend.foundation import storage
from training.contract import reading
from training.contract.leaving import LICENCES, Form
from training.models import TrainedModel
from training.runners import leaving, serving
from training.selectors import trained_models as selectors

FORMS = [form.value for form in Form]


class LicenceIn(serializers.Serializer[Any]):
    """Under which licence the model is passed on, by its SPDX name."""

    licence = serializers.ChoiceField(choices=LICENCES, required=False, default=LICENCES[0])


class LeavingIn(LicenceIn):
    """How a model shall leave."""

    form = serializers.ChoiceField(choices=FORMS)


class LeftOut(serializers.Serializer[Any]):
    """The files that are ready, as one zip."""

    form = serializers.ChoiceField(choices=FORMS)
    licence = serializers.ChoiceField(choices=LICENCES)
    name = serializers.CharField()
    size_bytes = serializers.IntegerField()
    address = serializers.CharField()


class AskIn(serializers.Serializer[Any]):
    """A picture for a promoted model; `labels` where it tells the class of outlined cells."""

    image = serializers.FileField(help_text="PNG, TIFF, JPEG or NPY; movies and stacks too.")
    labels = serializers.FileField(
        required=False, help_text="Outlined cells, an image of the same size, for models that classify."
    )
    answer = serializers.ChoiceField(
        choices=["file", "json"],
        required=False,
        default="file",
        help_text="“json”: a list of the cells with quality, class and box instead of their labels.",
    )

    channels = serializers.CharField(
        required=False,
        default="",
        help_text="Names of the channels the model is shown, or their numbers from 1, with commas between; "
        "without a word those that fit it.",
    )
    cell_px = serializers.CharField(
        required=False,
        default="",
        help_text="Diameter of the cells in px; “auto”, as without a word: found in the picture, which takes "
        "up to a megapixel of reading; “learned”: as large as those that the model learned from.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Files have a largest size."""
        for name in ("image", "labels"):
            if name in attrs and attrs[name].size > serving.MOST_BYTES:
                raise serializers.ValidationError(
                    {name: f"The file has {attrs[name].size / 1e6:.0f} MB; at most "
                     f"{serving.MOST_BYTES / 1e6:.0f} MB are answered at once. Predict it as a job."}
                )  # fmt: skip
        return attrs


class LeavingsView(APIView):
    @extend_schema(operation_id="prepareLeaving", request=LeavingIn, responses=LeftOut)
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Writes the model's files as ONNX, as a bioimage.io package, or as a folder that serves itself.

        Takes some seconds; what is there already is not written again.
        """
        trained_model = _model(request, pk)
        given = LeavingIn(data=request.data)
        given.is_valid(raise_exception=True)
        form, licence = given.validated_data["form"], given.validated_data["licence"]
        left = leaving.leave(trained_model=trained_model, form=Form(form), licence=licence)
        address = f"/api/v1/trained-models/{pk}/leaving/{form}/?licence={licence}"
        facts = {"name": left.name, "size_bytes": left.size_bytes, "address": address}
        return Response(LeftOut({"form": form, "licence": licence, **facts}).data)


class LeavingView(APIView):
    @extend_schema(
        operation_id="downloadLeaving",
        parameters=[LicenceIn, OpenApiParameter("form", str, OpenApiParameter.PATH, enum=FORMS)],
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, pk: uuid.UUID, form: str) -> FileResponse:
        """The files as one zip; written first where nobody has asked before."""
        trained_model = _model(request, pk)
        asked = LeavingIn(data={**request.query_params.dict(), "form": form})
        asked.is_valid(raise_exception=True)
        left = leaving.leave(
            trained_model=trained_model, form=Form(form), licence=asked.validated_data["licence"]
        )
        return FileResponse(
            storage.open_stream(left.key),
            as_attachment=True,
            filename=left.name,
            content_type="application/zip",
        )


class ModelPredictView(APIView):
    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="askModel",
        request={"multipart/form-data": AskIn},
        responses={
            (200, "image/tiff"): OpenApiTypes.BINARY,
            (200, "application/json"): OpenApiTypes.OBJECT,
        },
        description="What a promoted model makes of one picture, at once: labels as TIFF, classes as JSON, "
        "predicted channels as OME-TIFF. How the picture was read (channels, zoom, cell_px) stands in the "
        "header `Cytoloop-Reading` and in the JSON. 409 where the model is not promoted, 400 where it cannot "
        "read the picture, 503 when no engine process runs.",
    )
    def post(self, request: Request, pk: uuid.UUID) -> HttpResponse:
        trained_model = _model(request, pk)
        given = AskIn(data=request.data)
        given.is_valid(raise_exception=True)
        files = given.validated_data
        answered = serving.predict(
            trained_model=trained_model,
            picture=files["image"].read(),
            cells=files["labels"].read() if "labels" in files else b"",
            as_json=files["answer"] == "json",
            asked=reading.of_words(files["channels"], files["cell_px"]),
        )
        response = HttpResponse(answered.body, content_type=answered.content_type)
        response["Content-Disposition"] = f'attachment; filename="{answered.name}"'
        if answered.reading:
            response["Cytoloop-Reading"] = json.dumps(dict(answered.reading))
        return response


def _model(request: Request, pk: uuid.UUID) -> TrainedModel:
    return selectors.get_trained_model(user=person(request), trained_model_id=pk)
