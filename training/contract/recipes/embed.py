"""Vectors of cells: what is alike lies close together, and nobody has said what is what."""

from training.contract.fields import JsonObject
from training.contract.recipes.recipe import (
    SHARED,
    Makes,
    Recipe,
    choice,
    colour_jitter,
    integer,
    learning_rate,
    scale_jitter,
    schema,
    unsearched,
    weights,
)
from training.contract.recipes.single_cells import CROP_PX, MASK, MOST_SCALE_JITTER, NET, SURROUNDINGS, fit

VECTOR_NUMBERS = 64
"""Numbers of a cell's vector; the database keeps this many of every cell."""

SETTINGS: JsonObject = {
    "source": choice(
        "Without a model",
        "What vectors are made of where no trained model is used.",
        {
            "measurements": ("Measurements", "Size, shape and light of the outlines."),
            "published": ("Published weights", "What the net below sees with the published weights below."),
        },
        "measurements",
    ),
    "backbone": NET,
    "weights": weights(),
    "mask": MASK,
    "crop_px": CROP_PX,
    "fit": fit("each"),
    "surroundings": SURROUNDINGS,
    "batch": integer("Batch", "Cells per step; each is shown twice.", 16, 512, 64),
    "learning_rate": unsearched(learning_rate(1e-3)),
    "scale_jitter": unsearched(scale_jitter(1.15, most=MOST_SCALE_JITTER)),
    "colour_jitter": unsearched(
        colour_jitter(
            0.4,
            "How far brightness, contrast, colour, focus and noise differ between two looks at one cell: "
            "what differs is not told apart.",
        )
    ),
    "patience": SHARED["patience"],
    "neighbours": integer(
        "Neighbours on the map",
        "Cells that each is held close to: few show fine groups, many the whole.",
        5,
        100,
        15,
    ),
}

RECIPE = Recipe(
    name="embed",
    title="Map of cells",
    description="Learns, without classes, to tell which cells look alike. Used on images it makes a map of "
    "their cells, with clusters, outliers and measurements, to be explored and labelled group by group.",
    settings_schema=schema("Map of cells", SETTINGS),
    makes=Makes.VECTORS,
    reads_cells=True,
)
