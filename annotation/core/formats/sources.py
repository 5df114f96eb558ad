"""Opens one image of any format that is read, by what the file holds and not by its name."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.core.formats import npy, pictures, tiff
from annotation.core.formats.base import Facts, ImageSource, RefusedFile, check_size

IMAGE_ENDINGS = (".tif", ".tiff", ".png", ".jpg", ".jpeg", ".npy")
UNREAD_ENDINGS = (
    ".czi", ".lif", ".nd2", ".lsm", ".stk", ".oib", ".oif", ".vsi", ".ims", ".h5", ".hdf5", ".dv", ".zvi",
    ".svs", ".bmp", ".gif", ".webp", ".jp2", ".npz", ".mat", ".dcm", ".nii", ".mrc", ".ndpi", ".scn", ".avi",
    ".mp4", ".mov",
)  # fmt: skip
OPEN_FRAMES = 1


def sniff(path: Path) -> str | None:
    """`tiff`, `png`, `jpeg` or `npy` by the first bytes of the file, None for anything else."""
    with path.open("rb") as file:
        head = file.read(8)
    if head[:4] in tiff.MAGIC:
        return "tiff"
    if head == pictures.PNG_MAGIC:
        return "png"
    if head[:3] == pictures.JPEG_MAGIC:
        return "jpeg"
    return "npy" if head[:6] == npy.MAGIC else None


def open_all(path: Path, *, stated_axes: str | None = None) -> Sequence[ImageSource]:
    """Every image in a file: several only for a TIFF of several series. Raises RefusedFile."""
    kind = _kind(path)
    if kind == "tiff":
        return tiff.open_all(path, stated_axes=stated_axes)
    if kind == "npy":
        return [npy.open_npy(path, stated_axes=stated_axes)]
    return [pictures.open_picture(path)]


def open_image(path: Path, *, series: int = 0, stated_axes: str | None = None) -> ImageSource:
    """One image of a file. Raises RefusedFile with the reason."""
    images = open_all(path, stated_axes=stated_axes)
    if series >= len(images):
        raise RefusedFile(path, f"there is no series {series + 1}; the file has {len(images)}")
    return images[series]


def _kind(path: Path) -> str:
    if not path.is_file():
        raise RefusedFile(path, "there is no such file")
    if path.stat().st_size == 0:
        raise RefusedFile(path, "the file is empty")
    kind = sniff(path)
    if kind is None:
        ending = path.suffix.lower()
        if ending in UNREAD_ENDINGS:
            raise RefusedFile(path, f"{ending[1:].upper()} files are not read; save the image as OME-TIFF")
        raise RefusedFile(path, "this is not an image: its first bytes are those of no format that is read")
    return kind


@dataclass(frozen=True, kw_only=True)
class FileSequence(Facts):
    """One file a time point, all of one size and kind; a file is opened when its frame is read."""

    paths: tuple[Path, ...]
    _open: OrderedDict[int, ImageSource] = field(default_factory=OrderedDict, repr=False)

    def read_plane(self, t: int, c: int, z: int) -> NDArray[Any]:
        """The plane (y, x) of the file of frame t. Raises RefusedFile when it differs from the first file."""
        return self._frame(t).read_plane(0, c, z)

    def _frame(self, t: int) -> ImageSource:
        if t not in self._open:
            image = _as_frame(open_image(self.paths[t]))
            _check_like(self.paths[t], image, self)
            self._open[t] = image
            while len(self._open) > OPEN_FRAMES:
                self._open.popitem(last=False)
        return self._open[t]


@dataclass(frozen=True, kw_only=True)
class Volume(Facts):
    """A stack whose pages were taken for time, read as z."""

    inner: ImageSource

    def read_plane(self, t: int, c: int, z: int) -> NDArray[Any]:
        return self.inner.read_plane(z, c, t)


def as_volume(image: ImageSource, note: str = "") -> Volume:
    """The image's time points as slices; it must have one slice. `note`: what is owned up to."""
    t, c, _, y, x = image.shape_tczyx
    return Volume(
        name=image.name,
        shape_tczyx=(1, c, t, y, x),
        dtype=image.dtype,
        channel_names=image.channel_names,
        pixel_size_zyx_um=image.pixel_size_zyx_um,
        axes_note=note,
        inner=image,
    )


def _as_frame(image: ImageSource) -> ImageSource:
    """In a sequence of files time is the file, so that its pages are slices."""
    t, _, z, _, _ = image.shape_tczyx
    return image if t == 1 or z != 1 else as_volume(image)


def _check_like(path: Path, image: ImageSource, sequence: Facts) -> None:
    if image.shape_tczyx[1:] != sequence.shape_tczyx[1:] or image.shape_tczyx[0] != 1:
        theirs = " x ".join(map(str, sequence.shape_tczyx[1:]))
        mine = " x ".join(map(str, image.shape_tczyx[1:]))
        raise RefusedFile(path, f"this frame is {mine} (c, z, y, x), the first one is {theirs}")
    if image.dtype != sequence.dtype:
        raise RefusedFile(path, f"this frame has pixels of {image.dtype}, the first one of {sequence.dtype}")


def open_sequence(paths: Sequence[Path], *, name: str) -> FileSequence:
    """Files as the frames of one movie, in the order given. Raises RefusedFile naming the odd one out."""
    first = _as_frame(open_image(paths[0]))
    t, c, z, y, x = first.shape_tczyx
    if t != 1:
        raise RefusedFile(paths[0], "a file of a sequence must be one time point")
    check_size(paths[0], (len(paths), c, z, y, x), first.dtype)
    sequence = FileSequence(
        name=name,
        shape_tczyx=(len(paths), c, z, y, x),
        dtype=np.dtype(first.dtype),
        channel_names=first.channel_names,
        pixel_size_zyx_um=first.pixel_size_zyx_um,
        frame_interval_s=first.frame_interval_s,
        axes_note="Each file was taken for one time point.",
        paths=tuple(paths),
    )
    for path in paths[1:]:
        _check_like(path, _as_frame(open_image(path)), sequence)
    return sequence
