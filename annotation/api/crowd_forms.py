"""What goes in and out of the workers' doors. Nothing of the project is named but what is asked."""

from typing import Any

from rest_framework import serializers

from annotation.api.campaign_forms import RunsField
from annotation.core.crowd.gold import Fault
from annotation.models import (
    Campaign,
    CampaignState,
    CrowdItem,
    CrowdWorker,
    ItemKind,
    LabelClass,
    WorkerState,
)
from annotation.selectors import campaigns as reading
from annotation.selectors.campaigns import Place

WHY_NOT = ["FINISHED", "NOTHING_NOW", "PAUSED", "CLOSED", "REFUSED", "EXCLUDED"]


class CrowdMeOut(serializers.ModelSerializer[CrowdWorker]):
    """The worker. `training_left`: training items to come at least."""

    name = serializers.CharField()
    state = serializers.ChoiceField(choices=WorkerState.choices)
    training_left = serializers.SerializerMethodField()

    class Meta:
        model = CrowdWorker
        fields = ["name", "state", "answered", "training_left", "reason"]

    def get_training_left(self, worker: CrowdWorker) -> int:
        return reading.training_left(worker)


class CrowdDoorOut(serializers.Serializer[Campaign]):
    """What one reads before joining; `me` where the header `X-Worker` names a worker."""

    title = serializers.CharField()
    instruction = serializers.CharField()
    consent = serializers.CharField()
    state = serializers.ChoiceField(choices=CampaignState.choices)
    is_open = serializers.BooleanField()
    kinds = serializers.ListField(child=serializers.ChoiceField(choices=ItemKind.choices))
    training_count = serializers.IntegerField()
    items_per_worker = serializers.IntegerField(allow_null=True)
    leaderboard = serializers.BooleanField()
    me = CrowdMeOut(allow_null=True)


class CrowdJoinIn(serializers.Serializer[Any]):
    consent = serializers.BooleanField(help_text="True: I have read the text and agree.")
    platform_worker = serializers.CharField(
        max_length=500,
        allow_blank=True,
        default="",
        help_text="A platform's name for the worker; kept as a hash.",
    )


class CrowdJoinOut(serializers.Serializer[Any]):
    """`secret` goes into the header `X-Worker` from now on; it is told once."""

    secret = serializers.CharField()
    me = CrowdMeOut()


class CrowdClassOut(serializers.ModelSerializer[LabelClass]):
    class Meta:
        model = LabelClass
        fields = ["id", "name", "color"]


class CrowdQuestionOut(serializers.ModelSerializer[CrowdItem]):
    """An item in the worker's hands. `shown`: of each picture the outlines drawn into it, runs in px of the
    crop; of FIX the first one is where the worker starts from. `single`: one cell is asked for, not all."""

    is_training = serializers.BooleanField()
    pictures = serializers.IntegerField()
    single = serializers.BooleanField()
    shown = serializers.ListField(child=serializers.ListField(child=RunsField()))
    classes = CrowdClassOut(many=True)
    lease_until = serializers.DateTimeField()

    class Meta:
        model = CrowdItem
        fields = [
            "id",
            "kind",
            "is_training",
            "height",
            "width",
            "pictures",
            "single",
            "shown",
            "classes",
            "lease_until",
        ]


class CrowdDoneOut(serializers.Serializer[Any]):
    """Why there is no item. NOTHING_NOW: ask again after `wait_s`. `code` proves to a platform that the work
    was done, `redirect` leads back there; empty where there is none."""

    reason = serializers.ChoiceField(choices=WHY_NOT)
    message = serializers.CharField()
    wait_s = serializers.IntegerField(allow_null=True)
    code = serializers.CharField(allow_blank=True)
    redirect = serializers.CharField(allow_blank=True)


class CrowdNextOut(serializers.Serializer[Any]):
    """Either an item or why there is none."""

    item = CrowdQuestionOut(allow_null=True)
    done = CrowdDoneOut(allow_null=True)
    me = CrowdMeOut()


class CrowdNextIn(serializers.Serializer[Any]):
    holding = serializers.ListField(
        child=serializers.UUIDField(),
        max_length=100,
        default=list,
        help_text="Items that the page has already: another one is given, ahead of their answers.",
    )


class CrowdAnswerIn(serializers.Serializer[Any]):
    """OUTLINE, FIX {"masks": [[[y, x0, x1], …], …]} · CENTRES {"points": [[y, x], …]} · CELL, SAME, DIVIDED
    {"choice": "yes" | "no" | "unsure"} · CLASS {"choice": a class's id | "unsure"}."""

    value = serializers.JSONField()
    seconds = serializers.FloatField(min_value=0, max_value=86_400, default=86_400.0)
    next = serializers.BooleanField(default=False, help_text="Answer with the next item at once.")


class CrowdRegionOut(serializers.Serializer[Any]):
    """A place that was wrong, px of the crop: runs of pixels, or a point, or neither for a choice."""

    fault = serializers.ChoiceField(choices=[str(fault) for fault in Fault])
    runs = RunsField()
    point = serializers.ListField(child=serializers.FloatField(), allow_null=True)


class CrowdFeedbackOut(serializers.Serializer[Any]):
    """How good an answer was whose truth is known, and where it was wrong."""

    right = serializers.BooleanField()
    score = serializers.FloatField()
    truth = serializers.JSONField()
    regions = CrowdRegionOut(many=True)
    message = serializers.CharField()


class CrowdAnsweredOut(serializers.Serializer[Any]):
    feedback = CrowdFeedbackOut(allow_null=True)
    notice = serializers.CharField(allow_blank=True)
    me = CrowdMeOut()
    next = CrowdNextOut(allow_null=True)


class CrowdPlaceOut(serializers.Serializer[Place]):
    name = serializers.CharField()
    answered = serializers.IntegerField()
    is_me = serializers.BooleanField()
