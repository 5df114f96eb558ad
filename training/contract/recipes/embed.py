"""Vectors of cells: what is alike lies close together, and nobody has said what is what."""

from training.contract.fields import JsonObject
from training.contract.recipes.classify import BACKBONES, MASKS
from training.contract.recipes.recipe import SHARED, Makes, Recipe, choice, integer, number, schema, weights

VECTOR_NUMBERS = 64
"""Numbers of a cell's vector; the database keeps this many of every cell."""

SETTINGS: JsonObject = {
    "source": choice(
        "Without a model",
        "What vectors are made of where no trained model is used: “measurements” (size, shape and light of "
        "the outlines), or “published”, a net with the published weights named below.",
        ["measurements", "published"],
        "measurements",
    ),
    "backbone": choice(
        "Net",
        "“small” is quick and learns from a few hundred cells; the others are ImageNet's.",
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
        "“each”: every cell fills its crop, so that looks count and size does not; “same”: one for all "
        "cells.",
        ["same", "each"],
        "each",
    ),
    "surroundings": number(
        "Surroundings", "Side of the crop in multiples of the cell's length.", 1.0, 4.0, 1.4
    ),
    "batch": integer("Batch", "Cells per step; each is shown twice.", 16, 512, 64),
    "learning_rate": number("Learning rate", "Peak step size of AdamW.", 1e-5, 1e-2, 1e-3),
    "scale_jitter": number("Scale jitter", "Crops are zoomed by 1/x to x at random.", 1.0, 2.0, 1.15),
    "colour_jitter": number(
        "Intensity jitter",
        "How far brightness, contrast, colour, focus and noise differ between two looks at one cell: what "
        "differs is not told apart.",
        0.0,
        1.0,
        0.4,
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
