"""The owner's doors of what a crowd said: answers, results, drafts, a platform's tables."""

from uuid import UUID

from django.http import HttpResponse
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.campaign_forms import (
    CampaignResultsOut,
    CrowdAnswerFilter,
    CrowdAnswerOut,
    CrowdBatchIn,
    CrowdBatchOut,
    CrowdStitchIn,
    CrowdStitchingOut,
)
from annotation.api.campaigns import find_campaign
from annotation.api.doors import ListDoor, asked, parsed, person
from annotation.models import Campaign, CrowdAnswer
from annotation.selectors import campaigns as reading
from annotation.services import crowd_batches, crowd_consensus, crowd_stitch_jobs

CSV = {(200, "text/csv"): OpenApiTypes.STR}
ROWS = OpenApiParameter("rows", int, description="How many workers are wanted; 1 unless told.")


class AnswersView(ListDoor[CrowdAnswer]):
    queryset = CrowdAnswer.objects.none()
    serializer_class = CrowdAnswerOut

    @extend_schema(
        operation_id="listCampaignAnswers",
        parameters=[CrowdAnswerFilter],
        responses=CrowdAnswerOut(many=True),
    )
    def get(self, request: Request, pk: UUID) -> Response:
        campaign = find_campaign(request, pk)
        return self.page(
            reading.list_answers(campaign=campaign, **asked(CrowdAnswerFilter, request)), CrowdAnswerOut
        )


class AnswerTableView(APIView):
    """All answers as a table, one line each, the value as JSON."""

    @extend_schema(operation_id="getCampaignAnswerTable", responses=CSV)
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return _table(crowd_batches.answer_table(campaign=find_campaign(request, pk)), "answers.csv")


class ResultsView(APIView):
    @extend_schema(operation_id="getCampaignResults", responses=CampaignResultsOut)
    def get(self, request: Request, pk: UUID) -> Response:
        return Response(_results(find_campaign(request, pk)))


class AggregateView(APIView):
    """Everything reckoned anew from all answers, at once."""

    @extend_schema(operation_id="aggregateCampaign", request=None, responses=CampaignResultsOut)
    def post(self, request: Request, pk: UUID) -> Response:
        return Response(
            _results(crowd_consensus.anew(campaign=find_campaign(request, pk), by=person(request)))
        )


class StitchView(APIView):
    """Consensus as draft revisions whose author is the campaign, one an image, made in background: the
    results say how far it is. Nothing that people see changes until somebody accepts them. SAME and DIVIDED
    become links that a linker must keep."""

    @extend_schema(operation_id="stitchCampaign", request=CrowdStitchIn, responses={202: CrowdStitchingOut})
    def post(self, request: Request, pk: UUID) -> Response:
        asked = crowd_stitch_jobs.ask(
            campaign=find_campaign(request, pk), by=person(request), **parsed(CrowdStitchIn, request)
        )
        return Response(CrowdStitchingOut(asked).data, status=202)


class BatchView(APIView):
    """Paid platforms: a table of addresses to hand to one, and its table of finished work to be checked."""

    @extend_schema(operation_id="getCampaignBatch", parameters=[ROWS], responses=CSV)
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        rows = request.query_params.get("rows", "1")
        site = request.build_absolute_uri("/").rstrip("/")
        made = crowd_batches.batch(
            campaign=find_campaign(request, pk), site=site, rows=int(rows) if rows.isdecimal() else 1,
            by=person(request),
        )  # fmt: skip
        return _table(made, "batch.csv")

    @extend_schema(operation_id="checkCampaignBatch", request=CrowdBatchIn, responses=CrowdBatchOut)
    def post(self, request: Request, pk: UUID) -> Response:
        checked = crowd_batches.check(
            campaign=find_campaign(request, pk), by=person(request), **parsed(CrowdBatchIn, request)
        )
        return Response(CrowdBatchOut(checked).data)


def _results(campaign: Campaign) -> dict[str, object]:
    counted = reading.with_counts(Campaign.objects.filter(pk=campaign.pk)).get()
    return dict(CampaignResultsOut(reading.results(campaign=counted)).data)


def _table(content: str, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


urlpatterns = [
    path("campaigns/<uuid:pk>/answers/", AnswersView.as_view(), name="campaign-answers"),
    path("campaigns/<uuid:pk>/answers/table/", AnswerTableView.as_view(), name="campaign-answer-table"),
    path("campaigns/<uuid:pk>/results/", ResultsView.as_view(), name="campaign-results"),
    path("campaigns/<uuid:pk>/aggregate/", AggregateView.as_view(), name="aggregate-campaign"),
    path("campaigns/<uuid:pk>/stitch/", StitchView.as_view(), name="stitch-campaign"),
    path("campaigns/<uuid:pk>/batch/", BatchView.as_view(), name="campaign-batch"),
]
