"""Two states of an image's labels compared, over HTTP."""

from typing import Any
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.doors import asked, find
from annotation.api.images import find_image
from annotation.core.frame_differences import ChangeKind
from annotation.models import Branch
from annotation.policies.access import NothingHere
from annotation.selectors import differences
from annotation.selectors.differences import LEAST_IOU, State

MAX_NUMBER = 2**31 - 1


class DifferencesFilter(serializers.Serializer[Any]):
    """Two states: a branch and a revision of it (its newest when left out; 0 is before the first)."""

    base = serializers.UUIDField(help_text="Branch of the older, or of the one that counts as right.")
    base_revision = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER, required=False)
    target = serializers.UUIDField(help_text="Branch of the newer, or of the one that is looked at.")
    target_revision = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER, required=False)
    least_iou = serializers.FloatField(
        min_value=0.01, max_value=1.0, default=LEAST_IOU,
        help_text="Across two branches cells are one and the same from this IoU on.",
    )  # fmt: skip
    limit = serializers.IntegerField(min_value=0, max_value=100_000, default=10_000)
    offset = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER, default=0)


class StateOut(serializers.Serializer[State]):
    branch = serializers.UUIDField(source="branch.pk")
    name = serializers.CharField(source="branch.name")
    number = serializers.IntegerField()


class TallyOfDifferencesOut(serializers.Serializer[Any]):
    """Cells counted in every frame where they are; `mean_iou` over all that were paired, `f1` at IoU 0.5."""

    added = serializers.IntegerField()
    removed = serializers.IntegerField()
    changed = serializers.IntegerField()
    facts = serializers.IntegerField()
    same = serializers.IntegerField()
    mean_iou = serializers.FloatField(allow_null=True)
    f1 = serializers.FloatField(allow_null=True)


class CellDifferenceOut(serializers.Serializer[Any]):
    """One cell in one frame; `cell` is its name in the target (of a removed one in the base), `base_cell` in
    the base. FACTS: the same cell with another class or other facts; t, z, y, x are null where it has no
    pixels."""

    cell = serializers.IntegerField()
    base_cell = serializers.IntegerField(allow_null=True)
    change = serializers.ChoiceField(choices=[(kind.value, kind.value) for kind in ChangeKind])
    t = serializers.IntegerField(allow_null=True)
    z = serializers.IntegerField(allow_null=True)
    iou = serializers.FloatField(allow_null=True)
    area_before_px = serializers.IntegerField()
    area_after_px = serializers.IntegerField()
    y = serializers.FloatField(allow_null=True)
    x = serializers.FloatField(allow_null=True)


class DifferencesOut(serializers.Serializer[Any]):
    """What differs, least alike first; `count` is of all rows, `results` from `offset` on."""

    base = StateOut()
    target = StateOut()
    tally = TallyOfDifferencesOut()
    count = serializers.IntegerField()
    results = CellDifferenceOut(many=True)


class DifferencesView(APIView):
    @extend_schema(operation_id="compareLabels", parameters=[DifferencesFilter], responses=DifferencesOut)
    def get(self, request: Request, pk: UUID) -> Response:
        """Added, removed and changed cells between two revisions, branches or raters of an image."""
        image = find_image(request, pk)
        given = asked(DifferencesFilter, request)
        base, target = (_state(request, given, side, image.pk) for side in ("base", "target"))
        compared = differences.compare(base=base, target=target, least_iou=given["least_iou"])
        page = compared.rows[given["offset"] : given["offset"] + given["limit"]]
        answer = {
            "base": base, "target": target, "tally": compared.tally, "count": len(compared.rows),
            "results": page,
        }  # fmt: skip
        return Response(DifferencesOut(answer).data)


def _state(request: Request, given: dict[str, Any], side: str, image: UUID) -> State:
    branch = find(Branch.objects.select_related("image"), request, given[side])
    if branch.image_id != image:
        raise NothingHere("The image has no such branch.")
    return differences.state(branch=branch, number=given.get(f"{side}_revision"))


urlpatterns = [
    path("images/<uuid:pk>/differences/", DifferencesView.as_view(), name="differences"),
]
