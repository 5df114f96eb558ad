"""Crops as a net will see them, with what it is to learn of them: looked at before time is spent."""

import numpy as np

from training.contract.results import RunResult
from training.engine import pictures
from training.engine.data.batches import BatchMaker
from training.engine.process import Run
from training.engine.seeds import Chance

CROPS, COLUMNS = 16, 4


def show_crops(run: Run, batches: BatchMaker, chance: Chance, *, shown: slice = slice(None)) -> RunResult:
    """Two pictures of 16 crops, varied at random, and their targets; `shown` picks the targets' planes."""
    drawn = [batches.make(batches.draw(chance, 1)[0]) for _ in range(-(-CROPS // batches.batch))]
    pixels = np.concatenate([p.numpy() for p, _ in drawn])[:CROPS]
    target = np.concatenate([t.numpy() for _, t in drawn])[:CROPS, shown]
    seen = pictures.grid([pictures.show(p) for p in pixels], COLUMNS)
    run.report.picture("crops.png", seen, caption="Crops as the net sees them, varied at random", step=0)
    wanted = pictures.grid([pictures.show_target(t) for t in target], COLUMNS)
    run.report.picture("targets.png", wanted, caption="What the net is to learn of the same crops", step=0)
    return RunResult(ok=True, summary={"crops": len(pixels)})
