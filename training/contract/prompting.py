"""`prompt.json`: what a click-to-segment model reads and answers, for the engine, the server and the pages.

A model is a folder with `encoder.onnx`, `decoder.onnx` and `prompt.json`. Two kinds:

    window   ours. The encoder reads a frame in tiles; the decoder a window of the embedding around the
             clicks. Small enough for a browser.
    whole    as Segment Anything is exported. The encoder reads the frame once, shrunk to a square; the
             decoder answers points and boxes with masks of that square. Only the resident process runs it.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.contract.errors import ContractError
from training.contract.fields import FieldReader, JsonObject

FORMAT = 1
CONTRACT, ENCODER, DECODER = "prompt.json", "encoder.onnx", "decoder.onnx"
SHIPPED = Path(__file__).resolve().parent.parent / "prompt_model"
"""The model that comes with the package."""
WINDOW, WHOLE = "window", "whole"


class InvalidPromptModel(ContractError):
    """A folder is no click-to-segment model, or its files were changed."""


@dataclass(frozen=True, kw_only=True)
class Normalisation:
    """How grey values become what the net sees: each channel by percentiles of the whole frame, then clipped.

    `invert_above`: where the median of the channels' mean lies above it, the background is the bright side
    and everything is turned round. The percentiles are taken on about `sample_px` px of the frame. None of it
    is used by models of the kind `whole`.
    """

    low_percentile: float = 1.0
    high_percentile: float = 99.8
    invert_above: float = 0.5
    clip_low: float = -0.25
    clip_high: float = 1.5
    sample_px: int = 1 << 18


@dataclass(frozen=True, kw_only=True)
class PromptModel:
    """A model's contract.

    channels: how many the encoder reads; stride_px: picture px to a cell of the embedding; multiple_px: sides
    of the encoder's input; tile_px, margin_px: how a frame is cut for the encoder; features: numbers a cell,
    each stored as a byte for −1 … 1; window_cells, scales: what the decoder sees; most_points: of one answer;
    side_px: side of the square that a model of the kind `whole` reads. digest: SHA-256 over both files.
    """

    name: str
    kind: str
    digest: str
    features: int = 0
    channels: int = 3
    stride_px: int = 2
    multiple_px: int = 32
    tile_px: int = 512
    margin_px: int = 32
    window_cells: int = 48
    scales: tuple[int, ...] = (1, 2, 4, 8)
    most_points: int = 32
    side_px: int = 1024
    normalisation: Normalisation = Normalisation()
    licence: str = ""
    scores: JsonObject | None = None

    def to_json(self) -> JsonObject:
        """The object that `from_json` reads back equal."""
        own = {name: value for name, value in vars(self).items() if name not in ("normalisation", "scales")}
        return {
            "format": FORMAT,
            **own,
            "scales": list(self.scales),
            "normalisation": vars(self.normalisation),
        }

    @staticmethod
    def from_json(data: object) -> "PromptModel":
        """Raises InvalidPromptModel."""
        read = FieldReader(data, where=CONTRACT, error=InvalidPromptModel)
        if read.integer("format", at_least=1) != FORMAT:
            raise read.refuse("format", f"{FORMAT}, the only format this version reads")
        kind = read.text("kind")
        if kind not in (WINDOW, WHOLE):
            raise read.refuse("kind", f"“{WINDOW}” or “{WHOLE}”")
        known: dict[str, Any] = {"name": read.text("name"), "kind": kind, "digest": read.text("digest")}
        for field in _WHOLE_NUMBERS:
            known[field] = read.integer(field, at_least=0, default=getattr(PromptModel, field))
        scales = read.data.get("scales", list(PromptModel.scales))
        return PromptModel(
            **known,
            scales=_scales(read, scales),
            normalisation=_normalisation(read.data.get("normalisation", {})),
            licence=str(read.data.get("licence") or ""),
            scores=read.data.get("scores"),
        )


_WHOLE_NUMBERS = (
    "features", "channels", "stride_px", "multiple_px", "tile_px", "margin_px", "window_cells", "most_points",
    "side_px",
)  # fmt: skip


def _scales(read: FieldReader, scales: Any) -> tuple[int, ...]:
    if not isinstance(scales, list) or not scales or not all(isinstance(k, int) and k > 0 for k in scales):
        raise read.refuse("scales", "a list of whole numbers")
    return tuple(scales)


def _normalisation(data: object) -> Normalisation:
    read = FieldReader(data, where=f"{CONTRACT}, normalisation", error=InvalidPromptModel)
    plain = Normalisation()
    numbers = {
        name: read.number(name) if name in read.data else float(value) for name, value in vars(plain).items()
    }
    return Normalisation(**{**numbers, "sample_px": int(numbers["sample_px"])})  # type: ignore[arg-type]


def digest_of(folder: Path) -> str:
    """SHA-256 over the encoder and the decoder of a model's folder. Raises InvalidPromptModel."""
    digest = hashlib.sha256()
    for name in (ENCODER, DECODER):
        path = folder / name
        if not path.is_file():
            raise InvalidPromptModel(f"There is no {name} in {folder}.")
        digest.update(path.read_bytes())
    return digest.hexdigest()


def read_model(folder: Path) -> PromptModel:
    """The contract of the model in a folder, its files checked. Raises InvalidPromptModel."""
    path = folder / CONTRACT
    try:
        model = PromptModel.from_json(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise InvalidPromptModel(f"{path} cannot be read ({error.strerror}).") from None
    except ValueError as error:
        if isinstance(error, ContractError):
            raise
        raise InvalidPromptModel(f"{path} is not JSON: {error}.") from None
    if digest_of(folder) != model.digest:
        raise InvalidPromptModel(f"The files in {folder} are not those that its {CONTRACT} speaks of.")
    return model
