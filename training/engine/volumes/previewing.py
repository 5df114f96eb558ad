"""The middle slices of crops of volumes as a net will see them, with what it is to learn beside them."""

import numpy as np

from training.contract.results import RunResult
from training.engine import pictures
from training.engine.previewing import COLUMNS, CROPS
from training.engine.process import Run
from training.engine.seeds import Chance
from training.engine.volumes.crops import VolumeLesson


def show_crops(run: Run, lesson: VolumeLesson, *, shown: slice = slice(None)) -> RunResult:
    """Two pictures of 16 crops, varied at random, and their targets; `shown` picks the targets' planes."""
    chance = Chance(run.spec.seed)
    drawn = [lesson.make(lesson.draw(chance, 1)[0]) for _ in range(-(-CROPS // lesson.batch))]
    middle = lesson.size[0] // 2
    pixels = np.concatenate([p[:, :, middle].numpy() for p, _ in drawn])[:CROPS]
    target = np.concatenate([t[:, :, middle].numpy() for _, t in drawn])[:CROPS, shown]
    if lesson.numbers is not None:
        # Brightness by number, cells of neighbouring numbers far apart.
        named = target[:, lesson.numbers]
        target[:, lesson.numbers] = np.where(named > 0, 0.3 + 0.7 * (named * 0.618 % 1), 0)
    seen = pictures.grid([pictures.show(p) for p in pixels], COLUMNS)
    caption = "Middle slices of crops as the net sees them, varied at random"
    run.report.picture("crops.png", seen, caption=caption, step=0)
    wanted = pictures.grid([pictures.show_target(t) for t in target], COLUMNS)
    run.report.picture("targets.png", wanted, caption="What the net is to learn of the same slices", step=0)
    return RunResult(ok=True, summary={"crops": len(pixels)})
