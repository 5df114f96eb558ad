"""Evaluations and comparisons over HTTP."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.core.faults import FaultKind
from annotation.policies import access
from backend.accounts.api.sessions import person
from training.api import lists
from training.models import Comparison, Evaluation, EvaluationFault, EvaluationItem
from training.models.snapshots import Split
from training.selectors import evaluations as selectors
from training.services import comparisons as comparison_services
from training.services import error_maps
from training.services import evaluations as services


class EvaluationFilterIn(serializers.Serializer[Any]):
    """Which evaluations to list."""

    project = serializers.UUIDField(required=False)
    trained_model = serializers.UUIDField(required=False)
    branch = serializers.UUIDField(required=False)
    snapshot = serializers.UUIDField(required=False)


class EvaluationIn(serializers.Serializer[Any]):
    """What to score: one of `trained_model`, `prediction` and `branch` (up to `revision`, else all of it).

    Against what: `snapshot` with its `split` (empty for all), `truth` (the number of an accepted revision of
    the branch's image), or neither: the newest accepted revision of each image.
    """

    trained_model = serializers.UUIDField(required=False)
    prediction = serializers.UUIDField(required=False)
    branch = serializers.UUIDField(required=False)
    revision = serializers.IntegerField(required=False, min_value=1)
    truth = serializers.IntegerField(required=False, min_value=1)
    snapshot = serializers.UUIDField(required=False)
    split = serializers.ChoiceField(choices=Split.choices, required=False, allow_blank=True, default="")
    predict_missing = serializers.BooleanField(default=False)


class IntervalOut(serializers.Serializer[Any]):
    """A pooled score with its 95 % interval; counts and single images have none."""

    value = serializers.FloatField()
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)


class MethodOut(serializers.Serializer[Any]):
    """How the intervals were made."""

    interval = serializers.CharField()
    draws = serializers.IntegerField()
    level = serializers.FloatField()
    seed = serializers.IntegerField()
    images = serializers.DictField(child=serializers.IntegerField())


class EvaluationOut(serializers.ModelSerializer[Evaluation]):
    """An evaluation; `scores` are by split, then by name of the score."""

    scores = serializers.DictField(child=serializers.DictField(child=IntervalOut()))
    tallies = serializers.DictField(child=serializers.IntegerField())
    split = serializers.CharField()
    trained_model_name = serializers.CharField(source="trained_model.__str__", default=None, allow_null=True)
    snapshot_name = serializers.CharField(source="snapshot.name", default=None, allow_null=True)
    created_by = serializers.CharField(source="created_by.name", default=None, allow_null=True)

    class Meta:
        model = Evaluation
        fields: ClassVar[list[str]] = [
            "id", "project", "trained_model", "trained_model_name", "branch", "snapshot", "snapshot_name",
            "split", "name", "state", "waits_for", "fraction", "error", "notice", "scores", "tallies",
            "created_by", "created_at", "finished_at",
        ]  # fmt: skip


class EvaluationItemOut(serializers.ModelSerializer[EvaluationItem]):
    """One image; `scores` holds its AP, PQ and so on, and its counts of cells. `shown` is the image that
    shows the prediction: itself with `branch` at `revision`, or what a model of channels made of it."""

    image_name = serializers.CharField(source="image.name")
    shown = serializers.UUIDField()
    branch = serializers.UUIDField(source="predicted.branch_id", default=None, allow_null=True)
    revision = serializers.IntegerField(source="predicted.number", default=None, allow_null=True)
    truth_branch = serializers.UUIDField(source="truth.branch_id", default=None, allow_null=True)
    truth_revision = serializers.IntegerField(source="truth.number", default=None, allow_null=True)
    scores = serializers.DictField(child=serializers.FloatField())
    tallies = serializers.DictField(child=serializers.IntegerField())

    class Meta:
        model = EvaluationItem
        fields = (
            "image", "image_name", "shown", "split", "branch", "revision", "truth_branch", "truth_revision",
            "scores", "tallies",
        )  # fmt: skip


class ConfusionOut(serializers.Serializer[Any]):
    """Cells by true class (rows) and told class (columns), in the order of `names`."""

    names = serializers.ListField(child=serializers.CharField())
    table = serializers.ListField(child=serializers.ListField(child=serializers.IntegerField()))


class ReliabilityOut(serializers.Serializer[Any]):
    """Of one of ten steps of quality: cells, the mean that was said, and the share that was right."""

    cells = serializers.FloatField()
    said = serializers.FloatField()
    right = serializers.FloatField()


class FiguresOut(serializers.Serializer[Any]):
    """What is drawn of a split: the confusions of classes, whether the quality can be believed, and of
    predicted channels what their intervals promise (`said`) and hold (`right`); they are told at `level`."""

    confusion = ConfusionOut(required=False)
    reliability = ReliabilityOut(many=True, required=False)
    intervals = ReliabilityOut(many=True, required=False)
    level = serializers.FloatField(required=False)


class EvaluationDetailOut(EvaluationOut):
    """An evaluation with its classes (by split, class, score), its figures by split, and its images."""

    classes = serializers.DictField(
        child=serializers.DictField(child=serializers.DictField(child=IntervalOut()))
    )
    figures = serializers.DictField(child=FiguresOut())
    main_score = serializers.SerializerMethodField()
    method = serializers.SerializerMethodField()
    items = serializers.SerializerMethodField()

    class Meta(EvaluationOut.Meta):
        fields: ClassVar[list[str]] = [
            *EvaluationOut.Meta.fields, "classes", "figures", "main_score", "method", "items",
        ]  # fmt: skip

    def get_main_score(self, evaluation: Evaluation) -> str:
        return comparison_services.main_score(evaluation)

    @extend_schema_field(MethodOut(allow_null=True))
    def get_method(self, evaluation: Evaluation) -> Any:
        return MethodOut(evaluation.method).data if evaluation.method else None

    @extend_schema_field(EvaluationItemOut(many=True))
    def get_items(self, evaluation: Evaluation) -> Any:
        return EvaluationItemOut(selectors.list_items(evaluation=evaluation), many=True).data


class FaultFilterIn(serializers.Serializer[Any]):
    """Which faults to list; frames only when they are asked for."""

    kind = serializers.ChoiceField(choices=[kind.value for kind in FaultKind], required=False)
    image = serializers.UUIDField(required=False)


class FaultOut(serializers.ModelSerializer[EvaluationFault]):
    """One thing that was wrong, and where: open the image `shown`, on `branch` at `revision` where there is
    one, at (t, z, y, x) to see it.

    `truth_cells` are ids on `truth_branch`, `predicted_cells` on `branch`.
    """

    kind = serializers.ChoiceField(choices=[kind.value for kind in FaultKind])
    image = serializers.UUIDField(source="item.image_id")
    image_name = serializers.CharField(source="item.image.name")
    split = serializers.CharField(source="item.split")
    shown = serializers.UUIDField(source="item.shown")
    branch = serializers.UUIDField(source="item.predicted.branch_id", default=None, allow_null=True)
    revision = serializers.IntegerField(source="item.predicted.number", default=None, allow_null=True)
    truth_branch = serializers.UUIDField(source="item.truth.branch_id", default=None, allow_null=True)
    truth_revision = serializers.IntegerField(source="item.truth.number", default=None, allow_null=True)
    truth_cells = serializers.ListField(child=serializers.IntegerField())
    predicted_cells = serializers.ListField(child=serializers.IntegerField())

    class Meta:
        model = EvaluationFault
        fields = (
            "id", "kind", "harm", "iou", "size_px", "image", "image_name", "shown", "split", "t", "z", "y",
            "x", "branch", "revision", "truth_branch", "truth_revision", "truth_cells", "predicted_cells",
        )  # fmt: skip


class ComparisonIn(serializers.Serializer[Any]):
    """Two finished evaluations of one project."""

    first = serializers.UUIDField()
    second = serializers.UUIDField()


class DifferenceOut(serializers.Serializer[Any]):
    """Second less first with its 95 % interval; `below_zero`: the share of draws in which it is negative."""

    first = serializers.FloatField()
    second = serializers.FloatField()
    value = serializers.FloatField()
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    below_zero = serializers.FloatField()


class DisagreementPlaceOut(serializers.Serializer[Any]):
    """Where the two predictions of an image differ most."""

    t = serializers.IntegerField()
    z = serializers.IntegerField()
    y = serializers.IntegerField()
    x = serializers.IntegerField()
    size_px = serializers.IntegerField()
    in_second = serializers.BooleanField()
    first_cells = serializers.ListField(child=serializers.IntegerField())
    second_cells = serializers.ListField(child=serializers.IntegerField())


class ComparedImageOut(serializers.Serializer[Any]):
    """One image; `disagreement` is 1 − F1 at IoU 0.5 of the one prediction against the other, of predicted
    channels 1 − Pearson's r."""

    image = serializers.UUIDField()
    name = serializers.CharField()
    split = serializers.CharField()
    score = serializers.CharField(default="ap50")
    first_score = serializers.FloatField(default=0.0)
    second_score = serializers.FloatField(default=0.0)
    first_ap50 = serializers.FloatField(allow_null=True)
    second_ap50 = serializers.FloatField(allow_null=True)
    difference = serializers.FloatField()
    disagreement = serializers.FloatField()
    differing = serializers.IntegerField()
    agreeing = serializers.IntegerField()
    first_shown = serializers.UUIDField(default=None, allow_null=True)
    first_branch = serializers.UUIDField(allow_null=True)
    first_revision = serializers.IntegerField(allow_null=True)
    second_shown = serializers.UUIDField(default=None, allow_null=True)
    second_branch = serializers.UUIDField(allow_null=True)
    second_revision = serializers.IntegerField(allow_null=True)
    place = DisagreementPlaceOut(allow_null=True)


class ComparisonOut(serializers.ModelSerializer[Comparison]):
    """Two evaluations side by side: scores by split and name, images with the most disagreement first."""

    project = serializers.UUIDField(source="first.project_id")
    first_name = serializers.CharField(source="first.name")
    second_name = serializers.CharField(source="second.name")
    scores = serializers.DictField(child=serializers.DictField(child=DifferenceOut()))
    images = ComparedImageOut(many=True)

    class Meta:
        model = Comparison
        fields = (
            "id", "project", "first", "first_name", "second", "second_name", "state", "error", "notice",
            "scores", "images", "created_at",
        )  # fmt: skip


class ComparisonFilterIn(serializers.Serializer[Any]):
    """Which comparisons to list."""

    evaluation = serializers.UUIDField(required=False)


class EvaluationsView(GenericAPIView[Evaluation]):
    serializer_class = EvaluationOut
    queryset = Evaluation.objects.none()

    @extend_schema(
        operation_id="listEvaluations", parameters=[EvaluationFilterIn], responses=EvaluationOut(many=True)
    )
    def get(self, request: Request) -> Response:
        """The evaluations that one may see, newest first."""
        return lists.answer(
            self, request, asked=EvaluationFilterIn, found=selectors.list_evaluations, told=EvaluationOut
        )

    @extend_schema(
        operation_id="createEvaluation", request=EvaluationIn, responses={201: EvaluationDetailOut}
    )
    def post(self, request: Request) -> Response:
        """Score predicted labels against accepted ones; small ones are done when the answer comes."""
        given = EvaluationIn(data=request.data)
        given.is_valid(raise_exception=True)
        question = selectors.question_from(user=person(request), asked=given.validated_data)
        access.refuse_blind(person(request), question.project)
        made = services.ask(
            question=question,
            by=person(request),
            predict_missing=given.validated_data["predict_missing"],
        )
        return Response(EvaluationDetailOut(made).data, status=status.HTTP_201_CREATED)


class EvaluationView(APIView):
    @extend_schema(operation_id="getEvaluation", responses=EvaluationDetailOut)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """One evaluation: scores with intervals by split, by class, by image."""
        return Response(EvaluationDetailOut(_evaluation(request, pk)).data)

    @extend_schema(operation_id="deleteEvaluation", responses={204: None})
    def delete(self, request: Request, pk: uuid.UUID) -> Response:
        """Forget an evaluation and what was compared with it."""
        services.delete(evaluation=_evaluation(request, pk), by=person(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class EvaluationFaultsView(GenericAPIView[EvaluationFault]):
    serializer_class = FaultOut
    queryset = EvaluationFault.objects.none()

    @extend_schema(
        operation_id="listEvaluationFaults", parameters=[FaultFilterIn], responses=FaultOut(many=True)
    )
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """What was wrong and where, the most harmful first, page by page."""
        asked = FaultFilterIn(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found = selectors.list_faults(evaluation=_evaluation(request, pk), **asked.validated_data)
        return self.get_paginated_response(FaultOut(self.paginate_queryset(found), many=True).data)


class ErrorMapIn(serializers.Serializer[Any]):
    """Which frame of which image, and which of the predicted channels."""

    image = serializers.UUIDField()
    channel = serializers.CharField(required=False, max_length=500)
    t = serializers.IntegerField(min_value=0, default=0)
    z = serializers.IntegerField(min_value=0, default=0)


class ErrorMapView(APIView):
    @extend_schema(
        operation_id="readErrorMap",
        parameters=[ErrorMapIn],
        responses={(200, "image/png"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, pk: uuid.UUID) -> HttpResponse:
        """Where the model is wrong in one frame, a picture with a clear ground, at most 1,024 px a side."""
        evaluation = _evaluation(request, pk)
        asked = ErrorMapIn(data=request.query_params)
        asked.is_valid(raise_exception=True)
        made = error_maps.read(evaluation=evaluation, **asked.validated_data)
        response = HttpResponse(made, content_type="image/png")
        response["Cache-Control"] = "private, max-age=86400"
        return response


class ComparisonsView(GenericAPIView[Comparison]):
    serializer_class = ComparisonOut
    queryset = Comparison.objects.none()

    @extend_schema(
        operation_id="listComparisons", parameters=[ComparisonFilterIn], responses=ComparisonOut(many=True)
    )
    def get(self, request: Request) -> Response:
        """The comparisons that one may see, newest first."""
        return lists.answer(
            self, request, asked=ComparisonFilterIn, found=selectors.list_comparisons, told=ComparisonOut
        )

    @extend_schema(operation_id="createComparison", request=ComparisonIn, responses={201: ComparisonOut})
    def post(self, request: Request) -> Response:
        """Compare two evaluations of the same images; asking again answers the same comparison."""
        given = ComparisonIn(data=request.data)
        given.is_valid(raise_exception=True)
        first, second = (_evaluation(request, given.validated_data[name]) for name in ("first", "second"))
        made = comparison_services.ask(first=first, second=second, by=person(request))
        return Response(ComparisonOut(made).data, status=status.HTTP_201_CREATED)


class ComparisonView(APIView):
    @extend_schema(operation_id="getComparison", responses=ComparisonOut)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """One comparison with the images in which the two predictions differ most first."""
        found = selectors.get_comparison(user=person(request), comparison_id=pk)
        return Response(ComparisonOut(found).data)


def _evaluation(request: Request, pk: uuid.UUID) -> Evaluation:
    return selectors.get_evaluation(user=person(request), evaluation_id=pk)
