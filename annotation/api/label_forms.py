"""What goes in and out of the doors of labels."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from annotation.api.people import AuthorOut
from annotation.core import edits as core_edits
from annotation.core.edits import ENDINGS, MAX_CELL, Edit
from annotation.models import Branch, Revision
from annotation.selectors.cells import CellLine
from annotation.selectors.labels import LoggedEdit
from annotation.selectors.regions import Region
from annotation.services.labels import MAX_EDITS, MAX_RESERVED, OnConflict

MAX_NUMBER = 2**31 - 1
MAX_LOOKED_UP = 1000
MAX_STUBS = 100_000


class BranchOut(serializers.ModelSerializer[Branch]):
    """One line of revisions; `head_number` 0 means that nothing was labelled on it."""

    accepted_number = serializers.IntegerField(allow_null=True)
    is_current = serializers.SerializerMethodField()

    class Meta:
        model = Branch
        fields = [
            "id", "image", "name", "origin", "author_name", "author_model_id", "head_number",
            "accepted_number", "is_current", "created_at",
        ]  # fmt: skip

    def get_is_current(self, branch: Branch) -> bool:
        return branch.image.current_branch_id == branch.pk


class RevisionOut(serializers.ModelSerializer[Revision]):
    """A revision with its author: a person, or a trained model by name."""

    author = AuthorOut(allow_null=True)
    accepted_by = AuthorOut(allow_null=True)
    base = serializers.IntegerField(source="base_number")
    onto = serializers.IntegerField(source="parent_number")
    rebased = serializers.BooleanField()

    class Meta:
        model = Revision
        fields = [
            "id", "branch", "number", "kind", "author", "author_model_name", "author_model_id", "base",
            "onto", "rebased", "message", "edit_count", "created_at", "accepted_at", "accepted_by",
        ]  # fmt: skip


class RegionFilter(serializers.Serializer[Branch]):
    """The half-open range of tiles ty0 ≤ ty < ty1, tx0 ≤ tx < tx1; all four numbers or none."""

    ty0 = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER, required=False)
    tx0 = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER, required=False)
    ty1 = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER, required=False)
    tx1 = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER, required=False)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """Adds `region` when one is asked for."""
        sides = [given.pop(side) for side in Region._fields if side in given]
        if sides and len(sides) < len(Region._fields):
            raise serializers.ValidationError("A range of tiles needs ty0, tx0, ty1 and tx1.")
        return {**given, "region": Region(*sides)} if sides else given


class FrameFilter(RegionFilter):
    t = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER, default=0)
    z = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER, default=0)
    revision = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER, required=False)
    since = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER, required=False)


class StubFilter(serializers.Serializer[Branch]):
    """The half-open range of tiles, and how many cells at most."""

    t = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER, default=0)
    z = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER, default=0)
    ty0 = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER, default=0)
    tx0 = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER, default=0)
    ty1 = serializers.IntegerField(min_value=1, max_value=MAX_NUMBER, default=MAX_NUMBER)
    tx1 = serializers.IntegerField(min_value=1, max_value=MAX_NUMBER, default=MAX_NUMBER)
    most = serializers.IntegerField(min_value=1, max_value=MAX_STUBS, default=20_000)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """The four sides become `region`."""
        region = Region(*(given.pop(side) for side in Region._fields))
        return {**given, "region": region}


class FrameTilesOut(serializers.Serializer[Any]):
    """How many tiles of labels a frame was ever given."""

    t = serializers.IntegerField()
    z = serializers.IntegerField()
    n_tiles = serializers.IntegerField()


class SummaryOut(serializers.Serializer[Any]):
    """How much there is to read: cells, and tiles of the first 1000 frames that have any."""

    head_number = serializers.IntegerField()
    cells = serializers.IntegerField()
    tiles = FrameTilesOut(many=True)


# ---------------------------------------------------------------- cells


class CellFilter(RegionFilter):
    t = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER, required=False)
    z = serializers.IntegerField(
        min_value=0, max_value=MAX_NUMBER, required=False, help_text="Of a range of tiles; 0 when left out."
    )
    revision = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER, required=False)


class LookUpIn(serializers.Serializer[Branch]):
    """Cells by name; without `t` each is measured in its own first frame, without `z` in every slice."""

    cells = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MAX_CELL),
        min_length=1,
        max_length=MAX_LOOKED_UP,
    )
    t = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER, required=False)
    z = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER, required=False)


class CellMeasureOut(serializers.Serializer[Any]):
    """What was measured of a cell in one frame and slice, px; bounds hold both ends."""

    z = serializers.IntegerField()
    area_px = serializers.IntegerField()
    y = serializers.FloatField()
    x = serializers.FloatField()
    y_min = serializers.IntegerField()
    x_min = serializers.IntegerField()
    y_max = serializers.IntegerField()
    x_max = serializers.IntegerField()


@extend_schema_field({"oneOf": [{"type": "string", "enum": list(ENDINGS)}, {"type": "null"}]})
class EndingField(serializers.Field[Any, Any, Any, Any]):
    """Why a cell ends, or null; read from edits by the label arithmetic."""

    def to_internal_value(self, data: Any) -> Any:
        return data

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field({"oneOf": [{"type": "string"}, {"type": "number"}, {"type": "boolean"}]})
class AttributeValueField(serializers.Field[Any, Any, Any, Any]):
    """A choice, a text, a number or a flag; read from edits by the label arithmetic."""

    def to_internal_value(self, data: Any) -> Any:
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class FactsOut(serializers.Serializer[Any]):
    """Facts as edits carry them: `quality` is a model's, `channel` the one whose structure the mask
    outlines (null: the whole cell), a `locked` cell is changed by nothing but unlocking it, an `ignored` one
    is neither learnt from nor scored, `merged_into` is the cell that took this one up where it ends, and
    `ending` why else it ends. `also` are further classes, `attributes` values by the attribute's id; they and
    `uncertain` are left out when there are none."""

    mother = serializers.IntegerField(allow_null=True)
    quality = serializers.FloatField(allow_null=True)
    channel = serializers.IntegerField(allow_null=True)
    locked = serializers.BooleanField()
    ignored = serializers.BooleanField()
    merged_into = serializers.IntegerField(allow_null=True)
    ending = EndingField()
    also = serializers.ListField(child=serializers.UUIDField(), required=False)
    attributes = serializers.DictField(child=AttributeValueField(), required=False)
    uncertain = serializers.BooleanField(required=False)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # `class` is a word of Python's own and cannot be an attribute.
        of_class = serializers.UUIDField(source="label_class", allow_null=True)
        return {"class": of_class, **super().get_fields()}

    def to_representation(self, instance: Any) -> Any:
        return core_edits.facts_to_json(instance)


class CellOut(serializers.Serializer[CellLine]):
    """A cell; with `t`, `measures` of that frame by slice, else the frames in which it has pixels. `tiles`
    are those it lies in there, [ty, tx] each, when a range of tiles or named cells were asked for."""

    cell = serializers.IntegerField()
    facts = FactsOut()
    first_t = serializers.IntegerField(allow_null=True)
    last_t = serializers.IntegerField(allow_null=True)
    area_px = serializers.IntegerField()
    measures = CellMeasureOut(many=True)
    t = serializers.IntegerField(allow_null=True)
    tiles = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=2),
        allow_null=True,
    )


def cell_rows(lines: Sequence[CellLine]) -> list[dict[str, Any]]:
    """What `CellOut` describes, written straight out: there may be ten thousand."""
    return [
        {
            "cell": line.cell,
            "facts": core_edits.facts_to_json(line.facts),
            "first_t": line.first_t,
            "last_t": line.last_t,
            "area_px": line.area_px,
            "measures": [{name: getattr(one, name) for name in MEASURES} for one in line.measures],
            "t": line.t,
            "tiles": line.tiles,
        }
        for line in lines
    ]


MEASURES = ("z", "area_px", "y", "x", "y_min", "x_min", "y_max", "x_max")


class CellsFoundOut(serializers.Serializer[Any]):
    """Those of the named cells that exist at the head, revision `head`."""

    head = serializers.IntegerField()
    results = CellOut(many=True)


class CellIdsIn(serializers.Serializer[Branch]):
    count = serializers.IntegerField(min_value=1, max_value=MAX_RESERVED)


class CellIdsOut(serializers.Serializer[Branch]):
    """`count` ids from `first` on are yours alone."""

    first = serializers.IntegerField()
    count = serializers.IntegerField()


# ---------------------------------------------------------------- edits


class PixelChangeShape(serializers.Serializer[Any]):
    """Pixels that join and leave one cell: flat runs y, x, n, y, x, n, …"""

    t = serializers.IntegerField()
    z = serializers.IntegerField()
    cell = serializers.IntegerField()
    add = serializers.ListField(child=serializers.IntegerField())
    remove = serializers.ListField(child=serializers.IntegerField())


class CellChangeShape(serializers.Serializer[Any]):
    """Facts of one cell before and after; null: it is not there."""

    cell = serializers.IntegerField()
    before = FactsOut(allow_null=True)
    after = FactsOut(allow_null=True)


class CellMoveShape(serializers.Serializer[Any]):
    """The pixels of `cell` in the frames first..last, both included, become those of `to`."""

    cell = serializers.IntegerField()
    to = serializers.IntegerField()
    first = serializers.IntegerField()
    last = serializers.IntegerField()


class EditShape(serializers.Serializer[Any]):
    """One undoable change; read and written by the label arithmetic, shown here for the document. `undoes`:
    the id of the edit that it takes back, left out when it takes back none. `moves` happen at once; left out
    when there are none. `parameters`: with which settings, and which `model`, it was made; for the record."""

    id = serializers.UUIDField()
    tool = serializers.CharField(max_length=40)
    pixels = PixelChangeShape(many=True)
    cells = CellChangeShape(many=True)
    undoes = serializers.UUIDField(required=False)
    moves = CellMoveShape(many=True, required=False)
    parameters = serializers.DictField(required=False)


@extend_schema_field(EditShape)
class EditField(serializers.Field[Edit, Any, Any, Any]):
    """An edit, parsed once, here at the border."""

    def to_internal_value(self, data: Any) -> Edit:
        try:
            return core_edits.parse(data)
        except core_edits.InvalidEdit as error:
            raise serializers.ValidationError(str(error)) from error

    def to_representation(self, value: Any) -> Any:
        return value


class BatchIn(serializers.Serializer[Revision]):
    """Edits made from revision `base`; sending a `batch_id` again answers the same.

    `base` is the version token of every object in the batch: each cell, in each frame, is compared with what
    was changed after that revision.
    """

    batch_id = serializers.UUIDField()
    base = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER)
    edits = serializers.ListField(child=EditField(), min_length=1, max_length=MAX_EDITS)
    on_conflict = serializers.ChoiceField(
        choices=[(c.value, c.value) for c in OnConflict], default=OnConflict.REFUSE
    )


class CommitOut(serializers.ModelSerializer[Revision]):
    """The new revision; `rebased` when it was put on newer work than its author had seen."""

    base = serializers.IntegerField(source="base_number")
    onto = serializers.IntegerField(source="parent_number")
    rebased = serializers.BooleanField()

    class Meta:
        model = Revision
        fields = ["id", "number", "base", "onto", "rebased"]


class CollisionOut(serializers.Serializer[Any]):
    """Why an edit cannot be put on top: t and z are null when it is about facts, z when about a move."""

    cell = serializers.IntegerField()
    t = serializers.IntegerField(allow_null=True)
    z = serializers.IntegerField(allow_null=True)
    other_cell = serializers.IntegerField()
    edit = serializers.UUIDField()


class StaleRevisionOut(serializers.Serializer[Any]):
    """The refusal of stale edits (`stale_revision`), of edits that do not fit (`edit_does_not_fit`) or that
    change locked cells (`cell_locked`)."""

    code = serializers.CharField()
    detail = serializers.CharField()
    head = serializers.IntegerField(required=False)
    collisions = CollisionOut(many=True, required=False)
    cells = serializers.ListField(child=serializers.IntegerField(), required=False)


class NumberIn(serializers.Serializer[Revision]):
    number = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER)


class EditFilter(serializers.Serializer[Any]):
    after = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER, default=0)
    limit = serializers.IntegerField(min_value=1, max_value=1000, default=200)
    mine = serializers.BooleanField(
        default=False, help_text="Only the asker's own edits, the newest first; go back with `before`."
    )
    before = serializers.IntegerField(
        min_value=0, max_value=MAX_NUMBER, required=False, help_text="A revision; only with `mine`."
    )

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """`after` reads everybody's edits forward, `before` one's own back."""
        if "before" in given and not given["mine"]:
            raise serializers.ValidationError("`before` reads one's own edits: ask for mine=true as well.")
        return given


class LoggedEditOut(serializers.Serializer[LoggedEdit]):
    """One edit as applied, the revision that holds it, and the id of the edit that it took back."""

    revision = RevisionOut()
    position = serializers.IntegerField()
    undoes = serializers.UUIDField(allow_null=True)
    edit = EditField(source="body")


class EditLogOut(serializers.Serializer[Any]):
    """Edits of whole revisions, the oldest first; go on with `?after=next_after`, null when there are no
    more. One's own come newest first; go on with `?mine=true&before=next_before`."""

    results = LoggedEditOut(many=True)
    next_after = serializers.IntegerField(allow_null=True)
    next_before = serializers.IntegerField(allow_null=True)
