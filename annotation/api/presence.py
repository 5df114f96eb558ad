"""Presence over HTTP: people tell where they are, the live events tell the others."""

from typing import Any
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.doors import parsed, person
from annotation.api.label_forms import MAX_NUMBER
from annotation.api.labels import find_branch
from annotation.core.edits import MAX_CELL
from annotation.services import presence
from annotation.services.presence import MAX_TOLD_CELLS


class PresenceIn(serializers.Serializer[Any]):
    """Where one is, px of the full image; `gone` when one leaves, and then nothing else is needed."""

    gone = serializers.BooleanField(default=False)
    t = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER, default=0)
    z = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER, default=0)
    y = serializers.FloatField(allow_null=True, default=None)
    x = serializers.FloatField(allow_null=True, default=None)
    cells = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MAX_CELL),
        max_length=MAX_TOLD_CELLS,
        default=list,
    )
    tool = serializers.CharField(max_length=40, allow_blank=True, default="")
    color = serializers.CharField(max_length=20, allow_blank=True, default="")


class PresenceView(APIView):
    @extend_schema(operation_id="tellPresence", request=PresenceIn, responses={204: None})
    def post(self, request: Request, pk: UUID) -> Response:
        branch, given = find_branch(request, pk), parsed(PresenceIn, request)
        if given.pop("gone"):
            presence.say_gone(branch=branch, by=person(request))
        else:
            presence.tell(branch=branch, by=person(request), **given)
        return Response(status=204)


urlpatterns = [path("branches/<uuid:pk>/presence/", PresenceView.as_view(), name="presence")]
