"""Regions by class."""

from training.contract.fields import JsonObject
from training.contract.recipes.recipe import (
    DOUBT,
    SHARED,
    TELL_CLASSES,
    VOLUMES,
    Recipe,
    classes,
    integer,
    schema,
)

SETTINGS: JsonObject = {
    "classes": classes("Names of the classes to tell; empty means all that the labelled cells carry."),
    "tell_classes": TELL_CLASSES,
    "volumes": VOLUMES,
    **SHARED,
    "doubt": DOUBT,
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
