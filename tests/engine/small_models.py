"""Models with small nets that nobody trained, whose maps are far from every threshold."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from tests.engine.conftest import discs
from training.contract.recipes import complete_settings
from training.contract.results import ModelCard
from training.engine import trained
from training.engine.data.normalising import look_at, normalise
from training.engine.decoding.quality import Calibration
from training.engine.instance_kinds import KINDS
from training.engine.nets.backbones import Classifier
from training.engine.nets.unet import UNet
from training.engine.novelty import learn_familiar

WIDTHS = (16, 32, 64)


def card_of(recipe: str, net: Any, settings: dict[str, Any], decoding: dict[str, Any]) -> ModelCard:
    """A card as training writes it."""
    return ModelCard(
        recipe=recipe,
        net=net.describe(),
        settings=complete_settings(recipe, settings),
        channels=[net.channels],
        object_size_px=18.0,
        decoding=decoding,
        scores={"test": {"ap50": 0.81}},
        seed=0,
        code_version="test",
        versions={},
        data_digest="0123abcd",
        training={},
    )


def unet(channels: int, outputs: int) -> UNet:
    """Bright pixels are foreground, and nothing lies near a threshold."""
    torch.manual_seed(3)
    net = UNet(channels=channels, outputs=outputs, widths=WIDTHS)
    with torch.no_grad():
        net.head.weight *= 6
    return net


@torch.no_grad()
def with_foreground(net: UNet) -> UNet:
    """Discs are what the net tells best from the ground: foreground, and seeds, by their mean."""
    frame, labels = discs(5)
    seen = normalise(frame[None], look_at(frame[None]), net.channels)
    said = net.eval()(torch.from_numpy(seen)[None])[0]
    inside = torch.from_numpy(labels > 0)
    on, off = said[1][inside].mean(), said[1][~inside].mean()
    turn = 8 / (on - off)
    weight, bias = net.head.weight[1] * turn, (net.head.bias[1] - (on + off) / 2) * turn
    net.head.weight[:2], net.head.bias[:2] = weight, bias
    return net


def instances(folder: Path, target: str = "distance", *, flips: bool = True, channels: int = 1) -> Path:
    """A model of instances."""
    kind = KINDS[target]
    net = with_foreground(unet(channels, kind.outputs))
    decoding = {**kind.decodings[0], "calibration": list(Calibration().weights), "chance": 0.0}
    trained.save(folder, net, card_of("instances", net, {"target": target, "flips": flips}, decoding))
    return folder


def semantic(folder: Path) -> Path:
    """A model of semantic with two classes."""
    net = unet(2, 3)
    trained.save(folder, net, card_of("semantic", net, {"classes": ["ring", "rod"]}, {"size_px": 4}))
    return folder


def translate(folder: Path) -> Path:
    """A model that predicts DAPI from two channels."""
    net = unet(2, 2)
    familiar = learn_familiar([np.random.default_rng(0).random((2, 64, 64), np.float32)])
    decoding = {
        "inputs": ["Channel 1", "Channel 2"], "targets": ["DAPI"], "z_stack": False, "factors": [1.0],
        "low": [0.0], "span": [100.0], "usual": 1.0, "shared": False, "familiar": familiar.to_json(),
    }  # fmt: skip
    trained.save(folder, net, card_of("translate", net, {"targets": ["DAPI"]}, decoding))
    return folder


def classify(folder: Path, *, backbone: str = "small", mask: str = "channel", channels: int = 1) -> Path:
    """A model that tells live cells from dead ones."""
    torch.manual_seed(3)
    net = Classifier(backbone=backbone, channels=channels, mask=mask == "channel", outputs=2)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d) and module.running_var is not None:
            nn.init.uniform_(module.running_var, 0.5, 1.5)
    settings = {"classes": ["live", "dead"], "backbone": backbone, "mask": mask}
    trained.save(folder, net, card_of("classify", net, settings, {"field_px": 30.0, "temperature": 1.3}))
    return folder
