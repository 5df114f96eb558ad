"""Classes of cells."""

from training.contract.fields import JsonObject
from training.contract.recipes.recipe import (
    SHARED,
    Makes,
    Recipe,
    choice,
    classes,
    flag,
    integer,
    number,
    schema,
    searched,
    weights,
)

BACKBONES = ["small", "tiny", "resnet18", "resnet34", "efficientnet_b0", "convnext_tiny"]
MASKS = ["channel", "dim", "none"]

SETTINGS: JsonObject = {
    "classes": classes(
        "Names of the classes to tell apart, at least two; empty means all that the labelled cells carry."
    ),
    "backbone": choice(
        "Net",
        "“small” is quick and learns from a few hundred cells; “tiny” decides in a fraction of a "
        "millisecond, for sorting while cells flow by; the others are ImageNet's, best with "
        "published weights.",
        BACKBONES,
        "small",
    ),
    "weights": weights(),
    "mask": choice(
        "Outline",
        "How the net is told which cell is meant: its outline as a further channel, everything around it "
        "dimmed, or not at all.",
        MASKS,
        "channel",
    ),
    "crop_px": integer("Crop", "Side of the square in which the net sees a cell, in px.", 48, 224, 64),
    "fit": choice(
        "Magnification",
        "“same”: one for all cells, so that size tells; “each”: every cell fills its crop.",
        ["same", "each"],
        "same",
    ),
    "surroundings": searched(
        number("Surroundings", "Side of the crop in multiples of the cell's length.", 1.0, 4.0, 1.4),
        low=1.0,
        high=2.5,
        chosen=True,
    ),
    "balance": searched(flag("Balance", "Draw every class equally often, however rare it is.", True)),
    "loss": choice(
        "Loss",
        "“focal” gives more weight to cells that are told wrongly, and to rare classes where the drawing is "
        "not balanced.",
        ["cross_entropy", "focal"],
        "cross_entropy",
    ),
    "frozen_share": number(
        "Frozen",
        "Share of the time in which weights that were learned elsewhere stand still and only the last layer "
        "learns.",
        0.0,
        0.9,
        0.2,
    ),
    "batch": searched(integer("Batch", "Cells per step.", 4, 256, 32), values=[16, 32, 64]),
    "learning_rate": searched(
        number("Learning rate", "Peak step size of AdamW.", 1e-5, 1e-2, 2e-3),
        low=3e-4,
        high=8e-3,
        log=True,
        chosen=True,
    ),
    "scale_jitter": searched(
        number("Scale jitter", "Crops are zoomed by 1/x to x at random.", 1.0, 2.0, 1.15),
        low=1.0,
        high=1.6,
        chosen=True,
    ),
    "colour_jitter": searched(
        number(
            "Intensity jitter", "How far brightness, contrast, colour and polarity are varied.", 0.0, 1.0, 0.4
        ),
        low=0.0,
        high=1.0,
        chosen=True,
    ),
    "patience": SHARED["patience"],
    "flips": flag("Average at prediction", "Predict from mirrored copies too: better, and slower.", True),
}

RECIPE = Recipe(
    name="classify",
    title="Classes of cells",
    description="Gives every outlined cell a class and says how sure it is. Learns from cells whose class is "
    "known; the outlines stay as they are. A cell that is seen in several frames or slices gets one class.",
    settings_schema=schema("Classes of cells", SETTINGS),
    score="macro_f1",
    makes=Makes.CLASSES,
    reads_cells=True,
)
