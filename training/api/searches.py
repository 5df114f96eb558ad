"""Searches of settings over HTTP: start, watch the trials, stop."""

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
from training.models import Search, Trial
from training.models.jobs import Kind, State
from training.models.searches import TrialState
from training.selectors import orders
from training.selectors import searches as selectors
from training.services import searches as services


class SearchIn(serializers.Serializer[Any]):
    """A search to be started. `vary` names settings; empty means those that the recipe chooses beforehand."""

    project = serializers.UUIDField()
    recipe = serializers.CharField(max_length=60)
    snapshot = serializers.UUIDField()
    settings = serializers.DictField(required=False, default=dict)
    vary = serializers.ListField(child=serializers.CharField(), required=False, default=list)
    minutes = serializers.FloatField()
    trial_minutes = serializers.FloatField(required=False, default=None, allow_null=True)
    counts_cpu = serializers.BooleanField(required=False, default=False)
    seed = serializers.IntegerField(min_value=0, max_value=2**31 - 1, required=False, default=0)
    init_from = serializers.UUIDField(required=False, default=None, allow_null=True)
    name = serializers.CharField(max_length=200)


class SearchFilterIn(serializers.Serializer[Any]):
    """Which searches to list."""

    project = serializers.UUIDField(required=False)


class TrialOut(serializers.ModelSerializer[Trial]):
    """One trial. `settings` are those that the search varies; `rungs`: share of the budget → score."""

    state = serializers.ChoiceField(choices=TrialState.choices)
    settings = serializers.DictField()
    rungs = serializers.DictField(child=serializers.FloatField())

    class Meta:
        model = Trial
        fields = (
            "number", "settings", "state", "rungs", "score", "spent_s", "spent_cpu_s", "error", "started_at",
            "finished_at",
        )  # fmt: skip


class SearchOut(serializers.ModelSerializer[Search]):
    """A search as it stands; `base` are the settings of its first trial, `best` the number of the winner."""

    project = serializers.UUIDField(source="job.project_id")
    name = serializers.CharField(source="job.name")
    recipe = serializers.CharField(source="job.recipe")
    snapshot = serializers.UUIDField(source="job.snapshot_id")
    state = serializers.ChoiceField(choices=State.choices, source="job.state")
    fraction = serializers.FloatField(source="job.fraction")
    eta_s = serializers.FloatField(source="job.eta_s", allow_null=True)
    message = serializers.CharField(source="job.message")
    error = serializers.CharField(source="job.error")
    base = serializers.DictField(source="job.settings")
    space = serializers.DictField()
    confirmed = serializers.DictField()
    best = serializers.IntegerField(source="best.number", default=None, allow_null=True)
    result = serializers.SerializerMethodField()

    class Meta:
        model = Search
        fields = (
            "id", "job", "project", "name", "recipe", "snapshot", "state", "fraction", "eta_s", "message",
            "error", "base", "space", "score", "minutes", "trial_minutes", "counts_cpu", "stop_asked", "best",
            "confirmed", "result", "created_at",
        )  # fmt: skip

    @extend_schema_field(serializers.UUIDField(allow_null=True))
    def get_result(self, search: Search) -> str | None:
        return str(search.job.result.pk) if hasattr(search.job, "result") else None


class SearchDetailOut(SearchOut):
    """A search with its trials, and what each setting is worth: its share of the scores' variance."""

    trials = TrialOut(many=True)
    importance = serializers.SerializerMethodField()

    class Meta(SearchOut.Meta):
        fields = (*SearchOut.Meta.fields, "trials", "importance")  # type: ignore[assignment]

    @extend_schema_field(serializers.DictField(child=serializers.FloatField()))
    def get_importance(self, search: Search) -> dict[str, float]:
        return selectors.importance(search=search)


class SearchesView(GenericAPIView[Search]):
    serializer_class = SearchOut
    queryset = Search.objects.none()

    @extend_schema(operation_id="listSearches", parameters=[SearchFilterIn], responses=SearchOut(many=True))
    def get(self, request: Request) -> Response:
        """The searches that one may see, newest first."""
        return lists.answer(
            self, request, asked=SearchFilterIn, found=selectors.list_searches, told=SearchOut
        )

    @extend_schema(operation_id="startSearch", request=SearchIn, responses={201: SearchDetailOut})
    def post(self, request: Request) -> Response:
        """Start a search: the default settings first, then others, until the minutes are spent."""
        given = SearchIn(data=request.data)
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        project = access.find(Project.objects.all(), user=person(request), pk=asked["project"])
        order = orders.order_from(user=person(request), asked={**asked, "kind": Kind.TRAIN})
        wish = services.Wish(
            minutes=asked["minutes"],
            trial_minutes=asked["trial_minutes"],
            counts_cpu=asked["counts_cpu"],
            vary=asked["vary"] or None,
        )
        search = services.start(project=project, order=order, wish=wish, by=person(request))
        return Response(SearchDetailOut(search).data, status=status.HTTP_201_CREATED)


class SearchView(APIView):
    @extend_schema(operation_id="getSearch", responses=SearchDetailOut)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """One search with its trials; the id may be that of its job."""
        return Response(SearchDetailOut(_search(request, pk)).data)


class SearchStopView(APIView):
    @extend_schema(operation_id="stopSearch", request=None, responses=SearchDetailOut)
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """End early; the best trial so far becomes the trained model."""
        return Response(SearchDetailOut(services.stop(search=_search(request, pk), by=person(request))).data)


def _search(request: Request, pk: uuid.UUID) -> Search:
    return selectors.get_search(user=person(request), search_id=pk)
