"""Where cells may be, told without learning: the first step of R-CNN (Girshick et al. 2014, arXiv 1311.2524).

Three sources, since each fails where another holds: parts that stay connected over several brightness levels
(as in Matas et al. 2002, stable extremal regions), the same cut at their necks by a watershed, and blobs of
many sizes (Lindeberg 1998, scale-normalised Laplacian).
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage
from skimage.segmentation import watershed
from torchvision.ops import nms

LEVELS = 5
SAME = 0.8
"""Of two proposals whose IoU is larger one is enough."""
BLOB_SIDES = (1.0, 1.4)
"""Sides of a blob's box, in multiples of the size that it answers to best."""
_STEPS = 5
_LEAST_ANSWER = 0.02


def propose(pixels: npt.NDArray[np.float32], sizes: Sequence[float], most: int) -> npt.NDArray[np.float32]:
    """Boxes float32 (n, 4) as x0, y0, x1, y1 in a normalised picture (c, y, x), at most `most`, those that
    several sources tell first. `sizes`: sides of the cells in px, from which the search is stretched."""
    grey = ndimage.gaussian_filter(pixels.mean(0), 1.0)
    low, high = min(sizes) / 2, max(sizes) * 2
    boxes = np.concatenate([_regions(grey), _blobs(grey, sizes)])
    sides = np.sqrt(np.prod(boxes[:, 2:] - boxes[:, :2], axis=1))
    boxes = boxes[(sides >= low) & (sides <= high)].astype(np.float32)
    if not len(boxes):
        return np.zeros((0, 4), np.float32)
    table = torch.from_numpy(boxes)
    kept: npt.NDArray[np.int64] = nms(table, torch.from_numpy(_support(boxes)), SAME)[:most].numpy()
    return np.asarray(boxes[kept], np.float32)


def _regions(grey: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Boxes of connected parts above several levels, whole and cut at their necks."""
    found = [np.zeros((0, 4), np.float32)]
    for level in np.quantile(grey, np.linspace(0.3, 0.97, LEVELS)):
        above = ndimage.binary_fill_holes(grey > level)
        parts, _ = ndimage.label(above)
        found.append(_boxes(parts))
        depth = ndimage.gaussian_filter(ndimage.distance_transform_edt(above), 1.0)
        tops, _ = ndimage.label((depth == ndimage.maximum_filter(depth, 9)) & (depth > 2))
        cut: npt.NDArray[np.int32] = watershed(-depth, tops, mask=above)
        found.append(_boxes(cut))
    return np.concatenate(found)


def _boxes(parts: npt.NDArray[np.integer]) -> npt.NDArray[np.float32]:
    places = [place for place in ndimage.find_objects(parts) if place is not None]
    rows = [(x.start, y.start, x.stop, y.stop) for y, x in places]
    return np.asarray(rows, np.float32).reshape(-1, 4)


def _blobs(grey: npt.NDArray[np.float32], sizes: Sequence[float]) -> npt.NDArray[np.float32]:
    """Squares around the maxima of −σ² Laplacian over place and size; a disc of side s answers at s / √8."""
    sides = np.geomspace(min(sizes) * 0.8, max(sizes) * 1.2, _STEPS)
    sigmas = sides / np.sqrt(8)
    scales = np.stack([-(s**2) * ndimage.gaussian_laplace(grey, s) for s in sigmas])
    tops = (scales == ndimage.maximum_filter(scales, 3)) & (scales > _LEAST_ANSWER)
    which, y, x = np.nonzero(tops)
    squares = []
    for factor in BLOB_SIDES:
        half = sides[which] * factor / 2
        squares.append(np.stack([x - half, y - half, x + half, y + half], 1))
    boxes = np.concatenate(squares).reshape(-1, 4)
    limits = np.array([grey.shape[1], grey.shape[0]] * 2)
    return np.asarray(np.clip(boxes, 0, limits), np.float32)


def _support(boxes: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """How many other proposals lie about where each lies: those that many levels agree on are stable."""
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    sides = boxes[:, 2:] - boxes[:, :2]
    apart = np.abs(middles[:, None] - middles[None]).max(2) / np.maximum(sides[:, None].min(2), 1)
    unlike = np.abs(np.log(np.maximum(sides[:, None], 1) / np.maximum(sides[None], 1))).max(2)
    return np.asarray(((apart < 0.15) & (unlike < 0.2)).sum(1), np.float32)
