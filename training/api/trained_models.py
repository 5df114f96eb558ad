"""The registry and the predictions over HTTP."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.http import FileResponse, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.api.sessions import person
from training.api import lists
from training.models import Correction, Prediction, Tracking, TrainedModel
from training.selectors import predictions as prediction_selectors
from training.selectors import trained_models as selectors
from training.services import trained_models as services


class TrainedModelFilterIn(serializers.Serializer[Any]):
    """Which trained models to list."""

    project = serializers.UUIDField(required=False)
    name = serializers.CharField(required=False)
    starter = serializers.BooleanField(required=False, allow_null=True, default=None)


class CorrectionsOut(serializers.Serializer[Any]):
    """How much of the proposals was corrected, over the predictions whose corrected labels were accepted."""

    predictions = serializers.IntegerField()
    accepted = serializers.IntegerField()
    proposed_cells = serializers.IntegerField()
    untouched = serializers.IntegerField()
    changed = serializers.IntegerField()
    added = serializers.IntegerField()
    removed = serializers.IntegerField()
    kept_share = serializers.FloatField(allow_null=True)
    mean_changed_iou = serializers.FloatField(allow_null=True)
    ap = serializers.DictField(child=serializers.FloatField())


class SnapshotFactsOut(serializers.Serializer[Any]):
    """What a model learned from, in short."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    digest = serializers.CharField()
    counts = serializers.DictField()


TRAINED_MODEL_FIELDS = [
    "id", "project", "name", "version", "description", "recipe", "starter", "job", "snapshot", "parent",
    "settings", "seed", "code_version", "scores", "summary", "size_bytes", "weights_digest", "created_by",
    "created_at",
]  # fmt: skip


class TrainedModelOut(serializers.ModelSerializer[TrainedModel]):
    """One version of one name; `scores` are by split, then by name of the score."""

    settings = serializers.DictField()
    scores = serializers.DictField(child=serializers.DictField(child=serializers.FloatField()))
    summary = serializers.DictField()
    starter = serializers.SerializerMethodField(help_text="Whether it came with Cytoloop.")
    snapshot = SnapshotFactsOut(allow_null=True)
    created_by = serializers.CharField(source="created_by.name", default=None, allow_null=True)

    class Meta:
        model = TrainedModel
        fields: ClassVar[list[str]] = TRAINED_MODEL_FIELDS

    def get_starter(self, trained_model: TrainedModel) -> bool:
        return bool(trained_model.starter)


class TrainedModelDetailOut(TrainedModelOut):
    """A trained model with how much of its proposals was corrected."""

    corrections = serializers.SerializerMethodField()

    class Meta(TrainedModelOut.Meta):
        fields: ClassVar[list[str]] = [*TRAINED_MODEL_FIELDS, "corrections"]

    @extend_schema_field(CorrectionsOut)
    def get_corrections(self, trained_model: TrainedModel) -> Any:
        return CorrectionsOut(selectors.corrections(trained_model=trained_model)).data


class TrainedModelChangeIn(serializers.Serializer[Any]):
    """What may be changed of a trained model."""

    name = serializers.CharField(required=False, max_length=200)
    description = serializers.CharField(required=False, allow_blank=True)


class CorrectionOut(serializers.ModelSerializer[Correction]):
    """What people made of one prediction."""

    revision = serializers.IntegerField(source="revision.number")
    matches = serializers.DictField()

    class Meta:
        model = Correction
        fields = (
            "revision", "untouched_count", "changed_count", "added_count", "removed_count",
            "mean_changed_iou",
            "matches", "scored_at",
        )  # fmt: skip


class PredictionFilterIn(serializers.Serializer[Any]):
    """Which predictions to list."""

    trained_model = serializers.UUIDField(required=False)
    job = serializers.UUIDField(required=False)
    image = serializers.UUIDField(required=False)
    project = serializers.UUIDField(required=False)


class TrackingOut(serializers.ModelSerializer[Tracking]):
    """How the tracks of a prediction came to be. `base` is the revision whose cells were linked, null where a
    model outlined them in the same job; `kept_links` and `kept_cuts` are what people had said of its links,
    all of which the draft keeps. `trained_model` weighed the links, null where the linker has learned
    nothing; `model_name` is its name."""

    settings = serializers.DictField()
    measured = serializers.DictField(child=serializers.FloatField())
    model_name = serializers.SerializerMethodField()
    base = serializers.IntegerField(source="base.number", default=None, allow_null=True)
    base_branch = serializers.CharField(source="base.branch.name", default=None, allow_null=True)

    class Meta:
        model = Tracking
        fields = (
            "linker", "trained_model", "model_name", "settings", "base", "base_branch", "link_count",
            "division_count", "kept_links", "kept_cuts", "measured",
        )  # fmt: skip

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_model_name(self, tracking: Tracking) -> str | None:
        return str(tracking.trained_model) if tracking.trained_model else None


