"""Releases of a dataset over HTTP."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.datasets import find_dataset
from annotation.api.doors import ListDoor, asked, find, parsed, person
from annotation.api.exports import ExportOut
from annotation.api.label_forms import RevisionOut
from annotation.api.people import AuthorOut
from annotation.models import ExportFormat, ExportWhich, Release, ReleaseItem
from annotation.selectors import releases as reading
from annotation.selectors.releases import Became
from annotation.services import exports, releases


class ReleaseAuthorShape(serializers.Serializer[Any]):
    """A person by family and given names, or a lab or another entity by `name`."""

    family_names = serializers.CharField(max_length=100, required=False, allow_blank=True)
    given_names = serializers.CharField(max_length=100, required=False, allow_blank=True)
    name = serializers.CharField(max_length=200, required=False, allow_blank=True)
    affiliation = serializers.CharField(max_length=200, required=False, allow_blank=True)
    orcid = serializers.RegexField(
        r"^https://orcid\.org/\d{4}-\d{4}-\d{4}-\d{3}[\dX]$", required=False,
        error_messages={"invalid": "An ORCID is written https://orcid.org/0000-0000-0000-0000."},
    )  # fmt: skip

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """Somebody must be named."""
        if not given.get("family_names") and not given.get("name"):
            raise serializers.ValidationError("An author needs family names, or a name.")
        return given


class ReleaseCountsShape(serializers.Serializer[Any]):
    images = serializers.IntegerField()
    planes = serializers.IntegerField()
    cells = serializers.IntegerField()
    accepted = serializers.IntegerField()
    classes = serializers.DictField(child=serializers.IntegerField(), help_text="Cells by class, '' without.")
    people = serializers.ListField(child=serializers.CharField())
    models = serializers.ListField(child=serializers.CharField())


class ReleasedClassShape(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    color = serializers.CharField()
    archived = serializers.BooleanField()


RELEASE_FIELDS = [
    "id", "dataset", "name", "title", "notes", "licence", "authors", "classes", "counts", "digest",
    "created_by", "created_at",
]  # fmt: skip


class ReleaseOut(serializers.ModelSerializer[Release]):
    """A version of a dataset that never changes."""

    authors = ReleaseAuthorShape(many=True)
    classes = ReleasedClassShape(many=True)
    counts = ReleaseCountsShape()
    created_by = AuthorOut(allow_null=True)

    class Meta:
        model = Release
        fields = RELEASE_FIELDS


class ReleaseItemOut(serializers.ModelSerializer[ReleaseItem]):
    """An image of a release at one revision."""

    branch = serializers.UUIDField(source="revision.branch_id")
    number = serializers.IntegerField(source="revision.number")

    class Meta:
        model = ReleaseItem
        fields = ["image", "name", "branch", "number", "image_sha256", "labels_sha256", "cell_count"]


class ReleaseDetailOut(ReleaseOut):
    """A release with its papers and images."""

    citation = serializers.CharField(help_text="The CITATION.cff")
    card = serializers.CharField(help_text="The README.md")
    items = ReleaseItemOut(many=True)

    class Meta(ReleaseOut.Meta):
        fields = [*RELEASE_FIELDS, "citation", "card", "items"]


class ReleaseIn(serializers.Serializer[Any]):
    """The present labels of the dataset, named for good: the accepted ones, or the newest."""

    name = serializers.CharField(max_length=100, help_text="The version: 1.0, 2026-11, paper.")
    which = serializers.ChoiceField(
        choices=[("ACCEPTED", "accepted"), ("HEAD", "newest")], default=ExportWhich.ACCEPTED.value
    )
    title = serializers.CharField(max_length=300, allow_blank=True, default="")
    notes = serializers.CharField(max_length=20_000, allow_blank=True, default="")
    licence = serializers.CharField(
        max_length=100, allow_blank=True, default="", help_text="As SPDX names it: CC-BY-4.0."
    )
    authors = ReleaseAuthorShape(many=True, default=list)


class PackageIn(serializers.Serializer[Any]):
    format = serializers.ChoiceField(choices=ExportFormat.choices)


class BranchIn(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=190)


class ReleaseMadeOut(serializers.Serializer[Any]):
    """The revisions that were made, one for each image that changed."""

    revisions = RevisionOut(many=True)


class ProofOut(serializers.Serializer[Any]):
    """The release's digest beside what its contents give when they are all read again."""

    digest = serializers.CharField()
    found = serializers.CharField()
    differing = serializers.ListField(child=serializers.CharField())
    is_whole = serializers.BooleanField()


class AgainstFilter(serializers.Serializer[Any]):
    base = serializers.UUIDField(help_text="The older release, of the same or another dataset.")


