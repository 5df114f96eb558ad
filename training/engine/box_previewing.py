"""Crops as a detector will see them, with the boxes that it is to find."""

import numpy as np
import numpy.typing as npt

from training.contract.results import RunResult
from training.engine import pictures
from training.engine.data.box_crops import BoxLesson
from training.engine.previewing import COLUMNS, CROPS
from training.engine.process import Run
from training.engine.seeds import Chance


def show_boxes(run: Run, lesson: BoxLesson, chance: Chance) -> RunResult:
    """Two pictures of 16 crops, varied at random: bare, and with their true boxes."""
    made = [lesson.make(lesson.draw(chance, 1)[0]) for _ in range(-(-CROPS // lesson.batch))]
    images = [pictures.show(image.numpy()) for each in made for image in each.images][:CROPS]
    boxes = [target["boxes"].numpy() for each in made for target in each.targets][:CROPS]
    seen = pictures.grid(images, COLUMNS)
    run.report.picture("crops.png", seen, caption="Crops as the net sees them, varied at random", step=0)
    framed = pictures.grid([_frame(*pair) for pair in zip(images, boxes, strict=True)], COLUMNS)
    run.report.picture("targets.png", framed, caption="The boxes to be found in the same crops", step=0)
    return RunResult(ok=True, summary={"crops": len(images)})


def _frame(picture: pictures.Rgb, boxes: npt.NDArray[np.float32]) -> pictures.Rgb:
    """Draws the borders of boxes (n, 4) as x0, y0, x1, y1 in a copy of a picture."""
    drawn = picture.copy()
    for x0, y0, x1, y1 in np.rint(boxes).astype(int):
        part = drawn[y0:y1, x0:x1]
        for side in (part[:1], part[-1:], part[:, :1], part[:, -1:]):
            side[:] = pictures.TRUE_COLOUR
    return drawn
