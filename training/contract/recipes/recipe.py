"""What a recipe says of itself, and the words of which its settings are made."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from training.contract.fields import JsonObject


class Makes(StrEnum):
    """What a trained model of a recipe makes of an image."""

    LABELS = "labels"
    """Cells with their outlines: `outputs/ID.zarr` and `outputs/ID.json`."""
    CLASSES = "classes"
    """Classes for cells that are there: `outputs/ID.json`."""
    BOXES = "boxes"
    """Cells with boxes, and masks where the net tells them: as LABELS, the cells with a box."""
    IMAGES = "images"
    """Channels that were not recorded: `outputs/ID.image.zarr`."""
    VECTORS = "vectors"
    """A vector for each cell that is there, and a map of all of them: `outputs/atlas.npz`."""
    TRACKS = "tracks"
    """Cells that are there, with one id over time: `outputs/ID.zarr`, `outputs/ID.json` and a
    `linking.Lineage`, `outputs/ID.lineage.json`."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """One programme of the engine, started as `python -m training.engine.recipes.<name> RUN`.

    `reads_cells`: to predict, it needs the cells of an image, not its pixels alone. `needs_labels`: it learns
    from labelled images; else the images alone say what is to be learned. `score` is the score of the
    validation split, more is better, by which a search of settings chooses; a recipe without one cannot be
    searched. One that `learns` nothing is only ever used: it has no training and needs no model.
    """

    name: str
    title: str
    description: str
    settings_schema: JsonObject
    makes: Makes = Makes.LABELS
    reads_cells: bool = False
    needs_labels: bool = True
    score: str = ""
    learns: bool = True

    def to_json(self) -> JsonObject:
        """What the list of recipes in REST shows."""
        return asdict(self)


Words = tuple[str, str]
"""What people read in place of a word of the machine: a title, and a sentence (which may be empty)."""


def choice(
    title: str, description: str, values: Sequence[str] | Mapping[str, Words], default: str
) -> JsonObject:
    """One of several words; `titles` and `notes` are what people read in their place."""
    told: JsonObject = {"type": "string", "title": title, "description": description, "enum": list(values)}
    if isinstance(values, Mapping):
        told["titles"] = {value: words[0] for value, words in values.items()}
        told["notes"] = {value: words[1] for value, words in values.items() if words[1]}
    return {**told, "default": default}


def integer(title: str, description: str, low: int, high: int, default: int) -> JsonObject:
    """A whole number from `low` to `high`."""
    return {
        "type": "integer",
        "title": title,
        "description": description,
        "minimum": low,
        "maximum": high,
        "default": default,
    }


def number(title: str, description: str, low: float, high: float, default: float) -> JsonObject:
    """A number from `low` to `high`."""
    return {
        **integer(title, description, 0, 0, 0),
        "type": "number",
        "minimum": low,
        "maximum": high,
        "default": default,
    }


def flag(title: str, description: str, default: bool) -> JsonObject:
    """Yes or no."""
    return {"type": "boolean", "title": title, "description": description, "default": default}


def searched(
    setting: JsonObject,
    *,
    low: float | None = None,
    high: float | None = None,
    step: int | None = None,
    log: bool = False,
    values: Sequence[Any] | None = None,
    chosen: bool = False,
) -> JsonObject:
    """A setting that a search may vary: from `low` to `high`, on a logarithmic scale for `log`, whole numbers
    in steps of `step`; or one of `values`. `chosen`: varied unless a person says otherwise.
    """
    if values is not None or "enum" in setting or setting["type"] == "boolean":
        given = values if values is not None else setting.get("enum", [False, True])
        return {**setting, "search": {"values": list(given), "chosen": chosen}}
    numbers = {"low": low, "high": high, "step": step, "log": log}
    return {**setting, "search": {**{k: v for k, v in numbers.items() if v is not None}, "chosen": chosen}}


def classes(description: str) -> JsonObject:
    """Some of the project's classes."""
    return {
        "type": "array",
        "title": "Classes",
        "description": description,
        "items": {"type": "string"},
        "default": [],
        "format": "classes",
    }


