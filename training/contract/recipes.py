"""The recipes of the engine: their names, what they are for, and their settings as JSON schema.

The pages make a form of the schema, the offices check settings with `complete_settings`, and the engine reads
the completed settings; so a setting is named, described and given its default here and nowhere else.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from training.contract.errors import InvalidSettings
from training.contract.fields import JsonObject


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """One programme of the engine, started as `python -m training.engine.recipes.<name> RUN`."""

    name: str
    title: str
    description: str
    settings_schema: JsonObject

    def to_json(self) -> JsonObject:
        """What the list of recipes in REST shows."""
        return asdict(self)


def _choice(title: str, description: str, values: list[str], default: str) -> JsonObject:
    return {"type": "string", "title": title, "description": description, "enum": values, "default": default}


def _integer(title: str, description: str, low: int, high: int, default: int) -> JsonObject:
    return {
        "type": "integer",
        "title": title,
        "description": description,
        "minimum": low,
        "maximum": high,
        "default": default,
    }


def _number(title: str, description: str, low: float, high: float, default: float) -> JsonObject:
    return {
        **_integer(title, description, 0, 0, 0),
        "type": "number",
        "minimum": low,
        "maximum": high,
        "default": default,
    }


def _flag(title: str, description: str, default: bool) -> JsonObject:
    return {"type": "boolean", "title": title, "description": description, "default": default}


_SHARED: JsonObject = {
    "width": _choice(
        "Net size",
        "Wider nets see more detail and learn more slowly.",
        ["small", "medium", "large"],
        "medium",
    ),
    "crop_px": _integer("Crop", "Side of the square crops that are learned from, in px.", 64, 512, 160),
    "batch": _integer("Batch", "Crops per step.", 1, 64, 8),
    "learning_rate": _number("Learning rate", "Peak step size of AdamW.", 1e-5, 1e-2, 2e-3),
    "scale_jitter": _number("Scale jitter", "Crops are zoomed by 1/x to x at random.", 1.0, 3.0, 1.6),
    "colour_jitter": _number(
        "Intensity jitter", "How far brightness, contrast, colour and polarity are varied.", 0.0, 1.0, 1.0
    ),
    "patience": {
        "type": ["integer", "null"],
        "title": "Patience",
        "description": "Stop when this many validations in a row bring no better score; empty means never.",
        "minimum": 2,
        "maximum": 1000,
        "default": None,
    },
    "flips": _flag(
        "Average at prediction",
        "Predict from mirrored copies too, and for outlines from an enlarged one: better, and slower.",
        True,
    ),
}

_INSTANCES: JsonObject = {
    "target": _choice(
        "Target",
        "What the net learns of each cell: the distance to its edge (round cells), or flows to its middle "
        "(long and winding cells).",
        ["distance", "flows"],
        "distance",
    ),
    **_SHARED,
    "min_size_px": {
        "type": ["integer", "null"],
        "title": "Smallest cell",
        "description": "Predicted cells of fewer px are dropped; empty means chosen by validation.",
        "minimum": 0,
        "maximum": 100000,
        "default": None,
    },
}

_SEMANTIC: JsonObject = {
    "classes": {
        "type": "array",
        "title": "Classes",
        "description": "Names of the cells' classes, in order; empty means foreground against background.",
        "items": {"type": "string"},
        "default": [],
    },
    **_SHARED,
    "min_size_px": _integer("Smallest region", "Predicted regions of fewer px are dropped.", 0, 100000, 8),
}


def _schema(title: str, properties: JsonObject) -> JsonObject:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }


RECIPES: tuple[Recipe, ...] = (
    Recipe(
        name="instances",
        title="Cell outlines",
        description="Finds every cell and draws its outline. Learns from labelled cells; pictures of one "
        "and of three channels may be mixed. Movies are read frame by frame, stacks slice by slice.",
        settings_schema=_schema("Cell outlines", _INSTANCES),
    ),
    Recipe(
        name="semantic",
        title="Regions by class",
        description="Gives every pixel a class: background, and the classes of the labelled cells, or simply "
        "foreground. Touching cells of one class become one region. Movies are read frame by frame, "
        "stacks slice by slice.",
        settings_schema=_schema("Regions by class", _SEMANTIC),
    ),
)


def recipe_named(name: str) -> Recipe:
    """The recipe of that name. Raises InvalidSettings."""
    for recipe in RECIPES:
        if recipe.name == name:
            return recipe
    raise InvalidSettings(f"There is no recipe “{name}”; there are {', '.join(r.name for r in RECIPES)}.")


def complete_settings(recipe: str, settings: Mapping[str, Any]) -> JsonObject:
    """The settings with every default filled in. Raises InvalidSettings for the first wrong one."""
    properties: JsonObject = recipe_named(recipe).settings_schema["properties"]
    unknown = sorted(set(settings) - set(properties))
    if unknown:
        raise InvalidSettings(
            f"The recipe {recipe} has no setting “{unknown[0]}”; it has {', '.join(properties)}."
        )
    complete = {name: settings.get(name, schema["default"]) for name, schema in properties.items()}
    for name, value in complete.items():
        _check(name, value, properties[name])
    return complete


def _check(name: str, value: Any, schema: JsonObject) -> None:
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if not any(_is(value, kind) for kind in kinds):
        raise InvalidSettings(f"Setting “{name}” is {value!r}; it must be of the kind {' or '.join(kinds)}.")
    if "enum" in schema and value not in schema["enum"]:
        raise InvalidSettings(
            f"Setting “{name}” is {value!r}; it must be one of {', '.join(schema['enum'])}."
        )
    if isinstance(value, list) and not all(_is(item, schema["items"]["type"]) for item in value):
        raise InvalidSettings(f"Setting “{name}” must be a list of {schema['items']['type']}s.")
    if "minimum" in schema and _is(value, "number") and not schema["minimum"] <= value <= schema["maximum"]:
        raise InvalidSettings(
            f"Setting “{name}” is {value}; it must be from {schema['minimum']} to {schema['maximum']}."
        )


def _is(value: Any, kind: str) -> bool:
    if kind == "null":
        return value is None
    if kind in ("integer", "number"):
        wanted: type | tuple[type, ...] = int if kind == "integer" else (int, float)
        return isinstance(value, wanted) and not isinstance(value, bool)
    return isinstance(value, {"string": str, "boolean": bool, "array": list}[kind])
