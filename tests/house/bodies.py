"""A body that makes sense for every operation that takes one, built from the OpenAPI document."""

import uuid
from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]
# Names of properties that are ids of Ana's things, by the address under which `furnish` has made one.
PLURALS = {
    "project": "projects", "dataset": "datasets", "image": "images", "branch": "branches", "task": "tasks",
    "snapshot": "snapshots", "team": "teams", "trained_model": "trained-models", "first": "evaluations",
    "second": "evaluations", "label_class": "classes", "attribute": "attributes",
    "assignee": "person", "person": "person",
    "user": "person", "dataset_ids": "datasets", "image_ids": "images", "images": "images",
    "datasets": "datasets", "people": "person", "tasks": "tasks",
}  # fmt: skip
SAMPLES: dict[str, Any] = {
    "email": "eve@lab.example",
    "color": "#123456",
    "number": 1,
    "base": 1,
    "mark": "0" * 32,
}


class Bodies:
    """Fills schemas of the document with the ids of what is there."""

    def __init__(self, document: Schema, ids: Mapping[str, str], given: Mapping[str, Any]) -> None:
        self.schemas: dict[str, Schema] = document["components"]["schemas"]
        self.ids = ids
        self.given = given

    def of(self, operation: Schema) -> Any:
        """The body of an operation; None where it takes none. What may be left out is."""
        name = operation["operationId"]
        if name in self.given:
            return self._filled(self.given[name])
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" not in content:
            return None
        return self._value("", content["application/json"]["schema"])

    def _filled(self, value: Any) -> Any:
        """A body written by hand: `{images}` in a text is the id of an image."""
        if isinstance(value, dict):
            return {key: self._filled(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self._filled(one) for one in value]
        return value.format_map(self.ids) if isinstance(value, str) else value

    def _value(self, name: str, schema: Schema) -> Any:
        if "$ref" in schema:
            return self._value(name, self.schemas[schema["$ref"].split("/")[-1]])
        for several in ("allOf", "oneOf", "anyOf"):
            if several in schema:
                return self._value(name, schema[several][0])
        if name in SAMPLES:
            return SAMPLES[name]
        if "enum" in schema:
            return schema["enum"][0]
        return self._of_kind(name, schema)

    def _of_kind(self, name: str, schema: Schema) -> Any:
        kind = schema.get("type")
        kind = next(one for one in kind if one != "null") if isinstance(kind, list) else kind
        if kind == "object" or "properties" in schema:
            required = schema.get("required", [])
            return {
                key: self._value(key, one)
                for key, one in schema.get("properties", {}).items()
                if key in required
            }
        if kind == "array":
            return [self._value(name, schema.get("items", {}))]
        if kind == "string" and schema.get("format") == "uuid":
            return self.ids.get(PLURALS.get(name, ""), str(uuid.uuid4()))
        plain = {
            "string": "x",
            "integer": schema.get("minimum", 1),
            "number": schema.get("minimum", 1),
            "boolean": False,
        }
        return plain.get(str(kind), {})
