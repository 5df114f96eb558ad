"""Whether stacks are learned as volumes, and how coarse their slices are."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import zarr
from scipy import ndimage

from training.engine.data.images import LabelledImage
from training.engine.errors import NothingToLearn

SLICES, VOLUME = "slices", "volume"
LEAST_SLICES = 4
"""Stacks of fewer slices are read slice by slice unless volumes are asked for."""
LEAST_SLICES_UNLABELLED = 8
_REACHING = 0.5
_LOOKED_AT = 4
"""Images whose labels are looked at to choose."""
_LIMITS = (0.25, 16.0)

Labels = npt.NDArray[np.uint32]


def wants_volumes(settings: Mapping[str, Any], images: Sequence[LabelledImage]) -> bool:
    """Whether stacks are to be learned as volumes: as the setting `volumes` says, or as the data ask for.

    Raises NothingToLearn where volumes are asked for and an image has a single slice.
    """
    asked = settings.get("volumes", SLICES)
    flat = [image.line.name for image in images if _slices(image) < 2]
    if asked == VOLUME and flat:
        raise NothingToLearn(
            f"{flat[0]} has a single slice, so it is no volume; leave it out, or learn slice by slice."
        )
    if asked in (SLICES, VOLUME):
        return bool(asked == VOLUME)
    if all(image.labels is None for image in images):
        return min(map(_slices, images)) >= LEAST_SLICES_UNLABELLED
    if min(map(_slices, images)) < LEAST_SLICES:
        return False
    labelled = [image for image in images if image.labels is not None][:_LOOKED_AT]
    return float(np.mean([reach_over_slices(read_labels(image, 0)) for image in labelled])) > _REACHING


def reach_over_slices(labels: Labels) -> float:
    """Of the labelled voxels (z, y, x) with a labelled one in the next slice, the share that is one cell with
    it.

    Cells drawn over z share nearly all; labels that were made slice by slice share next to none, for their
    numbers begin anew.
    """
    here, there = labels[:-1], labels[1:]
    both = (here > 0) & (there > 0)
    return float((here == there)[both].mean()) if both.any() else 0.0


def read_labels(image: LabelledImage, t: int) -> Labels:
    """Labels uint32 (z, y, x) of one time point; where cells overlap, the plane that comes first has the
    voxel."""
    return np.stack([_flattened(image.read_labels(t, z)) for z in range(_slices(image))])


def read_truth(image: LabelledImage, t: int) -> tuple[Labels, npt.NDArray[np.bool_]]:
    """Labels as `read_labels`, without the ignored cells, and where nothing is known, bool (z, y, x)."""
    truths = [image.read_truth(t, z) for z in range(_slices(image))]
    labels = np.stack([_flattened(truth.labels) for truth in truths])
    return labels, np.stack([truth.ignored for truth in truths])


def anisotropy(images: Sequence[LabelledImage]) -> float:
    """Spacing of slices over spacing of pixels, the median over the images; from how high and how wide the
    labelled cells are where the images do not say."""
    found = [told for image in images if (told := told_anisotropy(image)) is not None]
    if not found:
        found = [r for image in images if image.labels is not None for r in _seen_anisotropies(image)]
    return round(float(np.clip(np.median(found), *_LIMITS)), 3) if found else 1.0


def told_anisotropy(image: LabelledImage) -> float | None:
    """As the image's metadata say it; None where they do not."""
    attributes = zarr.open_group(image.line.image, mode="r").attrs.asdict()
    ome: Any = attributes.get("ome", attributes)
    multiscale = ome.get("multiscales", [{}])[0]
    axes = multiscale.get("axes") or []
    changes = multiscale.get("datasets", [{}])[0].get("coordinateTransformations") or []
    if len(axes) != 5 or not all("unit" in axis for axis in axes[2:]) or not changes:
        return None
    _, _, z, y, x = changes[0]["scale"]
    return float(2 * z / (y + x)) if min(z, y, x) > 0 else None


def cell_sizes_px(labels: Labels, spacing: float) -> npt.NDArray[np.float64]:
    """Diameter of the ball of each cell's volume, in px of the plane, (cells,); labels: uint32 (z, y, x)."""
    _, voxels = np.unique(labels[labels > 0], return_counts=True)
    return np.asarray(np.cbrt(6 * voxels * spacing / np.pi), np.float64)


def _seen_anisotropies(image: LabelledImage) -> list[float]:
    """Width over height in voxels of every cell that does not touch the border of the stack."""
    labels = read_labels(image, 0)
    numbered = np.unique(labels, return_inverse=True)[1].reshape(labels.shape)
    numbered = numbered + (0 if labels.min() == 0 else 1)
    found = []
    for box in ndimage.find_objects(numbered):
        whole = box is not None and all(
            s.start > 0 and s.stop < length for s, length in zip(box, labels.shape, strict=True)
        )
        if box is not None and whole:
            high, tall, wide = (s.stop - s.start for s in box)
            found.append((tall + wide) / 2 / high)
    return found


def _slices(image: LabelledImage) -> int:
    return int(image.pixels.shape[2])


def _flattened(planes: Labels) -> Labels:
    """(p, y, x) → (y, x): the first plane that has a cell."""
    result: Labels = planes[0]
    for plane in planes[1:]:
        result = np.where(result > 0, result, plane).astype(np.uint32)
    return result
