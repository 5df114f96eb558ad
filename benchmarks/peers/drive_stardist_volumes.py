"""StarDist in three dimensions (Weigert et al. 2020) through its public interface, in its own environment.

    build/peers/stardist/bin/python -m benchmarks.peers.drive_stardist_volumes TASK_FOLDER

From scratch with its defaults: 96 rays whose lengths follow the cells' anisotropy, its U-Net, Adam 3e-4, one
patch a step, the best weights by validation loss, both thresholds chosen on validation volumes; mirrored,
turned in the plane and brightened as its guide to training has it. A training of 400 epochs, as published,
would not fit the budget: the clock ends it, and a tenth of the epochs that fit is the schedule's patience.
"""

import math
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf
from csbdeep.utils import normalize
from stardist import Rays_GoldenSpiral, calculate_extents
from stardist.models import Config3D, StarDist3D

from benchmarks.peers.drive_stardist import (
    FEWEST_EPOCHS,
    FIRST_PERCENT,
    LAST_PERCENT,
    PILOT_STEPS,
    PUBLISHED_EPOCHS,
    PUBLISHED_PATIENCE,
    Pilot,
    StopAtBudget,
)
from benchmarks.peers.exchange import Clock, Task, TaskFolder, cpu_s

RAYS = 96
PATCH_PX = 96
STEPS_AN_EPOCH = 20
GIVEN = (
    "stardist 0.9.2 in 3D from scratch, defaults (96 rays by anisotropy, Adam 3e-4, best weights by "
    "validation loss), flips, turns and brightness as in its guide; a third of the training volume "
    "validates; thresholds optimised on it after the clock has stopped"
)
Volume = npt.NDArray[Any]


def main(folder: TaskFolder) -> None:
    """Learns and reads volumes (z, y, x)."""
    task = folder.read_task()
    tf.config.threading.set_intra_op_parallelism_threads(task.threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    keras.utils.set_random_seed(task.seed)
    training, validation = read_part(folder, "train"), read_part(folder, "validation")
    model, steps, spent_s = learn(folder, task, training, validation)
    began = cpu_s()
    for number, pixels in enumerate(folder.read_pictures("held_out")[0]):
        folder.write_found(number, model.predict_instances(normalised(pixels))[0])
    folder.write_result(
        steps=steps, train_cpu_s=spent_s, predict_cpu_s=cpu_s() - began, whole_cpu_s=cpu_s(), given=GIVEN
    )


def learn(folder: TaskFolder, task: Task, training: Any, validation: Any) -> tuple[StarDist3D, int, float]:
    """Trains until the budget is spent and chooses thresholds; answers the model, steps and CPU-seconds."""
    everything = (training[0] + validation[0], training[1] + validation[1])
    throwaway, pilot = new_model(TaskFolder(folder.path / "pilot"), everything, patience=1), Pilot()
    throwaway.callbacks.append(pilot)
    train(throwaway, task, training, validation, epochs=1, steps=PILOT_STEPS)
    epochs = max(FEWEST_EPOCHS, math.ceil(task.budget_s / pilot.step_s / STEPS_AN_EPOCH))
    clock = Clock(task.budget_s)
    stop = StopAtBudget(clock)
    patience = max(1, round(epochs * PUBLISHED_PATIENCE / PUBLISHED_EPOCHS))
    model = new_model(folder, everything, patience=patience)
    model.callbacks.append(stop)
    train(model, task, training, validation, epochs=2 * epochs, steps=STEPS_AN_EPOCH)
    spent_s = clock.spent_s
    model.optimize_thresholds(*validation)
    return model, stop.steps, spent_s


def new_model(folder: TaskFolder, known: Any, *, patience: int) -> StarDist3D:
    """An untrained model in the folder, for cells and patches that fit all known volumes."""
    extents = np.maximum(calculate_extents(known[1]), 1)
    anisotropy = tuple((extents.max() / extents).tolist())
    grid = tuple(1 if factor > 1.5 else 2 for factor in anisotropy)
    least = np.min([volume.shape for volume in known[0]], 0)
    patch = tuple(min(PATCH_PX, size // 8 * 8) for size in least.tolist())
    config = Config3D(
        rays=Rays_GoldenSpiral(RAYS, anisotropy=anisotropy), grid=grid, anisotropy=anisotropy, n_channel_in=1,
        use_gpu=False, train_tensorboard=False, train_patch_size=patch, train_batch_size=1,
        train_reduce_lr={"factor": 0.5, "patience": patience, "min_delta": 0},
    )  # fmt: skip
    model = StarDist3D(config, name="net", basedir=str(folder.model))
    model.prepare_for_training()
    return model


def train(model: StarDist3D, task: Task, training: Any, validation: Any, *, epochs: int, steps: int) -> None:
    """Its own training, with patches changed by chance."""
    chance = np.random.default_rng(task.seed)
    model.train(
        *training, validation_data=validation, augmenter=lambda x, y: vary(chance, x, y), seed=task.seed,
        epochs=epochs, steps_per_epoch=steps,
    )  # fmt: skip


def vary(chance: np.random.Generator, pixels: Volume, labels: Volume) -> tuple[Volume, Volume]:
    """Mirrored along any axis, turned in the plane, brightened."""
    for axis in range(3):
        if chance.integers(2):
            pixels, labels = np.flip(pixels, axis), np.flip(labels, axis)
    if pixels.shape[1] == pixels.shape[2]:
        turns = int(chance.integers(4))
        pixels, labels = (np.rot90(array, turns, (1, 2)) for array in (pixels, labels))
    return pixels * chance.uniform(0.6, 2) + chance.uniform(-0.2, 0.2), labels


def read_part(folder: TaskFolder, part: str) -> tuple[list[Volume], list[Volume]]:
    """Normalised volumes, and labels."""
    pixels, labels = folder.read_pictures(part)
    return [normalised(volume) for volume in pixels], labels


def normalised(pixels: Volume) -> Volume:
    """By the percentiles of the whole volume."""
    return np.asarray(normalize(pixels, FIRST_PERCENT, LAST_PERCENT), np.float32)


if __name__ == "__main__":
    main(TaskFolder(Path(sys.argv[1])))
