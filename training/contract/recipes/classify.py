"""Classes of cells."""

from training.contract.fields import JsonObject
from training.contract.recipes.recipe import (
    SHARED,
    Makes,
    Recipe,
    choice,
    classes,
    colour_jitter,
    flag,
    integer,
    learning_rate,
    number,
    scale_jitter,
    schema,
    searched,
    weights,
)
from training.contract.recipes.single_cells import CROP_PX, MASK, MOST_SCALE_JITTER, NET, SURROUNDINGS, fit

SETTINGS: JsonObject = {
    "classes": classes(
        "Names of the classes to tell apart, at least two; empty means all that the labelled cells carry."
    ),
    "class_level": choice(
        "Level of the tree",
        "Which classes of the tree are told apart, where none are named above; cells of classes below them "
        "count as theirs.",
        {
            "own": ("Each cell's own class", "However deep it lies in the tree."),
            "0": ("The top of the tree", "Classes that have none above them."),
            "1": ("One step below the top", "Where a class lies higher, itself."),
            "2": ("Two steps below the top", "Where a class lies higher, itself."),
        },
        "own",
    ),
    "backbone": NET,
    "weights": weights(),
    "mask": MASK,
    "crop_px": CROP_PX,
    "fit": fit("same"),
    "surroundings": searched(SURROUNDINGS, low=1.0, high=2.5, chosen=True),
    "balance": searched(flag("Balance", "Draw every class equally often, however rare it is.", True)),
    "loss": choice(
        "Loss",
        "What counts as how wrong while it learns.",
        {
            "cross_entropy": ("Every cell alike", "Cross-entropy; for most sets, with classes in balance."),
            "focal": (
                "Hard and rare cells more",
                "Focal loss: more weight to cells that are told wrongly, and to rare classes where the "
                "drawing is not balanced.",
            ),
        },
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
    "learning_rate": learning_rate(2e-3),
    "scale_jitter": scale_jitter(1.15, most=MOST_SCALE_JITTER, searched_to=1.6),
    "colour_jitter": colour_jitter(0.4),
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
