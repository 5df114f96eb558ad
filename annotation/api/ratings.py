"""Images rated twice, over HTTP: asked for, how far the two agree, and what is decided."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.doors import ListDoor, asked, changed, find, parsed, person
from annotation.api.label_forms import MAX_NUMBER
from annotation.api.people import AuthorOut
from annotation.api.task_forms import TaskImageOut, TaskOut
from annotation.core.adjudication import Take
from annotation.core.edits import MAX_CELL
from annotation.models import Dataset, Project, StandingRule, Task
from annotation.policies import access
from annotation.selectors import ratings as reading
from annotation.selectors import standing as standing_reading
from annotation.selectors import tasks as task_reading
from annotation.selectors.ratings import Pair, Stage
from annotation.services import adjudicating, ratings, standing
from annotation.services.adjudicating import Chosen
from annotation.services.ratings import Rating
from backend.accounts.models import Role, User
from backend.foundation.http import LimitOffset

TAKES = [(take.value, take.value) for take in Take]


class RatingsIn(serializers.Serializer[Any]):
    """Which tasks' images are rated again, blind: `percent` of them, drawn by `seed`. SECOND: by one of
    `people` (nobody named: by whoever takes it from the queue) who knows nothing of the first. REPEAT: by the
    person of the first task, `after_days` days after handing it in."""

    tasks = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=1000)
    rating = serializers.ChoiceField(choices=[(r.value, r.value) for r in Rating], default=Rating.SECOND)
    percent = serializers.FloatField(min_value=0, max_value=100, default=100.0)
    people = serializers.ListField(child=serializers.UUIDField(), max_length=200, default=list)
    after_days = serializers.IntegerField(min_value=0, max_value=3650, default=14)
    seed = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER, default=0)


class RatingsMadeOut(serializers.Serializer[Any]):
    """The new, blind tasks."""

    tasks = TaskOut(many=True)


class RatedOut(serializers.Serializer[Any]):
    """One of the two ratings: whose it is, and the labels that are compared (null until handed in)."""

    task = serializers.UUIDField()
    person = AuthorOut(allow_null=True)
    state = serializers.CharField()
    branch = serializers.UUIDField()
    number = serializers.IntegerField(allow_null=True)


class RatingOut(serializers.Serializer[Pair]):
    """An image rated twice; `id` is the task of the second rating. Its rater is told nothing of the first
    until it is settled: `first` is null then. `head_number` is the newest revision of the first labels,
    on which a decision is made. `begins_at`: when a repetition is given to its person."""

    id = serializers.UUIDField(source="second.pk")
    image = TaskImageOut(source="second.image")
    stage = serializers.ChoiceField(choices=[(stage.value, stage.value) for stage in Stage])
    repeat_after_days = serializers.IntegerField(source="second.repeat_after_days", allow_null=True)
    begins_at = serializers.DateTimeField(allow_null=True)
    first = serializers.SerializerMethodField()
    second = serializers.SerializerMethodField()
    head_number = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField(source="second.created_at")

    @extend_schema_field(RatedOut(allow_null=True))
    def get_first(self, pair: Pair) -> Any:
        first = pair.first
        if first is None or self._rates(pair):
            return None
        number = pair.second.compared_with.number if pair.second.compared_with else None
        return _rated(first, number)

    @extend_schema_field(RatedOut)
    def get_second(self, pair: Pair) -> Any:
        handed_in = pair.second.submitted_revision
        return _rated(pair.second, handed_in.number if handed_in else None)

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_head_number(self, pair: Pair) -> int | None:
        return None if pair.first is None or self._rates(pair) else pair.first.branch.head_number

    def _rates(self, pair: Pair) -> bool:
        """Does who asks make the second rating, unsettled as yet?"""
        return pair.stage is not Stage.SETTLED and pair.second.assignee_id == self.context["user"].pk


def _rated(task: Task, number: int | None) -> dict[str, Any]:
    told = {"task": task.pk, "person": task.assignee, "state": task.state, "branch": task.branch_id}
    return dict(RatedOut({**told, "number": number}).data)


class MeasureOut(serializers.Serializer[Any]):
    """A pooled measure with its 95 % interval; of a single image there is none."""

    value = serializers.FloatField()
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)


class ImageAgreementOut(serializers.Serializer[Any]):
    rating = RatingOut(source="pair")
    measures = serializers.DictField(child=serializers.FloatField())
    first_cells = serializers.IntegerField()
    second_cells = serializers.IntegerField()


class ClassPairOut(serializers.Serializer[Any]):
    """How many cells that both found have these classes; "" is none."""

    first = serializers.CharField(allow_blank=True)
    second = serializers.CharField(allow_blank=True)
    cells = serializers.IntegerField()


class RaterAgreementOut(serializers.Serializer[Any]):
    """`measures`: f1_50 … f1_90 (cells paired at IoU 0.5 … 0.9), pq, mean_iou, kappa (of classes, where any
    cell has one), pooled, intervals by drawing images again. `images`: the least agreed first."""

    measures = serializers.DictField(child=MeasureOut())
    images = ImageAgreementOut(many=True)
    classes = ClassPairOut(many=True)


class AgreementFilter(serializers.Serializer[Any]):
    repeats = serializers.BooleanField(
        required=False, allow_null=True, default=None,
        help_text="Only the same person's repetitions, or only other people's ratings.",
    )  # fmt: skip
    person = serializers.UUIDField(required=False, help_text="Only pairs in which this person rates.")


class ChosenCellIn(serializers.Serializer[Chosen]):
    """Whose answer counts for one cell in one frame: its name in the first labels, the second, or both."""

    t = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER)
    z = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER, default=0)
    take = serializers.ChoiceField(choices=TAKES)
    first = serializers.IntegerField(min_value=1, max_value=MAX_CELL, allow_null=True, default=None)
    second = serializers.IntegerField(min_value=1, max_value=MAX_CELL, allow_null=True, default=None)


class SettleIn(serializers.Serializer[Any]):
    """What counts of an image rated twice: `take` for all cells but those named in `cells`. FIRST leaves the
    first labels as they are. `head`: the revision of the first labels that was looked at."""

    take = serializers.ChoiceField(choices=TAKES, default=Take.FIRST)
    cells = ChosenCellIn(many=True, default=list)
    head = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER, required=False)
    comment = serializers.CharField(max_length=10_000, allow_blank=True, default="")


class SettledOut(serializers.Serializer[Any]):
    """`review` is the task that brings the result to review; null where nothing changed."""

    rating = RatingOut()
    review = TaskOut(allow_null=True)


class RatingPages(LimitOffset):
    default_limit = 200
    max_limit = 1000


class RatingsView(ListDoor[Task]):
    queryset = Task.objects.none()
    serializer_class = RatingOut  # type: ignore[assignment]  # rows are tasks, told as pairs
    pagination_class = RatingPages

    @extend_schema(operation_id="listRatings", responses=RatingOut(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        """The images rated twice. Reviewers and above."""
        rows = reading.list_ratings(user=person(request), project=_reviewed(request, pk))
        pairs = reading.pairs_of(self.paginate_queryset(rows) or [])
        return self.get_paginated_response(_told(pairs, request))

    @extend_schema(operation_id="askRatings", request=RatingsIn, responses={201: RatingsMadeOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Have images rated a second time, blind; answers the new tasks. Managers and owners."""
        project = find(Project.objects.select_related("team"), request, pk)
        given = parsed(RatingsIn, request)
        made = ratings.ask(
            project=project, task_ids=given.pop("tasks"), rating=Rating(given.pop("rating")),
            by=person(request), **given,
        )  # fmt: skip
        rows = task_reading.list_tasks(user=person(request)).filter(pk__in=[task.pk for task in made])
        return Response(RatingsMadeOut({"tasks": rows}).data, status=201)