def weights() -> JsonObject:
    """Weights that others have published, by the name of their file."""
    return {
        "type": ["string", "null"],
        "title": "Published weights",
        "description": "A file of torchvision's weights for this net (.pth or .safetensors) in the folder "
        "weights/ of the data folder, where whoever runs the server puts it; empty means from scratch. "
        "Nothing is downloaded.",
        "default": None,
        "format": "weights",
    }


TELL_CLASSES = flag(
    "Tell classes",
    "Learn the class of each cell where cells have one; without it all are simply cells.",
    True,
)


def schema(title: str, properties: JsonObject) -> JsonObject:
    """The form of a recipe."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }


VOLUMES: JsonObject = choice(
    "Volumes",
    "How stacks are read; what was chosen stands in the model's note.",
    {
        "auto": (
            "As the images are",
            "As volumes where every training image has at least 4 slices (8 without labels) and labelled "
            "cells reach over them, else slice by slice.",
        ),
        "slices": ("Slice by slice", "Each slice alone."),
        "volume": ("As volumes", "All slices together: a cell has one number over z."),
    },
    "auto",
)


def learning_rate(default: float) -> JsonObject:
    """The peak step size; a search varies it."""
    told = number("Learning rate", "Peak step size.", 1e-5, 1e-2, default)
    return searched(told, low=3e-4, high=8e-3, log=True, chosen=True)


def scale_jitter(default: float, *, most: float = 3.0, searched_to: float = 2.2) -> JsonObject:
    """How far crops are zoomed; a search varies it."""
    told = number("Scale jitter", "Crops are zoomed by 1/x to x at random.", 1.0, most, default)
    return searched(told, low=1.0, high=searched_to, chosen=True)


def colour_jitter(
    default: float, description: str = "How far brightness, contrast, colour and polarity are varied."
) -> JsonObject:
    """How far the look of crops is varied; a search varies it."""
    told = number("Intensity jitter", description, 0.0, 1.0, default)
    return searched(told, low=0.0, high=1.0, chosen=True)


def unsearched(setting: JsonObject) -> JsonObject:
    """The same setting where no search may vary it."""
    return {name: value for name, value in setting.items() if name != "search"}


DOUBT = flag(
    "Disputed pixels count less",
    "Where people of a crowd drew differently, a pixel counts for less in learning, down to a tenth where "
    "half of them took it in. Matters only for labels that came from a campaign; volumes count every pixel.",
    False,
)
SHARED: JsonObject = {
    "width": searched(
        choice(
            "Net size",
            "Wider nets see more detail and learn more slowly.",
            {
                "small": ("Small", "For quick trials and simple images."),
                "medium": ("Medium", "For most images."),
                "large": ("Large", "For many and varied images, with time to learn."),
            },
            "medium",
        ),
        chosen=True,
    ),
    "crop_px": searched(
        integer("Crop", "Side of the square crops that are learned from, in px.", 64, 512, 160),
        low=96,
        high=256,
        step=32,
    ),
    "batch": searched(integer("Batch", "Crops per step.", 1, 64, 8), values=[4, 8, 16]),
    "learning_rate": learning_rate(2e-3),
    "scale_jitter": scale_jitter(1.6),
    "colour_jitter": colour_jitter(1.0),
    "elastic_px": searched(
        number(
            "Bending",
            "How far, in px, crops are bent at random, as if they lay on a rubber sheet; 0 leaves shapes "
            "alone. For soft cells of which few are labelled; volumes are not bent.",
            0.0,
            24.0,
            0.0,
        ),
        low=0.0,
        high=12.0,
    ),
    "patience": {
        "type": ["integer", "null"],
        "title": "Patience",
        "description": "Stop when this many validations in a row bring no better score; empty means never.",
        "minimum": 2,
        "maximum": 1000,
        "default": None,
    },
    "flips": flag(
        "Average at prediction",
        "Predict from mirrored copies too, or for outlines from an enlarged one: better, and three to four "
        "times as slow.",
        True,
    ),
}
