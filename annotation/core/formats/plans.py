"""The words in which a folder's contents are told: what is taken in, refused and left aside."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

from annotation.core.formats.base import ImageSource, LabelFrame, LabelStack, Refusal
from annotation.core.formats.told_cells import Told

SINGLE, PAIRS, KAGGLE, CTC = "single", "pairs", "kaggle", "ctc"
VOC, COCO, TABLE, CHANNELS = "voc", "coco", "table", "channels"
TRACKS = "tracks"


@dataclass(frozen=True, slots=True)
class ImportItem:
    """One image to be taken in. `image` has several paths when each file is a time point or a channel;
    `labels` is a label image, a folder of them, or a file that tells boxes or outlines. `table` names the
    classes of the cells, `image_class` the class of the image as a whole. Images of one `group` belong on one
    side of a split.
    """

    name: str
    image: tuple[Path, ...]
    labels: Path | None
    layout: str
    group: str
    series: int = 0
    stated_axes: str | None = None
    table: Path | None = None
    image_class: str = ""
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ignored:
    """A file that is no image and no labels, and why it is left aside; never a fault."""

    path: Path
    reason: str


@dataclass(frozen=True)
class ImportPlan:
    """What a folder holds."""

    items: list[ImportItem] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    ignored: list[Ignored] = field(default_factory=list)


class ImportedLabels(Protocol):
    """Labels that iterate as (t, z, planes (p, y, x) uint32), any number of times."""

    @property
    def note(self) -> str:
        """What was done that the file does not say; empty when nothing."""
        ...

    def __iter__(self) -> Iterator[LabelFrame]: ...


@dataclass(frozen=True, slots=True)
class StackLabels:
    """A label stack as labels that are imported."""

    stack: LabelStack

    @property
    def note(self) -> str:
        """Nothing was done that the file does not say."""
        return ""

    def __iter__(self) -> Iterator[LabelFrame]:
        return self.stack.frames()


class OpenedItem(NamedTuple):
    """An image ready to be read, its labels frame by frame (None without), {daughter: mother}, {cell: name of
    its class}, the cells about which nothing is said, {cell: the one that it merges into}, and what else was
    said of cells.
    """

    source: ImageSource
    labels: ImportedLabels | None
    mothers: Mapping[int, int]
    classes: Mapping[int, str] = {}
    ignored: frozenset[int] = frozenset()
    merged: Mapping[int, int] = {}
    told: Told = Told()
