"""Cell outlines."""

from training.contract.fields import JsonObject
from training.contract.recipes.recipe import DOUBT, SHARED, VOLUMES, Recipe, choice, schema

SETTINGS: JsonObject = {
    "target": choice(
        "Target",
        "What the net learns of each cell.",
        {
            "flows": ("Flows", "The way to its middle; for most cells."),
            "distance": ("Distance", "How far the edge is; a second opinion for round cells."),
            "stars": (
                "Stars",
                "How far the edge is in 32 directions; for round cells that may overlap. Young, and slow to "
                "learn on images of many kinds: compare it with flows before you rely on it.",
            ),
            "embedding": (
                "Embedding",
                "A place where all of its pixels gather; for cells of any shape that may overlap. Young, and "
                "slow to learn on images of many kinds: compare it with flows before you rely on it.",
            ),
        },
        "flows",
    ),
    "overlaps": choice(
        "Overlapping cells",
        "Whether predicted cells may share pixels.",
        {
            "as_labelled": ("As labelled", "If labelled ones do, and the target is stars or embedding."),
            "never": ("Never", "Each pixel belongs to one cell."),
        },
        "as_labelled",
    ),
    "volumes": VOLUMES,
    **SHARED,
    "doubt": DOUBT,
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
