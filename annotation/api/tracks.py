"""Tracks over HTTP: which cell is in which frames, one cell frame by frame, alerts, proposed repairs."""

from uuid import UUID

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.doors import asked, find, parsed, person
from annotation.api.labels import find_branch
from annotation.api.track_forms import (
    AlertDismissalIn,
    AlertDismissalOut,
    AlertsOut,
    RepairFilter,
    RepairsOut,
    RevisionFilter,
    TrackMeasuresOut,
    TracksOut,
    alert_rows,
    plain,
    track_rows,
)
from annotation.core.alerts import AlertKind
from annotation.models import AlertDismissal, Branch
from annotation.selectors import tracks
from annotation.services import alert_dismissals


class TracksView(APIView):
    @extend_schema(operation_id="listTracks", parameters=[RevisionFilter], responses=TracksOut)
    def get(self, request: Request, pk: UUID) -> Response:
        branch, which = find_branch(request, pk), asked(RevisionFilter, request)
        rows = track_rows(tracks.list_tracks(branch=branch, **which))
        return Response({"head": head_of(branch, which), "frames": branch.image.size_t, "results": rows})


class TrackView(APIView):
    @extend_schema(operation_id="readTrack", parameters=[RevisionFilter], responses=TrackMeasuresOut)
    def get(self, request: Request, pk: UUID, cell: int) -> Response:
        branch, which = find_branch(request, pk), asked(RevisionFilter, request)
        points = plain(tracks.read_track(branch=branch, cell=cell, **which))
        return Response({"head": head_of(branch, which), "cell": cell, "results": points})


class AlertsView(APIView):
    @extend_schema(operation_id="listAlerts", parameters=[RevisionFilter], responses=AlertsOut)
    def get(self, request: Request, pk: UUID) -> Response:
        branch, which = find_branch(request, pk), asked(RevisionFilter, request)
        found = alert_rows(tracks.list_marked_alerts(branch=branch, **which))
        return Response({"head": head_of(branch, which), "results": found})


class AlertDismissalsView(APIView):
    @extend_schema(operation_id="dismissAlert", request=AlertDismissalIn, responses={201: AlertDismissalOut})
    def post(self, request: Request, pk: UUID) -> Response:
        branch, told = find_branch(request, pk), parsed(AlertDismissalIn, request)
        told["kind"] = AlertKind(told["kind"])
        row = alert_dismissals.dismiss(branch=branch, by=person(request), **told)
        return Response(AlertDismissalOut(row).data, status=201)


class AlertDismissalView(APIView):
    @extend_schema(operation_id="bringAlertBack", responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        row = find(AlertDismissal.objects.select_related("branch__image__dataset__project"), request, pk)
        alert_dismissals.bring_back(dismissal=row, by=person(request))
        return Response(status=204)


class RepairsView(APIView):
    @extend_schema(operation_id="listRepairs", parameters=[RepairFilter], responses=RepairsOut)
    def get(self, request: Request, pk: UUID) -> Response:
        branch, which = find_branch(request, pk), asked(RepairFilter, request)
        found = plain(tracks.list_repairs(branch=branch, **which))
        return Response({"head": head_of(branch, which), "results": found})


def head_of(branch: Branch, which: dict[str, int]) -> int:
    """The revision that was answered."""
    return which.get("revision", branch.head_number)


urlpatterns = [
    path("branches/<uuid:pk>/tracks/", TracksView.as_view(), name="tracks"),
    path("branches/<uuid:pk>/tracks/<int:cell>/", TrackView.as_view(), name="track"),
    path("branches/<uuid:pk>/alerts/", AlertsView.as_view(), name="alerts"),
    path("branches/<uuid:pk>/alert-dismissals/", AlertDismissalsView.as_view(), name="alert-dismissals"),
    path("alert-dismissals/<uuid:pk>/", AlertDismissalView.as_view(), name="alert-dismissal"),
    path("branches/<uuid:pk>/repairs/", RepairsView.as_view(), name="repairs"),
]
