"""A movie of a run as detections, and its labels under new names; one time point in memory at a time."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import zarr

from training.contract.linking import Renamed
from training.engine.data.images import LabelledImage
from training.engine.errors import RunRefused, UnreadableImage
from training.engine.linking.detections import Detections, gather, measure_frame
from training.engine.volumes.choosing import told_anisotropy

Pause = Callable[[float], None]


class NoPixelSize(RunRefused):
    """A distance was given in µm, but the image does not say how large its pixels are."""


def detections_of(image: LabelledImage, pause: Pause) -> Detections:
    """Every cell of every frame. Raises UnreadableImage."""
    frames, z_step = [], told_anisotropy(image) or 1.0
    count = image.pixels.shape[0]
    for t in range(count):
        frames.append(measure_frame(read_labels(image, t), _read_pixels(image, t), z_step))
        pause((t + 1) / count)
    _, _, z, y, x = image.pixels.shape
    return gather(frames, (z, y, x), z_step)


def read_labels(image: LabelledImage, t: int) -> npt.NDArray[np.uint32]:
    """Labels uint32 (p, z, y, x) of one time point, ignored cells too. Raises UnreadableImage."""
    if image.labels is None:
        raise UnreadableImage(
            f"{image.line.name} has no outlined cells; outline them, or predict them first."
        )
    try:
        return np.asarray(image.labels[:, t], np.uint32)
    except (OSError, ValueError, RuntimeError, zarr.errors.BaseZarrError) as error:
        raise UnreadableImage(f"The labels of {image.line.name} cannot be read at t {t}: {error}") from None


def _read_pixels(image: LabelledImage, t: int) -> npt.NDArray[Any]:
    return np.stack([image.read(t, z) for z in range(image.pixels.shape[2])], axis=1)


def write_renamed(image: LabelledImage, renamed: Renamed, output: "zarr.Array[Any]", pause: Pause) -> None:
    """The labels of the image with the cells' new ids, frame by frame."""
    planes = 1 if image.labels is None else image.labels.shape[0]
    if planes > output.shape[0]:
        output.resize((planes, *output.shape[1:]))
    count = image.pixels.shape[0]
    bounds = np.searchsorted(renamed.t, np.arange(count + 1))
    for t in range(count):
        labels = read_labels(image, t)
        was, now = (column[bounds[t] : bounds[t + 1]] for column in (renamed.was, renamed.cell))
        place = np.searchsorted(was, labels)
        new = np.append(now, 0)[np.minimum(place, len(now))]
        output[:, t] = np.where(labels > 0, new, 0).astype(np.uint32)
        pause((t + 1) / count)


def pixel_um(image: LabelledImage) -> float:
    """Side of a pixel in µm. Raises NoPixelSize where the image does not say."""
    attributes: dict[str, Any] = zarr.open_group(image.line.image, mode="r").attrs.asdict()
    multiscale = attributes.get("ome", attributes).get("multiscales", [{}])[0]
    units = [axis.get("unit") for axis in multiscale.get("axes") or [{}]]
    changes = multiscale.get("datasets", [{}])[0].get("coordinateTransformations") or []
    if units[-1] is None or not changes or changes[0]["scale"][-1] <= 0:
        raise NoPixelSize(
            f"The largest step is given in µm, but {image.line.name} does not say how large its pixels are; "
            "give it in px or in spacings."
        )
    return float(changes[0]["scale"][-1])
