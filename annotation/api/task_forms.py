"""What goes in and out of the doors of tasks and reviews."""

from typing import Any

from rest_framework import serializers

from annotation.api.label_forms import MAX_NUMBER, EditField
from annotation.api.people import AuthorOut
from annotation.core.edits import MAX_CELL
from annotation.models import Branch, Image, Note, Review, Task, TaskKind, TaskState, Verdict
from annotation.selectors.changes import CellDifference, ChangeKind
from annotation.services.labels import MAX_EDITS
from annotation.services.sharing import ShareRule


class TaskImageOut(serializers.ModelSerializer[Image]):
    """Enough of the image for a list of tasks."""

    class Meta:
        model = Image
        fields = ["id", "name", "dataset", "size_t", "size_z", "size_y", "size_x"]


class TaskBranchOut(serializers.ModelSerializer[Branch]):
    class Meta:
        model = Branch
        fields = ["id", "name", "origin", "author_name", "head_number"]


class TaskOut(serializers.ModelSerializer[Task]):
    """A task; `base_number` and `submitted_number` are revisions of its branch, null when there is none. Of a
    `blind` one its assignee sees no other labels of the image."""

    image = TaskImageOut()
    branch = TaskBranchOut()
    assignee = AuthorOut(allow_null=True)
    created_by = AuthorOut(allow_null=True)
    base_number = serializers.SerializerMethodField()
    submitted_number = serializers.SerializerMethodField()
    changed_after_acceptance = serializers.SerializerMethodField(
        help_text="Accepted once, changed since: what waits is the change."
    )

    class Meta:
        model = Task
        fields = [
            "id", "project", "kind", "title", "state", "image", "branch", "assignee", "lease_until",
            "created_by", "priority", "base_number", "submitted_number", "changed_after_acceptance", "blind",
            "repeat_after_days", "created_at", "updated_at",
        ]  # fmt: skip

    def get_changed_after_acceptance(self, task: Task) -> bool:
        return task.reopened_from_id is not None

    def get_base_number(self, task: Task) -> int | None:
        return task.base_revision.number if task.base_revision else None

    def get_submitted_number(self, task: Task) -> int | None:
        return task.submitted_revision.number if task.submitted_revision else None


class TaskIn(serializers.Serializer[Task]):
    """A new task; its project is the image's."""

    image = serializers.UUIDField()
    branch = serializers.UUIDField(required=False, help_text="The image's current branch when left out.")
    kind = serializers.ChoiceField(choices=TaskKind.choices, default=TaskKind.LABEL)
    title = serializers.CharField(max_length=300, allow_blank=True, default="")
    priority = serializers.FloatField(default=0.0, help_text="Higher is pulled first.")
    assignee = serializers.UUIDField(required=False)


class TaskFilter(serializers.Serializer[Task]):
    project = serializers.UUIDField(required=False)
    image = serializers.UUIDField(required=False)
    state = serializers.ChoiceField(choices=TaskState.choices, required=False)
    kind = serializers.ChoiceField(choices=TaskKind.choices, required=False)
    mine = serializers.BooleanField(required=False, allow_null=True, default=None)
    waiting = serializers.BooleanField(
        required=False,
        allow_null=True,
        default=None,
        help_text="Open, assigned or returned: work for a labeller.",
    )


class NextIn(serializers.Serializer[Task]):
    project = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=TaskKind.choices, required=False)


class PeekFilter(NextIn):
    after = serializers.UUIDField(required=False, help_text="The task in hand: what comes after it?")


class AssignIn(serializers.Serializer[Task]):
    assignee = serializers.UUIDField()


class ChosenIn(serializers.Serializer[Task]):
    """Who gets the tasks about one dataset, or one class."""

    about = serializers.UUIDField()
    person = serializers.UUIDField()


class ShareOutIn(serializers.Serializer[Task]):
    """Tasks, and how they are shared out: among `people` in turn (IN_TURN) or to whoever holds the fewest
    (LOAD); by dataset or by the class of most cells, as `chosen` says."""

    tasks = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=1000)
    rule = serializers.ChoiceField(choices=[(rule.value, rule.value) for rule in ShareRule])
    people = serializers.ListField(child=serializers.UUIDField(), max_length=200, default=list)
    chosen = ChosenIn(many=True, default=list)


class NoteIn(serializers.Serializer[Note]):
    """A remark at a frame and, where given, a pixel and a cell."""

    t = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER)
    z = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER, default=0)
    y = serializers.FloatField(required=False, allow_null=True, default=None)
    x = serializers.FloatField(required=False, allow_null=True, default=None)
    cell = serializers.IntegerField(
        min_value=1, max_value=MAX_CELL, required=False, allow_null=True, default=None
    )
    text = serializers.CharField(max_length=10_000)


class NoteOut(serializers.ModelSerializer[Note]):
    author = AuthorOut(allow_null=True)

    class Meta:
        model = Note
        fields = [
            "id",
            "task",
            "review",
            "t",
            "z",
            "y",
            "x",
            "cell",
            "text",
            "author",
            "created_at",
            "resolved_at",
        ]


class NoteChange(serializers.Serializer[Note]):
    resolved = serializers.BooleanField()


class FixIn(serializers.Serializer[Review]):
    """Edits made from revision `base`, put on top of what is handed in and accepted with it."""

    batch_id = serializers.UUIDField()
    base = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER)
    edits = serializers.ListField(child=EditField(), min_length=1, max_length=MAX_EDITS)


class ReviewIn(serializers.Serializer[Review]):
    """A verdict on revision `number`, what the reviewer looked at; the submitted one when left out.

    RETURNED goes back to who did it, REQUEUED to whoever takes it next; both need a comment or a note.
    """

    verdict = serializers.ChoiceField(choices=Verdict.choices)
    comment = serializers.CharField(max_length=10_000, allow_blank=True, default="")
    notes = NoteIn(many=True, default=list)
    number = serializers.IntegerField(min_value=1, max_value=MAX_NUMBER, required=False)
    fix = FixIn(required=False, help_text="Only with ACCEPTED: fix and accept in one.")

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """A correction belongs to an acceptance."""
        if "fix" in given and given["verdict"] != Verdict.ACCEPTED:
            raise serializers.ValidationError({"fix": "Corrections are made with a verdict of ACCEPTED."})
        return given


class ReviewOut(serializers.ModelSerializer[Review]):
    number = serializers.IntegerField(source="revision.number")
    reviewer = AuthorOut(allow_null=True)
    notes = NoteOut(many=True)

    class Meta:
        model = Review
        fields = [
            "id", "task", "number", "reviewer", "verdict", "by_rule", "comment", "created_at", "notes",
        ]  # fmt: skip


class ChangeOut(serializers.Serializer[CellDifference]):
    """One cell in one frame, before and after; for FACTS (class, mother, quality) there is no frame. RENAMED
    is a part of a track, frames `t` to `last_t`, that was `base_cell` before."""

    cell = serializers.IntegerField()
    change = serializers.ChoiceField(choices=[(kind.value, kind.value) for kind in ChangeKind])
    t = serializers.IntegerField(allow_null=True)
    z = serializers.IntegerField(allow_null=True)
    iou = serializers.FloatField(allow_null=True)
    area_before_px = serializers.IntegerField()
    area_after_px = serializers.IntegerField()
    y = serializers.FloatField(allow_null=True)
    x = serializers.FloatField(allow_null=True)
    base_cell = serializers.IntegerField(allow_null=True)
    last_t = serializers.IntegerField(allow_null=True)
