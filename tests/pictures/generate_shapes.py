"""Writes shapes.json and floods.json beside this file: what scikit-image and scipy make of small masks.

The editor's morphology and fill are written in TypeScript and are held to these answers. Run
`python -m tests.pictures.generate_shapes` after a change; a test compares the committed files with what
this says.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage import measure as untyped_measure
from skimage import morphology as untyped_morphology
from skimage import segmentation as untyped_segmentation

from annotation.core import edits

measure: Any = untyped_measure
morphology: Any = untyped_morphology
segmentation: Any = untyped_segmentation

HERE = Path(__file__).parent
HEIGHT, WIDTH = 40, 52

Mask = NDArray[np.bool_]


def blob(seed: int, coarseness_px: float, threshold: float) -> Mask:
    """A random mask, smooth over so many pixels; larger thresholds give fewer pixels."""
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=(HEIGHT, WIDTH)), coarseness_px)
    mask: Mask = noise > threshold * noise.std()
    return mask


def runs(mask: NDArray[Any]) -> list[int]:
    return list(edits.runs_of_mask(np.asarray(mask, bool)))


def largest(mask: Mask) -> Mask:
    parts = measure.label(mask, connectivity=2)
    chosen: Mask = parts == 1 + int(np.argmax(np.bincount(parts.ravel())[1:]))
    return chosen


def without_small(mask: Mask, smallest_px: int) -> Mask:
    """Parts of at least so many pixels; corners join."""
    parts = measure.label(mask, connectivity=2)
    kept: Mask = (np.bincount(parts.ravel())[parts] >= smallest_px) & mask
    return kept


def median(mask: Mask, radius_px: int) -> NDArray[Any]:
    smooth: NDArray[Any] = ndimage.median_filter(
        mask.astype(np.uint8), footprint=morphology.disk(radius_px), mode="nearest"
    )
    return smooth


def opened_closed(mask: Mask, radius_px: int) -> NDArray[Any]:
    closed: NDArray[Any] = morphology.isotropic_closing(
        morphology.isotropic_opening(mask, radius_px), radius_px
    )
    return closed


def answers(mask: Mask) -> list[dict[str, Any]]:
    """Each operation of the editor with its answer."""
    sized: dict[str, tuple[Callable[[Mask, int], NDArray[Any]], tuple[int, ...]]] = {
        "grow": (morphology.isotropic_dilation, (1, 2, 5)),
        "shrink": (morphology.isotropic_erosion, (1, 2)),
        "median": (median, (1, 3)),
        "opening-closing": (opened_closed, (1, 2)),
        "remove-small": (without_small, (6, 40)),
    }
    rows = [
        {"kind": kind, "n": n, "runs": runs(operation(mask, n))}
        for kind, (operation, numbers) in sized.items()
        for n in numbers
    ]
    plain = {
        "hull": morphology.convex_hull_image(mask, offset_coordinates=False),
        "fill-holes": ndimage.binary_fill_holes(mask),
        "trim": largest(mask),
    }
    return rows + [{"kind": kind, "n": 0, "runs": runs(result)} for kind, result in plain.items()]


def shape_cases() -> list[dict[str, Any]]:
    masks = {
        "coarse, over the border": blob(1, 4, 0.3),
        "fine, in many parts": blob(2, 1.5, 0.8),
        "with holes": blob(3, 2, -0.4),
        "one large part": largest(blob(4, 5, 0.2)),
        "a ring": np.hypot(*np.mgrid[-20:20, -26:26]) // 6 == 2,
    }
    return [
        {"name": name, "height": HEIGHT, "width": WIDTH, "runs": runs(mask), "answers": answers(mask)}
        for name, mask in masks.items()
    ]


def labels_stack(seed: int) -> NDArray[np.uint8]:
    """Three planes of labels 0 to 3, alike from plane to plane."""
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=(3, 24, 30)), (0.6, 1.3, 1.3))
    labels: NDArray[np.uint8] = np.digitize(noise / noise.std(), [-0.6, 0.2, 1.0]).astype(np.uint8)
    return labels


def flood_cases() -> list[dict[str, Any]]:
    """Seeds in a stack, with what joins them in the plane, in the stack, or only by their label."""
    cases = []
    for seed in range(4):
        stack = labels_stack(seed)
        z, y, x = (int(v) for v in np.random.default_rng(seed).integers((3, 24, 30)))
        found = {
            "plane": planes(segmentation.flood(stack[z], (y, x), connectivity=1), z),
            "plane diagonal": planes(segmentation.flood(stack[z], (y, x), connectivity=2), z),
            "stack": planes(segmentation.flood(stack, (z, y, x), connectivity=1)),
            "stack diagonal": planes(segmentation.flood(stack, (z, y, x), connectivity=3)),
            "all of the stack": planes(stack == stack[z, y, x]),
        }
        cases.append({"labels": stack.tolist(), "z": z, "y": y, "x": x, "found": found})
    return cases


def planes(found: NDArray[Any], z: int = 0) -> dict[str, list[int]]:
    """Runs a plane; a plane alone is plane z."""
    stacked = found[None] if found.ndim == 2 else found
    return {str(z + i): runs(plane) for i, plane in enumerate(stacked)}


def main() -> None:
    for name, cases in (("shapes.json", shape_cases()), ("floods.json", flood_cases())):
        lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
        (HERE / name).write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
