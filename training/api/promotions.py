"""The promotion gate over HTTP."""

from __future__ import annotations

import uuid
from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.models import Project
from annotation.policies import access
from backend.accounts.api.sessions import person
from training.api import lists
from training.api.evaluations import DifferenceOut
from training.models import Promotion, Snapshot
from training.selectors import promotions as selectors
from training.selectors import snapshots, trained_models
from training.services import promotions as services

CODES = (
    "FIRST", "NOT_WORSE", "WORSE", "NOT_EVALUATED", "PRESENT_NOT_EVALUATED", "NO_TEST_IMAGES", "IS_PRESENT",
)  # fmt: skip


class PromotionFilterIn(serializers.Serializer[Any]):
    """Which promotions to list; with `present` only the one that counts of each recipe."""

    project = serializers.UUIDField(required=False)
    present = serializers.BooleanField(required=False, default=False)


class GateIn(serializers.Serializer[Any]):
    """On which snapshot's test images; without it those of the present promotion."""

    snapshot = serializers.UUIDField(required=False)


class PromotionIn(GateIn):
    """A model to go live; `reason` is for an owner who overrules the gate."""

    trained_model = serializers.UUIDField()
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=2000)


class VerdictOut(serializers.Serializer[Any]):
    """What the gate says: whether the model may pass, in a sentence and in figures."""

    code = serializers.ChoiceField(choices=CODES)
    may_pass = serializers.BooleanField()
    sentence = serializers.CharField()
    score = serializers.CharField()
    margin = serializers.FloatField()
    confidence = serializers.FloatField()
    images = serializers.IntegerField()
    left_out = serializers.IntegerField()
    snapshot = serializers.UUIDField()
    present = serializers.UUIDField(allow_null=True)
    difference = DifferenceOut(allow_null=True)


class PromotionOut(serializers.ModelSerializer[Promotion]):
    """Who made which model live, on which test images, and what the gate said."""

    trained_model_name = serializers.CharField(source="trained_model.__str__")
    replaced_name = serializers.CharField(
        source="replaced.trained_model.__str__", default=None, allow_null=True
    )
    snapshot_name = serializers.CharField(source="snapshot.name")
    promoted_by = serializers.CharField(source="promoted_by.name", default=None, allow_null=True)
    verdict = serializers.SerializerMethodField()

    class Meta:
        model = Promotion
        fields = (
            "id", "project", "recipe", "trained_model", "trained_model_name", "snapshot", "snapshot_name",
            "replaced", "replaced_name", "verdict", "reason", "promoted_by", "promoted_at",
        )  # fmt: skip

    @extend_schema_field(VerdictOut)
    def get_verdict(self, promotion: Promotion) -> Any:
        return VerdictOut({"margin": 0.0, **promotion.verdict}).data


class PromotionRuleIn(serializers.Serializer[Any]):
    """Which score decides for a recipe of a project, and how much of it may be lost; an owner's choice."""

    project = serializers.UUIDField()
    recipe = serializers.CharField(max_length=60)
    score = serializers.CharField(max_length=60)
    margin = serializers.FloatField(min_value=0, max_value=1, default=0.0)


class PromotionRuleFilterIn(serializers.Serializer[Any]):
    """The rule of which recipe of which project."""

    project = serializers.UUIDField()
    recipe = serializers.CharField(max_length=60)


class PromotionRuleOut(serializers.Serializer[Any]):
    """The rule that holds, and the scores that may be chosen, in words."""

    recipe = serializers.CharField()
    score = serializers.CharField()
    margin = serializers.FloatField()
    scores = serializers.DictField(child=serializers.CharField())


class PromotionRulesView(APIView):
    @extend_schema(
        operation_id="getPromotionRule", parameters=[PromotionRuleFilterIn], responses=PromotionRuleOut
    )
    def get(self, request: Request) -> Response:
        """By which score promotions of a recipe are decided."""
        asked = PromotionRuleFilterIn(data=request.query_params)
        asked.is_valid(raise_exception=True)
        return Response(_rule(_project(request, asked.validated_data), asked.validated_data["recipe"]))

    @extend_schema(operation_id="setPromotionRule", request=PromotionRuleIn, responses=PromotionRuleOut)
    def put(self, request: Request) -> Response:
        """Choose the score that decides, and how much of it may be lost."""
        given = PromotionRuleIn(data=request.data)
        given.is_valid(raise_exception=True)
        said = given.validated_data
        project = _project(request, said)
        chosen = {name: said[name] for name in ("recipe", "score", "margin")}
        services.set_rule(project=project, by=person(request), **chosen)
        return Response(_rule(project, said["recipe"]))


class PromotionsView(GenericAPIView[Promotion]):
    serializer_class = PromotionOut
    queryset = Promotion.objects.none()

    @extend_schema(
        operation_id="listPromotions", parameters=[PromotionFilterIn], responses=PromotionOut(many=True)
    )
    def get(self, request: Request) -> Response:
        """The promotions that one may see, newest first."""
        return lists.answer(
            self, request, asked=PromotionFilterIn, found=selectors.list_promotions, told=PromotionOut
        )

    @extend_schema(operation_id="createPromotion", request=PromotionIn, responses={201: PromotionOut})
    def post(self, request: Request) -> Response:
        """Make a model live. Refused with the figures if it is worse; an owner may overrule with a reason."""
        given = PromotionIn(data=request.data)
        given.is_valid(raise_exception=True)
        pk = given.validated_data["trained_model"]
        made = services.promote(
            trained_model=trained_models.get_trained_model(user=person(request), trained_model_id=pk),
            snapshot=_snapshot(request, given.validated_data),
            reason=given.validated_data["reason"],
            by=person(request),
        )
        return Response(PromotionOut(made).data, status=status.HTTP_201_CREATED)


class GateView(APIView):
    @extend_schema(operation_id="askGate", parameters=[GateIn], responses=VerdictOut)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """What the gate would say if this model were promoted now. Nothing changes."""
        asked = GateIn(data=request.query_params)
        asked.is_valid(raise_exception=True)
        model = trained_models.get_trained_model(user=person(request), trained_model_id=pk)
        verdict = services.judge(trained_model=model, snapshot=_snapshot(request, asked.validated_data))
        return Response(VerdictOut(verdict.to_json()).data)


def _snapshot(request: Request, data: dict[str, Any]) -> Snapshot | None:
    pk = data.get("snapshot")
    return snapshots.get_snapshot(user=person(request), snapshot_id=pk) if pk else None


def _project(request: Request, data: dict[str, Any]) -> Project:
    return access.find(Project.objects.all(), user=person(request), pk=data["project"])


def _rule(project: Project, recipe: str) -> Any:
    rule = selectors.rule_of(project_id=project.pk, recipe=recipe)
    told = {"recipe": rule.recipe, "score": rule.score, "margin": rule.margin}
    return PromotionRuleOut({**told, "scores": services.scores_for(rule.recipe)}).data
