"""StarDist (Schmidt et al. 2018) through its public interface, in its own environment.

    build/peers/stardist/bin/python -m benchmarks.peers.drive_stardist TASK_FOLDER

From scratch with its defaults: 32 rays, a grid of 2 px, batches of 4 × 256², Adam 3e-4, the best weights by
validation loss, both thresholds chosen on validation images; turned, mirrored and brightened crops as its
guide to training has them. Its schedule halves the learning rate after a tenth of the training without a
better validation loss; the tenth is taken of the steps that the budget holds.
"""

import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf
from csbdeep.utils import normalize
from skimage.io import imread
from stardist.models import Config2D, StarDist2D

from benchmarks.peers.exchange import Clock, Labels, Pixels, Task, TaskFolder, cpu_s, timed

FIRST_PERCENT, LAST_PERCENT = 1, 99.8
PUBLISHED_EPOCHS, PUBLISHED_STEPS, PUBLISHED_PATIENCE = 400, 100, 40
FEWEST_EPOCHS, PILOT_STEPS = 40, 12
GIVEN = (
    "stardist 0.9.2 from scratch, defaults (32 rays, grid 2, 4 x 256 px, Adam 3e-4, best weights by "
    "validation loss), flips, turns and brightness as in its guide; patience a tenth of the epochs that fit "
    "the budget; thresholds optimised on the validation images after the clock has stopped"
)


class StopAtBudget(keras.callbacks.Callback):  # type: ignore[misc]
    """Ends training when the CPU-seconds are spent."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock, self.steps = clock, 0

    def on_train_begin(self, logs: Any = None) -> None:
        """The clock starts."""
        _ = self.clock.fraction

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Asks to stop when it is over."""
        self.steps += 1
        if self.clock.fraction >= 1:
            self.model.stop_training = True


class Pilot(keras.callbacks.Callback):  # type: ignore[misc]
    """CPU-seconds of a step, without the first two, in which the graph is made."""

    def __init__(self) -> None:
        super().__init__()
        self.marks: list[float] = []

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Notes the time."""
        self.marks.append(cpu_s())

    @property
    def step_s(self) -> float:
        """CPU-seconds of one step."""
        return (self.marks[-1] - self.marks[1]) / (len(self.marks) - 2)


def main(folder: TaskFolder) -> None:
    """Learns and reads, or reads raw files and tells the time."""
    task = folder.read_task()
    tf.config.threading.set_intra_op_parallelism_threads(task.threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    keras.utils.set_random_seed(task.seed)
    if task.raw_files:
        find = finder(StarDist2D(None, name="net", basedir=str(folder.model)))
        read = colour_reader(task.colours)
        folder.write_result(seconds=timed(read, find, task.raw_files, task.rounds))
        return
    model, steps, spent_s = learn(folder, task)
    find, began = finder(model), cpu_s()
    for number, pixels in enumerate(folder.read_pictures("held_out")[0]):
        folder.write_found(number, find(pixels))
    folder.write_result(
        steps=steps, train_cpu_s=spent_s, predict_cpu_s=cpu_s() - began, whole_cpu_s=cpu_s(), given=GIVEN
    )


def learn(folder: TaskFolder, task: Task) -> tuple[StarDist2D, int, float]:
    """Trains until the budget is spent and chooses thresholds; answers the model, steps and CPU-seconds."""
    training, validation = (read_part(folder, part) for part in ("train", "validation"))
    steps = max(1, int(task.budget_s / seconds_of_a_step(folder, task, training, validation)))
    epochs = max(FEWEST_EPOCHS, round(steps / PUBLISHED_STEPS))
    clock = Clock(task.budget_s)
    stop = StopAtBudget(clock)
    model = new_model(folder, task, patience=max(1, round(epochs * PUBLISHED_PATIENCE / PUBLISHED_EPOCHS)))
    model.callbacks.append(stop)
    # The clock ends it; twice the epochs are asked for in case that a step takes less than in the pilot.
    train(model, task, training, validation, epochs=2 * epochs, steps=max(1, math.ceil(steps / epochs)))
    spent_s = clock.spent_s
    model.optimize_thresholds(*validation)
    return model, stop.steps, spent_s


def seconds_of_a_step(folder: TaskFolder, task: Task, training: Any, validation: Any) -> float:
    """CPU-seconds of a step, by a model that is thrown away."""
    model, pilot = new_model(TaskFolder(folder.path / "pilot"), task, patience=1), Pilot()
    model.callbacks.append(pilot)
    train(model, task, training, validation, epochs=1, steps=PILOT_STEPS)
    return pilot.step_s


def new_model(folder: TaskFolder, task: Task, *, patience: int) -> StarDist2D:
    """An untrained model in the folder."""
    config = Config2D(
        n_rays=32, grid=(2, 2), n_channel_in=task.colours, use_gpu=False, train_tensorboard=False,
        train_reduce_lr={"factor": 0.5, "patience": patience, "min_delta": 0},
    )  # fmt: skip
    model = StarDist2D(config, name="net", basedir=str(folder.model))
    model.prepare_for_training()
    return model


def train(model: StarDist2D, task: Task, training: Any, validation: Any, *, epochs: int, steps: int) -> None:
    """Its own training, with crops changed by chance."""
    chance = np.random.default_rng(task.seed)
    model.train(
        *training, validation_data=validation, augmenter=lambda x, y: vary(chance, x, y), seed=task.seed,
        epochs=epochs, steps_per_epoch=steps,
    )  # fmt: skip


def vary(
    chance: np.random.Generator, pixels: Pixels, labels: npt.NDArray[Any]
) -> tuple[Pixels, npt.NDArray[Any]]:
    """Turned, mirrored, brightened."""
    turns, mirrored = int(chance.integers(4)), bool(chance.integers(2))
    pixels, labels = (np.rot90(array, turns, (0, 1)) for array in (pixels, labels))
    if mirrored:
        pixels, labels = pixels[:, ::-1], labels[:, ::-1]
    return pixels * chance.uniform(0.6, 2) + chance.uniform(-0.2, 0.2), labels


def read_part(folder: TaskFolder, part: str) -> tuple[list[Pixels], list[Labels]]:
    """Normalised pictures, and labels."""
    pixels, labels = folder.read_pictures(part)
    return [normalised(picture) for picture in pixels], labels


def normalised(pixels: Pixels) -> Pixels:
    """By the percentiles of all colours together."""
    return np.asarray(normalize(pixels, FIRST_PERCENT, LAST_PERCENT), np.float32)


def finder(model: StarDist2D) -> Callable[[Pixels], Labels]:
    """The model as pixels → labels."""

    def find(pixels: Pixels) -> Labels:
        return np.asarray(model.predict_instances(normalised(pixels))[0], np.int32)

    return find


def colour_reader(colours: int) -> Callable[[str], Pixels]:
    """How a raw file is read for a model of 1 or 3 colours."""

    def read(path: str) -> Pixels:
        pixels: Pixels = imread(path)
        if pixels.ndim == 3:
            return pixels[..., :3] if colours == 3 else pixels[..., 0]
        return np.stack([pixels] * 3, -1) if colours == 3 else pixels

    return read


if __name__ == "__main__":
    main(TaskFolder(Path(sys.argv[1])))
