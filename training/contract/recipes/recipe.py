"""What a recipe says of itself, and the words of which its settings are made."""

from dataclasses import asdict, dataclass
from enum import StrEnum

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
    """A vector for each cell that is there: `outputs/ID.npy`, in the order of `outputs/ID.json`."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """One programme of the engine, started as `python -m training.engine.recipes.<name> RUN`.

    `reads_cells`: to predict, it needs the cells of an image, not its pixels alone. `needs_labels`: it learns
    from labelled images; else the images alone say what is to be learned.
    """

    name: str
    title: str
    description: str
    settings_schema: JsonObject
    makes: Makes = Makes.LABELS
    reads_cells: bool = False
    needs_labels: bool = True

    def to_json(self) -> JsonObject:
        """What the list of recipes in REST shows."""
        return asdict(self)


def choice(title: str, description: str, values: list[str], default: str) -> JsonObject:
    """One of several words."""
    return {"type": "string", "title": title, "description": description, "enum": values, "default": default}


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


def schema(title: str, properties: JsonObject) -> JsonObject:
    """The form of a recipe."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }


SHARED: JsonObject = {
    "width": choice(
        "Net size",
        "Wider nets see more detail and learn more slowly.",
        ["small", "medium", "large"],
        "medium",
    ),
    "crop_px": integer("Crop", "Side of the square crops that are learned from, in px.", 64, 512, 160),
    "batch": integer("Batch", "Crops per step.", 1, 64, 8),
    "learning_rate": number("Learning rate", "Peak step size of AdamW.", 1e-5, 1e-2, 2e-3),
    "scale_jitter": number("Scale jitter", "Crops are zoomed by 1/x to x at random.", 1.0, 3.0, 1.6),
    "colour_jitter": number(
        "Intensity jitter", "How far brightness, contrast, colour and polarity are varied.", 0.0, 1.0, 1.0
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
        "Predict from mirrored copies too, and for outlines from an enlarged one: better, and slower.",
        True,
    ),
}
