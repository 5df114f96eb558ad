"""What goes in and out of the owner's doors of campaigns."""

from typing import Any

from rest_framework import serializers

from annotation.api.label_forms import MAX_NUMBER
from annotation.api.people import AuthorOut
from annotation.core.class_schema import ClassDef
from annotation.models import (
    Campaign,
    CrowdAnswer,
    CrowdDraft,
    CrowdItem,
    CrowdStitching,
    CrowdWorker,
    ItemKind,
    ItemUse,
)
from annotation.selectors.campaigns import Hour, Measure, Results
from annotation.services.crowd_batches import BatchRow, Checked
from annotation.services.crowd_cutting import Cutting

RULES = [
    "title", "instruction", "consent", "answers_min", "answers_max", "worth", "gold_share", "training_count",
    "pass_mark", "feedback_on_gold", "seconds_min", "lease_s", "items_per_worker", "answers_per_minute",
    "joins_per_minute", "leaderboard", "completion_code", "redirect_url", "channels",
    "class_level", "class_below",
]  # fmt: skip


class RunsField(serializers.ListField):
    """One mask: [[y, x0, x1], …], half open, px of the crop."""

    child = serializers.ListField(child=serializers.IntegerField(min_value=0), min_length=3, max_length=3)


class CampaignCountsOut(serializers.Serializer[Campaign]):
    """`items` are those without a known answer; `answers` those that count."""

    items = serializers.IntegerField(source="n_items")
    done = serializers.IntegerField(source="n_done")
    gold = serializers.IntegerField(source="n_gold")
    training = serializers.IntegerField(source="n_training")
    answers = serializers.IntegerField(source="n_answers")
    workers = serializers.IntegerField(source="n_workers")
    excluded = serializers.IntegerField(source="n_excluded")


class CampaignClassOut(serializers.Serializer[ClassDef]):
    """A class that workers may choose."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    color = serializers.CharField()


class CampaignOut(serializers.ModelSerializer[Campaign]):
    """A campaign. `link` is the path that workers follow, null for those who may not manage; `classes` are
    those that questions about classes name, empty where it has no such question."""

    link = serializers.CharField(allow_null=True)
    classes = CampaignClassOut(many=True)
    kinds = serializers.ListField(child=serializers.ChoiceField(choices=ItemKind.choices))
    counts = CampaignCountsOut(source="*")
    created_by = AuthorOut(allow_null=True)

    class Meta:
        model = Campaign
        fields = [
            "id", "project", "name", "state", "link", *RULES, "classes", "kinds", "counts", "created_by",
            "created_at", "opened_at", "closed_at", "aggregated_at",
        ]  # fmt: skip


class CampaignChange(serializers.Serializer[Campaign]):
    """Every field may be left out."""

    name = serializers.CharField(max_length=200)
    title = serializers.CharField(max_length=200, allow_blank=True, help_text="What workers read above all.")
    instruction = serializers.CharField(max_length=20_000, allow_blank=True)
    consent = serializers.CharField(
        max_length=20_000, allow_blank=True, help_text="What workers agree to; empty: the house's text."
    )
    answers_min = serializers.IntegerField(min_value=1, max_value=99)
    answers_max = serializers.IntegerField(min_value=1, max_value=99)
    worth = serializers.FloatField(
        min_value=0,
        max_value=1,
        help_text="Between the two, an item is asked again while one more answer puts right this much.",
    )
    gold_share = serializers.FloatField(min_value=0, max_value=0.9)
    training_count = serializers.IntegerField(min_value=0, max_value=100)
    pass_mark = serializers.FloatField(min_value=0, max_value=1)
    feedback_on_gold = serializers.BooleanField()
    seconds_min = serializers.FloatField(min_value=0, max_value=60, help_text="Faster answers do not count.")
    lease_s = serializers.IntegerField(min_value=10, max_value=86_400)
    items_per_worker = serializers.IntegerField(min_value=1, max_value=100_000, allow_null=True)
    answers_per_minute = serializers.IntegerField(min_value=1, max_value=10_000)
    joins_per_minute = serializers.IntegerField(min_value=1, max_value=100_000)
    leaderboard = serializers.BooleanField()
    completion_code = serializers.CharField(
        max_length=100, allow_blank=True, help_text="One for all; empty: each worker gets an own one."
    )
    redirect_url = serializers.CharField(
        max_length=1000, allow_blank=True, help_text="Where finished workers go; {code} is replaced."
    )
    channels = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=999),
        allow_empty=True,
        max_length=4,
        help_text="Channels that are shown; empty: the first four.",
    )
    class_level = serializers.IntegerField(
        min_value=0, max_value=20, allow_null=True,
        help_text="Questions about classes name those at this level of the tree, 0 the top; null: all.",
    )  # fmt: skip
    class_below = serializers.UUIDField(
        allow_null=True, help_text="Questions about classes name only those below this one; null: all."
    )


class CampaignIn(CampaignChange):
    """A new campaign; all but the name may be left out."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        for name, one in fields.items():
            one.required = name == "name"
        return fields


