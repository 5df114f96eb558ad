"""The owner's doors of campaigns: rules, items, workers."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.campaign_forms import (
    CampaignChange,
    CampaignIn,
    CampaignOut,
    CrowdCuttingOut,
    CrowdGoldIn,
    CrowdItemFilter,
    CrowdItemOut,
    CrowdWishIn,
    CrowdWorkerChange,
    CrowdWorkerOut,
)
from annotation.api.doors import ListDoor, asked, changed, find, parsed, person
from annotation.models import Campaign, CrowdItem, CrowdWorker, ItemKind, Project
from annotation.policies import access
from annotation.policies.access import NothingHere
from annotation.selectors import campaigns as reading
from annotation.selectors import crowd_reading
from annotation.services import campaigns, crowd_cutting, crowd_gold, crowd_pictures, crowd_workers
from annotation.services.crowd_cutting import Wish
from backend.accounts.models import Role

END = OpenApiParameter("end", int, description="1: the later picture of SAME and DIVIDED.")
PNG = {(200, "image/png"): OpenApiTypes.BINARY}


class CampaignsView(ListDoor[Campaign]):
    queryset = Campaign.objects.none()
    serializer_class = CampaignOut

    @extend_schema(operation_id="listCampaigns", responses=CampaignOut(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        project = find(Project.objects.all(), request, pk)
        rows = reading.with_counts(reading.list_campaigns(user=person(request), project=project))
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response([campaign_out(request, row) for row in page])

    @extend_schema(operation_id="createCampaign", request=CampaignIn, responses={201: CampaignOut})
    def post(self, request: Request, pk: UUID) -> Response:
        project = find(Project.objects.select_related("team"), request, pk)
        made = campaigns.create(project=project, by=person(request), **parsed(CampaignIn, request))
        return Response(told(request, made.pk), status=201)


class CampaignView(APIView):
    @extend_schema(operation_id="getCampaign", responses=CampaignOut)
    def get(self, request: Request, pk: UUID) -> Response:
        return Response(told(request, pk))

    @extend_schema(operation_id="updateCampaign", request=CampaignChange, responses=CampaignOut)
    def patch(self, request: Request, pk: UUID) -> Response:
        campaigns.change(
            campaign=find_campaign(request, pk), by=person(request), **changed(CampaignChange, request)
        )
        return Response(told(request, pk))

    @extend_schema(operation_id="deleteCampaign", responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        campaigns.delete(campaign=find_campaign(request, pk), by=person(request))
        return Response(status=204)


class OpenView(APIView):
    @extend_schema(operation_id="openCampaign", request=None, responses=CampaignOut)
    def post(self, request: Request, pk: UUID) -> Response:
        campaigns.open(campaign=find_campaign(request, pk), by=person(request))
        return Response(told(request, pk))


class PauseView(APIView):
    @extend_schema(operation_id="pauseCampaign", request=None, responses=CampaignOut)
    def post(self, request: Request, pk: UUID) -> Response:
        campaigns.pause(campaign=find_campaign(request, pk), by=person(request))
        return Response(told(request, pk))


class CloseView(APIView):
    @extend_schema(operation_id="closeCampaign", request=None, responses=CampaignOut)
    def post(self, request: Request, pk: UUID) -> Response:
        campaigns.close(campaign=find_campaign(request, pk), by=person(request))
        return Response(told(request, pk))


class LinkView(APIView):
    """Another link; the old one leads nowhere from then on."""

    @extend_schema(operation_id="renewCampaignLink", request=None, responses=CampaignOut)
    def post(self, request: Request, pk: UUID) -> Response:
        campaigns.renew_link(campaign=find_campaign(request, pk), by=person(request))
        return Response(told(request, pk))


class CutView(APIView):
    @extend_schema(operation_id="cutCampaignItems", request=CrowdWishIn, responses=CrowdCuttingOut)
    def post(self, request: Request, pk: UUID) -> Response:
        campaign = find_campaign(request, pk)
        wish = Wish(**parsed(CrowdWishIn, request))
        return Response(
            CrowdCuttingOut(crowd_cutting.cut(campaign=campaign, wish=wish, by=person(request))).data
        )


class GoldView(APIView):
    @extend_schema(operation_id="addCampaignGold", request=CrowdGoldIn, responses=CrowdCuttingOut)
    def post(self, request: Request, pk: UUID) -> Response:
        campaign, given = find_campaign(request, pk), parsed(CrowdGoldIn, request)
        if given.get("wish"):
            wish = Wish(**given["wish"])
            made = crowd_gold.add(campaign=campaign, wish=wish, use=given["use"], by=person(request))
        else:
            truths = {row["item"]: row["truth"] for row in given["truths"]}
            made = crowd_gold.tell(campaign=campaign, truths=truths, use=given["use"], by=person(request))
        return Response(CrowdCuttingOut(made).data)


class ItemsView(ListDoor[CrowdItem]):
    queryset = CrowdItem.objects.none()
    serializer_class = CrowdItemOut

    @extend_schema(
        operation_id="listCampaignItems", parameters=[CrowdItemFilter], responses=CrowdItemOut(many=True)
    )
    def get(self, request: Request, pk: UUID) -> Response:
        campaign = find_campaign(request, pk)
        return self.page(
            reading.list_items(campaign=campaign, **asked(CrowdItemFilter, request)), CrowdItemOut
        )


class ItemPictureView(APIView):
    @extend_schema(operation_id="getCampaignItemPicture", parameters=[END], responses=PNG)
    def get(self, request: Request, pk: UUID, item: UUID) -> HttpResponse:
        campaign = find_campaign(request, pk)
        row = campaign.items.select_related("image").filter(pk=item).first()
        if row is None:
            raise NothingHere("The campaign has no such item.")
        return picture(crowd_pictures.picture(campaign, row, end_of(request)))


class WorkersView(ListDoor[CrowdWorker]):
    queryset = CrowdWorker.objects.none()
    serializer_class = CrowdWorkerOut

    @extend_schema(operation_id="listCampaignWorkers", responses=CrowdWorkerOut(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        return self.page(reading.list_workers(campaign=find_campaign(request, pk)), CrowdWorkerOut)


class WorkerView(APIView):
    @extend_schema(operation_id="excludeCampaignWorker", request=CrowdWorkerChange, responses=CrowdWorkerOut)
    def patch(self, request: Request, pk: UUID, worker: UUID) -> Response:
        row = _worker(request, pk, worker)
        kept = crowd_workers.exclude(worker=row, by=person(request), **parsed(CrowdWorkerChange, request))
        return Response(CrowdWorkerOut(kept).data)

    @extend_schema(operation_id="deleteCampaignWorker", responses={204: None})
    def delete(self, request: Request, pk: UUID, worker: UUID) -> Response:
        crowd_workers.forget(worker=_worker(request, pk, worker), by=person(request))
        return Response(status=204)


def picture(content: bytes) -> HttpResponse:
    """A PNG that only the asker's browser may keep; it never changes."""
    answer = HttpResponse(content, content_type="image/png")
    answer["Cache-Control"] = "private, max-age=86400, immutable"
    return answer


