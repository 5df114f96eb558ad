"""Links over HTTP: how sure the linker was of each, and how many people have made."""

from typing import Any
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.doors import asked, parsed, person
from annotation.api.label_forms import MAX_NUMBER
from annotation.api.labels import find_branch
from annotation.api.track_forms import RevisionFilter
from annotation.core.human_links import HumanLink
from annotation.core.link_tables import COLUMNS, LinkTable
from annotation.selectors import links
from annotation.selectors.links import HumanCounts, UncertainLink
from annotation.services import link_answers
from annotation.services.link_answers import LinkAnswer


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


class UncertainLinkFilter(serializers.Serializer[Any]):
    count = serializers.IntegerField(min_value=1, max_value=10_000, default=100)
    below = serializers.FloatField(min_value=0, max_value=1, default=1.0)
    divisions = serializers.BooleanField(required=False, allow_null=True, default=None)


class UncertainLinkOut(serializers.Serializer[UncertainLink]):
    """A question: is `cell` in frame `t` the cell `from_cell` of frame `from_t`, or with `is_division` its
    daughter? `chance` (0..1) that it is."""

    t = serializers.IntegerField()
    cell = serializers.IntegerField()
    from_t = serializers.IntegerField()
    from_cell = serializers.IntegerField()
    is_division = serializers.BooleanField()
    chance = serializers.FloatField()


class UncertainLinksOut(serializers.Serializer[Any]):
    """The links that the linker was least sure of and that nobody has answered, the least sure first, at
    revision `head`."""

    head = serializers.IntegerField()
    results = UncertainLinkOut(many=True)


class LinkAnswerIn(serializers.Serializer[Any]):
    """Whether a link that the labels say is right. One that is wrong is taken apart."""

    t = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER)
    cell = serializers.IntegerField(min_value=1, max_value=MAX_NUMBER)
    from_t = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER)
    from_cell = serializers.IntegerField(min_value=1, max_value=MAX_NUMBER)
    is_right = serializers.BooleanField()


class LinkAnswersIn(serializers.Serializer[Any]):
    answers = LinkAnswerIn(many=True, allow_empty=False)


class LinkAnswersOut(serializers.Serializer[Any]):
    """The revision that holds the answers as edits of who gave them."""

    number = serializers.IntegerField()


class LinksView(APIView):
    @extend_schema(operation_id="listLinks", parameters=[RevisionFilter], responses=LinksOut)
    def get(self, request: Request, pk: UUID) -> Response:
        found = links.list_links(branch=find_branch(request, pk), **asked(RevisionFilter, request))
        known = {"head": found.head, "linked": found.linked, "linker": found.linker}
        return Response({**known, "links": _columns(found.table)})


class HumanLinksView(APIView):
    @extend_schema(operation_id="countHumanLinks", responses=HumanLinksOut)
    def get(self, request: Request, pk: UUID) -> Response:
        return Response(HumanLinksOut(links.count_human_links(branch=find_branch(request, pk))).data)


class UncertainLinksView(APIView):
    @extend_schema(
        operation_id="listUncertainLinks", parameters=[UncertainLinkFilter], responses=UncertainLinksOut
    )
    def get(self, request: Request, pk: UUID) -> Response:
        branch = find_branch(request, pk)
        found = links.uncertain_links(branch=branch, **asked(UncertainLinkFilter, request))
        return Response(UncertainLinksOut({"head": branch.head_number, "results": found}).data)


class LinkAnswersView(APIView):
    @extend_schema(operation_id="answerLinks", request=LinkAnswersIn, responses={201: LinkAnswersOut})
    def post(self, request: Request, pk: UUID) -> Response:
        branch, form = find_branch(request, pk), parsed(LinkAnswersIn, request)
        several = [LinkAnswer(_link(row), row["is_right"]) for row in form["answers"]]
        revision = link_answers.answer(branch=branch, answers=several, author=person(request))
        return Response({"number": revision.number}, status=201)


def _link(row: dict[str, int]) -> HumanLink:
    return HumanLink(row["from_t"], row["from_cell"], row["t"], row["cell"])


def _columns(table: LinkTable) -> dict[str, list[Any]]:
    """What `LinkColumnsOut` describes, written straight out: there may be a million."""
    columns = {name: getattr(table, name).tolist() for name in COLUMNS}
    return {**columns, "confidence": [round(value, 4) for value in columns["confidence"]]}


urlpatterns = [
    path("branches/<uuid:pk>/links/", LinksView.as_view(), name="links"),
    path("branches/<uuid:pk>/uncertain-links/", UncertainLinksView.as_view(), name="uncertain-links"),
    path("branches/<uuid:pk>/link-answers/", LinkAnswersView.as_view(), name="link-answers"),
    path("branches/<uuid:pk>/human-links/", HumanLinksView.as_view(), name="human-links"),
]
