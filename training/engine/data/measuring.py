"""What can be measured of outlined cells without a net: size, shape, and the light of each channel."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

SHAPES = ("area_px", "length_px", "width_px", "elongation", "roundness")

Floats = npt.NDArray[np.float64]


def names(channels: Sequence[str]) -> list[str]:
    """What `measure` measures, in its order: shapes, then mean and spread of each channel."""
    return [*SHAPES, *(f"{kind}: {name}" for name in channels for kind in ("mean", "spread"))]


def measure(
    pixels: npt.NDArray[np.generic], labels: npt.NDArray[np.uint32]
) -> tuple[npt.NDArray[np.uint32], Floats, Floats]:
    """Measures every cell of a frame at once, from sums over its pixels.

    pixels: (c, y, x) as recorded; labels: uint32 (p, y, x), a pixel may be of several cells. Answers ids
    (n,), ascending; middles float64 (n, 2), y and x in px; and values float64 (n, 5 + 2c), as `names` lists
    them. Length and width are the axes of the ellipse with the same second moments, roundness is 4π·area /
    perimeter², 1 for a disc, the perimeter counted in pixel edges × π/4, which is right on average for all
    directions.
    """
    planes, y, x = np.nonzero(labels)
    ids, numbers = np.unique(labels[planes, y, x], return_inverse=True)
    count = len(ids)

    def total(weights: Floats | None = None) -> Floats:
        return np.bincount(numbers, weights, count).astype(np.float64)

    area = total()
    middle_y, middle_x = total(y.astype(np.float64)) / area, total(x.astype(np.float64)) / area
    dy, dx = y - middle_y[numbers], x - middle_x[numbers]
    length, width = _axes(total(dy * dy) / area, total(dx * dx) / area, total(dy * dx) / area)
    edges = total(_open_sides(labels)[planes, y, x].astype(np.float64))
    roundness = np.minimum(4 * np.pi * area / np.maximum(edges * np.pi / 4, 1) ** 2, 1.0)
    values = [area, length, width, length / width, roundness]
    for channel in pixels:
        light = np.nan_to_num(channel[y, x].astype(np.float64), posinf=0.0, neginf=0.0)
        mean = total(light) / area
        values += [mean, np.sqrt(total((light - mean[numbers]) ** 2) / area)]
    return ids, np.stack([middle_y, middle_x], 1), np.stack(values, 1)


def _axes(yy: Floats, xx: Floats, yx: Floats) -> tuple[Floats, Floats]:
    """Full axes of the ellipses with these central moments, at least a pixel's own extent."""
    middle = (yy + xx) / 2
    swing = np.hypot((yy - xx) / 2, yx)
    long, short = np.maximum(middle + swing, 1 / 12), np.maximum(middle - swing, 1 / 12)
    return 4 * np.sqrt(long), 4 * np.sqrt(short)


def _open_sides(labels: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
    """How many of each pixel's four sides face something else, uint8 (p, y, x)."""
    padded = np.pad(labels, ((0, 0), (1, 1), (1, 1)))
    around = (padded[:, :-2, 1:-1], padded[:, 2:, 1:-1], padded[:, 1:-1, :-2], padded[:, 1:-1, 2:])
    sides: npt.NDArray[np.uint8] = np.sum([side != labels for side in around], axis=0, dtype=np.uint8)
    return sides
