"""Reading the images and labels that a manifest names: OME-Zarr at full resolution, frame by frame."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import zarr
import zarr.errors

from training.contract.files import RunFolder, read_cells
from training.contract.manifest import ManifestLine
from training.contract.results import CellEntry
from training.engine.errors import UnreadableImage

_FAULTS = (OSError, ValueError, KeyError, TypeError, RuntimeError, zarr.errors.BaseZarrError)


@dataclass(frozen=True)
class Truth:
    """What people say of one frame: `labels` uint32 (p, y, x) without the ignored cells, and `ignored` bool
    (y, x), where nothing is learned and nothing scored. `weight` float32 (y, x) in 0..1: how much each pixel
    counts in learning, None for all of them alike."""

    labels: npt.NDArray[np.uint32]
    ignored: npt.NDArray[np.bool_]
    weight: npt.NDArray[np.float32] | None = None

    @staticmethod
    def of(labels: npt.NDArray[np.uint32]) -> "Truth":
        """Labels uint32 (p, y, x) that leave nothing open."""
        return Truth(labels, np.zeros(labels.shape[1:], np.bool_))


@dataclass(frozen=True)
class Frame:
    """One plane of one image: what a 2D net sees at a time."""

    image: int
    t: int
    z: int


class LabelledImage:
    """One image of a run with its labels, opened but not read. It has those channels that the run is shown:
    all of the file's, unless its line in the manifest names some."""

    def __init__(self, folder: RunFolder, line: ManifestLine) -> None:
        """Raises UnreadableImage when the image or its labels cannot be opened or do not fit each other."""
        self.line = line
        self.pixels, names = _open_image(line)
        self._shown = _shown(line, len(names))
        self.channel_names = tuple(names[place] for place in self._shown)
        self.labels = None if line.labels is None else _open_labels(folder, line)
        self.weights = _open_weights(folder, line)
        cells = _read_cells(folder, line)
        self.classes: Mapping[int, int] = {
            cell.cell: cell.class_index for cell in cells if cell.class_index is not None
        }
        self.mothers: Mapping[int, int] = {
            cell.cell: cell.mother for cell in cells if cell.mother is not None
        }
        self.ignored = np.array([cell.cell for cell in cells if cell.ignored], np.uint32)
        if self.labels is not None and self.labels.shape[1:] != self._expected_labels():
            raise UnreadableImage(
                f"The labels of {line.name} are {self.labels.shape[1:]} in t, z, y, x, but the image is "
                f"{self._expected_labels()}; they must be of one size."
            )

    def _expected_labels(self) -> tuple[int, ...]:
        t, _, z, y, x = self.pixels.shape
        return t, z, y, x

    @property
    def channels(self) -> int:
        """How many channels."""
        return len(self._shown)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of a frame in px."""
        return int(self.pixels.shape[3]), int(self.pixels.shape[4])

    @property
    def frames(self) -> list[tuple[int, int]]:
        """(t, z) of every frame, in order."""
        return [(t, z) for t in range(self.pixels.shape[0]) for z in range(self.pixels.shape[2])]

    def read(
        self, t: int, z: int, rows: slice = slice(None), columns: slice = slice(None)
    ) -> npt.NDArray[Any]:
        """Pixels (c, y, x) of one frame or a window of it, in the image's dtype. Raises UnreadableImage."""
        try:
            if self.line.channels is None:
                return np.asarray(self.pixels[t, :, z, rows, columns])
            return np.stack([np.asarray(self.pixels[t, c, z, rows, columns]) for c in self._shown])
        except _FAULTS as error:
            raise UnreadableImage(f"{self.line.name} cannot be read at t {t}, z {z}: {error}") from None

    def read_channel(
        self, t: int, c: int, z: int, rows: slice = slice(None), columns: slice = slice(None)
    ) -> npt.NDArray[Any]:
        """Pixels (y, x) of one channel of a frame or of a window of it. Raises UnreadableImage."""
        try:
            return np.asarray(self.pixels[t, self._shown[c], z, rows, columns])
        except _FAULTS as error:
            raise UnreadableImage(
                f"{self.line.name} cannot be read at t {t}, channel {c + 1}, z {z}: {error}"
            ) from None

    def read_labels(
        self, t: int, z: int, rows: slice = slice(None), columns: slice = slice(None)
    ) -> npt.NDArray[np.uint32]:
        """Labels uint32 (p, y, x) of one frame or a window of it, the ignored cells left out. Raises
        UnreadableImage."""
        return self.read_truth(t, z, rows, columns).labels

    def read_truth(self, t: int, z: int, rows: slice = slice(None), columns: slice = slice(None)) -> Truth:
        """Labels of one frame or a window of it, and where they say nothing. Raises UnreadableImage."""
        labels = self._read_all(t, z, rows, columns)
        hidden = np.isin(labels, self.ignored) if len(self.ignored) else np.zeros(labels.shape, np.bool_)
        ignored = np.logical_or.reduce(hidden, axis=0)
        weight = self._read_weight(t, z, rows, columns)
        return Truth(np.where(hidden, 0, labels).astype(np.uint32, copy=False), ignored, weight)

    def _read_weight(self, t: int, z: int, rows: slice, columns: slice) -> npt.NDArray[np.float32] | None:
        if self.weights is None:
            return None
        try:
            return np.asarray(self.weights[t, z, rows, columns], np.float32) / np.float32(255)
        except _FAULTS as error:
            raise UnreadableImage(
                f"The weights of {self.line.name} cannot be read at t {t}, z {z}: {error}"
            ) from None

    def _read_all(self, t: int, z: int, rows: slice, columns: slice) -> npt.NDArray[np.uint32]:
        if self.labels is None:
            raise UnreadableImage(f"{self.line.name} has no labels.")
        try:
            return np.asarray(self.labels[:, t, z, rows, columns], np.uint32)
        except _FAULTS as error:
            raise UnreadableImage(
                f"The labels of {self.line.name} cannot be read at t {t}, z {z}: {error}"
            ) from None


