"""Tracks: who is who in the next frame, and who is whose daughter."""

from training.contract.fields import JsonObject
from training.contract.recipes.recipe import Makes, Recipe, choice, flag, integer, number, schema

LINKERS = ("exact", "global", "lap", "kalman", "nearest")
"""Of `training.engine.linking`; the first is the usual one."""
UNITS = ("spacing", "px", "um")
"""Of the largest distance: multiples of the usual distance between neighbours, px, or µm."""

SETTINGS: JsonObject = {
    "linker": choice(
        "Linker",
        "Who decides which cell is which in the next frame.",
        {
            "exact": (
                "Frame by frame, exactly",
                "The likeliest links and divisions, then gaps; most movies.",
            ),
            "global": (
                "All at once",
                "Links, divisions, gaps and false detections weighed together: slower, for movies with many "
                "missing or false cells.",
            ),
            "lap": ("Pieces of track", "Links first, then gaps, divisions and fusions of whole pieces."),
            "kalman": ("Predicted motion", "For few, fast and steady cells."),
            "nearest": ("Nearest", "The nearest cell in the next frame, to compare with."),
        },
        LINKERS[0],
    ),
    "max_distance": {
        "type": ["number", "null"],
        "title": "Largest step",
        "description": "How far a cell may move between two frames; empty means measured in the movie.",
        "minimum": 0.01,
        "maximum": 100_000.0,
        "default": None,
    },
    "distance_unit": choice(
        "Unit of the largest step",
        "What the largest step is counted in.",
        {
            "spacing": ("Spacing", "Times the usual distance between neighbouring cells."),
            "px": ("px", ""),
            "um": ("µm", "Needs the size of a pixel."),
        },
        UNITS[0],
    ),
    "divisions": flag("Divisions", "Cells may divide. Off for cells that never do, such as neurons.", True),
    "division_bias": number(
        "Readiness to divide",
        "Above 0 more divisions are found, and more false ones; below 0 fewer. In nats: 1 makes each about "
        "three times as likely.",
        -8.0,
        8.0,
        0.0,
    ),
    "max_gap_frames": integer(
        "Largest gap",
        "A cell may be missing for so many frames and still be known again; 0 means never.",
        0,
        20,
        2,
    ),
    "merges": flag(
        "Fusions",
        "Tell where a cell's outline becomes one with a neighbour's; its track then ends in that cell.",
        False,
    ),
    "motion": choice(
        "Motion",
        "What the next step is expected to be.",
        {
            "auto": ("Measured", "What fits the movie best."),
            "still": ("Still", "Cells stay where they are."),
            "steady": ("Steady", "Each goes on as before."),
            "flow": ("Flow", "Each goes as its neighbours do."),
        },
        "auto",
    ),
    "appearance": flag(
        "Use looks",
        "Brightness, size and shape of the cells speak for and against links, not places alone; how much is "
        "measured in the movie.",
        True,
    ),
}

RECIPE = Recipe(
    name="link",
    title="Tracks",
    description="Follows outlined cells through a movie, through divisions and gaps. Learns nothing: it "
    "measures in the movie how far cells move and how much they change. Links that people made are kept.",
    settings_schema=schema("Tracks", SETTINGS),
    makes=Makes.TRACKS,
    reads_cells=True,
    learns=False,
)
