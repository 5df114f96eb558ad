"""Semantic segmentation of volumes: what `recipes.semantic` does where stacks are learned as volumes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from training.contract.manifest import Split
from training.contract.results import RunResult, Scores
from training.engine import losses, scoring, trained
from training.engine.checkpoints import TrainingState
from training.engine.data import opening
from training.engine.data.images import LabelledImage
from training.engine.decoding import regions as region_decoding
from training.engine.devices import Device
from training.engine.errors import NothingToLearn
from training.engine.found import FoundCells
from training.engine.gradients import of_maps
from training.engine.learning import Watch, learn
from training.engine.nets.unet import UNet
from training.engine.process import Run
from training.engine.seeds import Chance
from training.engine.targets import regions
from training.engine.volumes import choosing, previewing, starting
from training.engine.volumes.crops import VolumeLesson
from training.engine.volumes.losses import voxelwise
from training.engine.volumes.opening import (
    KnownVolume,
    comparison,
    known_volumes,
    predict_volumes,
    read_maps,
    some_volumes,
)
from training.engine.volumes.reading import MIRRORED, PLAIN, VolumeReader
from training.engine.volumes.stacks import TrainingStacks

RECIPE = "semantic"
MOST_WEIGHT = 10.0


def train(run: Run, names: Sequence[str]) -> RunResult:
    """As `recipes.semantic.train`; `names` of the classes, background first."""
    run.report.status("Reading the training volumes.", fraction=0.0)
    chance = Chance(run.spec.seed)
    stacks, lesson, net = set_up(run, names)
    weights = run.device.place_plain(class_weights(stacks))
    watched = some_volumes(opening.open_split(run.folder, run.manifest, Split.VALIDATION))

    def loss(said: Tensor, wanted: Tensor) -> Tensor:
        return losses.region_loss(said, wanted, weights)

    def watch(average: UNet) -> Watch | None:
        reader = make_reader(average, run.device, flips=False)
        return (lambda state: validate(run, reader, watched, names, state)) if watched else None

    learned = learn(run, net=net, lesson=lesson, loss=of_maps(voxelwise(loss)), chance=chance, watch=watch)
    settings, net = run.spec.settings, learned.net
    run.report.status("Scoring the model on volumes it has not seen.", fraction=0.99)
    scores = score_images(run, net, make_reader(net, run.device, flips=settings["flips"]), names)
    card = trained.card(
        run,
        RECIPE,
        net,
        channels=sorted({image.channels for image in stacks.images}),
        object_size_px=stacks.median_diameter_px(),
        decoding={"size_px": settings["min_size_px"], "spacing": stacks.spacing},
        scores=scores,
        data_digest=stacks.digest(),
        training={**learned.training, "volumes": len(stacks.stacks)},
    )
    trained.save(run.folder.model, net, card)
    missing = None if scores else "There are no validation or test images: the model has no scores."
    note = " ".join(filter(None, [starting.told(stacks.spacing), missing]))
    run.report.status(note, fraction=1.0, eta_s=0.0)
    return RunResult(ok=True, scores=scores, summary={**card.training, "note": note})


def set_up(run: Run, names: Sequence[str]) -> tuple[TrainingStacks, VolumeLesson, UNet]:
    """Reads the training volumes, and makes the net, fresh or from a trained model."""
    images, classes = opening.open_training(run.folder, run.manifest), len(names) - 1
    if classes > 1 and not any(image.classes for image in images):
        raise NothingToLearn(
            "No cell of the training images has a class; give classes, or train without them."
        )
    spacing = choosing.anisotropy(images)
    net = starting.start_net(run, RECIPE, images, spacing, classes + 1, same=("classes",))

    def build_target(labels: npt.NDArray[np.uint32], image: LabelledImage) -> npt.NDArray[np.uint8]:
        return regions.build(labels[None], image.classes, classes)

    stacks = TrainingStacks(
        images, channels=net.channels, spacing=spacing, build_target=build_target, ignore=ignore_all
    )
    return stacks, starting.make_lesson(run, stacks.stacks, spacing, net), net


def ignore_all(target: npt.NDArray[np.uint8], ignored: npt.NDArray[np.bool_]) -> None:
    """For shares of classes (k, z, y, x): none is said."""
    target[:, ignored] = 0


def class_weights(stacks: TrainingStacks) -> Tensor:
    """As `recipes.semantic.class_weights`, of voxels."""
    voxels = np.sum([stack.target_sums for stack in stacks.stacks], axis=0)
    share = np.maximum(voxels / max(voxels.sum(), 1), 1e-6)
    weights = np.minimum(np.sqrt(share.max() / share), MOST_WEIGHT)
    return torch.from_numpy(np.asarray(weights / weights.mean(), np.float32))


def make_reader(net: UNet, device: Device, *, flips: bool) -> VolumeReader:
    """How this recipe asks its net."""
    return VolumeReader(
        net=net,
        multiple=(net.z_multiple, net.multiple, net.multiple),
        device=device,
        activate=lambda said: said.softmax(1),
        views=MIRRORED if flips else PLAIN,
    )


def true_classes(volume: KnownVolume, classes: int) -> npt.NDArray[np.int64]:
    """Class of each voxel, int64 (z, y, x); −1 where nothing is known or nothing shall be scored."""
    known = regions.class_map(volume.labels[None], volume.image.classes, classes)
    return np.where(volume.ignored, -1, known)


def validate(
    run: Run, reader: VolumeReader, watched: Sequence[KnownVolume], names: Sequence[str], state: TrainingState
) -> dict[str, float]:
    """Mean IoU over a few validation volumes; shows a slice of one of them."""
    table = np.zeros((len(names), len(names)), np.int64)
    shown = state.validations % len(watched)
    for place, volume in enumerate(watched):
        said = region_decoding.class_map(read_maps(reader, volume.pixels, state.average.net.channels))
        table += scoring.region_table(true_classes(volume, len(names) - 1), said, len(names))
        if place == shown:
            caption = f"{volume.image.line.name}: image, truth, prediction after {state.step} steps"
            picture = comparison(volume, said.astype(np.uint32))
            run.report.picture(f"validation-{state.step:06d}.png", picture, caption=caption, step=state.step)
    state.validations += 1
    return {"val_mean_iou": scoring.region_scores(table, names)["mean_iou"]}


def score_images(run: Run, net: UNet, reader: VolumeReader, names: Sequence[str]) -> Scores:
    """Scores by split over the validation and test images of the run, every voxel of them."""
    scores: Scores = {}
    for split in (Split.VALIDATION, Split.TEST):
        images = opening.open_split(run.folder, run.manifest, split)
        table = np.zeros((len(names), len(names)), np.int64)
        for volume in known_volumes(images):
            run.raise_if_asked_to_stop()
            said = region_decoding.class_map(read_maps(reader, volume.pixels, net.channels))
            table += scoring.region_table(true_classes(volume, len(names) - 1), said, len(names))
        if images:
            scores[split.value] = scoring.region_scores(table, names)
    return scores


def predict(run: Run) -> RunResult:
    """As `recipes.semantic.predict`: regions that touch over slices are one."""
    net, card = trained.load(Path(str(run.spec.model_dir)), recipe=RECIPE)
    reader = make_reader(run.device.place_net(net), run.device, flips=bool(run.spec.settings["flips"]))

    def find(pixels: npt.NDArray[Any]) -> FoundCells:
        size_px = int(card.decoding["size_px"])
        labels, classes, share = region_decoding.decode(read_maps(reader, pixels, net.channels), size_px)
        return FoundCells(labels, share, classes)

    return RunResult(ok=True, summary=predict_volumes(run, find))


def evaluate(run: Run, names: Sequence[str]) -> RunResult:
    """As `recipes.semantic.evaluate`."""
    net, card = trained.load(Path(str(run.spec.model_dir)), recipe=RECIPE)
    _refuse_other_classes(card.settings, run.spec.settings, net, names)
    reader = make_reader(run.device.place_net(net), run.device, flips=bool(run.spec.settings["flips"]))
    return RunResult(ok=True, scores=score_images(run, net, reader, names))


def preview(run: Run, names: Sequence[str]) -> RunResult:
    """As `recipes.semantic.preview`, of the middle slices of crops."""
    _, lesson, _ = set_up(run, names)
    return previewing.show_crops(run, lesson, shown=slice(1, None))


def _refuse_other_classes(
    told: Mapping[str, Any], asked: Mapping[str, Any], net: UNet, names: Sequence[str]
) -> None:
    if told.get("classes") != asked.get("classes") or net.outputs != len(names):
        raise NothingToLearn(
            f"The trained model tells {told.get('classes')}, but {asked.get('classes')} are asked for."
        )
