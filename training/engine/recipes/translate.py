"""Augmented microscopy: learns to predict a channel that was not recorded from channels that were.

    python -m training.engine.recipes.translate RUN

Channels of one image are input and truth, so no labels are needed. The net says of every pixel of
every target channel a place and a scale; factors by predicted brightness, chosen on validation images and,
where these are few, on all places of the training images, make the scales honest (Christiansen et al. 2018,
doi:10.1016/j.cell.2018.03.040; Ounkomol et al. 2018, doi:10.1038/s41592-018-0111-2).
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from torch import Tensor

from training.contract.manifest import Split
from training.contract.results import RunResult, Scores
from training.contract.specs import Action
from training.engine import losses, pictures, trained, translation_baselines, translation_calibrating
from training.engine.data import opening
from training.engine.data.channel_frames import ChannelFrames, ChannelLesson, vary_intensity
from training.engine.data.channel_images import (
    ChannelImage,
    Channels,
    choose_channels,
    refuse_other_planes,
)
from training.engine.data.images import LabelledImage
from training.engine.decoding.tiles import MIRRORED, PLAIN, Reader
from training.engine.devices import Device
from training.engine.errors import WrongModel
from training.engine.gradients import of_maps
from training.engine.learning import Learned, Watch, learn
from training.engine.nets.unet import WIDTHS, UNet
from training.engine.novelty import learn_familiar
from training.engine.process import Run, run_recipe
from training.engine.seeds import Chance
from training.engine.translating import StackReader, Translation, activate, translate_images
from training.engine.translation_baselines import Baselines
from training.engine.translation_calibrating import calibrate
from training.engine.translation_judging import open_channels, score_images, spread, validate
from training.engine.volumes import choosing, reading, starting
from training.engine.volumes.losses import voxelwise
from training.engine.volumes.reading import VolumeReader
from training.engine.volumes.stacks import Stack

RECIPE = "translate"
WATCHED, CALIBRATED = 6, 32
"""Most frames that are looked at while it learns, and that say how honest the scales are."""
CROPS_SHOWN = 8


def train(run: Run) -> RunResult:
    """Trains until the budget is spent, calibrates, scores and saves the model.

    Raises NothingToLearn, MissingChannel, ChannelMismatch, UnreadableImage, WrongModel, RunCancelled,
    RunStopped.
    """
    run.report.status("Reading the training images.", fraction=0.0)
    chance = Chance(run.spec.seed)
    channels, frames, lesson, net = set_up(run)
    scale = frames.target_scale() if is_shared(run) else None
    watched = spread(open_channels(run, channels, Split.VALIDATION, net.channels, scale), WATCHED)

    def watch(average: UNet) -> Watch | None:
        reader = make_reader(average, run.device, flips=False)
        return (lambda state: validate(run, reader, watched, channels, state)) if watched else None

    loss = of_maps(voxelwise(losses.translation_loss) if net.z_steps else losses.translation_loss)
    learned = learn(run, net=net, lesson=lesson, loss=loss, chance=chance, watch=watch)
    return finish(run, learned, frames, channels)


def is_shared(run: Run) -> bool:
    """Do grey values of the targets mean the same in all images?"""
    return str(run.spec.settings["brightness"]) == "same"


def has_few_validation_images(run: Run) -> bool:
    """Are there so few validation images that intervals are calibrated on training images too?"""
    held_out = [line for line in run.manifest if line.split is Split.VALIDATION]
    return len(held_out) < translation_calibrating.ENOUGH


def set_up(run: Run) -> tuple[Channels, ChannelFrames, Any, UNet]:
    """Reads the training images and makes the lesson, of planes or volumes, and the net, fresh or trained."""
    settings = run.spec.settings
    opened = opening.open_training(run.folder, run.manifest)
    channels = choose_channels(
        opened[0], settings["inputs"], settings["targets"], z_stack=settings["z_stack"]
    )
    images = [ChannelImage(image, channels, with_targets=True) for image in opened]
    for image in images:
        refuse_other_planes(image, images[0].planes)
    spacing = choosing.anisotropy(opened) if learns_volumes(run, opened) else None
    net = _start_net(run, channels, images[0].planes, opened, spacing)
    keeps_back = spacing is None and has_few_validation_images(run)
    frames = ChannelFrames(images, shared=is_shared(run), keeps_back=keeps_back)
    for image in images if is_shared(run) else []:
        image.target_scale = frames.target_scale()
    if spacing is not None:
        words = {"whole": 1.0, "vary": vary_intensity}
        return channels, frames, starting.make_lesson(run, stack_up(frames), spacing, net, **words), net
    lesson = ChannelLesson(
        frames=frames,
        batch=settings["batch"],
        crop_px=settings["crop_px"] // net.multiple * net.multiple,
        scale_jitter=settings["scale_jitter"],
        intensity_jitter=settings["colour_jitter"],
        elastic_px=settings["elastic_px"],
    )
    return channels, frames, lesson, net


def learns_volumes(run: Run, images: Sequence[LabelledImage]) -> bool:
    """Whether stacks are translated as volumes; one of which a single plane is made never is."""
    return not run.spec.settings["z_stack"] and choosing.wants_volumes(run.spec.settings, images)


def stack_up(frames: ChannelFrames) -> list[Stack]:
    """The training frames as volumes: the slices of each image and time together."""
    slices: dict[tuple[int, int], list[int]] = {}
    for number, frame in enumerate(frames.frames):
        slices.setdefault((frame.image, frame.t), []).append(number)
    found = []
    for numbers in slices.values():
        planes = np.stack([frames.window(number) for number in numbers], 1).astype(np.float16)
        seen, wanted = planes[: frames.inputs], planes[frames.inputs :]
        nowhere, none = np.zeros((0, 3), np.int32), np.zeros(0)
        found.append(Stack(seen, wanted, nowhere, none, frames.digests[numbers[0]], none))
    return found


def make_reader(net: UNet, device: Device, *, flips: bool) -> Reader | StackReader:
    """How this recipe asks its net."""
    if net.z_steps is not None:
        multiple = (net.z_multiple, net.multiple, net.multiple)
        turned = reading.MIRRORED if flips else reading.PLAIN
        return StackReader(
            VolumeReader(net=net, multiple=multiple, device=device, activate=activate, views=turned)
        )
    views = MIRRORED if flips else PLAIN
    return Reader(net=net, multiple=net.multiple, device=device, activate=activate, views=views)


def finish(run: Run, learned: Learned[UNet], frames: ChannelFrames, channels: Channels) -> RunResult:
    """Calibrates, scores on validation and test, and saves the model."""
    settings, net = run.spec.settings, learned.net
    run.report.status("Calibrating and scoring the model on images it has not seen.", fraction=0.98)
    reader = make_reader(net, run.device, flips=settings["flips"])
    scale, shared = frames.target_scale(), is_shared(run)
    held_out = open_channels(run, channels, Split.VALIDATION, net.channels, scale if shared else None)
    asked = spread(held_out, CALIBRATED)
    honest, usual = calibrate(run, reader, asked, frames, settings["interval"], CALIBRATED)
    inputs = (frames.window(i)[: frames.inputs] for i in range(min(len(frames.frames), CALIBRATED)))
    known = Translation(channels, honest, scale.low, scale.span, usual, learn_familiar(inputs), shared)
    baselines = translation_baselines.fit(frames, np.random.default_rng(run.spec.seed))
    scores = score_images(run, reader, net.channels, known, baselines, settings["interval"])
    card = trained.card(
        run,
        RECIPE,
        net,
        channels=sorted({image.image.channels for image in frames.images}),
        object_size_px=None,
        decoding={**known.to_json(), "interval": settings["interval"], "baselines": baselines.to_json()},
        scores=scores,
        data_digest=frames.digest(),
        training={**learned.training, "frames": len(frames.frames)},
    )
    trained.save(run.folder.model, net, card)
    run.report.status("Done.", fraction=1.0, eta_s=0.0)
    return RunResult(ok=True, scores=scores, summary={**card.training, "note": _note(len(held_out), scores)})


def predict(run: Run) -> RunResult:
    """Writes predicted channels with their uncertainty. Raises WrongModel, MissingChannel, UnreadableImage,
    RunCancelled, RunStopped."""
    net, card = trained.load(Path(str(run.spec.model_dir)), recipe=RECIPE)
    reader = make_reader(run.device.place_net(net), run.device, flips=bool(run.spec.settings["flips"]))
    return RunResult(ok=True, summary=translate_images(run, reader, net.channels, Translation.of(card)))


def evaluate(run: Run) -> RunResult:
    """Scores a trained model on the validation and test images. Raises WrongModel, MissingChannel."""
    net, card = trained.load(Path(str(run.spec.model_dir)), recipe=RECIPE)
    reader = make_reader(run.device.place_net(net), run.device, flips=bool(run.spec.settings["flips"]))
    baselines = Baselines.from_json(card.decoding["baselines"])
    level = float(card.decoding["interval"])
    scores = score_images(run, reader, net.channels, Translation.of(card), baselines, level)
    return RunResult(ok=True, scores=scores)


def preview(run: Run) -> RunResult:
    """Pictures of crops as the net will see them, and of what it is to learn."""
    chance = Chance(run.spec.seed)
    channels, _, lesson, _ = set_up(run)
    drawn = [lesson.make(lesson.draw(chance, 1)[0]) for _ in range(-(-CROPS_SHOWN // lesson.batch))]
    seen = np.concatenate([middle_slices(pixels) for pixels, _ in drawn])[:CROPS_SHOWN]
    wanted = np.nan_to_num(np.concatenate([middle_slices(target) for _, target in drawn])[:CROPS_SHOWN])
    crops = pictures.grid([pictures.show(crop[len(crop) // 2][None]) for crop in seen], 4)
    run.report.picture("crops.png", crops, caption="Input as the net sees it, varied at random", step=0)
    for k, name in enumerate(channels.targets):
        picture = pictures.grid([pictures.show(crop[k][None]) for crop in wanted], 4)
        run.report.picture(f"targets-{k}.png", picture, caption=f"What is to be predicted: {name}", step=0)
    return RunResult(ok=True, summary={"crops": len(seen)})


def middle_slices(crops: Tensor) -> npt.NDArray[np.float32]:
    """Crops (b, c, y, x) as they are, of (b, c, z, y, x) the slices in the middle."""
    return np.asarray(crops.numpy() if crops.ndim == 4 else crops[:, :, crops.shape[2] // 2].numpy())


def _start_net(
    run: Run, channels: Channels, planes: int, images: Sequence[LabelledImage], spacing: float | None
) -> UNet:
    outputs = 2 * len(channels.targets)
    if run.spec.model_dir is None and spacing is not None:
        return starting.start_net(run, RECIPE, images, spacing, outputs, channels=planes)
    if run.spec.model_dir is None:
        return run.device.place_net(
            UNet(channels=planes, outputs=outputs, widths=WIDTHS[run.spec.settings["width"]])
        )
    net, card = trained.load(Path(run.spec.model_dir), recipe=RECIPE)
    if (net.z_steps is None) != (spacing is None):
        read, asked = ("slices", "volumes") if spacing else ("volumes", "slices")
        raise WrongModel(
            f"The trained model reads {read}, but {asked} are to be learned; "
            "ask for the same, or start without a trained model."
        )
    if Translation.of(card).channels != channels or net.channels != planes:
        raise WrongModel(
            f"The trained model predicts {', '.join(card.decoding['targets'])} from "
            f"{', '.join(card.decoding['inputs'])}; ask for the same, or start without a trained model."
        )
    net.requires_grad_(True)
    return run.device.place_net(net)


def _note(held_out: int, scores: Scores) -> str | None:
    if not held_out:
        return (
            "There are no validation images: the intervals were calibrated on the training images, of which "
            "squares were kept back from learning. Images unlike these may be covered worse."
        )
    return None if "test" in scores else "There are no test images: only validation images are scored."


ACTIONS = {Action.TRAIN: train, Action.PREDICT: predict, Action.PREVIEW: preview, Action.EVALUATE: evaluate}

if __name__ == "__main__":
    sys.exit(run_recipe(RECIPE, ACTIONS, sys.argv[1:]))
