"""A model's card as the engine writes it, for recipes that learn nothing. No Django here."""

from typing import Any

MODEL_CARD: dict[str, Any] = {
    "format": 1,
    "recipe": "instances",
    "net": {},
    "settings": {"target": "distance"},
    "channels": [1],
    "object_size_px": 12.0,
    "decoding": {},
    "scores": {"test": {"ap50": 0.5}},
    "seed": 0,
    "code_version": "test",
    "versions": {},
    "data_digest": "",
    "training": {},
}