class CrowdWishIn(serializers.Serializer[Any]):
    """Which items, of which images: some of them, a dataset, or some of their branches.

    CENTRES and OUTLINE cut tiles (OUTLINE with `per_cell`: one crop a cell), FIX, CELL and CLASS take the
    cells that a model was least sure of, SAME and DIVIDED the links that a linker was least sure of.
    """

    kind = serializers.ChoiceField(choices=ItemKind.choices)
    dataset = serializers.UUIDField(required=False)
    images = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=10_000)
    branch = serializers.CharField(
        max_length=200,
        allow_blank=True,
        required=False,
        help_text="By name; empty: each image's current one. Images without it are left out.",
    )
    branches = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        max_length=1000,
        help_text="Labels by id, for example a model's drafts, in the place of images. Not for gold.",
    )
    limit = serializers.IntegerField(min_value=1, max_value=20_000, required=False)
    tile_px = serializers.IntegerField(min_value=32, max_value=512, required=False)
    overlap_px = serializers.IntegerField(min_value=0, max_value=256, required=False)
    margin_px = serializers.IntegerField(min_value=0, max_value=256, required=False)
    every_t = serializers.IntegerField(min_value=1, max_value=MAX_NUMBER, required=False)
    order = serializers.ChoiceField(choices=["LEAST_SURE", "RANDOM"], required=False)
    below = serializers.FloatField(min_value=0, max_value=1, required=False)
    per_cell = serializers.BooleanField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not any(attrs.get(name) for name in ("images", "dataset", "branches")):
            raise serializers.ValidationError("Name images, a dataset, or branches.")
        if attrs.get("overlap_px", 24) >= attrs.get("tile_px", 128):
            raise serializers.ValidationError("Tiles can share less than their own size only.")
        return attrs


class CrowdTruthIn(serializers.Serializer[Any]):
    """The right answer of an item; left out or null: what the crowd said together."""

    item = serializers.UUIDField()
    truth = serializers.JSONField(required=False, allow_null=True, default=None)


