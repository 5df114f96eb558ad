"""What goes in and out of the doors of classes, attributes and the versions of both."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from annotation.api.people import AuthorOut
from annotation.core.edit_json import LONGEST_VALUE
from annotation.models import AttributeKind, CellAttribute, ClassRule, LabelClass, SchemaVersion


class LabelClassOut(serializers.ModelSerializer[LabelClass]):
    class Meta:
        model = LabelClass
        fields = ["id", "project", "name", "color", "position", "archived", "parent", "key", "replaced_by"]


class LabelClassIn(serializers.Serializer[LabelClass]):
    """`parent` is the class above it, `key` its digit in the editor."""

    name = serializers.CharField(max_length=100)
    color = serializers.RegexField(
        r"^#[0-9a-fA-F]{6}$",
        default="#7aa2f7",
        error_messages={"invalid": "A colour is # and six hexadecimal digits."},
    )
    position = serializers.IntegerField(min_value=0, max_value=100_000, required=False)
    parent = serializers.UUIDField(required=False, allow_null=True)  # type: ignore[assignment]
    key = serializers.RegexField(
        r"^[1-9]?$",
        required=False,
        allow_blank=True,
        error_messages={"invalid": "A key is a digit from 1 to 9, or nothing."},
    )


class LabelClassChange(LabelClassIn):
    archived = serializers.BooleanField()


class AttributeOut(serializers.ModelSerializer[CellAttribute]):
    """Something said of a cell beside its classes: of every cell, or of those of one class and below it."""

    kind = serializers.ChoiceField(choices=AttributeKind.choices)
    choices = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = CellAttribute
        fields = [
            "id", "project", "label_class", "name", "kind", "unit", "low", "high", "choices", "position",
            "archived", "replaced_by",
        ]  # fmt: skip


class AttributeChange(serializers.Serializer[CellAttribute]):
    """Its kind is never changed, only converted by a migration."""

    name = serializers.CharField(max_length=100)
    label_class = serializers.UUIDField(required=False, allow_null=True)
    unit = serializers.CharField(max_length=20, required=False, allow_blank=True)
    low = serializers.FloatField(required=False, allow_null=True)
    high = serializers.FloatField(required=False, allow_null=True)
    choices = serializers.ListField(
        child=serializers.CharField(max_length=100), required=False, max_length=100
    )
    position = serializers.IntegerField(min_value=0, max_value=100_000, required=False)
    archived = serializers.BooleanField(required=False)


class AttributeIn(AttributeChange):
    kind = serializers.ChoiceField(choices=AttributeKind.choices)


class SchemaOut(serializers.Serializer[Any]):
    """What a cell of the project may be, by the newest version; archived classes and attributes too."""

    number = serializers.IntegerField()
    rule = serializers.ChoiceField(choices=ClassRule.choices)
    classes = LabelClassOut(many=True)
    attributes = AttributeOut(many=True)


class MigratedOut(serializers.Serializer[Any]):
    """What became of the cells: `rows` are from, to, how many; `left` those that others changed since."""

    operation = serializers.CharField()
    of = serializers.IntegerField(required=False)
    rows = serializers.ListField(child=serializers.ListField(), required=False)
    cells = serializers.IntegerField()
    images = serializers.IntegerField()
    locked = serializers.IntegerField(required=False)
    unconverted = serializers.IntegerField(required=False)
    left = serializers.IntegerField(required=False)


class SchemaVersionOut(serializers.ModelSerializer[SchemaVersion]):
    """One version: who made it, when, what changed in sentences, and what became of the cells."""

    author = AuthorOut(allow_null=True)
    changes = serializers.ListField(child=serializers.CharField())
    migration = serializers.SerializerMethodField()

    class Meta:
        model = SchemaVersion
        fields = ["id", "number", "changes", "migration", "author", "created_at"]

    @extend_schema_field(MigratedOut(allow_null=True))
    def get_migration(self, version: SchemaVersion) -> dict[str, Any] | None:
        return version.migration or None


# ---------------------------------------------------------------- migrations


@extend_schema_field(OpenApiTypes.ANY)
class ValueField(serializers.Field[Any, Any, Any, Any]):
    """A value of an attribute: a text, a number, true or false."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str | int | float | bool) or len(str(data)) > LONGEST_VALUE:
            raise serializers.ValidationError("A short text, a number, true or false is needed.")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class ConditionIn(serializers.Serializer[Any]):
    """Cells whose attribute is one of `values`, or a number from `low` up to below `high`."""

    attribute = serializers.UUIDField()
    values = serializers.ListField(child=ValueField(), required=False, max_length=100)
    low = serializers.FloatField(required=False, allow_null=True)
    high = serializers.FloatField(required=False, allow_null=True)


class ConversionIn(serializers.Serializer[Any]):
    """`map`: the old value as a text → the new one (null: it stays with the old attribute); numbers are
    multiplied by `factor`."""

    map = serializers.DictField(child=ValueField(allow_null=True), required=False)
    factor = serializers.FloatField(required=False)


class MigrationAsked(serializers.Serializer[Any]):
    """A change of the schema that cells follow.

    MERGE: `label_class` into `into` (null: cells lose it). SPLIT: cells of `label_class` for which
    `condition` holds become the new class `name`. RETYPE: `attribute` becomes what `said` describes, values
    by `conversion`. MOVE: `label_class` below `parent`. RULE: how many classes a cell carries.
    """

    operation = serializers.ChoiceField(choices=["MERGE", "SPLIT", "RETYPE", "MOVE", "RULE"])
    label_class = serializers.UUIDField(required=False, allow_null=True)
    into = serializers.UUIDField(required=False, allow_null=True)
    parent = serializers.UUIDField(required=False, allow_null=True)  # type: ignore[assignment]
    name = serializers.CharField(max_length=100, required=False)
    color = serializers.RegexField(r"^#[0-9a-fA-F]{6}$", required=False)
    condition = ConditionIn(required=False)
    attribute = serializers.UUIDField(required=False, allow_null=True)
    said = AttributeIn(required=False)
    conversion = ConversionIn(required=False)
    rule = serializers.ChoiceField(choices=ClassRule.choices, required=False)


class MigrationIn(MigrationAsked):
    """With the number of the schema of which the preview was made."""

    schema_number = serializers.IntegerField(min_value=0)


class MigrationRowOut(serializers.Serializer[Any]):
    was = serializers.CharField()
    becomes = serializers.CharField()
    cells = serializers.IntegerField()


class MigrationPreviewOut(serializers.Serializer[Any]):
    """What would change: the schema in sentences, cells from what to what; `locked` cells would stay, values
    of `unconverted` ones stay with the old attribute."""

    schema_number = serializers.IntegerField()
    changes = serializers.ListField(child=serializers.CharField())
    rows = MigrationRowOut(many=True)
    cells = serializers.IntegerField()
    images = serializers.IntegerField()
    branches = serializers.IntegerField()
    locked = serializers.IntegerField()
    unconverted = serializers.IntegerField()


class SchemaNumberIn(serializers.Serializer[Any]):
    number = serializers.IntegerField(min_value=0)


class ClassOrderIn(serializers.Serializer[Any]):
    """Classes from first to last."""

    ids = serializers.ListField(child=serializers.UUIDField(), max_length=1000)
