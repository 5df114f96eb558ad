"""Live events as Server-Sent Events, for those who may see the project and as long as they may."""

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any, cast
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import connection
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from annotation.models import Project
from annotation.selectors import ratings
from annotation.selectors.ratings import Veil
from backend.accounts.models import User
from backend.foundation.errors import NotFound
from backend.foundation.live import hub

HEARTBEAT_S = 15.0


class EventsIn(serializers.Serializer[Any]):
    project = serializers.UUIDField()


class AnyAnswer(BaseContentNegotiation):
    """A browser asks for `text/event-stream`; a refusal is JSON all the same."""

    def select_parser(self, request, parsers):  # type: ignore[no-untyped-def]
        return parsers[0]

    def select_renderer(self, request, renderers, format_suffix=None):  # type: ignore[no-untyped-def]
        return JSONRenderer(), JSONRenderer.media_type


class EventsView(APIView):
    """Everything that happens in one project, while it happens."""

    content_negotiation_class = AnyAnswer

    @extend_schema(
        operation_id="watchEvents",
        parameters=[OpenApiParameter("project", OpenApiTypes.UUID, required=True)],
        responses={(200, "text/event-stream"): OpenApiTypes.STR},
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        given = EventsIn(data=request.query_params)
        given.is_valid(raise_exception=True)
        user, project = cast(User, request.user), given.validated_data["project"]
        if not may_watch(user.pk, project):
            raise NotFound("There is nothing here that you may see.")
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingHttpResponse(
            stream(user.pk, project), content_type="text/event-stream", headers=headers
        )


def may_watch(user_id: UUID, project: UUID) -> bool:
    """Whether this person, as known to the database now, may see the project."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    allowed = user is not None and Project.objects.visible_to(user).filter(pk=project).exists()
    # A stream stays open for hours: it must not keep one of the few database connections all the while.
    if not connection.in_atomic_block:
        connection.close()
    return allowed


def _veil(user_id: UUID, project: UUID) -> Veil:
    """What this person, as known to the database now, must not hear of."""
    found = ratings.veil_of(user=User.objects.get(pk=user_id), project=project)
    if not connection.in_atomic_block:
        connection.close()
    return found


async def stream(
    user_id: UUID, project: UUID, heartbeat_s: float = HEARTBEAT_S
) -> AsyncGenerator[bytes, None]:
    """The event stream. Each heartbeat asks for the right to watch again; who lost it hears no more.

    What happens to labels that a blind rating hides from this person is not told. Events of blind tasks say
    so, and what is hidden is asked anew before they are passed on.
    """
    async with hub().watch(str(project)) as mailbox:
        veil = await sync_to_async(_veil)(user_id, project)
        yield b": welcome\n\n"
        while True:
            try:
                event = await asyncio.wait_for(mailbox.get(), heartbeat_s)
            except TimeoutError:
                if not await sync_to_async(may_watch)(user_id, project):
                    return
                veil = await sync_to_async(_veil)(user_id, project)
                yield b": still here\n\n"
                continue
            if event is None:
                return
            name, data = event
            if data.get("blind"):
                veil = await sync_to_async(_veil)(user_id, project)
            if veil.hides(data):
                continue
            yield f"event: {name}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()