class ReadingOut(serializers.Serializer[Any]):
    """How a model read an image. `channels`: the names of those that it was shown, null for all as they
    stand; `zoom`: by how much the image was enlarged for it; `cell_px`: the cells' diameter in px as it was
    told or found."""

    channels = serializers.ListField(child=serializers.CharField(), allow_null=True)
    zoom = serializers.FloatField(allow_null=True)
    cell_px = serializers.FloatField(allow_null=True)


class PredictionOut(serializers.ModelSerializer[Prediction]):
    """What a model or a linker proposed for an image; `expected_wrong` is the number of objects expected to
    be wrong."""

    image_name = serializers.CharField(source="image.name")
    dataset = serializers.UUIDField(source="image.dataset_id")
    revision = serializers.IntegerField(source="revision.number")
    task_state = serializers.CharField(source="task.state", default=None, allow_null=True)
    correction = serializers.SerializerMethodField()
    tracking = serializers.SerializerMethodField()
    reading = serializers.SerializerMethodField()

    class Meta:
        model = Prediction
        fields = (
            "id", "job", "trained_model", "image", "image_name", "dataset", "branch", "revision",
            "object_count",
            "mean_quality", "expected_wrong", "task", "task_state", "correction", "tracking", "reading",
            "created_at",
        )  # fmt: skip

    @extend_schema_field(CorrectionOut(allow_null=True))
    def get_correction(self, prediction: Prediction) -> Any:
        return CorrectionOut(prediction.correction).data if hasattr(prediction, "correction") else None

    @extend_schema_field(ReadingOut)
    def get_reading(self, prediction: Prediction) -> Any:
        known = {name: prediction.reading.get(name) for name in ("channels", "zoom", "cell_px")}
        return ReadingOut(known).data

    @extend_schema_field(TrackingOut(allow_null=True))
    def get_tracking(self, prediction: Prediction) -> Any:
        return TrackingOut(prediction.tracking).data if hasattr(prediction, "tracking") else None


class TrainedModelsView(GenericAPIView[TrainedModel]):
    serializer_class = TrainedModelOut
    queryset = TrainedModel.objects.none()

    @extend_schema(
        operation_id="listTrainedModels",
        parameters=[TrainedModelFilterIn],
        responses=TrainedModelOut(many=True),
    )
    def get(self, request: Request) -> Response:
        """The trained models that one may see, newest first."""
        return lists.answer(
            self,
            request,
            asked=TrainedModelFilterIn,
            found=selectors.list_trained_models,
            told=TrainedModelOut,
        )


class TrainedModelView(APIView):
    @extend_schema(operation_id="getTrainedModel", responses=TrainedModelDetailOut)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """One trained model with where it came from and how much of its proposals was corrected."""
        return Response(TrainedModelDetailOut(_model(request, pk)).data)

    @extend_schema(
        operation_id="changeTrainedModel", request=TrainedModelChangeIn, responses=TrainedModelDetailOut
    )
    def patch(self, request: Request, pk: uuid.UUID) -> Response:
        """Rename or describe. A new name numbers it behind the versions already there."""
        given = TrainedModelChangeIn(data=request.data)
        given.is_valid(raise_exception=True)
        services.change(trained_model=_model(request, pk), by=person(request), **given.validated_data)
        return Response(TrainedModelDetailOut(_model(request, pk)).data)

    @extend_schema(operation_id="deleteTrainedModel", responses={204: None})
    def delete(self, request: Request, pk: uuid.UUID) -> Response:
        """Delete a model that nothing was made with."""
        services.delete(trained_model=_model(request, pk), by=person(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class TrainedModelDownloadView(APIView):
    @extend_schema(
        operation_id="downloadTrainedModel", responses={(200, "application/zip"): OpenApiTypes.BINARY}
    )
    def get(self, request: Request, pk: uuid.UUID) -> FileResponse:
        """Weights, the engine's card and the registry's facts as one zip."""
        trained_model = _model(request, pk)
        return FileResponse(
            selectors.open_archive(trained_model=trained_model),
            as_attachment=True,
            filename=f"{trained_model.name}-v{trained_model.version}.zip",
            content_type="application/zip",
        )


class StarterPictureView(APIView):
    @extend_schema(operation_id="getStarterPicture", responses={(200, "image/png"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: uuid.UUID) -> HttpResponse:
        """What the proposals of a starter model look like on pictures that it did not learn from."""
        content = selectors.starter_picture(trained_model=_model(request, pk))
        return HttpResponse(
            content, content_type="image/png", headers={"Cache-Control": "private, max-age=3600"}
        )


class PredictionsView(GenericAPIView[Prediction]):
    serializer_class = PredictionOut
    queryset = Prediction.objects.none()

    @extend_schema(
        operation_id="listPredictions", parameters=[PredictionFilterIn], responses=PredictionOut(many=True)
    )
    def get(self, request: Request) -> Response:
        """The predictions that one may see, those with the most objects expected to be wrong first."""
        return lists.answer(
            self,
            request,
            asked=PredictionFilterIn,
            found=prediction_selectors.list_predictions,
            told=PredictionOut,
        )


def _model(request: Request, pk: uuid.UUID) -> TrainedModel:
    return selectors.get_trained_model(user=person(request), trained_model_id=pk)
