"""`result.json`, `model.json` and the lists of cells: what a run leaves behind."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from training.contract.errors import InvalidResult
from training.contract.fields import FieldReader, JsonObject

Scores = dict[str, dict[str, float]]
"""Split name → score name → value, as {"test": {"ap50": .85, "ap75": .6, "ap90": .2, "pq": .7, …}}."""


@dataclass(frozen=True, kw_only=True)
class RunResult:
    """How a run ended. `error` is a sentence for people, `detail` what a developer wants (a traceback)."""

    ok: bool
    scores: Scores = field(default_factory=dict)
    summary: JsonObject = field(default_factory=dict)
    error: str | None = None
    detail: str | None = None

    def to_json(self) -> JsonObject:
        """The object that `from_json` reads back equal."""
        return asdict(self)

    @staticmethod
    def from_json(data: object) -> "RunResult":
        """Reads a result. Raises InvalidResult."""
        read = FieldReader(data, where="result.json", error=InvalidResult)
        ok = read.flag("ok")
        return RunResult(
            ok=ok,
            scores=_scores(read),
            summary=read.table("summary"),
            error=read.optional_text("error") if ok else read.text("error"),
            detail=read.optional_text("detail"),
        )


@dataclass(frozen=True, kw_only=True)
class CellEntry:
    """One cell of a picture: its id in the labels, its class (1…, place in `settings.classes`), its quality.

    `quality` is what the model expects of the object, 0..1: the chance that it matches a true one at IoU 0.5.
    The pixels of an `ignored` cell, in labels that come in, are neither learned from nor scored. Where a
    model makes classes, `quality` is the chance that the class is right, and `probabilities` has one for each
    of `settings.classes`, in their order. Where a model finds boxes, `box` is y0, x0, y1, x1 in px. `mother`,
    in labels of movies that come in, is the cell whose daughter it is.
    """

    cell: int
    class_index: int | None = None
    quality: float | None = None
    ignored: bool = False
    probabilities: Sequence[float] = ()
    box: tuple[float, ...] | None = None
    mother: int | None = None


@dataclass(frozen=True, kw_only=True)
class CellList:
    """The cells of one image, beside its labels: `labels/ID.json` in, `outputs/ID.json` out. `reading` says
    of cells that a model outlined how it read the image, where that is known: {"zoom": by how much it was
    enlarged, "cell_px": the cells' diameter}."""

    cells: Sequence[CellEntry]
    reading: JsonObject = field(default_factory=dict)

    def to_json(self) -> JsonObject:
        """The object that `from_json` reads back equal; words that are not known are left out."""
        rows = [
            {k: v for k, v in asdict(cell).items() if v not in (None, ()) and v is not False}
            for cell in self.cells
        ]
        return {"cells": rows, **({"reading": self.reading} if self.reading else {})}

    @staticmethod
    def from_json(data: object, *, where: str = "the list of cells") -> "CellList":
        """Reads a list of cells. Raises InvalidResult."""
        read = FieldReader(data, where=where, error=InvalidResult)
        return CellList(
            cells=tuple(_cell(row, where) for row in read.items("cells")), reading=read.table("reading")
        )


@dataclass(frozen=True, kw_only=True)
class ModelCard:
    """`model.json`: all that using and trusting a trained model needs, beside `weights.safetensors`.

    `channels` lists the channel counts of the training images; `object_size_px` is the median diameter of
    the training cells; `decoding` holds the thresholds that were tuned on the validation images;
    `data_digest` is the SHA-256 of the training images' pixels and labels.
    """

    recipe: str
    net: JsonObject
    settings: JsonObject
    channels: list[int]
    object_size_px: float | None
    decoding: JsonObject
    scores: Scores
    seed: int
    code_version: str
    versions: dict[str, str]
    data_digest: str
    training: JsonObject
    format: int = 1

    def to_json(self) -> JsonObject:
        """The object that `from_json` reads back equal."""
        return asdict(self)

    @staticmethod
    def from_json(data: object) -> "ModelCard":
        """Reads a model's card. Raises InvalidResult."""
        read = FieldReader(data, where="model.json", error=InvalidResult)
        if read.integer("format", at_least=1, default=1) != 1:
            raise read.refuse("format", "1, the only format this version reads")
        return ModelCard(
            recipe=read.text("recipe"),
            net=read.table("net"),
            settings=read.table("settings"),
            channels=[int(count) for count in read.items("channels")],
            object_size_px=read.optional_number("object_size_px", at_least=0),
            decoding=read.table("decoding"),
            scores=_scores(read),
            seed=read.integer("seed", at_least=0),
            code_version=read.text("code_version", empty=True),
            versions={name: str(version) for name, version in read.table("versions").items()},
            data_digest=read.text("data_digest", empty=True),
            training=read.table("training"),
        )


def _scores(read: FieldReader) -> Scores:
    scores: Scores = {}
    for split, values in read.table("scores").items():
        inner = FieldReader(values, where=f"{read.where}: scores of {split}", error=InvalidResult)
        scores[split] = {name: inner.number(name) for name in inner.data}
    return scores


def _cell(row: object, where: str) -> CellEntry:
    read = FieldReader(row, where=where, error=InvalidResult)
    return CellEntry(
        cell=read.integer("cell", at_least=1),
        class_index=read.optional_integer("class_index", at_least=1),
        quality=read.optional_number("quality", at_least=0, at_most=1),
        ignored=read.data.get("ignored") is True,
        probabilities=tuple(float(part) for part in read.data.get("probabilities") or ()),
        box=_box(read),
        mother=read.optional_integer("mother", at_least=1),
    )


def _box(read: FieldReader) -> tuple[float, ...] | None:
    box = read.items("box")
    if not box:
        return None
    if len(box) != 4 or not all(isinstance(end, (int, float)) for end in box):
        raise read.refuse("box", "four numbers: y0, x0, y1, x1")
    return tuple(float(end) for end in box)