def _open_image(line: ManifestLine) -> tuple[zarr.Array[Any], tuple[str, ...]]:
    """The pixels, and the names of the channels."""
    try:
        group = zarr.open_group(line.image, mode="r")
        array = cast("zarr.Array[Any]", group[_level_path(group)])
    except _FAULTS as error:
        raise UnreadableImage(f"{line.name} cannot be opened as OME-Zarr: {error}") from None
    if array.ndim != 5 or array.dtype.kind not in "uif" or 0 in array.shape:
        raise UnreadableImage(
            f"{line.name} is {array.ndim}-dimensional {array.dtype} of shape {array.shape}; "
            "numbers in t, c, z, y, x are needed."
        )
    return array, _channel_names(group, array.shape[1])


def _shown(line: ManifestLine, count: int) -> tuple[int, ...]:
    """Places, from 0, of the channels that the run is shown."""
    places = tuple(range(count)) if line.channels is None else tuple(line.channels)
    if max(places) >= count:
        raise UnreadableImage(
            f"{line.name} has {count} channels, but channel {max(places) + 1} of it is to be read."
        )
    return places


def _ome(group: zarr.Group) -> dict[str, Any]:
    attributes = dict(group.attrs)
    return cast("dict[str, Any]", attributes.get("ome", attributes))


def _channel_names(group: zarr.Group, count: int) -> tuple[str, ...]:
    """Names of the channels; “Channel 1” … where the image does not say."""
    told = list(_ome(group).get("omero", {}).get("channels", []))[:count]
    told += [{} for _ in range(count - len(told))]
    return tuple(str(one.get("label") or f"Channel {n}") for n, one in enumerate(told, start=1))


def _level_path(group: zarr.Group) -> str:
    """Where the full resolution stands in the group, by its multiscales, or “0”."""
    ome = _ome(group)
    return str(ome.get("multiscales", [{"datasets": [{"path": "0"}]}])[0]["datasets"][0]["path"])


def _open_labels(folder: RunFolder, line: ManifestLine) -> zarr.Array[Any]:
    try:
        array = zarr.open_array(folder.path / str(line.labels), mode="r")
    except _FAULTS as error:
        raise UnreadableImage(f"The labels of {line.name} cannot be opened: {error}") from None
    if array.ndim != 5 or array.dtype.kind not in "ui":
        raise UnreadableImage(
            f"The labels of {line.name} are {array.ndim}-dimensional {array.dtype}; "
            "whole numbers in p, t, z, y, x are needed."
        )
    return array


def _open_weights(folder: RunFolder, line: ManifestLine) -> zarr.Array[Any] | None:
    path = folder.pixel_weights(line)
    if path is None or not path.exists():
        return None
    try:
        return zarr.open_array(path, mode="r")
    except _FAULTS as error:
        raise UnreadableImage(f"The weights of {line.name} cannot be opened: {error}") from None


def _read_cells(folder: RunFolder, line: ManifestLine) -> Sequence[CellEntry]:
    path = folder.cell_classes(line)
    return () if path is None or not path.exists() else read_cells(path).cells
