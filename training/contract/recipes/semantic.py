"""Regions by class."""

from training.contract.fields import JsonObject
from training.contract.recipes.recipe import SHARED, VOLUMES, Recipe, integer, schema

SETTINGS: JsonObject = {
    "classes": {
        "type": "array",
        "title": "Classes",
        "description": "Names of the cells' classes, in order; empty means foreground against background.",
        "items": {"type": "string"},
        "default": [],
    },
    "volumes": VOLUMES,
    **SHARED,
    "min_size_px": integer("Smallest region", "Predicted regions of fewer px are dropped.", 0, 100000, 8),
}

RECIPE = Recipe(
    name="semantic",
    title="Regions by class",
    description="Gives every pixel a class: background, and the classes of the labelled cells, or simply "
    "foreground. Touching cells of one class become one region. Movies are read frame by frame, "
    "stacks as volumes or slice by slice.",
    settings_schema=schema("Regions by class", SETTINGS),
    score="mean_iou",
)
