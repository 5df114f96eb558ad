"""Links over HTTP: how sure the linker was of each, and how many people have made."""

from typing import Any
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.doors import asked
from annotation.api.labels import find_branch
from annotation.api.track_forms import RevisionFilter
from annotation.core.link_tables import COLUMNS, LinkTable
from annotation.selectors import links
from annotation.selectors.links import HumanCounts


class LinkColumnsOut(serializers.Serializer[LinkTable]):
    """Columns of one length, one entry a link, by `t` and `cell`, the later end. Where `from_cell` is
    another cell it is the mother, and `confidence` (0..1) is that of the division. `given`: by a person."""

    t = serializers.ListField(child=serializers.IntegerField())
    cell = serializers.ListField(child=serializers.IntegerField())
    from_t = serializers.ListField(child=serializers.IntegerField())
    from_cell = serializers.ListField(child=serializers.IntegerField())
    confidence = serializers.ListField(child=serializers.FloatField())
    given = serializers.ListField(child=serializers.BooleanField())


class LinksOut(serializers.Serializer[Any]):
    """The links at revision `head` of which something is known: what `linker` said when it made revision
    `linked` and nobody has changed since, and what people have said. Other links are nobody's: labels that
    came as they are."""

    head = serializers.IntegerField()
    linked = serializers.IntegerField(allow_null=True)
    linker = serializers.CharField()
    links = LinkColumnsOut()


class HumanLinksOut(serializers.Serializer[HumanCounts]):
    """What a linker must keep when it runs again: `links` that people made, moved or confirmed, `cuts`
    (pairs that they took apart), and `ends` (cells that they say do not go on)."""

    head = serializers.IntegerField()
    links = serializers.IntegerField()
    cuts = serializers.IntegerField()
    ends = serializers.IntegerField()


class LinksView(APIView):
    @extend_schema(operation_id="listLinks", parameters=[RevisionFilter], responses=LinksOut)
    def get(self, request: Request, pk: UUID) -> Response:
        found = links.list_links(branch=find_branch(request, pk), **asked(RevisionFilter, request))
        said = {"head": found.head, "linked": found.linked, "linker": found.linker}
        return Response({**said, "links": _columns(found.table)})


class HumanLinksView(APIView):
    @extend_schema(operation_id="countHumanLinks", responses=HumanLinksOut)
    def get(self, request: Request, pk: UUID) -> Response:
        return Response(HumanLinksOut(links.count_human_links(branch=find_branch(request, pk))).data)


def _columns(table: LinkTable) -> dict[str, list[Any]]:
    """What `LinkColumnsOut` describes, written straight out: there may be a million."""
    columns = {name: getattr(table, name).tolist() for name in COLUMNS}
    return {**columns, "confidence": [round(value, 4) for value in columns["confidence"]]}


urlpatterns = [
    path("branches/<uuid:pk>/links/", LinksView.as_view(), name="links"),
    path("branches/<uuid:pk>/human-links/", HumanLinksView.as_view(), name="human-links"),
]
