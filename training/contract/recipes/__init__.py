"""The recipes of the engine: their names, what they are for, and their settings as JSON schema.

The pages make a form of the schema, the offices check settings with `complete_settings`, and the engine reads
the completed settings; so a setting is named, described and given its default here and nowhere else. Each
recipe has a file of its own.
"""

from collections.abc import Mapping
from typing import Any

from training.contract.errors import InvalidSettings
from training.contract.fields import JsonObject
from training.contract.recipes import (
    classify,
    detect,
    embed,
    instances,
    learn_links,
    link,
    semantic,
    translate,
)
from training.contract.recipes.recipe import Makes, Recipe

__all__ = ["RECIPES", "Makes", "Recipe", "complete_settings", "recipe_named"]

RECIPES: tuple[Recipe, ...] = (
    instances.RECIPE,
    semantic.RECIPE,
    translate.RECIPE,
    classify.RECIPE,
    detect.RECIPE,
    embed.RECIPE,
    link.RECIPE,
    learn_links.RECIPE,
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
