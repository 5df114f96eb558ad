"""Cells with boxes."""

from training.contract.fields import JsonObject
from training.contract.recipes.recipe import (
    SHARED,
    TELL_CLASSES,
    Makes,
    Recipe,
    choice,
    classes,
    colour_jitter,
    integer,
    learning_rate,
    number,
    scale_jitter,
    schema,
    weights,
)

SETTINGS: JsonObject = {
    "net": choice(
        "Net",
        "What finds the cells.",
        {
            "faster_rcnn": ("Faster R-CNN", "Boxes, in two looks: regions first, then what is in them."),
            "retinanet": ("RetinaNet", "Boxes, in one look."),
            "mask_rcnn": ("Mask R-CNN", "Boxes with outlines that may overlap."),
            "rcnn": ("R-CNN", "Proposes regions without learning, then learns to tell cells from the rest."),
        },
        "faster_rcnn",
    ),
    "backbone": choice(
        "Backbone",
        "What looks at the pixels. R-CNN has a small net of its own instead.",
        {
            "small": ("Small", "Quick; learns from a few hundred cells."),
            "mobilenet_v3": ("MobileNet v3", "ImageNet's, light, best with published weights."),
            "resnet18": ("ResNet-18", "ImageNet's, best with published weights."),
            "resnet34": ("ResNet-34", "ImageNet's, deeper and slower, best with published weights."),
            "resnet50": ("ResNet-50", "ImageNet's, the largest here, best with published weights."),
        },
        "resnet18",
    ),
    "weights": weights(),
    "classes": classes("Names of the classes to tell; empty means all that the labelled cells carry."),
    "tell_classes": TELL_CLASSES,
    "cell_px": {
        "type": ["integer", "null"],
        "title": "Cell size for the net",
        "description": "Images are made smaller until the median training cell is this many px wide; they "
        "are never enlarged. Empty means that they stay as they are.",
        "minimum": 12,
        "maximum": 512,
        "default": 48,
    },
    "width": SHARED["width"],
    "crop_px": {**SHARED["crop_px"], "default": 256, "maximum": 1024},
    "batch": {**SHARED["batch"], "default": 4},
    "learning_rate": learning_rate(1e-3),
    "scale_jitter": scale_jitter(1.25),
    "colour_jitter": colour_jitter(0.5),
    "patience": SHARED["patience"],
    "most_cells": integer("Most cells", "Most cells that are looked for in one image.", 10, 10000, 500),
    "score_threshold": {
        "type": ["number", "null"],
        "title": "Least score",
        "description": "Cells of a lower score are not shown; empty means chosen by validation.",
        "minimum": 0.0,
        "maximum": 1.0,
        "default": None,
    },
    "nms_iou": number(
        "Largest overlap", "Of two boxes whose IoU is larger, the likelier one stays.", 0.1, 0.95, 0.5
    ),
}

RECIPE = Recipe(
    name="detect",
    title="Cells with boxes",
    description="Finds every cell and its class, with a box or an outline; cells may overlap. Learns from "
    "labelled cells: one whose mask fills its box is a box. Movies are read frame by frame, stacks slice "
    "by slice.",
    settings_schema=schema("Cells with boxes", SETTINGS),
    score="map50",
    makes=Makes.BOXES,
)
