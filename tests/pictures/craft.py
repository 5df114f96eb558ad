"""Writes craft.json beside this file: what scikit-image and scipy answer, for the editor's image processing.

Run `python -m tests.pictures.craft` after a change; a test compares the committed file with what this says.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage import filters as untyped_filters
from skimage import segmentation as untyped_segmentation

HERE = Path(__file__).parent
TOLERANCES = (0, 3, 8, 20, 60)
Picture = NDArray[np.float64]
# scikit-image comes with types for some functions only.
filters: Any = untyped_filters
segmentation: Any = untyped_segmentation


def blobs(*, seed: int, height: int, width: int) -> Picture:
    """Bright round cells of whole grey values on uneven ground, with noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    picture = 20 + 0.3 * x + rng.normal(0, 2, (height, width))
    for _ in range(5):
        cy, cx = rng.uniform(0, height), rng.uniform(0, width)
        radius, light = rng.uniform(2, 5), rng.uniform(40, 120)
        picture += light / (1 + np.exp((np.hypot(y - cy, x - cx) - radius) * 1.5))
    return np.asarray(np.round(picture), dtype=np.float64)


def thresholds(picture: Picture) -> dict[str, float]:
    """One number for each method."""
    return {
        "otsu": float(filters.threshold_otsu(picture)),
        "triangle": float(filters.threshold_triangle(picture)),
        "li": float(filters.threshold_li(picture)),
        "percentile": float(np.percentile(picture, 37)),
    }


def markers_of(picture: Picture, mask: NDArray[np.bool_], count: int) -> NDArray[np.int32]:
    """Single pixels of different height: the order of equal ones is nobody's promise."""
    markers = np.zeros(picture.shape, dtype=np.int32)
    heights: set[float] = set()
    for flat in np.random.default_rng(count).permutation(np.flatnonzero(mask)):
        if len(heights) == count:
            break
        height = float(picture.ravel()[flat])
        if height not in heights:
            heights.add(height)
            markers.ravel()[flat] = len(heights)
    return markers


def basins(picture: Picture, mask: NDArray[np.bool_]) -> dict[str, Any]:
    """A watershed of the upturned picture from three pixels, within the mask."""
    markers = markers_of(picture, mask, 3)
    labels = segmentation.watershed(-picture, markers, mask=mask)
    return {"markers": markers.ravel().tolist(), "labels": labels.ravel().tolist()}


def case(*, seed: int, height: int, width: int) -> dict[str, Any]:
    """One picture and all answers to it; arrays are flat."""
    picture = blobs(seed=seed, height=height, width=width)
    mask = picture > np.percentile(picture, 60)
    brightest = np.unravel_index(int(picture.argmax()), picture.shape)
    return {
        "name": f"blobs {seed}, {height} x {width}",
        "height": height,
        "width": width,
        "picture": picture.astype(int).ravel().tolist(),
        "mask": mask.astype(int).ravel().tolist(),
        "gaussian_1.5": rounded(ndimage.gaussian_filter(picture, 1.5, mode="nearest")),
        "sobel": rounded(filters.sobel(picture)),
        "thresholds": thresholds(picture),
        "local_mean_5": rounded(filters.threshold_local(picture, 5, method="mean")),
        "distance": rounded(ndimage.distance_transform_edt(mask)),
        "watershed": basins(picture, mask),
        "flood": {
            str(tolerance): segmentation.flood(picture, brightest, tolerance=tolerance)
            .astype(int)
            .ravel()
            .tolist()
            for tolerance in TOLERANCES
        },
    }


def rounded(values: Picture) -> list[float]:
    """Flat, to five digits after the point."""
    flat: list[float] = np.round(values, 5).ravel().tolist()
    return flat


def cases() -> list[dict[str, Any]]:
    """All pictures of craft.json."""
    sizes = ((1, 18, 25), (2, 25, 18), (3, 20, 20), (4, 12, 40), (5, 31, 17))
    return [case(seed=seed, height=height, width=width) for seed, height, width in sizes]


if __name__ == "__main__":
    (HERE / "craft.json").write_text(json.dumps(cases()) + "\n", encoding="utf-8")
