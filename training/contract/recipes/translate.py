"""Channels from channels."""

from training.contract.fields import JsonObject
from training.contract.recipes.recipe import (
    SHARED,
    VOLUMES,
    Makes,
    Recipe,
    choice,
    colour_jitter,
    flag,
    number,
    scale_jitter,
    schema,
    unsearched,
)


def _channels(title: str, description: str) -> JsonObject:
    return {
        "type": "array",
        "title": title,
        "description": description,
        "items": {"type": "string"},
        "default": [],
        "format": "channels",
    }


SETTINGS: JsonObject = {
    "inputs": _channels(
        "Input channels",
        "Channels that are recorded, by name or by number from 1; empty means all but those to predict.",
    ),
    "targets": _channels(
        "Channels to predict", "Channels of the same images that are to be predicted, by name or by number."
    ),
    "z_stack": flag(
        "Whole stack as input",
        "All slices of the input are seen at once and one plane is predicted: the brightest of the slices.",
        False,
    ),
    "brightness": choice(
        "Brightness of the targets",
        "What grey values of the targets mean.",
        {
            "same": ("The same in all images", "One microscope, one exposure."),
            "own": ("A range of its own in each image", "Exposures differ: only the pattern is learned."),
        },
        "same",
    ),
    "volumes": VOLUMES,
    **SHARED,
    "scale_jitter": unsearched(scale_jitter(1.15)),
    "colour_jitter": unsearched(
        colour_jitter(0.3, "How far brightness, contrast and noise of the input are varied.")
    ),
    "interval": number(
        "Interval",
        "Share of the pixels whose true value shall lie inside the interval that is told.",
        0.5,
        0.99,
        0.9,
    ),
}

RECIPE = Recipe(
    name="translate",
    title="Channels from channels",
    description="Predicts a channel that was not recorded, fluorescence from bright field for instance, with "
    "its uncertainty in every pixel. Learns from images that have both channels; needs no labels.",
    settings_schema=schema("Channels from channels", SETTINGS),
    score="mean_r",
    makes=Makes.IMAGES,
    needs_labels=False,
)
