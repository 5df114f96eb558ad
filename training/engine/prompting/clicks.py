"""Where a person would click: on a cell at first, then where the answer is most wrong."""

import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage
from torch import Tensor
from torch.nn import functional

Mask = npt.NDArray[np.bool_]
_PEELS = 8


def deepest_point(mask: Mask) -> tuple[int, int]:
    """The pixel (y, x) of the mask that is farthest from its outline; the picture's border is an outline."""
    depth = ndimage.distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
    y, x = np.unravel_index(int(depth.argmax()), depth.shape)
    return int(y), int(x)


def interior_point(mask: Mask, rng: np.random.Generator) -> tuple[int, int]:
    """A random pixel of the inner half of the mask: not nearer to the outline than half of the largest
    depth.
    """
    depth = ndimage.distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
    places = np.argwhere(depth >= max(1.0, depth.max() / 2))
    y, x = places[rng.integers(len(places))]
    return int(y), int(x)


def next_click(truth: Mask, answer: Mask) -> tuple[int, int, int] | None:
    """(y, x, sign) at the deepest point of the largest connected error, or None when nothing is wrong.

    The usual protocol of interactive segmentation (Xu et al. 2016, arXiv 1603.04042; Sofiiuk et al. 2021).
    """
    wrong = truth != answer
    if not wrong.any():
        return None
    found = [(*_largest(truth & ~answer), 1), (*_largest(answer & ~truth), -1)]
    region, _, sign = max(found, key=lambda one: one[1])
    y, x = deepest_point(region)
    return y, x, sign


def _largest(wrong: Mask) -> tuple[Mask, int]:
    """The largest connected part, and its area; all False and 0 where there is none."""
    regions, count = ndimage.label(wrong)
    if count == 0:
        return wrong, 0
    sizes = np.bincount(regions.reshape(-1))[1:]
    return np.asarray(regions == sizes.argmax() + 1), int(sizes.max())


def depth_of(mask: Tensor) -> Tensor:
    """How often a mask (n, 1, y, x; 0 or 1) can be peeled before a pixel is gone, at most 8: a rough
    depth.
    """
    depth, left = mask.clone(), mask
    for _ in range(_PEELS):
        left = -functional.max_pool2d(functional.pad(-left, (1, 1, 1, 1)), 3, 1)
        depth += left
    return depth


def correct(
    truth: Tensor, logits: Tensor, known: Tensor, generator: torch.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """A corrective click for each of n answers, for training: (y, x, sign), each (n,), in px of the window.

    truth, known: (n, 1, y, x) in 0 … 1; logits the same shape. Deep errors are liked best, with some chance;
    where nothing is wrong, the sign is 0.
    """
    answer, wanted = logits > 0, truth > 0.5
    wrong = torch.cat([wanted & ~answer, answer & ~wanted], 1) & (known > 0)
    depth = depth_of(wrong.flatten(0, 1)[:, None].float()).view(wrong.shape)
    liked = depth * (0.6 + 0.4 * torch.rand(len(depth), 2, 1, 1, generator=generator))
    liked = liked + 0.9 * torch.rand(liked.shape, generator=generator) * (depth > 0)
    best = liked.flatten(1).argmax(1)
    height, width = truth.shape[2:]
    sign = torch.where(best < height * width, 1.0, -1.0)
    sign = sign * (depth.flatten(1).amax(1) > 0)
    place = best % (height * width)
    return place // width, place % width, sign
