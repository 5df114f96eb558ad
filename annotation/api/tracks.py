"""Tracks over HTTP: which cell is in which frames, one cell frame by frame, alerts, proposed repairs."""

from uuid import UUID

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.doors import asked
from annotation.api.labels import find_branch
from annotation.api.track_forms import (
    AlertsOut,
    RepairFilter,
    RepairsOut,
    RevisionFilter,
    TrackMeasuresOut,
    TracksOut,
    plain,
    track_rows,
)
from annotation.models import Branch
from annotation.selectors import tracks


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
        found = plain(tracks.list_alerts(branch=branch, **which))
        return Response({"head": head_of(branch, which), "results": found})


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
    path("branches/<uuid:pk>/repairs/", RepairsView.as_view(), name="repairs"),
]
