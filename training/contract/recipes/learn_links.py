"""Tracks as people have made them: a linker that learns from accepted lineages."""

from training.contract.fields import JsonObject
from training.contract.recipes import link
from training.contract.recipes.recipe import (
    SHARED,
    Makes,
    Recipe,
    choice,
    colour_jitter,
    integer,
    learning_rate,
    number,
    schema,
    searched,
    unsearched,
)

DECIDERS = ("exact", "global")
"""Linkers that decide by what the net says; the first is the usual one."""
_LINKER = link.SETTINGS["linker"]
DECIDING = (
    "linker",
    "max_distance",
    "distance_unit",
    "divisions",
    "division_bias",
    "max_gap_frames",
    "motion",
)
"""Settings of which a trained linker needs nothing while it learns: each linking may choose them anew."""

SETTINGS: JsonObject = {
    "width": SHARED["width"],
    "batch": integer("Batch", "Windows of seven frames per step.", 1, 32, 3),
    "learning_rate": unsearched(learning_rate(1.5e-3)),
    "faults": searched(
        number(
            "Faults",
            "Up to this share of the cells is missing, false or merged with a neighbour in the movies that "
            "are learned from, as a segmenter would have it; 0 for movies outlined without fault.",
            0.0,
            0.3,
            0.08,
        ),
        low=0.0,
        high=0.15,
    ),
    "colour_jitter": unsearched(
        colour_jitter(0.6, "How far contrast and noise of the cells' pictures are varied.")
    ),
    "patience": SHARED["patience"],
    "linker": choice(
        "Linker",
        "Who decides by what the net says.",
        {name: (_LINKER["titles"][name], _LINKER["notes"].get(name, "")) for name in DECIDERS},
        DECIDERS[0],
    ),
    **{name: link.SETTINGS[name] for name in DECIDING[1:]},
}

RECIPE = Recipe(
    name="learn_links",
    title="Linker",
    description="Learns from movies with accepted tracks who is who in the next frame and who divides, by "
    "place, looks and neighbours. Used on outlined movies it links their cells; links that people made are "
    "kept.",
    settings_schema=schema("Linker", SETTINGS),
    makes=Makes.TRACKS,
    reads_cells=True,
    score="tracks",
)
