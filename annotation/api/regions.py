"""Parts of large labels over HTTP: named cells, points instead of cells, how much there is."""

from uuid import UUID

from django.http import HttpResponse
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.doors import asked, parsed
from annotation.api.label_forms import CellsFoundOut, LookUpIn, StubFilter, SummaryOut, cell_rows
from annotation.api.labels import find_branch
from annotation.core.stubs import encode_stubs
from annotation.selectors import cells, regions

STUBS_TYPE = "application/vnd.cytoloop.stubs"


class LookUpView(APIView):
    @extend_schema(operation_id="lookUpCells", request=LookUpIn, responses=CellsFoundOut)
    def post(self, request: Request, pk: UUID) -> Response:
        branch = find_branch(request, pk)
        found = cells.look_up(branch=branch, **parsed(LookUpIn, request))
        return Response({"head": branch.head_number, "results": cell_rows(found)})


class StubsView(APIView):
    @extend_schema(
        operation_id="readStubs",
        parameters=[StubFilter],
        responses={(200, STUBS_TYPE): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        stubs = regions.read_stubs(branch=find_branch(request, pk), **asked(StubFilter, request))
        response = HttpResponse(encode_stubs(stubs), content_type=STUBS_TYPE)
        response["Cache-Control"] = "private, no-cache"
        return response


class SummaryView(APIView):
    @extend_schema(operation_id="summariseBranch", responses=SummaryOut)
    def get(self, request: Request, pk: UUID) -> Response:
        return Response(regions.summarise(branch=find_branch(request, pk))._asdict())


urlpatterns = [
    path("branches/<uuid:pk>/cells/look-up/", LookUpView.as_view(), name="look-up-cells"),
    path("branches/<uuid:pk>/stubs/", StubsView.as_view(), name="stubs"),
    path("branches/<uuid:pk>/summary/", SummaryView.as_view(), name="summary"),
]
