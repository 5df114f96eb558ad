"""Semantic segmentation: learns which pixels belong to which class of cells.

    python -m training.engine.recipes.semantic RUN

Class 0 is background. The setting `classes` names the others, and `labels/ID.json` says the class of each
cell; cells without a class are not learned from. Without classes it is foreground against background. The
net sees one plane at a time: movies frame by frame, stacks slice by slice, unless they are learned as
volumes.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from training.contract.manifest import Split
from training.contract.results import RunResult, Scores
from training.contract.specs import Action
from training.engine import losses, pictures, previewing, scoring, trained
from training.engine.checkpoints import TrainingState
from training.engine.data import opening
from training.engine.data.batches import BatchMaker
from training.engine.data.frames import TrainingFrames, ignore_all
from training.engine.data.images import LabelledImage
from training.engine.data.kinds import sampling_weights, sort_into_kinds
from training.engine.decoding import regions as region_decoding
from training.engine.decoding.tiles import MIRRORED, PLAIN, Reader
from training.engine.devices import Device
from training.engine.errors import NothingToLearn
from training.engine.gradients import of_maps
from training.engine.learning import Learned, Watch, learn
from training.engine.nets.unet import WIDTHS, UNet
from training.engine.predicting import FoundCells, predict_images, read_maps
from training.engine.process import Run, run_recipe
from training.engine.seeds import Chance
from training.engine.stitching import regions_by_block
from training.engine.targets import regions
from training.engine.validating import validation_frames
from training.engine.volumes import semantic as volumes
from training.engine.volumes import starting

RECIPE = "semantic"
MOST_WEIGHT = 10.0


def train(run: Run) -> RunResult:
    """Trains until the budget is spent, then scores and saves the model.

    Raises NothingToLearn, ChannelMismatch, UnreadableImage, WrongModel, RunCancelled, RunStopped.
    """
    if starting.learns_volumes(run):
        return volumes.train(run, class_names(run))
    run.report.status("Reading the training images.", fraction=0.0)
    chance = Chance(run.spec.seed)
    frames, batches, net = set_up(run, chance)
    weights = run.device.place_plain(class_weights(frames))
    watched = validation_frames(opening.open_split(run.folder, run.manifest, Split.VALIDATION))

    def loss(said: Tensor, wanted: Tensor) -> Tensor:
        return losses.region_loss(said, wanted, weights)

    def watch(average: UNet) -> Watch | None:
        reader = make_reader(average, run.device, flips=False)
        return (lambda state: validate(run, reader, watched, state)) if watched else None

    learned = learn(run, net=net, lesson=batches, loss=of_maps(loss), chance=chance, watch=watch)
    return finish(run, learned, frames)


def class_names(run: Run) -> list[str]:
    """Names of the classes, background first."""
    return ["background", *(run.spec.settings["classes"] or ["foreground"])]


def build_target(labels: npt.NDArray[np.uint32], image: LabelledImage, classes: int) -> npt.NDArray[np.uint8]:
    """One plane a class, uint8 (classes + 1, y, x), from labels uint32 (p, y, x)."""
    return regions.build(labels, image.classes, classes)


def true_classes(image: LabelledImage, t: int, z: int, classes: int) -> npt.NDArray[np.int64]:
    """Class of each pixel of a frame, int64 (y, x); −1 where nothing is known or nothing shall be scored."""
    truth = image.read_truth(t, z)
    return np.where(truth.ignored, -1, regions.class_map(truth.labels, image.classes, classes))


def set_up(run: Run, chance: Chance) -> tuple[TrainingFrames, BatchMaker, UNet]:
    """Reads the training images, sorts them into kinds, and makes the net, fresh or from a trained model."""
    settings, classes = run.spec.settings, len(class_names(run)) - 1
    images = opening.open_training(run.folder, run.manifest)
    net = _start_net(run, opening.common_channels(images), classes)
    frames = TrainingFrames(
        images,
        channels=net.channels,
        build_target=lambda labels, image: build_target(labels, image, classes),
        ignore=ignore_all,
    )
    opening.refuse_without_cells(frames)
    if classes > 1 and not any(image.classes for image in images):
        raise NothingToLearn(
            "No cell of the training images has a class; give classes, or train without them."
        )
    kinds = sort_into_kinds(np.stack([facts.features for facts in frames.facts]), chance.rng)
    areas = np.array([facts.size[0] * facts.size[1] for facts in frames.facts], float)
    batches = BatchMaker(
        frames=frames,
        weights=sampling_weights(kinds, areas),
        batch=settings["batch"],
        crop_px=settings["crop_px"] // net.multiple * net.multiple,
        scale_jitter=settings["scale_jitter"],
        colour_jitter=settings["colour_jitter"],
        elastic_px=settings["elastic_px"],
    )
    return frames, batches, net


def class_weights(frames: TrainingFrames) -> Tensor:
    """Weight of each class, float32 (k,): rarer classes count more, by the root of how much rarer, mean 1."""
    pixels = np.sum([facts.target_sums for facts in frames.facts], axis=0)
    share = np.maximum(pixels / max(pixels.sum(), 1), 1e-6)
    weights = np.minimum(np.sqrt(share.max() / share), MOST_WEIGHT)
    return torch.from_numpy(np.asarray(weights / weights.mean(), np.float32))


def activate(said: Tensor) -> Tensor:
    """Logits (b, k, y, x) → shares of the classes."""
    return said.softmax(1)


def make_reader(net: UNet, device: Device, *, flips: bool) -> Reader:
    """How this recipe asks its net."""
    return Reader(
        net=net, multiple=net.multiple, device=device, activate=activate, views=MIRRORED if flips else PLAIN
    )


def validate(
    run: Run, reader: Reader, watched: Sequence[tuple[LabelledImage, int, int]], state: TrainingState
) -> dict[str, float]:
    """Mean IoU over a few validation frames; shows one of them as a picture."""
    classes = state.average.net.outputs
    table = np.zeros((classes, classes), np.int64)
    shown = state.validations % len(watched)
    for place, (image, t, z) in enumerate(watched):
        frame, truth = image.read(t, z), true_classes(image, t, z, classes - 1)
        said = region_decoding.class_map(read_maps(reader, frame, state.average.net.channels))
        table += scoring.region_table(truth, said, classes)
        if place == shown:
            true = np.maximum(truth, 0).astype(np.uint32)
            picture = pictures.comparison(frame, true[None], said.astype(np.uint32))
            caption = f"{image.line.name}: image, truth, prediction after {state.step} steps"
            run.report.picture(f"validation-{state.step:06d}.png", picture, caption=caption, step=state.step)
    state.validations += 1
    return {"val_mean_iou": scoring.region_scores(table, class_names(run))["mean_iou"]}


def finish(run: Run, learned: Learned[UNet], frames: TrainingFrames) -> RunResult:
    """Scores on validation and test, and saves the model."""
    settings, net = run.spec.settings, learned.net
    run.report.status("Scoring the model on images it has not seen.", fraction=0.99)
    reader = make_reader(net, run.device, flips=settings["flips"])
    scores = score_images(run, net, reader)
    card = trained.card(
        run,
        RECIPE,
        net,
        channels=sorted({image.channels for image in frames.images}),
        object_size_px=opening.median_diameter_px(frames),
        decoding={"size_px": settings["min_size_px"]},
        scores=scores,
        data_digest=opening.data_digest(frames),
        training={**learned.training, "frames": len(frames.frames)},
    )
    trained.save(run.folder.model, net, card)
    run.report.status("Done.", fraction=1.0, eta_s=0.0)
    note = None if scores else "There are no validation or test images: the model has no scores."
    return RunResult(ok=True, scores=scores, summary={**card.training, "note": note})


def score_images(run: Run, net: UNet, reader: Reader) -> Scores:
    """Scores by split over the validation and test images of the run, every frame of them."""
    scores: Scores = {}
    for split in (Split.VALIDATION, Split.TEST):
        images = opening.open_split(run.folder, run.manifest, split)
        table = np.zeros((net.outputs, net.outputs), np.int64)
        for image in images:
            for t, z in image.frames:
                run.raise_if_asked_to_stop()
                truth = true_classes(image, t, z, net.outputs - 1)
                said = region_decoding.class_map(read_maps(reader, image.read(t, z), net.channels))
                table += scoring.region_table(truth, said, net.outputs)
        if images:
            scores[split.value] = scoring.region_scores(table, class_names(run))
    return scores


def predict(run: Run) -> RunResult:
    """Writes regions, classes and qualities. Raises WrongModel, UnreadableImage, RunCancelled, RunStopped."""
    if starting.knows_volumes(run):
        return volumes.predict(run)
    net, card = trained.load(Path(str(run.spec.model_dir)), recipe=RECIPE)
    reader = make_reader(run.device.place_net(net), run.device, flips=bool(run.spec.settings["flips"]))
    size_px = int(card.decoding["size_px"])

    def find(maps: npt.NDArray[np.float32]) -> FoundCells:
        labels, classes, share = region_decoding.decode(maps, size_px)
        return FoundCells(labels, share, classes)

    large = regions_by_block(size_px)
    return RunResult(ok=True, summary=predict_images(run, reader, net.channels, find, large=large))


def evaluate(run: Run) -> RunResult:
    """Scores a trained model on the validation and test images. Raises WrongModel, UnreadableImage."""
    if starting.knows_volumes(run):
        return volumes.evaluate(run, class_names(run))
    net, card = trained.load(Path(str(run.spec.model_dir)), recipe=RECIPE)
    trained.refuse_other_setting(card, "classes", run.spec.settings["classes"])
    reader = make_reader(run.device.place_net(net), run.device, flips=bool(run.spec.settings["flips"]))
    return RunResult(ok=True, scores=score_images(run, net, reader))


def preview(run: Run) -> RunResult:
    """Pictures of crops as the net will see them, with what it is to learn beside them."""
    if starting.learns_volumes(run):
        return volumes.preview(run, class_names(run))
    chance = Chance(run.spec.seed)
    _, batches, _ = set_up(run, chance)
    return previewing.show_crops(run, batches, chance, shown=slice(1, None))


def _start_net(run: Run, channels: int, classes: int) -> UNet:
    if run.spec.model_dir is None:
        net = UNet(channels=channels, outputs=classes + 1, widths=WIDTHS[run.spec.settings["width"]])
    else:
        net, card = trained.load(Path(run.spec.model_dir), recipe=RECIPE)
        trained.refuse_other_setting(card, "classes", run.spec.settings["classes"])
        net.requires_grad_(True)
    return run.device.place_net(net)


ACTIONS = {Action.TRAIN: train, Action.PREDICT: predict, Action.PREVIEW: preview, Action.EVALUATE: evaluate}

if __name__ == "__main__":
    sys.exit(run_recipe(RECIPE, ACTIONS, sys.argv[1:]))
