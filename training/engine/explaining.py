"""Where a classifier looks: maps of a cell's crop that say which pixels speak for the class that was told.

Two ways that check each other. Integrated gradients (Sundararajan et al. 2017, arXiv 1703.01365) add up over
the pixels to the difference that the crop makes against an even grey one, with a sign for and against the
class; Grad-CAM (Selvaraju et al. 2017, arXiv 1610.02391) weighs the net's last maps, coarse but steady. Both
by Captum (Kokhlikyan et al. 2020, arXiv 2009.07896).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from captum.attr import IntegratedGradients, LayerGradCam
from torch import Tensor, nn
from torch.nn import functional

from training.engine.data.cell_crops import present
from training.engine.devices import Device
from training.engine.nets.backbones import Classifier

STEPS = 24
"""Points on the way from grey to the crop at which gradients are taken."""
AT_ONCE = 16


@dataclass(frozen=True)
class Maps:
    """Maps of crops: `signed` float32 (n, s, s), above 0 for the class, below against it; `coarse` float32
    (n, s, s), from 0."""

    signed: npt.NDArray[np.float32]
    coarse: npt.NDArray[np.float32]


def explain(
    net: Classifier,
    windows: npt.NDArray[np.float16],
    told: npt.NDArray[np.int64],
    *,
    mask: str,
    device: Device,
) -> Maps:
    """Maps of crops float16 (n, channels + 1, s, s), the last plane the mask, for classes told int64 (n,).

    The outline is given to the net as it is and gets no share: the maps speak of the picture.
    """
    net.eval()
    signed, coarse = [], []
    for start in range(0, len(windows), AT_ONCE):
        crops = device.place_plain(torch.from_numpy(windows[start : start + AT_ONCE].astype(np.float32)))
        target = device.place_plain(torch.from_numpy(told[start : start + AT_ONCE]))
        signed.append(_integrated(net, crops, target, mask))
        coarse.append(_class_activation(net, crops, target, mask))
    empty = np.zeros((0, *windows.shape[2:]), np.float32)
    return Maps(np.concatenate([*signed, empty]), np.concatenate([*coarse, empty]))


def share_inside(weights: npt.NDArray[np.float32], inside: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Share of each map's positive mass (n, s, s) that lies inside (n, s, s); 0 for a map without any."""
    mass = np.clip(weights, 0, None).astype(np.float64)
    return np.asarray((mass * inside).sum((1, 2)) / np.maximum(mass.sum((1, 2)), 1e-12))


def last_maps(net: Classifier) -> nn.Module:
    """The layer whose maps the pooling averages: the last that still knows where."""
    body = net.body
    if net.backbone == "small":
        return next(layer for layer in reversed(list(body.children())) if not _pools(layer))
    found = body.layer4 if hasattr(body, "layer4") else body.features
    if not isinstance(found, nn.Module):
        raise TypeError(f"The backbone {net.backbone} has no maps.")
    return found


def _pools(layer: nn.Module) -> bool:
    return isinstance(layer, nn.AdaptiveAvgPool2d)


def _asked(net: Classifier, outlines: Tensor, mask: str) -> Callable[[Tensor], Tensor]:
    """The net as a function of pixels alone; the outlines are repeated as the pixels are."""

    def ask(pixels: Tensor) -> Tensor:
        repeated = outlines.repeat(len(pixels) // len(outlines), 1, 1, 1)
        said: Tensor = net(present(torch.cat([pixels, repeated], 1), mask))
        return said

    return ask


def _integrated(net: Classifier, crops: Tensor, target: Tensor, mask: str) -> npt.NDArray[np.float32]:
    pixels, outlines = crops[:, :-1], crops[:, -1:]
    grey = pixels.flatten(2).median(2).values[:, :, None, None].expand_as(pixels)
    attribution = IntegratedGradients(_asked(net, outlines, mask))
    found: Tensor = attribution.attribute(pixels, baselines=grey, target=target, n_steps=STEPS)
    return np.asarray(found.sum(1).detach().float().cpu().numpy(), np.float32)


def _class_activation(net: Classifier, crops: Tensor, target: Tensor, mask: str) -> npt.NDArray[np.float32]:
    attribution = LayerGradCam(net, last_maps(net))
    found = attribution.attribute(present(crops, mask), target=target, relu_attributions=True)
    assert isinstance(found, Tensor)
    side = crops.shape[-1]
    large = functional.interpolate(found.detach().float(), (side, side), mode="bilinear")
    return np.asarray(large[:, 0].cpu().numpy(), np.float32)