def end_of(request: Request) -> int:
    """Which of the two pictures is asked for."""
    return int(request.query_params.get("end") == "1")


def find_campaign(request: Request, pk: UUID) -> Campaign:
    """The campaign that the asker may see; raises `NothingHere`."""
    return find(Campaign.objects.select_related("project__team"), request, pk)


def told(request: Request, pk: UUID) -> dict[str, Any]:
    """The campaign as it is answered."""
    row = reading.with_counts(reading.list_campaigns(user=person(request))).filter(pk=pk).first()
    if row is None:
        raise NothingHere("There is nothing here that you may see.")
    return campaign_out(request, row)


def campaign_out(request: Request, row: Campaign) -> dict[str, Any]:
    """A campaign with counts as it is answered; the link for those who may manage it."""
    manages = access.role_of(person(request), row.project).rank >= Role.MANAGER.rank
    row.link = f"/crowd/{row.token}" if manages else None  # type: ignore[attr-defined]
    row.kinds = reading.kinds_of(row)  # type: ignore[attr-defined]
    asks_class = ItemKind.CLASS in row.kinds  # type: ignore[attr-defined]
    row.classes = crowd_reading.classes_to_choose(row) if asks_class else []  # type: ignore[attr-defined]
    return CampaignOut(row).data


def _worker(request: Request, pk: UUID, worker: UUID) -> CrowdWorker:
    row = CrowdWorker.objects.select_related("campaign__project__team")
    found = row.filter(campaign=find_campaign(request, pk), pk=worker).first()
    if found is None:
        raise NothingHere("The campaign has no such worker.")
    return found


urlpatterns = [
    path("projects/<uuid:pk>/campaigns/", CampaignsView.as_view(), name="campaigns"),
    path("campaigns/<uuid:pk>/", CampaignView.as_view(), name="campaign"),
    path("campaigns/<uuid:pk>/open/", OpenView.as_view(), name="open-campaign"),
    path("campaigns/<uuid:pk>/pause/", PauseView.as_view(), name="pause-campaign"),
    path("campaigns/<uuid:pk>/close/", CloseView.as_view(), name="close-campaign"),
    path("campaigns/<uuid:pk>/link/", LinkView.as_view(), name="campaign-link"),
    path("campaigns/<uuid:pk>/cut/", CutView.as_view(), name="cut-campaign"),
    path("campaigns/<uuid:pk>/gold/", GoldView.as_view(), name="campaign-gold"),
    path("campaigns/<uuid:pk>/items/", ItemsView.as_view(), name="campaign-items"),
    path(
        "campaigns/<uuid:pk>/items/<uuid:item>/picture/", ItemPictureView.as_view(), name="campaign-picture"
    ),
    path("campaigns/<uuid:pk>/workers/", WorkersView.as_view(), name="campaign-workers"),
    path("campaigns/<uuid:pk>/workers/<uuid:worker>/", WorkerView.as_view(), name="campaign-worker"),
]
