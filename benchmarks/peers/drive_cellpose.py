"""Cellpose 3 (Stringer & Pachitariu 2025) through its public interface, in its own environment.

    build/peers/cellpose/bin/python -m benchmarks.peers.drive_cellpose TASK_FOLDER

From scratch with the defaults of `train_seg`: AdamW 0.005, batches of 8 × 224², every training image scaled
to a mean cell diameter of 30 px. Warm-up and decay are those of a training of 500 epochs (the default of its
command line), laid over the CPU budget instead of over epochs. New images are scaled by the mean diameter of
the training cells, as its own class does for a model of one's own.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from cellpose import io, models, train
from torch.optim.optimizer import register_optimizer_step_pre_hook

from benchmarks.peers.exchange import Clock, Labels, Pixels, Task, TaskFolder, cpu_s, timed

PEAK = 0.005
WARM_UP, DECAY, HALVINGS = 10 / 500, 100 / 500, 10
NEVER = 100_000
GREY = [0, 0]
GIVEN = (
    "cellpose 3.1.1.3 from scratch, defaults of train_seg (AdamW 0.005, 8 x 224 px, rescaled to 30 px, "
    "images of fewer than 5 cells left out), warm-up 2 % and halvings in the last 20 % of the budget; all "
    "training images, none kept for validation; new images scaled by the mean diameter of training cells "
    "(its size model would take more than the budget to train); flows of the training labels made before the "
    "clock starts"
)


class BudgetSpent(Exception):
    """Training ends here."""


def main(folder: TaskFolder) -> None:
    """Learns and reads, or reads raw files and tells the time."""
    task = folder.read_task()
    torch.set_num_threads(task.threads)
    torch.manual_seed(task.seed)
    if task.raw_files:
        find = finder(folder)
        folder.write_result(seconds=timed(io.imread, find, task.raw_files, task.rounds))
        return
    steps, spent_s = learn(folder, task)
    find, began = finder(folder), cpu_s()
    for number, pixels in enumerate(folder.read_pictures("held_out")[0]):
        folder.write_found(number, find(pixels))
    folder.write_result(
        steps=steps, train_cpu_s=spent_s, predict_cpu_s=cpu_s() - began, whole_cpu_s=cpu_s(), given=GIVEN
    )


def learn(folder: TaskFolder, task: Task) -> tuple[int, float]:
    """Trains until the budget is spent and keeps the net; answers steps and CPU-seconds."""
    model = models.CellposeModel(gpu=False, pretrained_model=False)
    clock, steps = Clock(task.budget_s), [0]

    def before_step(optimizer: torch.optim.Optimizer, *_: Any) -> None:
        fraction = clock.fraction
        if fraction >= 1:
            raise BudgetSpent
        for group in optimizer.param_groups:
            group["lr"] = PEAK * share_of_peak(fraction)
        steps[0] += 1

    start = model.net.register_forward_pre_hook(lambda *_: clock.fraction and None)
    hook = register_optimizer_step_pre_hook(before_step)
    pixels, labels = both_parts(folder)
    try:
        train.train_seg(
            model.net, train_data=pixels, train_labels=labels, channels=GREY, n_epochs=NEVER,
            save_every=NEVER, save_path=folder.path, learning_rate=PEAK,
        )  # fmt: skip
    except BudgetSpent:
        pass
    finally:
        hook.remove()
        start.remove()
    folder.model.mkdir(exist_ok=True)
    model.net.save_model(str(folder.model / "net"))
    return steps[0], clock.spent_s


def share_of_peak(fraction: float) -> float:
    """Share of the learning rate when `fraction` of the budget is spent: a ramp, a plain, ten halvings."""
    if fraction < WARM_UP:
        return fraction / WARM_UP
    into_decay = max(0.0, fraction - (1 - DECAY)) / DECAY
    return float(0.5 ** np.ceil(into_decay * HALVINGS))


def both_parts(folder: TaskFolder) -> tuple[list[Pixels], list[Labels]]:
    """All training images: it makes no use of validation."""
    first, second = folder.read_pictures("train"), folder.read_pictures("validation")
    return first[0] + second[0], first[1] + second[1]


def finder(folder: TaskFolder) -> Callable[[Pixels], Labels]:
    """The kept net as pixels → labels; loaded anew, so that it knows the mean diameter of its training."""
    model = models.CellposeModel(gpu=False, pretrained_model=str(folder.model / "net"))

    def find(pixels: Pixels) -> Labels:
        return np.asarray(model.eval(pixels, channels=GREY)[0], np.int32)

    return find


if __name__ == "__main__":
    main(TaskFolder(Path(sys.argv[1])))
