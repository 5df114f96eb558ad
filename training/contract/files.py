"""The run folder: where each file is, how it is read and written so that no half file is seen."""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from training.contract.errors import ContractError, InvalidManifest, InvalidResult, InvalidSpec
from training.contract.fields import JsonObject
from training.contract.manifest import ManifestLine, format_manifest, parse_manifest
from training.contract.progress import ProgressLine, format_line
from training.contract.results import CellList, ModelCard, RunResult
from training.contract.specs import RunSpec

WEIGHTS = "weights.safetensors"
MODEL_CARD = "model.json"
ONNX_NET = "model.onnx"
"""Stands beside the card instead of the weights where a model has left the house: the net, before what the
recipe makes of its numbers."""


class ExitCode(IntEnum):
    """How the engine's process ends. Every end but STOPPED and a kill leaves a result.json."""

    DONE = 0
    BROKEN = 1
    """A fault of the engine: result.json has ok false and the traceback in detail."""
    REFUSED = 2
    """Something about the input: result.json has ok false and a sentence in error."""
    CANCELLED = 3
    """The file `cancel` appeared: the last checkpoint is kept, result.json has ok false."""
    STOPPED = 4
    """SIGTERM: a checkpoint was written, no result.json; start again on the same folder to go on."""


@dataclass(frozen=True)
class RunFolder:
    """The paths of one run and their readers and writers."""

    path: Path

    @property
    def spec(self) -> Path:
        """spec.json."""
        return self.path / "spec.json"

    @property
    def manifest(self) -> Path:
        """manifest.jsonl."""
        return self.path / "manifest.jsonl"

    @property
    def labels(self) -> Path:
        """Folder of the labels that come in."""
        return self.path / "labels"

    @property
    def progress(self) -> Path:
        """progress.jsonl."""
        return self.path / "progress.jsonl"

    @property
    def pictures(self) -> Path:
        """Folder of the PNG pictures."""
        return self.path / "pictures"

    @property
    def checkpoint(self) -> Path:
        """Folder of what a resume needs."""
        return self.path / "checkpoint"

    @property
    def cancel(self) -> Path:
        """The file whose appearance asks the engine to stop."""
        return self.path / "cancel"

    @property
    def model(self) -> Path:
        """Folder of the trained model."""
        return self.path / "model"

    @property
    def outputs(self) -> Path:
        """Folder of predicted labels."""
        return self.path / "outputs"

    @property
    def result(self) -> Path:
        """result.json."""
        return self.path / "result.json"

    def output_labels(self, image_id: str) -> Path:
        """Zarr array uint32 (p, t, z, y, x) predicted for one image."""
        return self.outputs / f"{image_id}.zarr"

    def output_cells(self, image_id: str) -> Path:
        """Quality and class of the cells predicted for one image."""
        return self.outputs / f"{image_id}.json"

    def output_image(self, image_id: str) -> Path:
        """Zarr array float32 (t, c, z, y, x) of channels predicted for one image; its attribute `channels`
        names them."""
        return self.outputs / f"{image_id}.image.zarr"

    def output_facts(self, image_id: str) -> Path:
        """What is to be known of predicted channels: names, warning. Written last."""
        return self.outputs / f"{image_id}.image.json"

    @property
    def atlas(self) -> Path:
        """All cells of a run with their vectors and places on the map, an `atlas.CellAtlas`. Written last."""
        return self.outputs / "atlas.npz"

    def constraints(self, image_id: str) -> Path:
        """What people have said of the tracks of one image, a `linking.Constraints`; may be missing."""
        return self.labels / f"{image_id}.links.json"

    def output_lineage(self, image_id: str) -> Path:
        """The tracks of one image, a `linking.Lineage`; written before its list of cells."""
        return self.outputs / f"{image_id}.lineage.json"

    def output_maps(self, image_id: str) -> Path:
        """Maps of what speaks for the class of each cell of one image, as the action `explain` writes
        them."""
        return self.outputs / f"{image_id}.maps.npz"

    def cell_classes(self, line: ManifestLine) -> Path | None:
        """Where the classes of an image's cells would stand: beside its labels, `.json` for `.zarr`."""
        return None if line.labels is None else (self.path / line.labels).with_suffix(".json")

    def pixel_weights(self, line: ManifestLine) -> Path | None:
        """Where it would stand how much each pixel counts in learning: beside the labels, a zarr v3 array
        uint8 (t, z, y, x), 255 for all and less where people disagreed. Without it every pixel counts."""
        return None if line.labels is None else (self.path / line.labels).with_suffix(".weights.zarr")

    def read_spec(self) -> RunSpec:
        """Raises InvalidSpec, InvalidSettings."""
        return RunSpec.from_json(_read_json(self.spec, InvalidSpec))

    def write_spec(self, spec: RunSpec) -> None:
        """Writes spec.json."""
        write_json(self.spec, spec.to_json())

    def read_manifest(self) -> list[ManifestLine]:
        """Raises InvalidManifest."""
        try:
            return parse_manifest(self.manifest.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise InvalidManifest("manifest.jsonl is missing from the run folder.") from None

    def write_manifest(self, lines: Iterable[ManifestLine]) -> None:
        """Writes manifest.jsonl."""
        write_atomically(self.manifest, format_manifest(lines).encode())

    def read_result(self) -> RunResult | None:
        """None while the run has not ended. Raises InvalidResult."""
        return RunResult.from_json(_read_json(self.result, InvalidResult)) if self.result.exists() else None

    def write_result(self, result: RunResult) -> None:
        """Writes result.json, which ends the run."""
        write_json(self.result, result.to_json())

    def append_progress(self, line: ProgressLine) -> None:
        """Adds one line to progress.jsonl in one write."""
        with self.progress.open("ab", buffering=0) as stream:
            stream.write(format_line(line).encode())


def read_cells(path: Path) -> CellList:
    """Reads a list of cells. Raises InvalidResult."""
    return CellList.from_json(_read_json(path, InvalidResult), where=path.name)


def read_model_card(model_dir: Path) -> ModelCard:
    """Reads model.json of a trained model's folder. Raises InvalidResult."""
    return ModelCard.from_json(_read_json(model_dir / MODEL_CARD, InvalidResult))


def write_json(path: Path, data: JsonObject) -> None:
    """Writes a JSON object so that a reader sees the old file or the new one, never half of it."""
    write_atomically(path, json.dumps(data, ensure_ascii=False, indent=1).encode())


def write_atomically(path: Path, data: bytes) -> None:
    """Writes beside the path, then renames; the folder is made when it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.part")
    temporary.write_bytes(data)
    temporary.replace(path)


def _read_json(path: Path, error: type[ContractError]) -> object:
    try:
        parsed: object = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise error(f"{path.name} is missing from {path.parent.name}.") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as problem:
        raise error(f"{path.name} is not JSON: {problem}.") from None
    return parsed
