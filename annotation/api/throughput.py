"""How work goes on, over HTTP: one's own for everybody, everybody's for managers."""

from typing import Any
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.doors import asked, find, person
from annotation.api.people import AuthorOut
from annotation.core.worklog import Work
from annotation.models import Project
from annotation.policies import access
from annotation.selectors import throughput
from annotation.selectors.throughput import Day, Throughput
from backend.accounts.models import Role


class WorkOut(serializers.Serializer[Work]):
    """Work told from the log of edits; pauses of more than five minutes do not count."""

    seconds = serializers.FloatField()
    edits = serializers.IntegerField()
    corrections = serializers.IntegerField(help_text="Edits of cells that were there before.")
    made = serializers.SerializerMethodField(help_text="Cells made.")
    corrected = serializers.SerializerMethodField(help_text="Cells corrected.")
    seconds_per_cell = serializers.FloatField(allow_null=True)
    corrections_per_cell = serializers.FloatField(allow_null=True)

    def get_made(self, work: Work) -> int:
        return len(work.made)

    def get_corrected(self, work: Work) -> int:
        return len(work.corrected)


class DayOut(serializers.Serializer[Day]):
    day = serializers.DateField()
    work = WorkOut()


class ThroughputOut(serializers.Serializer[Throughput]):
    """One person's; in the order of names."""

    user = AuthorOut()
    work = WorkOut()
    days = DayOut(many=True)
    accepted = serializers.IntegerField()
    returned = serializers.IntegerField()


class ThroughputFilter(serializers.Serializer[Any]):
    days = serializers.IntegerField(min_value=1, max_value=366, default=30)


class ThroughputView(APIView):
    @extend_schema(
        operation_id="readThroughput", parameters=[ThroughputFilter], responses=ThroughputOut(many=True)
    )
    def get(self, request: Request, pk: UUID) -> Response:
        project = find(Project.objects.select_related("team"), request, pk)
        me = person(request)
        manages = access.role_of(me, project).rank >= Role.MANAGER.rank
        rows: Any = throughput.of_project(
            project=project, user=me, only=None if manages else me, **asked(ThroughputFilter, request)
        )
        return Response(ThroughputOut(rows, many=True).data)


urlpatterns = [path("projects/<uuid:pk>/throughput/", ThroughputView.as_view(), name="throughput")]
