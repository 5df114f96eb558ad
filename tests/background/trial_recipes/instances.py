"""A tiny recipe that is the better the nearer its learning rate is to 0.005; learns nothing.

The score grows over the budget as a real one does. `CYTOLOOP_TEST_DIE`, a folder: the engine kills itself
there once for each file in it, at a third of its work. Its process sleeps instead of learning.
"""

import json
import math
import os
import signal
import sys
import time
from pathlib import Path

from tests.factories.model_card import MODEL_CARD
from training.contract.files import ExitCode, RunFolder, write_json
from training.contract.manifest import Split
from training.contract.progress import BUDGET_SHARE, Metrics, Status
from training.contract.results import RunResult
from training.contract.specs import Action

NOW = "2026-01-01T00:00:00+00:00"
STEPS = 9


def main(folder: RunFolder) -> ExitCode:
    """One run, told in nine steps; a checkpoint after each."""
    spec = folder.read_spec()
    tested = [line.image_id for line in folder.read_manifest() if line.split is Split.TEST]
    if spec.action is Action.TRAIN and not learn(folder, final(spec.settings)):
        return ExitCode.STOPPED
    score = final(spec.settings)
    test = {"ap50": round(score / 2 + len(tested) / 100, 4), "cells": 2.0}
    folder.model.mkdir(exist_ok=True)
    (folder.model / "weights.safetensors").write_bytes(json.dumps(spec.settings).encode())
    (folder.model / "model.json").write_text(json.dumps({**MODEL_CARD, "settings": spec.settings}))
    folder.write_result(RunResult(ok=True, scores={"validation": {"ap50": score}, "test": test}))
    return ExitCode.DONE


def final(settings: dict[str, float]) -> float:
    """The score after the whole budget."""
    return round(1 - abs(math.log10(settings["learning_rate"] / 0.005)) / 3, 4)


def learn(folder: RunFolder, score: float) -> bool:
    """Whether it came to its end; SIGTERM ends it."""
    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: stopped.append(number))
    kept = folder.checkpoint / "step.json"
    begin = json.loads(kept.read_text())["step"] if kept.exists() else 0
    rungs = folder.read_spec().validate_at
    for step in range(begin + 1, STEPS + 1):
        values = {"loss": 1 / step}
        passed = [share for share in rungs if step - 1 < share * STEPS + 1e-3 <= step]
        if passed:
            values = {"val_ap50": round(score * step / STEPS, 4), BUDGET_SHARE: passed[-1]}
        folder.append_progress(Status(at=NOW, message="Learning.", fraction=step / STEPS, eta_s=1.0))
        folder.append_progress(Metrics(at=NOW, step=step, epoch=step, elapsed_s=float(step), values=values))
        write_json(kept, {"step": step})
        if step == 3:
            die_if_asked()
        time.sleep(0.1 if passed else 0.01)
        if stopped:
            return False
    return True


def die_if_asked() -> None:
    """kill -9 by its own hand, once for each file that is left."""
    for word in Path(os.environ.get("CYTOLOOP_TEST_DIE", "nowhere")).glob("*"):
        word.unlink()
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(RunFolder(Path(sys.argv[1]))))
