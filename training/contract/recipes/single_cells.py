"""Settings of recipes that look at one cell at a time: the net, which cell is meant, how large it is seen."""

from collections.abc import Mapping

from training.contract.fields import JsonObject
from training.contract.recipes.recipe import Words, choice, integer, number

BACKBONES: Mapping[str, Words] = {
    "small": ("Small", "Quick; learns from a few hundred cells."),
    "tiny": ("Tiny", "Decides in a fraction of a millisecond, for sorting while cells flow by."),
    "resnet18": ("ResNet-18", "ImageNet's, best with published weights."),
    "resnet34": ("ResNet-34", "ImageNet's, deeper and slower, best with published weights."),
    "efficientnet_b0": ("EfficientNet-B0", "ImageNet's, light, best with published weights."),
    "convnext_tiny": ("ConvNeXt-Tiny", "ImageNet's, the largest here, best with published weights."),
}
NET: JsonObject = choice("Net", "What looks at a cell.", BACKBONES, "small")
MASK: JsonObject = choice(
    "Outline",
    "How the net is told which cell is meant.",
    {
        "channel": ("As a channel", "Its outline as a further channel."),
        "dim": ("Surroundings dimmed", "Everything around it is made darker."),
        "none": ("Not at all", "The net sees the crop as it is."),
    },
    "channel",
)
CROP_PX: JsonObject = integer("Crop", "Side of the square in which the net sees a cell, in px.", 48, 224, 64)
SURROUNDINGS: JsonObject = number(
    "Surroundings", "Side of the crop in multiples of the cell's length.", 1.0, 4.0, 1.4
)
MOST_SCALE_JITTER = 2.0


def fit(default: str) -> JsonObject:
    """Whether all cells are seen at one magnification."""
    return choice(
        "Magnification",
        "How large the net sees a cell.",
        {
            "same": ("One for all cells", "A cell's size tells."),
            "each": ("Every cell fills its crop", "Looks count, and size does not."),
        },
        default,
    )
