"""`manifest.jsonl`: the images of a run, one a line."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from training.contract.errors import InvalidManifest
from training.contract.fields import FieldReader, JsonObject


class Split(StrEnum):
    """What an image is for in this run."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"
    PREDICT = "predict"


class LearnsFrom(StrEnum):
    """What says what is right about an image."""

    LABELS = "labels"
    PIXELS = "pixels"
    """The image itself, its other channels for instance; it needs no labels."""


@dataclass(frozen=True, kw_only=True)
class ManifestLine:
    """One image of a run.

    `image` is the path of an OME-Zarr 0.5 (axes t, c, z, y, x); `labels` the path of a zarr v3 array
    uint32 (p, t, z, y, x), relative to the run folder, or None; `group` names what must not be on two sides
    of a split. Classes of the cells, and which of them are ignored, where there are any, stand beside the
    labels: `labels/ID.json`, a results.CellList. `labels` may be None in any split where the truth is in the
    pixels (`learns_from`). `channels` are the places, from 0, of those channels of the image that the run is
    shown, in that order; None for all as they stand.
    """

    image_id: str
    name: str
    image: str
    labels: str | None
    split: Split
    group: str = ""
    learns_from: LearnsFrom = LearnsFrom.LABELS
    channels: Sequence[int] | None = None

    def to_json(self) -> JsonObject:
        """The object that `from_json` reads back equal."""
        return {**asdict(self), "split": self.split.value, "learns_from": self.learns_from.value}

    @staticmethod
    def from_json(data: object, *, where: str = "manifest.jsonl") -> "ManifestLine":
        """Reads and checks one line. Raises InvalidManifest, which names the line by `where`."""
        read = FieldReader(data, where=where, error=InvalidManifest)
        split = read.text("split")
        if split not in set(Split):
            raise read.refuse("split", "one of " + ", ".join(Split))
        learns_from = str(read.data.get("learns_from") or LearnsFrom.LABELS)
        if learns_from not in set(LearnsFrom):
            raise read.refuse("learns_from", "one of " + ", ".join(LearnsFrom))
        image_id = read.text("image_id")
        if "/" in image_id or image_id.startswith("."):
            raise read.refuse("image_id", "usable as a file's name: without “/” and not beginning with a dot")
        line = ManifestLine(
            image_id=image_id,
            name=read.text("name"),
            image=read.text("image"),
            labels=read.optional_text("labels"),
            split=Split(split),
            group=str(read.data.get("group") or ""),
            learns_from=LearnsFrom(learns_from),
            channels=_channels(read),
        )
        needed = line.split is not Split.PREDICT and line.learns_from is LearnsFrom.LABELS
        if line.labels is None and needed:
            raise read.refuse("labels", f"a path, since the image is for {line.split}")
        return line


def _channels(read: FieldReader) -> tuple[int, ...] | None:
    if read.data.get("channels") is None:
        return None
    places = read.items("channels")
    plain = all(isinstance(one, int) and not isinstance(one, bool) and one >= 0 for one in places)
    if not places or not plain:
        raise read.refuse("channels", "places of channels, from 0")
    return tuple(places)


def parse_manifest(text: str) -> list[ManifestLine]:
    """Reads a whole manifest; blank lines are skipped, a repeated image_id is refused."""
    lines: list[ManifestLine] = []
    seen: set[str] = set()
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        where = f"manifest.jsonl, line {number}"
        try:
            data = json.loads(line)
        except json.JSONDecodeError as error:
            raise InvalidManifest(f"{where}: not JSON ({error.msg}).") from None
        parsed = ManifestLine.from_json(data, where=where)
        if parsed.image_id in seen:
            raise InvalidManifest(f"{where}: the image {parsed.image_id} is listed twice; list it once.")
        seen.add(parsed.image_id)
        lines.append(parsed)
    return lines


def format_manifest(lines: Iterable[ManifestLine]) -> str:
    """The text that `parse_manifest` reads back equal."""
    return "".join(json.dumps(line.to_json(), ensure_ascii=False) + "\n" for line in lines)
