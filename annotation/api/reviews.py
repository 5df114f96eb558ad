"""The rules of review over HTTP, and labels that were changed after they were accepted."""

from typing import Any
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.doors import ListDoor, changed, find, person
from annotation.api.labels import find_branch
from annotation.api.task_forms import ReviewOut, TaskOut
from annotation.models import Branch, OwnWork, Project, Review, ReviewRule
from annotation.selectors import review_signs
from annotation.selectors import reviews as reading
from annotation.services import review_rules, reviews


class ReviewRuleOut(serializers.ModelSerializer[ReviewRule]):
    """How many percent of what is handed in are looked at; the rest is accepted by rule, drawn by `seed`.

    `own_work`: AUTO lets people accept their own work only where nobody else in the project could.
    """

    class Meta:
        model = ReviewRule
        fields = ["project", "share_percent", "seed", "own_work"]


class ReviewRuleIn(serializers.Serializer[ReviewRule]):
    share_percent = serializers.FloatField(min_value=0, max_value=100)
    seed = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    own_work = serializers.ChoiceField(choices=OwnWork.choices)


class ChangedOut(serializers.ModelSerializer[Branch]):
    """Labels whose head is newer than what was accepted of them."""

    image_name = serializers.CharField(source="image.name")
    accepted_number = serializers.IntegerField()
    changed_by = serializers.CharField(allow_null=True)
    changed_at = serializers.DateTimeField()

    class Meta:
        model = Branch
        fields = [
            "id", "image", "image_name", "name", "accepted_number", "head_number", "changed_by", "changed_at",
        ]  # fmt: skip


class ReviewSignsOut(serializers.Serializer[Any]):
    """By what a submitted task may be ordered; null where there is no such thing. `ambiguity`: how divided
    the crowd was that drew it; `disagreement`: one less F1 of its two ratings; `quality`: the mean that a
    model gave its cells; `uncertain`: cells of which somebody is not sure."""

    task = serializers.UUIDField()
    ambiguity = serializers.FloatField(allow_null=True)
    disagreement = serializers.FloatField(allow_null=True)
    quality = serializers.FloatField(allow_null=True)
    uncertain = serializers.IntegerField()
    cells = serializers.IntegerField()


class ReviewSignsView(APIView):
    @extend_schema(operation_id="listReviewSigns", responses=ReviewSignsOut(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        """Of every submitted task, the longest waiting first. Not paged: a few numbers each."""
        project = find(Project.objects.all(), request, pk)
        found = review_signs.of_submitted(project=project, user=person(request))
        return Response(ReviewSignsOut(found, many=True).data)


class ReviewRuleView(APIView):
    @extend_schema(operation_id="getReviewRule", responses=ReviewRuleOut)
    def get(self, request: Request, pk: UUID) -> Response:
        rule = reading.rule_of(project=find(Project.objects.all(), request, pk))
        return Response(ReviewRuleOut(rule).data)

    @extend_schema(operation_id="setReviewRule", request=ReviewRuleIn, responses=ReviewRuleOut)
    def patch(self, request: Request, pk: UUID) -> Response:
        project = find(Project.objects.select_related("team"), request, pk)
        rule = review_rules.change(project=project, by=person(request), **changed(ReviewRuleIn, request))
        return Response(ReviewRuleOut(rule).data)


class ChangedView(ListDoor[Any]):
    serializer_class = ChangedOut

    @extend_schema(operation_id="listChangedAfterAcceptance", responses=ChangedOut(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        project = find(Project.objects.all(), request, pk)
        return self.page(reading.changed_after_acceptance(project=project, user=person(request)), ChangedOut)


class PassedView(ListDoor[Review]):
    queryset = Review.objects.none()
    serializer_class = ReviewOut

    @extend_schema(operation_id="listAcceptedByRule", responses=ReviewOut(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        project = find(Project.objects.all(), request, pk)
        return self.page(reading.list_passed(project=project, user=person(request)), ReviewOut)


class AskReviewView(APIView):
    @extend_schema(operation_id="askReview", request=None, responses={201: TaskOut})
    def post(self, request: Request, pk: UUID) -> Response:
        task = reviews.ask_again(branch=find_branch(request, pk), by=person(request))
        return Response(TaskOut(task).data, status=201)


urlpatterns = [
    path("projects/<uuid:pk>/review-rule/", ReviewRuleView.as_view(), name="review-rule"),
    path("projects/<uuid:pk>/review-signs/", ReviewSignsView.as_view(), name="review-signs"),
    path("projects/<uuid:pk>/changed-after-acceptance/", ChangedView.as_view(), name="changed"),
    path("projects/<uuid:pk>/accepted-by-rule/", PassedView.as_view(), name="accepted-by-rule"),
    path("branches/<uuid:pk>/review/", AskReviewView.as_view(), name="ask-review"),
]
