"""Cell outlines."""

from training.contract.fields import JsonObject
from training.contract.recipes.recipe import SHARED, VOLUMES, Recipe, choice, schema

SETTINGS: JsonObject = {
    "target": choice(
        "Target",
        "What the net learns of each cell: flows to its middle (most cells), or the distance to its edge. "
        "For cells that may overlap, stars (how far the edge is in 32 directions) and embedding (a place "
        "where all of its pixels gather); both are young and learn slowly on images of many kinds: compare "
        "them with flows before you rely on them.",
        ["flows", "distance", "stars", "embedding"],
        "flows",
    ),
    "overlaps": choice(
        "Overlapping cells",
        "As labelled: predicted cells may share pixels if labelled ones do and the target is stars or "
        "embedding. Never: each pixel belongs to one cell.",
        ["as_labelled", "never"],
        "as_labelled",
    ),
    "volumes": VOLUMES,
    **SHARED,
    "min_size_px": {
        "type": ["integer", "null"],
        "title": "Smallest cell",
        "description": "Predicted cells of fewer px are dropped; empty means chosen by validation.",
        "minimum": 0,
        "maximum": 100000,
        "default": None,
    },
}

RECIPE = Recipe(
    name="instances",
    title="Cell outlines",
    description="Finds every cell and draws its outline. Learns from labelled cells; pictures of one "
    "and of three channels may be mixed. Movies are read frame by frame, stacks as volumes or slice by "
    "slice.",
    settings_schema=schema("Cell outlines", SETTINGS),
    score="ap50",
)