class CrowdGoldIn(serializers.Serializer[Any]):
    """Either `wish`: items from accepted revisions; or `truths` of items that are there."""

    use = serializers.ChoiceField(choices=[ItemUse.GOLD, ItemUse.TRAINING], default=ItemUse.GOLD)
    wish = CrowdWishIn(required=False)
    truths = CrowdTruthIn(many=True, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if bool(attrs.get("wish")) == bool(attrs.get("truths")):
            raise serializers.ValidationError("Give either a wish or truths.")
        wish = attrs.get("wish")
        if wish and not wish.get("images") and not wish.get("dataset"):
            raise serializers.ValidationError(
                "Known answers come from accepted labels: name images, or a dataset."
            )
        return attrs


class CrowdCuttingOut(serializers.Serializer[Cutting]):
    """How many items were made, how many were there already, of how many images."""

    made = serializers.IntegerField()
    known = serializers.IntegerField()
    images = serializers.IntegerField()


class CrowdItemFilter(serializers.Serializer[Any]):
    use = serializers.ChoiceField(choices=ItemUse.choices, required=False)
    kind = serializers.ChoiceField(choices=ItemKind.choices, required=False)
    image = serializers.UUIDField(required=False)
    is_done = serializers.BooleanField(required=False)
    order = serializers.ChoiceField(choices=["ambiguity", "certainty"], required=False)


class CrowdItemOut(serializers.ModelSerializer[CrowdItem]):
    """An item with what the crowd says of it; values are as answers are."""

    image_name = serializers.CharField(source="image.name")
    shown = serializers.ListField(child=serializers.ListField(child=RunsField()))
    truth = serializers.JSONField(allow_null=True)
    consensus = serializers.JSONField(allow_null=True)

    class Meta:
        model = CrowdItem
        fields = [
            "id", "kind", "use", "image", "image_name", "branch", "number", "t", "z", "y", "x", "height",
            "width", "home", "to_t", "cell", "other_cell", "shown", "truth", "priority", "wanted", "given",
            "answered", "is_done", "is_dirty", "consensus", "certainty", "agreement", "ambiguity",
        ]  # fmt: skip


class CrowdWorkerOut(serializers.ModelSerializer[CrowdWorker]):
    """A worker: a key and how well its answers were."""

    name = serializers.CharField()

    class Meta:
        model = CrowdWorker
        fields = [
            "id", "name", "state", "reason", "answered", "fast", "gold_answered", "gold_score", "reliability",
            "joined_at", "seen_at",
        ]  # fmt: skip


class CrowdWorkerChange(serializers.Serializer[CrowdWorker]):
    is_excluded = serializers.BooleanField()
    reason = serializers.CharField(max_length=300, allow_blank=True, required=False)


class CrowdAnswerFilter(serializers.Serializer[Any]):
    item = serializers.UUIDField(required=False)


class CrowdAnswerOut(serializers.ModelSerializer[CrowdAnswer]):
    """An answer. `score`: against the truth, or how far it agrees with the others."""

    kind = serializers.CharField(source="item.kind")
    use = serializers.CharField(source="item.use")
    value = serializers.JSONField()

    class Meta:
        model = CrowdAnswer
        fields = [
            "id", "item", "kind", "use", "worker", "value", "seconds", "score", "counts", "is_fast",
            "answered_at",
        ]  # fmt: skip


class AgreementOut(serializers.Serializer[Measure]):
    """One measure of agreement with its 95 % interval, over `items` with two answers or more."""

    kind = serializers.ChoiceField(choices=ItemKind.choices)
    measure = serializers.CharField()
    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    items = serializers.IntegerField()


class CrowdDraftOut(serializers.ModelSerializer[CrowdDraft]):
    """A revision that was stitched from answers."""

    image_name = serializers.CharField(source="image.name")
    branch = serializers.UUIDField(source="revision.branch_id")
    branch_name = serializers.CharField(source="revision.branch.name")
    number = serializers.IntegerField(source="revision.number")

    class Meta:
        model = CrowdDraft
        fields = [
            "image", "image_name", "branch", "branch_name", "number", "item_count", "change_count",
            "ambiguity", "created_at",
        ]  # fmt: skip


class CrowdStitchingOut(serializers.ModelSerializer[CrowdStitching]):
    """How far stitching is: `done` of `total` images have their draft, `tasks` of them a task to review."""

    class Meta:
        model = CrowdStitching
        fields = ["id", "state", "done", "total", "tasks", "message", "asked_at"]


class CampaignHourOut(serializers.Serializer[Hour]):
    """Answers given within the hour that begins then."""

    at = serializers.DateTimeField()
    answers = serializers.IntegerField()


class CampaignResultsOut(serializers.Serializer[Results]):
    """Histograms have ten equal steps from 0 to 1. `answers_saved`: what asking `answers_max` times would
    have cost more. `timeline`: hours with answers, the oldest first."""

    counts = CampaignCountsOut(source="campaign")
    agreement = AgreementOut(many=True)
    certainty = serializers.ListField(child=serializers.IntegerField())
    ambiguity = serializers.ListField(child=serializers.IntegerField())
    reliability = serializers.ListField(child=serializers.IntegerField())
    answers_saved = serializers.IntegerField()
    mean_certainty = serializers.FloatField(allow_null=True)
    gold_score = serializers.FloatField(allow_null=True)
    timeline = CampaignHourOut(many=True)
    drafts = CrowdDraftOut(many=True)
    stitching = CrowdStitchingOut(allow_null=True, help_text="The newest one.")


class CrowdStitchIn(serializers.Serializer[Any]):
    """Which items become labels: those that are done (`all_answered`: all with an answer) and sure enough."""

    kinds = serializers.ListField(
        child=serializers.ChoiceField(choices=ItemKind.choices), required=False, allow_empty=True
    )
    min_certainty = serializers.FloatField(min_value=0, max_value=1, required=False)
    all_answered = serializers.BooleanField(required=False)
    review = serializers.BooleanField(default=True, help_text="Make a task for each draft.")


class CrowdBatchIn(serializers.Serializer[Any]):
    """The platform's table as text, with a header; the columns are found by name unless told."""

    table = serializers.CharField(max_length=20_000_000, trim_whitespace=False)
    worker_column = serializers.CharField(required=False, allow_blank=True, max_length=200)
    code_column = serializers.CharField(required=False, allow_blank=True, max_length=200)


class CrowdBatchRowOut(serializers.Serializer[BatchRow]):
    """What to tell the platform of one worker."""

    worker = serializers.CharField()
    code = serializers.CharField()
    verdict = serializers.ChoiceField(choices=["APPROVE", "REJECT", "UNKNOWN"])
    reason = serializers.CharField()
    answered = serializers.IntegerField()
    gold_score = serializers.FloatField(allow_null=True)


class CrowdBatchOut(serializers.Serializer[Checked]):
    """The verdicts, and the platform's table with them as two more columns."""

    rows = CrowdBatchRowOut(many=True)
    table = serializers.CharField()
