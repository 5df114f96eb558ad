"""Feature pyramids (Lin et al. 2017, arXiv 1612.03144) over torchvision's backbones, built without download.

A fresh backbone is normalised by groups (Wu & He 2018, arXiv 1803.08494), which batches of a few crops do
not disturb; one whose published weights are loaded keeps its batch statistics frozen.
"""

import itertools
import math
from collections import OrderedDict
from pathlib import Path

import torchvision
from torch import Tensor, nn
from torchvision.models.detection.backbone_utils import BackboneWithFPN
from torchvision.models.resnet import BasicBlock
from torchvision.ops import FrozenBatchNorm2d
from torchvision.ops.feature_pyramid_network import ExtraFPNBlock

from training.engine.errors import WrongModel
from training.engine.nets.backbones import adapt_first, read_weights

RESNETS = {"resnet18": 1, "resnet34": 1, "resnet50": 4}
"""Name → how much wider its stages are than 64, 128, 256, 512."""
SMALL_WIDTHS = (24, 32, 64, 96, 128)
"""Channels of the small backbone at 1/2, 1/4, … 1/32."""
MOBILE_STAGES = {"3": 24, "6": 40, "12": 112, "16": 960}
"""Last layer of each stage of MobileNet v3 (large) at 1/4, 1/8, 1/16, 1/32 → its channels."""
WIDTHS = {"small": 64, "medium": 96, "large": 256}
LEVELS = ("0", "1", "2", "3")
"""The pyramid's levels: 1/4, 1/8, 1/16 and 1/32 of the resolution."""


class NoFurtherLevel(ExtraFPNBlock):  # type: ignore[misc]  # torchvision comes without types
    """Leaves the pyramid at its four levels: cells are never so large that a fifth would find more."""

    def forward(
        self, results: list[Tensor], x: list[Tensor], names: list[str]
    ) -> tuple[list[Tensor], list[str]]:
        """The levels as they are."""
        return results, names


def by_groups(channels: int) -> nn.GroupNorm:
    """Normalisation in groups of at least 8 channels where there are so many."""
    return nn.GroupNorm(math.gcd(channels, max(1, min(8, channels // 8))), channels)


def build_pyramid(name: str, *, channels: int, width: int, frozen_norm: bool) -> BackboneWithFPN:
    """The backbone `name` for pictures of `channels` channels, and a pyramid of `width` channels a level."""
    body = _build_body(name, frozen_norm=frozen_norm)
    adapt_first(body, channels, mask=False)
    stages = {f"layer{place + 1}": level for place, level in enumerate(LEVELS)}
    if name == "small":
        inputs = list(SMALL_WIDTHS[1:])
    elif name in RESNETS:
        inputs = [64 * 2**i * RESNETS[name] for i in range(4)]
    else:
        stages, inputs = dict(zip(MOBILE_STAGES, LEVELS, strict=True)), list(MOBILE_STAGES.values())
    return BackboneWithFPN(body, stages, inputs, width, NoFurtherLevel())


def load_published(pyramid: BackboneWithFPN, name: str, channels: int, path: Path) -> None:
    """Puts torchvision's weights for the backbone `name` into the pyramid; classes are left aside.

    Raises WrongModel.
    """
    if name == "small":
        raise WrongModel("There are no published weights for the small backbone; choose another, or none.")
    given = {key.removeprefix("features."): value for key, value in read_weights(path).items()}
    body = _build_body(name, frozen_norm=True)
    wanted = {key: value for key, value in body.state_dict().items() if not key.startswith("fc.")}
    missing = [key for key, value in wanted.items() if given.get(key, value[:0]).shape != value.shape]
    if missing:
        raise WrongModel(
            f"{path.name} does not hold torchvision's weights of {name}: {missing[0]} is missing or of "
            f"another size ({len(missing)} of {len(wanted)} are). Give the file made for this net."
        )
    body.load_state_dict({key: given[key] for key in wanted}, strict=False)
    adapt_first(body, channels, mask=False)
    published = body.state_dict()
    pyramid.body.load_state_dict({key: published[key] for key in pyramid.body.state_dict()})


def _build_body(name: str, *, frozen_norm: bool) -> nn.Module:
    if name == "small":
        return _small_body()
    norm = FrozenBatchNorm2d if frozen_norm else by_groups
    if name in RESNETS:
        built: nn.Module = torchvision.models.get_model(name, weights=None, norm_layer=norm)
        return built
    mobile = torchvision.models.mobilenet_v3_large(weights=None, norm_layer=norm)
    features: nn.Module = mobile.features
    return features


def _small_body() -> nn.Module:
    """A stem and four stages of one residual block each."""
    stem = nn.Sequential(
        nn.Conv2d(3, SMALL_WIDTHS[0], 3, 2, 1, bias=False),
        by_groups(SMALL_WIDTHS[0]),
        nn.ReLU(inplace=True),
    )
    pairs = enumerate(itertools.pairwise(SMALL_WIDTHS), start=1)
    stages = {f"layer{place}": _stage(inputs, outputs) for place, (inputs, outputs) in pairs}
    return nn.Sequential(OrderedDict(stem=stem, **stages))


def _stage(inputs: int, outputs: int) -> nn.Module:
    """(b, inputs, y, x) → (b, outputs, y / 2, x / 2)"""
    shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, 2, bias=False), by_groups(outputs))
    stage: nn.Module = BasicBlock(inputs, outputs, 2, shortcut, norm_layer=by_groups)
    return stage
