"""Labels over HTTP: branches, frames, cells, edits, revisions."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.doors import ListDoor, asked, find, parsed, person
from annotation.api.images import find_image
from annotation.api.label_forms import (
    BatchIn,
    BranchOut,
    CellFilter,
    CellIdsIn,
    CellIdsOut,
    CellOut,
    CommitOut,
    EditFilter,
    EditLogOut,
    FrameFilter,
    NumberIn,
    RevisionOut,
    StaleRevisionOut,
    cell_rows,
)
from annotation.models import Branch, Revision
from annotation.policies.access import NothingHere
from annotation.selectors import cells, frames
from annotation.selectors import images as image_reading
from annotation.selectors import labels as reading
from annotation.services import labels, reviews
from annotation.services.labels import OnConflict
from backend.foundation.http import LimitOffset

FRAME_TYPE = "application/vnd.cytoloop.tiles"


class CellPages(LimitOffset):
    """Cells come in large pages: the editor wants all of a movie's."""

    default_limit = 10_000
    max_limit = 100_000


class BranchesView(ListDoor[Branch]):
    queryset = Branch.objects.none()
    serializer_class = BranchOut

    @extend_schema(operation_id="listBranches", responses=BranchOut(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        image = find_image(request, pk)
        return self.page(image_reading.list_branches(image=image, user=person(request)), BranchOut)


class BranchView(APIView):
    @extend_schema(operation_id="getBranch", responses=BranchOut)
    def get(self, request: Request, pk: UUID) -> Response:
        rows = image_reading.with_acceptance(Branch.objects.visible_to(person(request)))
        row = rows.filter(pk=pk).first()
        if row is None:
            raise NothingHere("There is nothing here that you may see.")
        return Response(BranchOut(row).data)


class FrameView(APIView):
    @extend_schema(
        operation_id="readFrame",
        parameters=[FrameFilter, OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER)],
        responses={(200, FRAME_TYPE): OpenApiTypes.BINARY, 304: None},
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        frame = frames.read(
            branch=find_branch(request, pk),
            known=request.headers.get("If-None-Match", ""),
            **asked(FrameFilter, request),
        )
        if frame.body is None:
            response = HttpResponse(status=304)
        else:
            response = HttpResponse(frame.body, content_type=FRAME_TYPE)
        response["ETag"] = frame.etag
        response["X-Head-Revision"] = str(frame.head)
        response["Cache-Control"] = (
            "private, max-age=31536000, immutable" if frame.fixed else "private, no-cache"
        )
        return response


class CellsView(ListDoor[Any]):
    serializer_class = CellOut
    pagination_class = CellPages

    @extend_schema(operation_id="listCells", parameters=[CellFilter], responses=CellOut(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        rows = cells.list_cells(branch=find_branch(request, pk), **asked(CellFilter, request))
        return self.get_paginated_response(cell_rows(self.paginate_queryset(rows) or []))


class CellIdsView(APIView):
    @extend_schema(operation_id="reserveCellIds", request=CellIdsIn, responses=CellIdsOut)
    def post(self, request: Request, pk: UUID) -> Response:
        count = parsed(CellIdsIn, request)["count"]
        first = labels.reserve_cells(branch=find_branch(request, pk), count=count, by=person(request))
        return Response({"first": first, "count": count})


class RevisionsView(ListDoor[Revision]):
    queryset = Revision.objects.none()
    serializer_class = RevisionOut

    @extend_schema(operation_id="listRevisions", responses=RevisionOut(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        return self.page(image_reading.list_revisions(branch=find_branch(request, pk)), RevisionOut)

    @extend_schema(
        operation_id="commitEdits", request=BatchIn, responses={201: CommitOut, 409: StaleRevisionOut}
    )
    def post(self, request: Request, pk: UUID) -> Response:
        given = parsed(BatchIn, request)
        on_conflict = OnConflict(given.pop("on_conflict"))
        revision = labels.commit_edits(
            branch=find_branch(request, pk), author=person(request), on_conflict=on_conflict, **given
        )
        return Response(CommitOut(revision).data, status=201)


class RestoreView(APIView):
    @extend_schema(operation_id="restoreRevision", request=NumberIn, responses={201: RevisionOut})
    def post(self, request: Request, pk: UUID) -> Response:
        branch = find_branch(request, pk)
        revision = labels.restore(branch=branch, by=person(request), **parsed(NumberIn, request))
        return Response(RevisionOut(revision).data, status=201)


class AcceptView(APIView):
    @extend_schema(operation_id="acceptRevision", request=NumberIn, responses=RevisionOut)
    def post(self, request: Request, pk: UUID) -> Response:
        revision = reading.get_revision(branch=find_branch(request, pk), **parsed(NumberIn, request))
        return Response(RevisionOut(reviews.accept_revision(revision=revision, by=person(request))).data)


class EditsView(APIView):
    @extend_schema(operation_id="listEdits", parameters=[EditFilter], responses=EditLogOut)
    def get(self, request: Request, pk: UUID) -> Response:
        branch, given = find_branch(request, pk), asked(EditFilter, request)
        limit = given["limit"]
        if given["mine"]:
            log = reading.list_own_log(
                branch=branch, author=person(request), before=given.get("before"), limit=limit
            )
        else:
            log = reading.list_log(branch=branch, after=given["after"], limit=limit)
        last = log[-1].revision.number if log else None
        ends = {
            "next_after": None,
            "next_before": None,
            ("next_before" if given["mine"] else "next_after"): last,
        }
        return Response(EditLogOut({"results": log, **ends}).data)


def find_branch(request: Request, pk: UUID) -> Branch:
    """The branch, if the asker may see it."""
    return find(Branch.objects.select_related("image__dataset__project__team"), request, pk)


urlpatterns = [
    path("images/<uuid:pk>/branches/", BranchesView.as_view(), name="branches"),
    path("branches/<uuid:pk>/", BranchView.as_view(), name="branch"),
    path("branches/<uuid:pk>/labels/", FrameView.as_view(), name="frame"),
    path("branches/<uuid:pk>/cells/", CellsView.as_view(), name="cells"),
    path("branches/<uuid:pk>/cell-ids/", CellIdsView.as_view(), name="cell-ids"),
    path("branches/<uuid:pk>/revisions/", RevisionsView.as_view(), name="revisions"),
    path("branches/<uuid:pk>/restore/", RestoreView.as_view(), name="restore"),
    path("branches/<uuid:pk>/accept/", AcceptView.as_view(), name="accept"),
    path("branches/<uuid:pk>/edits/", EditsView.as_view(), name="edits"),
]