class AgreementView(APIView):
    @extend_schema(operation_id="readAgreement", parameters=[AgreementFilter], responses=RaterAgreementOut)
    def get(self, request: Request, pk: UUID) -> Response:
        """How far the two ratings of each image agree, pooled and one by one. Reviewers and above."""
        project, given = _reviewed(request, pk), asked(AgreementFilter, request)
        rows = reading.list_ratings(user=person(request), project=project)
        rows = rows.exclude(pk__in=reading.own_unsettled(user=person(request)))
        pairs = [pair for pair in reading.pairs_of(rows) if _wanted(pair, given)]
        found = reading.agreement(pairs)
        told = {
            "measures": found.measures, "images": found.images,
            "classes": [{"first": a, "second": b, "cells": n} for (a, b), n in sorted(found.table.items())],
        }  # fmt: skip
        return Response(RaterAgreementOut(told, context={"user": person(request)}).data)


def _wanted(pair: Pair, given: dict[str, Any]) -> bool:
    repeats, who = given["repeats"], given.get("person")
    people = {pair.second.assignee_id, pair.first.assignee_id if pair.first else None}
    return (repeats is None or pair.is_repeat is repeats) and (who is None or who in people)


class SettleView(APIView):
    @extend_schema(operation_id="settleRating", request=SettleIn, responses=SettledOut)
    def post(self, request: Request, pk: UUID) -> Response:
        """Decide between two ratings; what changes goes to review. Reviewers and above."""
        task = find(Task.objects.select_related("project__team"), request, pk)
        access.require(person(request), task.project, Role.REVIEWER)
        rating = find(Task.objects.filter(blind=True), request, pk)
        given = parsed(SettleIn, request)
        cells = [Chosen(**{**row, "take": Take(row["take"])}) for row in given.pop("cells")]
        review = adjudicating.settle(
            rating=rating, take=Take(given.pop("take")), cells=cells, by=person(request), **given
        )
        rows = reading.list_ratings(user=person(request), project=task.project).filter(pk=pk)
        [pair] = _told(reading.pairs_of(rows), request)
        told = None if review is None else TaskOut(_task(request, review.pk)).data
        return Response({"rating": pair, "review": told})


