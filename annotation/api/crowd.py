"""The workers' doors: a link without an account. The worker's secret comes in the header `X-Worker`."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.campaigns import END, PNG, end_of, picture
from annotation.api.crowd_forms import (
    CrowdAnsweredOut,
    CrowdAnswerIn,
    CrowdDoorOut,
    CrowdFeedbackOut,
    CrowdJoinIn,
    CrowdJoinOut,
    CrowdNextIn,
    CrowdNextOut,
    CrowdPlaceOut,
)
from annotation.api.doors import parsed
from annotation.core.class_schema import ClassDef
from annotation.models import CampaignState, CrowdItem, CrowdWorker, ItemKind, ItemUse
from annotation.policies import crowd as policy
from annotation.policies.access import NothingHere
from annotation.selectors import campaigns as reading
from annotation.selectors import crowd_reading
from annotation.services import crowd_answers, crowd_ending, crowd_pictures, crowd_workers
from annotation.services.crowd_answers import Given, Taken

WORKER = OpenApiParameter("X-Worker", str, OpenApiParameter.HEADER, description="The worker's secret.")
TOO_FAST = "That was faster than anybody can look, so it does not count. Take the time you need."


class CrowdDoor(APIView):
    """Nobody signs in here: no session, no cookie, no token is looked at."""

    authentication_classes = ()
    permission_classes = (AllowAny,)


class DoorView(CrowdDoor):
    @extend_schema(operation_id="readCrowdLink", parameters=[WORKER], responses=CrowdDoorOut, auth=[])
    def get(self, request: Request, token: str) -> Response:
        campaign = policy.find_campaign(token)
        me = policy.known_worker(token, _secret(request))
        facts = {
            "title": campaign.title or campaign.name,
            "is_open": campaign.state == CampaignState.OPEN,
            "kinds": reading.kinds_of(campaign),
            "me": me,
        }
        same = ("instruction", "consent", "state", "training_count", "items_per_worker", "leaderboard")
        told: Any = {**facts, **{name: getattr(campaign, name) for name in same}}
        return Response(CrowdDoorOut(told).data)


class JoinView(CrowdDoor):
    @extend_schema(operation_id="joinCrowd", request=CrowdJoinIn, responses={201: CrowdJoinOut}, auth=[])
    def post(self, request: Request, token: str) -> Response:
        campaign = policy.find_campaign(token)
        worker, secret = crowd_workers.join(campaign=campaign, **parsed(CrowdJoinIn, request))
        return Response(CrowdJoinOut({"secret": secret, "me": worker}).data, status=201)


class NextView(CrowdDoor):
    @extend_schema(
        operation_id="takeNextCrowdItem",
        parameters=[WORKER],
        request=CrowdNextIn,
        responses=CrowdNextOut,
        auth=[],
    )
    def post(self, request: Request, token: str) -> Response:
        worker, asked_for = _worker(request, token), parsed(CrowdNextIn, request)
        return Response(_next(crowd_answers.take_next(worker=worker, **asked_for)))


class PictureView(CrowdDoor):
    @extend_schema(operation_id="getCrowdPicture", parameters=[WORKER, END], responses=PNG, auth=[])
    def get(self, request: Request, token: str, item: UUID) -> HttpResponse:
        given = policy.find_given(token, _secret(request), item)
        return picture(crowd_pictures.picture(given.item.campaign, given.item, end_of(request)))


class AnswerView(CrowdDoor):
    @extend_schema(
        operation_id="answerCrowdItem",
        parameters=[WORKER],
        request=CrowdAnswerIn,
        responses=CrowdAnsweredOut,
        auth=[],
    )
    def post(self, request: Request, token: str, item: UUID) -> Response:
        worker, given = _worker(request, token), parsed(CrowdAnswerIn, request)
        then_next = given.pop("next")
        taken = crowd_answers.answer(worker=worker, item_id=item, then_next=then_next, **given)
        return Response(
            {
                "feedback": _feedback(taken),
                "notice": TOO_FAST if taken.is_fast else "",
                "me": _me(taken.worker),
                "next": None if taken.next is None else _next(taken.next),
            }
        )


class LeaderboardView(CrowdDoor):
    @extend_schema(
        operation_id="readCrowdLeaderboard", parameters=[WORKER], responses=CrowdPlaceOut(many=True), auth=[]
    )
    def get(self, request: Request, token: str) -> Response:
        worker = _worker(request, token)
        if not worker.campaign.leaderboard:
            raise NothingHere("This campaign keeps no list of who answered most.")
        rows: Any = reading.leaderboard(worker=worker)
        return Response(CrowdPlaceOut(rows, many=True).data)


class MeView(CrowdDoor):
    """Everything that this worker answered is deleted."""

    @extend_schema(operation_id="forgetCrowdWorker", parameters=[WORKER], responses={204: None}, auth=[])
    def delete(self, request: Request, token: str) -> Response:
        crowd_workers.forget(worker=_worker(request, token))
        return Response(status=204)


def _secret(request: Request) -> str:
    return request.headers.get("X-Worker", "")


def _worker(request: Request, token: str) -> CrowdWorker:
    return policy.find_worker(token, _secret(request))


def _next(given: Given) -> dict[str, Any]:
    """What `CrowdNextOut` describes, written straight out: many people wait for it at once."""
    item = None if given.item is None else _question(given.item, given)
    done = None if item else asdict(crowd_ending.tell(worker=given.worker, why=given.why_not))
    return {"item": item, "done": done, "me": _me(given.worker)}


def _me(worker: CrowdWorker) -> dict[str, Any]:
    """What `CrowdMeOut` describes."""
    same = {name: getattr(worker, name) for name in ("name", "state", "answered", "reason")}
    return {**same, "training_left": reading.training_left(worker)}


def _question(item: CrowdItem, given: Given) -> dict[str, Any]:
    """Only what the worker needs: no image, no place, no branch, and not whether it is gold."""
    asks_class, campaign = item.kind == ItemKind.CLASS, given.worker.campaign
    return {
        "id": item.pk,
        "kind": item.kind,
        "is_training": item.use == ItemUse.TRAINING,
        "height": item.height,
        "width": item.width,
        "pictures": 1 if item.to_t is None else 2,
        "single": item.cell is not None,
        "shown": item.shown,
        "classes": [_class(one) for one in crowd_reading.classes_to_choose(campaign)] if asks_class else [],
        "lease_until": given.lease_until,
    }


def _class(one: ClassDef) -> dict[str, Any]:
    return {"id": one.id, "name": one.name, "color": one.color}


def _feedback(taken: Taken) -> dict[str, Any] | None:
    if taken.score is None:
        return None
    regions = [{"runs": [], "point": None, **region.as_json()} for region in taken.score.regions]
    told = {"right": taken.score.right, "score": taken.score.score, "truth": taken.item.truth}
    return dict(CrowdFeedbackOut({**told, "regions": regions, "message": crowd_ending.say(taken.score)}).data)


urlpatterns = [
    path("crowd/<str:token>/", DoorView.as_view(), name="crowd"),
    path("crowd/<str:token>/join/", JoinView.as_view(), name="crowd-join"),
    path("crowd/<str:token>/next/", NextView.as_view(), name="crowd-next"),
    path("crowd/<str:token>/items/<uuid:item>/picture/", PictureView.as_view(), name="crowd-picture"),
    path("crowd/<str:token>/items/<uuid:item>/answer/", AnswerView.as_view(), name="crowd-answer"),
    path("crowd/<str:token>/leaderboard/", LeaderboardView.as_view(), name="crowd-leaderboard"),
    path("crowd/<str:token>/me/", MeView.as_view(), name="crowd-me"),
]
