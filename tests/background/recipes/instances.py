"""A tiny recipe: keeps the contract of the run folder, learns nothing.

`CYTOLOOP_TEST_RECIPE` is one of: work (the default), slow, crash, refuse, silent (ends without a result),
deaf (listens neither to `cancel` nor to SIGTERM), die (SIGKILL at the fifth step of its first start).
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

import numpy as np
import zarr

from tests.factories.model_card import MODEL_CARD
from training.contract.files import ExitCode, RunFolder, write_json
from training.contract.progress import Metrics, Picture, Status
from training.contract.results import CellEntry, CellList, RunResult
from training.contract.specs import Action

STEPS = 10
NOW = "2026-01-01T00:00:00+00:00"
PNG = b"\x89PNG\r\n\x1a\n a picture"


def main(folder: RunFolder, behaviour: str) -> ExitCode:
    """One run."""
    sys.stdout.write(f"Started as {behaviour}.\n")
    sys.stdout.flush()
    if behaviour == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(600)
    if behaviour == "crash":
        raise RuntimeError("the net has exploded")
    if behaviour == "silent":
        sys.exit(7)
    if behaviour == "refuse":
        folder.write_result(RunResult(ok=False, error="No training image holds a cell."))
        return ExitCode.REFUSED
    spec = folder.read_spec()
    if spec.action is Action.TRAIN:
        return train(folder, behaviour)
    if spec.action is Action.PREDICT:
        predict(folder)
    if spec.action is Action.PREVIEW:
        draw(folder, "sample.png", 0)
    folder.write_result(RunResult(ok=True, scores={"test": {"ap50": 0.5}}))
    return ExitCode.DONE


def train(folder: RunFolder, behaviour: str) -> ExitCode:
    """Ten steps, each kept as a checkpoint."""
    kept = folder.checkpoint / "step.json"
    first_start = not kept.exists()
    begin = 0 if first_start else json.loads(kept.read_text())["step"]
    for step in range(begin + 1, STEPS + 1):
        if folder.cancel.exists():
            folder.write_result(RunResult(ok=False, error="Cancelled."))
            return ExitCode.CANCELLED
        tell(folder, step)
        write_json(kept, {"step": step})
        if behaviour == "die" and first_start and step == 5:
            with folder.progress.open("ab") as stream:
                stream.write(b'{"kind": "metr')
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.5 if behaviour == "slow" else 0.01)
    draw(folder, "example.png", STEPS)
    folder.model.mkdir(exist_ok=True)
    (folder.model / "weights.safetensors").write_bytes(b"weights")
    (folder.model / "model.json").write_text(json.dumps(MODEL_CARD))
    folder.write_result(RunResult(ok=True, scores={"test": {"ap50": 0.5}}))
    return ExitCode.DONE


def tell(folder: RunFolder, step: int) -> None:
    """What a step has to say."""
    folder.append_progress(
        Status(at=NOW, message=f"Step {step}", fraction=step / STEPS, eta_s=float(STEPS - step))
    )
    folder.append_progress(
        Metrics(at=NOW, step=step, epoch=step / 2, elapsed_s=float(step), values={"loss": 1 / step})
    )
    if step % 5 == 0:
        folder.append_progress(
            Metrics(
                at=NOW, step=step, epoch=step / 2, elapsed_s=float(step), values={"val_ap50": step / STEPS}
            )
        )


def draw(folder: RunFolder, name: str, step: int) -> None:
    """One picture."""
    folder.pictures.mkdir(exist_ok=True)
    (folder.pictures / name).write_bytes(PNG)
    folder.append_progress(Picture(at=NOW, name=name, caption="A picture", step=step))


def predict(folder: RunFolder) -> None:
    """Two cells on every image: one that is surely right, one that hardly is."""
    for line in folder.read_manifest():
        level = zarr.open_array(f"{line.image}/0", mode="r")
        size_t, _, size_z, size_y, size_x = level.shape
        labels = np.zeros((1, size_t, size_z, size_y, size_x), np.uint32)
        labels[..., 1:3, 1:3], labels[..., 3:5, 5:7] = 1, 2
        folder.outputs.mkdir(exist_ok=True)
        kept = zarr.create_array(folder.output_labels(line.image_id), shape=labels.shape, dtype="uint32")
        kept[:] = labels
        cells = CellList(cells=[CellEntry(cell=1, quality=0.9), CellEntry(cell=2, quality=0.2)])
        write_json(folder.output_cells(line.image_id), cells.to_json())


if __name__ == "__main__":
    sys.exit(main(RunFolder(Path(sys.argv[1])), os.environ.get("CYTOLOOP_TEST_RECIPE", "work")))