class DifferencePictureView(APIView):
    @extend_schema(operation_id="readDifferencePicture", responses={(200, "image/png"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        """Where the two ratings of an image differ: grey in both, orange in the first alone, teal in the
        second alone, the rest clear. Of a movie the frame that differs most. Reviewers and above."""
        task = find(Task.objects.select_related("project__team"), request, pk)
        access.require(person(request), task.project, Role.REVIEWER)
        rows = reading.list_ratings(user=person(request), project=task.project).filter(pk=pk)
        rows = rows.exclude(pk__in=reading.own_unsettled(user=person(request)))
        picture = next((reading.difference_picture(pair=pair) for pair in reading.pairs_of(rows)), None)
        if picture is None:
            raise access.NothingHere("There is no picture before both ratings are handed in.")
        return HttpResponse(picture, content_type="image/png", headers={"Cache-Control": "private, no-cache"})


def _task(request: Request, pk: UUID) -> Task:
    return task_reading.list_tasks(user=person(request)).get(pk=pk)


def _told(pairs: list[Pair], request: Request) -> Any:
    told: Any = pairs
    return RatingOut(told, many=True, context={"user": person(request)}).data


def _reviewed(request: Request, pk: UUID) -> Project:
    project = find(Project.objects.select_related("team"), request, pk)
    access.require(person(request), project, Role.REVIEWER)
    return project


# ---------------------------------------------------------------- new images


class StandingRuleOut(serializers.ModelSerializer[StandingRule]):
    """Who gets the tasks of new images. `waiting`: tasks that the rule has made and nobody holds as yet."""

    people = serializers.SerializerMethodField()
    waiting = serializers.SerializerMethodField()

    class Meta:
        model = StandingRule
        fields = ["project", "active", "dataset", "people", "most_open", "blind_percent", "waiting"]

    @extend_schema_field(AuthorOut(many=True))
    def get_people(self, rule: StandingRule) -> Any:
        people: list[User] = standing_reading.people_of(rule=rule)
        return AuthorOut(people, many=True).data

    def get_waiting(self, rule: StandingRule) -> int:
        return standing_reading.waiting(rule=rule).count()


class StandingRuleIn(serializers.Serializer[StandingRule]):
    """New images become tasks and are dealt to `people`, fewest in hand first, nobody above `most_open`.
    `blind_percent` of them get a second task whose rater sees no other labels."""

    active = serializers.BooleanField()
    dataset = serializers.UUIDField(allow_null=True, help_text="Only new images of this one; null: of all.")
    people = serializers.ListField(child=serializers.UUIDField(), max_length=200)
    most_open = serializers.IntegerField(min_value=1, max_value=1000)
    blind_percent = serializers.FloatField(min_value=0, max_value=100)


class StandingRuleView(APIView):
    @extend_schema(operation_id="getStandingRule", responses=StandingRuleOut)
    def get(self, request: Request, pk: UUID) -> Response:
        rule = standing_reading.rule_of(project=find(Project.objects.all(), request, pk))
        return Response(StandingRuleOut(rule).data)

    @extend_schema(operation_id="setStandingRule", request=StandingRuleIn, responses=StandingRuleOut)
    def patch(self, request: Request, pk: UUID) -> Response:
        """Say who gets new images. Managers and owners."""
        project = find(Project.objects.select_related("team"), request, pk)
        given = changed(StandingRuleIn, request)
        if given.get("dataset") is not None:
            given["dataset"] = find(Dataset.objects.all(), request, given["dataset"])
        rule = standing.change(project=project, by=person(request), **given)
        return Response(StandingRuleOut(rule).data)


urlpatterns = [
    path("projects/<uuid:pk>/ratings/", RatingsView.as_view(), name="ratings"),
    path("projects/<uuid:pk>/agreement/", AgreementView.as_view(), name="agreement"),
    path("projects/<uuid:pk>/standing-rule/", StandingRuleView.as_view(), name="standing-rule"),
    path("tasks/<uuid:pk>/difference-picture/", DifferencePictureView.as_view(), name="difference-picture"),
    path("tasks/<uuid:pk>/settle/", SettleView.as_view(), name="settle"),
]