class ReleaseChangeOut(serializers.Serializer[Any]):
    """An image in two releases; null: it is not in that one."""

    image = serializers.UUIDField()
    name = serializers.CharField()
    became = serializers.ChoiceField(choices=[(one.value, one.value) for one in Became])
    before = ReleaseItemOut(allow_null=True)
    after = ReleaseItemOut(allow_null=True)


class ReleasesView(ListDoor[Release]):
    queryset = Release.objects.none()
    serializer_class = ReleaseOut

    @extend_schema(operation_id="listReleases", responses=ReleaseOut(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        dataset = find_dataset(request, pk)
        return self.page(reading.list_releases(dataset=dataset, user=person(request)), ReleaseOut)

    @extend_schema(operation_id="createRelease", request=ReleaseIn, responses={201: ReleaseDetailOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Name the present labels for good. Managers and owners."""
        dataset = find_dataset(request, pk)
        release = releases.make(dataset=dataset, by=person(request), **parsed(ReleaseIn, request))
        return Response(ReleaseDetailOut(_find(request, release.pk)).data, status=201)


class ReleaseView(APIView):
    @extend_schema(operation_id="getRelease", responses=ReleaseDetailOut)
    def get(self, request: Request, pk: UUID) -> Response:
        return Response(ReleaseDetailOut(_find(request, pk)).data)


class ReleaseProofView(APIView):
    @extend_schema(operation_id="proveRelease", responses=ProofOut)
    def get(self, request: Request, pk: UUID) -> Response:
        """Read everything in the release again and compare it with its digest."""
        return Response(ProofOut(reading.prove(release=_find(request, pk))).data)


class ReleaseCitationView(APIView):
    @extend_schema(
        operation_id="downloadCitation", responses={(200, "application/yaml"): OpenApiTypes.BINARY}
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        """The CITATION.cff."""
        response = HttpResponse(_find(request, pk).citation, content_type="application/yaml; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="CITATION.cff"'
        return response


class ReleaseComparisonView(ListDoor[Any]):
    serializer_class = ReleaseChangeOut

    @extend_schema(
        operation_id="compareReleases", parameters=[AgainstFilter], responses=ReleaseChangeOut(many=True)
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """Image by image, what this release changed against an older one; what differs comes first."""
        target = _find(request, pk)
        base = _find(request, asked(AgainstFilter, request)["base"])
        return self.page(reading.compare(base=base, target=target), ReleaseChangeOut)


class ReleasePackageView(APIView):
    @extend_schema(operation_id="packageRelease", request=PackageIn, responses={202: ExportOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """The release as one zip with CITATION.cff, README.md and release.json; watch its export."""
        export = exports.ask_release(
            release=_find(request, pk), by=person(request), **parsed(PackageIn, request)
        )
        return Response(ExportOut(export).data, status=202)


class ReleaseRestoreView(APIView):
    @extend_schema(operation_id="restoreRelease", request=None, responses={201: ReleaseMadeOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Bring every image's labels back to the release, as new revisions. Managers and owners."""
        made = releases.restore(release=_find(request, pk), by=person(request))
        return Response(ReleaseMadeOut({"revisions": made}).data, status=201)


class ReleaseBranchView(APIView):
    @extend_schema(operation_id="branchRelease", request=BranchIn, responses={201: ReleaseMadeOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """A branch on every image that begins as the release."""
        made = releases.branch(release=_find(request, pk), by=person(request), **parsed(BranchIn, request))
        return Response(ReleaseMadeOut({"revisions": made}).data, status=201)


def _find(request: Request, pk: UUID) -> Release:
    rows = Release.objects.select_related("dataset__project__team", "created_by")
    return find(rows.prefetch_related("items__revision"), request, pk)


urlpatterns = [
    path("datasets/<uuid:pk>/releases/", ReleasesView.as_view(), name="releases"),
    path("releases/<uuid:pk>/", ReleaseView.as_view(), name="release"),
    path("releases/<uuid:pk>/proof/", ReleaseProofView.as_view(), name="release-proof"),
    path("releases/<uuid:pk>/citation/", ReleaseCitationView.as_view(), name="release-citation"),
    path("releases/<uuid:pk>/comparison/", ReleaseComparisonView.as_view(), name="release-comparison"),
    path("releases/<uuid:pk>/package/", ReleasePackageView.as_view(), name="release-package"),
    path("releases/<uuid:pk>/restore/", ReleaseRestoreView.as_view(), name="release-restore"),
    path("releases/<uuid:pk>/branch/", ReleaseBranchView.as_view(), name="release-branch"),
]
