"""Snapshots over HTTP."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.models import Project
from annotation.policies import access
from backend.accounts.api.sessions import person
from training.api import lists
from training.models import Snapshot, SnapshotItem
from training.models.snapshots import Include, Split
from training.selectors import snapshots as selectors
from training.selectors.snapshots import DEFAULT_FRACTIONS, Rule
from training.services import snapshots as services


class SplitFractions(serializers.Serializer[Any]):
    """Parts of a whole; they add up to 1."""

    train = serializers.FloatField(default=DEFAULT_FRACTIONS["train"], min_value=0, max_value=1)
    validation = serializers.FloatField(default=DEFAULT_FRACTIONS["validation"], min_value=0, max_value=1)
    test = serializers.FloatField(default=DEFAULT_FRACTIONS["test"], min_value=0, max_value=1)


class SnapshotRuleIn(serializers.Serializer[Any]):
    """Which images enter, and how they are split."""

    project = serializers.UUIDField()
    dataset_ids = serializers.ListField(child=serializers.UUIDField(), default=list)
    image_ids = serializers.ListField(child=serializers.UUIDField(), default=list)
    include = serializers.ChoiceField(choices=Include.choices, default=Include.ACCEPTED)
    fractions = SplitFractions(required=False)
    seed = serializers.IntegerField(min_value=0, max_value=2**31 - 1, default=0)


class SnapshotIn(SnapshotRuleIn):
    """A snapshot to be frozen."""

    name = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class TallyOut(serializers.Serializer[Any]):
    """How much there is."""

    images = serializers.IntegerField()
    frames = serializers.IntegerField()
    cells = serializers.IntegerField()
    groups = serializers.IntegerField()


class CountsOut(serializers.Serializer[Any]):
    """How much there is, in all and on each side."""

    all = TallyOut()
    train = TallyOut()
    validation = TallyOut()
    test = TallyOut()


class LeftOutOut(serializers.Serializer[Any]):
    """An image that does not enter, and why."""

    image_id = serializers.UUIDField()
    name = serializers.CharField()
    reason = serializers.CharField()


class PlannedOut(serializers.Serializer[Any]):
    """An image that would enter."""

    image_id = serializers.UUIDField(source="image.pk")
    name = serializers.CharField(source="image.name")
    revision = serializers.IntegerField(source="revision.number", default=None, allow_null=True)
    split = serializers.ChoiceField(choices=Split.choices)
    group = serializers.CharField()
    cells = serializers.IntegerField()


class SnapshotPreviewOut(serializers.Serializer[Any]):
    """What freezing would give."""

    counts = CountsOut()
    items = PlannedOut(many=True)
    left_out = LeftOutOut(many=True)
    notice = serializers.CharField()


SNAPSHOT_FIELDS = [
    "id", "project", "name", "digest", "include", "seed", "fractions", "counts", "left_out", "notice",
    "created_by", "created_at",
]  # fmt: skip


class SnapshotOut(serializers.ModelSerializer[Snapshot]):
    """A frozen list of images."""

    counts = CountsOut()
    left_out = LeftOutOut(many=True)
    fractions = SplitFractions()
    include = serializers.CharField(source="rule.include")
    created_by = serializers.CharField(source="created_by.name", default=None, allow_null=True)

    class Meta:
        model = Snapshot
        fields: ClassVar[list[str]] = SNAPSHOT_FIELDS


class SnapshotItemOut(serializers.ModelSerializer[SnapshotItem]):
    """One image of a snapshot."""

    image_id = serializers.UUIDField()
    name = serializers.CharField(source="image.name")
    branch = serializers.UUIDField(source="revision.branch_id", default=None, allow_null=True)
    revision = serializers.IntegerField(source="revision.number", default=None, allow_null=True)

    class Meta:
        model = SnapshotItem
        fields = ("image_id", "name", "branch", "revision", "split", "group")


class SnapshotDetailOut(SnapshotOut):
    """A snapshot with its images."""

    items = serializers.SerializerMethodField()

    class Meta(SnapshotOut.Meta):
        fields: ClassVar[list[str]] = [*SNAPSHOT_FIELDS, "items"]

    @extend_schema_field(SnapshotItemOut(many=True))
    def get_items(self, snapshot: Snapshot) -> Any:
        return SnapshotItemOut(selectors.list_items(snapshot=snapshot), many=True).data


class SnapshotFilterIn(serializers.Serializer[Any]):
    """Which snapshots to list."""

    project = serializers.UUIDField(required=False)


class SnapshotPreviewView(APIView):
    @extend_schema(operation_id="previewSnapshot", request=SnapshotRuleIn, responses=SnapshotPreviewOut)
    def post(self, request: Request) -> Response:
        """What freezing would give, without freezing."""
        given = SnapshotRuleIn(data=request.data)
        given.is_valid(raise_exception=True)
        plan = selectors.plan(project=_project(request, given), **_asked(given))
        return Response(SnapshotPreviewOut(plan).data)


class SnapshotsView(GenericAPIView[Snapshot]):
    serializer_class = SnapshotOut
    queryset = Snapshot.objects.none()

    @extend_schema(
        operation_id="listSnapshots", parameters=[SnapshotFilterIn], responses=SnapshotOut(many=True)
    )
    def get(self, request: Request) -> Response:
        """The snapshots that one may see, newest first."""
        return lists.answer(
            self, request, asked=SnapshotFilterIn, found=selectors.list_snapshots, told=SnapshotOut
        )

    @extend_schema(operation_id="createSnapshot", request=SnapshotIn, responses={201: SnapshotDetailOut})
    def post(self, request: Request) -> Response:
        """Freeze a snapshot."""
        given = SnapshotIn(data=request.data)
        given.is_valid(raise_exception=True)
        name = given.validated_data["name"]
        snapshot = services.freeze(
            project=_project(request, given), name=name, by=person(request), **_asked(given)
        )
        return Response(SnapshotDetailOut(snapshot).data, status=status.HTTP_201_CREATED)


class SnapshotView(APIView):
    @extend_schema(operation_id="getSnapshot", responses=SnapshotDetailOut)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """One snapshot with its images and their splits."""
        return Response(SnapshotDetailOut(selectors.get_snapshot(user=person(request), snapshot_id=pk)).data)


def _project(request: Request, given: SnapshotRuleIn) -> Project:
    project = access.find(Project.objects.all(), user=person(request), pk=given.validated_data["project"])
    access.refuse_blind(person(request), project)
    return project


def _asked(given: SnapshotRuleIn) -> dict[str, Any]:
    data = given.validated_data
    rule = Rule(
        dataset_ids=data["dataset_ids"], image_ids=data["image_ids"], include=Include(data["include"])
    )
    fractions = dict(data.get("fractions") or DEFAULT_FRACTIONS)
    return {"rule": rule, "fractions": fractions, "seed": data["seed"]}
