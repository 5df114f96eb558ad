"""What every image format answers, and how a file that cannot be taken says why."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Shape = tuple[int, int, int, int, int]
PixelSize = tuple[float | None, float | None, float | None]
LabelFrame = tuple[int, int, NDArray[np.uint32]]

MAX_CELL_ID = 2**31 - 1
MAX_PLANE_PIXELS = 1 << 28  # 16,384 x 16,384; more is refused before a byte of it is decoded
FREE_PLANE_BYTES = 1 << 27  # a plane up to this size may be compressed as much as it likes
MOST_COMPRESSED = 2000  # above it, no honest picture needs fewer bytes than one 2000th
MAX_IMAGE_BYTES = 1 << 40
MAX_FRAMES = 1_000_000
SUPPORTED = ("u1", "u2", "u4", "i1", "i2", "i4", "f2", "f4", "f8", "b1")


class RefusedFile(ValueError):
    """A file that cannot be taken: which one and, in a sentence, why."""

    def __init__(self, path: Path | str, reason: str) -> None:
        super().__init__(f"{Path(path).name}: {reason}")
        self.path = Path(path)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refused file of an import."""

    path: Path
    reason: str


class ImageSource(Protocol):
    """One image, axes t, c, z, y, x, read plane by plane; memory is bounded by one plane."""

    @property
    def name(self) -> str: ...
    @property
    def shape_tczyx(self) -> Shape: ...
    @property
    def dtype(self) -> np.dtype[Any]: ...
    @property
    def channel_names(self) -> tuple[str, ...]: ...
    @property
    def pixel_size_zyx_um(self) -> PixelSize:
        """Pixel size in micrometres, None where the file does not say."""
        ...

    @property
    def frame_interval_s(self) -> float | None: ...
    @property
    def axes_note(self) -> str:
        """What was guessed about the axes, empty when the file says them."""
        ...

    def read_plane(self, t: int, c: int, z: int) -> NDArray[Any]:
        """The plane (y, x) in the file's own dtype."""
        ...


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The describing half of an image source; `hidden` are the places of channels that are off at first.
    `time_guessed`: an unnamed axis was taken for time although nothing said so.
    """

    name: str
    shape_tczyx: Shape
    dtype: np.dtype[Any]
    channel_names: tuple[str, ...]
    pixel_size_zyx_um: PixelSize = (None, None, None)
    frame_interval_s: float | None = None
    axes_note: str = ""
    hidden: frozenset[int] = frozenset()
    time_guessed: bool = False


@dataclass(frozen=True, kw_only=True)
class ArraySource(Facts):
    """An image held in memory, array (t, c, z, y, x)."""

    array: NDArray[Any]

    def read_plane(self, t: int, c: int, z: int) -> NDArray[Any]:
        """The plane (y, x)."""
        return np.asarray(self.array[t, c, z])


def of_array(array: NDArray[Any], *, name: str = "image", **facts: Any) -> ArraySource:
    """An image source over an array (t, c, z, y, x)."""
    t, c, z, y, x = array.shape
    facts.setdefault("channel_names", default_channels(c))
    return ArraySource(name=name, shape_tczyx=(t, c, z, y, x), dtype=array.dtype, array=array, **facts)


def default_channels(count: int) -> tuple[str, ...]:
    """Names for channels that the file does not name."""
    return tuple(f"Channel {i + 1}" for i in range(count))


def check_size(path: Path, shape: Shape, dtype: np.dtype[Any]) -> None:
    """Raise RefusedFile for a dtype we do not keep, an empty axis, or a size no honest file declares."""
    if dtype.str[1:] not in SUPPORTED:
        raise RefusedFile(
            path, f"pixels of type {dtype} are not supported; use integers or floats up to 64 bit"
        )
    if min(shape) < 1:
        raise RefusedFile(
            path, f"the image is empty: an axis of {dict(zip('tczyx', shape, strict=True))} is 0"
        )
    if shape[3] * shape[4] > MAX_PLANE_PIXELS:
        raise RefusedFile(path, f"a plane of {shape[3]} x {shape[4]} px is declared, more than is accepted")
    plane_bytes, stored_bytes = shape[3] * shape[4] * dtype.itemsize, path.stat().st_size
    if plane_bytes > FREE_PLANE_BYTES and plane_bytes > MOST_COMPRESSED * stored_bytes:
        reason = (
            f"a plane of {shape[3]} x {shape[4]} px is declared, but the file has only {stored_bytes} bytes"
        )
        raise RefusedFile(path, reason)
    if (
        shape[0] * shape[1] * shape[2] > MAX_FRAMES
        or int(np.prod(shape, dtype=object)) * dtype.itemsize > MAX_IMAGE_BYTES
    ):
        raise RefusedFile(
            path, f"{shape[0] * shape[1] * shape[2]} planes are declared, more than is accepted"
        )


def frames_of(source: ImageSource) -> Iterator[tuple[int, int]]:
    """Every (t, z) of an image in order."""
    t, _, z, _, _ = source.shape_tczyx
    return ((frame, depth) for frame in range(t) for depth in range(z))


Mark = str | int | float | bool


@dataclass(frozen=True, kw_only=True)
class AttributeSaid:
    """An attribute as files tell it: its kind (NUMBER, CHOICE, TEXT, FLAG), a number's unit and range, what
    there is to choose from, and the way of the class that it is `of`, empty for every cell."""

    kind: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    of: str = ""


@dataclass(frozen=True, kw_only=True)
class Said:
    """What people said of a cell, by names: the way of its main class from the root of the tree (`cell type /
    neutrophil`), further classes by their ways, attributes, and whether they were not sure."""

    path: str = ""
    also: tuple[str, ...] = ()
    attributes: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    uncertain: bool = False

    def to_json(self) -> dict[str, Any]:
        """Only what was said."""
        plain: dict[str, Any] = {"class_path": self.path, "also": list(self.also)}
        plain |= {"attributes": dict(self.attributes), "uncertain": self.uncertain}
        return {name: value for name, value in plain.items() if value}


@dataclass(frozen=True, kw_only=True)
class LabelStack:
    """The labels of one image as exports want them: `read(t, z)` gives planes (p, y, x) uint32.

    `cells` are all cells that exist; `mothers` {daughter: mother}; `merged` {cell: the one that takes it up
    where it ends}; `classes` {cell: name of its class};
    `ignored` those of the cells about which nothing is said, for formats that know such regions; `said` is
    what else people said of cells, where they said anything, and `attributes` what its attributes are, by
    name; `marks` {cell: {ending, channel, quality, locked}} as far as there are any.
    """

    name: str
    shape_tzyx: tuple[int, int, int, int]
    read: Callable[[int, int], NDArray[np.uint32]]
    cells: Collection[int]
    mothers: Mapping[int, int] = field(default_factory=dict)
    classes: Mapping[int, str] = field(default_factory=dict)
    ignored: Collection[int] = ()
    pixel_size_zyx_um: PixelSize = (None, None, None)
    frame_interval_s: float | None = None
    merged: Mapping[int, int] = field(default_factory=dict)
    said: Mapping[int, "Said"] = field(default_factory=dict)
    attributes: Mapping[str, AttributeSaid] = field(default_factory=dict)
    marks: Mapping[int, Mapping[str, Mark]] = field(default_factory=dict)

    def frames(self) -> Iterator[LabelFrame]:
        """Every (t, z, planes) in order."""
        size_t, size_z, _, _ = self.shape_tzyx
        for t in range(size_t):
            for z in range(size_z):
                yield t, z, self.read(t, z)

    def depth(self) -> int:
        """The largest number of planes of a frame: 1 when no cells overlap. Reads every frame."""
        return max((len(planes) for _, _, planes in self.frames()), default=1)


def without_ignored(labels: LabelStack) -> LabelStack:
    """The labels less the ignored cells, for formats in which they would pass for cells."""
    gone = np.asarray(sorted(labels.ignored), np.uint32)
    if not gone.size:
        return labels

    def read(t: int, z: int) -> NDArray[np.uint32]:
        planes = labels.read(t, z)
        return np.where(np.isin(planes, gone), 0, planes).astype(np.uint32)

    kept = set(labels.cells) - set(labels.ignored)
    mothers = {cell: mother for cell, mother in labels.mothers.items() if {cell, mother} <= kept}
    merged = {cell: into for cell, into in labels.merged.items() if {cell, into} <= kept}
    classes = {cell: name for cell, name in labels.classes.items() if cell in kept}
    said = {cell: one for cell, one in labels.said.items() if cell in kept}
    marks = {cell: one for cell, one in labels.marks.items() if cell in kept}
    return replace(
        labels, read=read, cells=sorted(kept), mothers=mothers, merged=merged, classes=classes, said=said,
        marks=marks, ignored=(),
    )  # fmt: skip


def stack_of(planes: NDArray[Any], *, name: str = "labels", **facts: Any) -> LabelStack:
    """Labels over an array (p, t, z, y, x)."""
    _, t, z, y, x = planes.shape
    facts.setdefault("cells", np.unique(planes[planes > 0]).tolist())

    def read(frame: int, depth: int) -> NDArray[np.uint32]:
        return planes[:, frame, depth].astype(np.uint32)

    return LabelStack(name=name, shape_tzyx=(t, z, y, x), read=read, **facts)
