"""Instance segmentation: learns from labelled cells to find every cell and draw its outline.

    python -m training.engine.recipes.instances RUN

The net is a residual U-Net that tells foreground, edge, and either the normalised distance to the cell's
edge or the flow to its middle (setting `target`). It sees one plane at a time: movies frame by frame,
stacks slice by slice.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from annotation.core import matching
from training.contract.manifest import Split
from training.contract.results import ModelCard, RunResult, Scores
from training.contract.specs import Action
from training.engine import pictures, scoring, trained, tuning
from training.engine.averaging import WeightAverage
from training.engine.checkpoints import TrainingState
from training.engine.data import opening
from training.engine.data.batches import BatchMaker
from training.engine.data.frames import TrainingFrames, ignore_by_weight
from training.engine.data.images import LabelledImage
from training.engine.data.kinds import sampling_weights, sort_into_kinds
from training.engine.decoding import quality
from training.engine.decoding.quality import Calibration
from training.engine.decoding.tiles import MIRRORED_AND_ENLARGED, PLAIN, Reader
from training.engine.decoding.watershed import without_small
from training.engine.devices import Device
from training.engine.errors import RunCancelled, RunStopped
from training.engine.gradients import GradientMaker
from training.engine.instance_kinds import KINDS, InstanceKind
from training.engine.nets.unet import WIDTHS, UNet
from training.engine.predicting import FoundCells, predict_images, read_maps
from training.engine.process import Run, run_recipe
from training.engine.schedules import Budget, Cadence, Patience, learning_rate
from training.engine.seeds import Chance
from training.engine.validating import validation_frames

RECIPE = "instances"
WEIGHT_DECAY = 1e-2
LARGEST_GRADIENT = 5.0
CONTINUED = 0.25
"""Share of the learning rate when a trained model learns on."""
REPORT_S, CHECKPOINT_S, VALIDATE_S = 10.0, 25.0, 45.0
LEARNING_SHARE = 0.97
"""Share of the whole run, as people are told it; the rest is choosing thresholds and scoring."""
VALIDATION_SHARE = 0.04
"""Most of the running time that validation may take."""
PREVIEW_CROPS, PREVIEW_COLUMNS = 16, 4


def train(run: Run) -> RunResult:
    """Trains until the budget is spent, then chooses thresholds, scores and saves the model.

    Raises NothingToLearn, ChannelMismatch, UnreadableImage, WrongModel, RunCancelled, RunStopped.
    """
    settings, folder = run.spec.settings, run.folder
    kind = KINDS[settings["target"]]
    run.report.status("Reading the training images.", fraction=0.0)
    chance = Chance(run.spec.seed)
    frames, batches, net = set_up(run, kind, chance)
    gradients = GradientMaker(net, kind.loss, batches.make, run.device)
    gradients.train_mode()
    optimizer = torch.optim.AdamW(net.parameters(), weight_decay=WEIGHT_DECAY, fused=True)
    state = TrainingState(net, WeightAverage(net), optimizer, chance, Patience(settings["patience"]))
    resumed = state.restore(folder.checkpoint)
    validation = opening.open_split(folder, run.manifest, Split.VALIDATION)
    watched = validation_frames(validation)
    reader = make_reader(state.average.net, kind, run.device, flips=False)
    peak = settings["learning_rate"] * (CONTINUED if run.spec.model_dir else 1.0)
    epoch = batches.steps_per_epoch()
    steps = None if run.spec.max_epochs is None else run.spec.max_epochs * epoch
    budget = Budget(run.spec.minutes, steps, spent_s=state.elapsed_s)
    report, checkpoint = Cadence(REPORT_S), Cadence(CHECKPOINT_S, budget.elapsed_s + CHECKPOINT_S)
    validate = Cadence(VALIDATE_S, budget.elapsed_s + VALIDATE_S / 2)
    done = LEARNING_SHARE * budget.fraction(state.step)
    run.report.status("Learning goes on." if resumed else "Learning.", fraction=done)

    while (fraction := budget.fraction(state.step)) < 1 and not state.patience.exhausted:
        try:
            run.raise_if_asked_to_stop()
        except (RunCancelled, RunStopped):
            state.save(folder.checkpoint, elapsed_s=budget.elapsed_s)
            raise
        rate = learning_rate(peak, step=state.step, fraction=fraction)
        for group in optimizer.param_groups:
            group["lr"] = rate
        loss = gradients.step(batches.draw(chance, run.device.parts))
        torch.nn.utils.clip_grad_norm_(gradients.parameters, LARGEST_GRADIENT)
        optimizer.step()
        state.average.follow(net, state.step)
        state.count(loss)

        at_epoch = steps is not None and state.step % epoch == 0
        if at_epoch or (steps is None and report.due(budget.elapsed_s)):
            values = {"loss": state.mean_loss(), "learning_rate": rate}
            run.report.metrics(
                state.step, epoch=state.step / epoch, elapsed_s=budget.elapsed_s, values=values
            )
            run.report.status("Learning.", fraction=LEARNING_SHARE * fraction, eta_s=budget.eta_s(state.step))
        if watched and validate.due(budget.elapsed_s):
            began = budget.elapsed_s
            score = watch(run, reader, kind, watched, state)
            run.report.metrics(
                state.step, epoch=state.step / epoch, elapsed_s=budget.elapsed_s, values={"val_ap50": score}
            )
            state.keep_if_best(score)
            validate.at_least((budget.elapsed_s - began) / VALIDATION_SHARE)
        if checkpoint.due(budget.elapsed_s):
            state.save(folder.checkpoint, elapsed_s=budget.elapsed_s)

    state.save(folder.checkpoint, elapsed_s=budget.elapsed_s)
    return finish(run, kind, state, frames, validation, epoch)


def set_up(run: Run, kind: InstanceKind, chance: Chance) -> tuple[TrainingFrames, BatchMaker, UNet]:
    """Reads the training images, sorts them into kinds, and makes the net, fresh or from a trained model."""
    settings = run.spec.settings
    images = opening.open_training(run.folder, run.manifest)
    net = _start_net(run, kind, opening.common_channels(images))
    frames = TrainingFrames(
        images,
        channels=net.channels,
        build_target=lambda labels, _image: kind.build_target(labels),
        ignore=ignore_by_weight,
    )
    opening.refuse_without_cells(frames)
    kinds = sort_into_kinds(np.stack([facts.features for facts in frames.facts]), chance.rng)
    areas = np.array([facts.size[0] * facts.size[1] for facts in frames.facts], float)
    batches = BatchMaker(
        frames=frames,
        weights=sampling_weights(kinds, areas),
        batch=settings["batch"],
        crop_px=settings["crop_px"] // net.multiple * net.multiple,
        scale_jitter=settings["scale_jitter"],
        colour_jitter=settings["colour_jitter"],
        vectors=kind.vectors,
    )
    return frames, batches, net


def make_reader(net: UNet, kind: InstanceKind, device: Device, *, flips: bool) -> Reader:
    """How this recipe asks its net."""
    return Reader(
        net=net,
        multiple=net.multiple,
        device=device,
        activate=kind.activate,
        vectors=kind.vectors,
        views=MIRRORED_AND_ENLARGED if flips else PLAIN,
    )


def watch(
    run: Run,
    reader: Reader,
    kind: InstanceKind,
    watched: Sequence[tuple[LabelledImage, int, int]],
    state: TrainingState,
) -> float:
    """Pooled AP at IoU 0.5 over a few validation frames with the first decoding; shows one of them as a
    picture.
    """
    decoding = kind.decodings[0]
    matches = []
    shown = state.validations % len(watched)
    for place, (image, t, z) in enumerate(watched):
        frame, truth = image.read(t, z), image.read_truth(t, z)
        found = kind.decode(read_maps(reader, frame, state.average.net.channels), decoding)
        labels = scoring.judged(found, truth.ignored)
        matches.append(scoring.match(truth, labels))
        if place == shown:
            picture = pictures.comparison(frame, truth.labels, labels)
            caption = f"{image.line.name}: image, truth, prediction after {state.step} steps"
            run.report.picture(f"validation-{state.step:06d}.png", picture, caption=caption, step=state.step)
    state.validations += 1
    return round(scoring.average_precision(matches), 4)


def finish(
    run: Run,
    kind: InstanceKind,
    state: TrainingState,
    frames: TrainingFrames,
    validation: list[LabelledImage],
    epoch: int,
) -> RunResult:
    """Chooses thresholds, scores on the validation and test images, and saves the model."""
    settings = run.spec.settings
    net: UNet = state.best_net()
    reader = make_reader(net, kind, run.device, flips=settings["flips"])
    run.report.status("Choosing thresholds by validation and training images.", fraction=0.98)
    read = [
        tuning.ReadFrame(read_maps(reader, image.read(t, z), net.channels), image.read_truth(t, z))
        for images in (validation, list(frames.images))
        for image, t, z in validation_frames(images, most_px=tuning.MOST_PX)
    ]
    decoding, tuned = tuning.choose_decoding(kind, read, run.device, size_px=settings["min_size_px"])
    run.report.status("Scoring the model on images it has not seen.", fraction=0.99)
    scores = score_images(run, net, reader, kind, decoding)
    card = ModelCard(
        recipe=RECIPE,
        net=net.describe(),
        settings=settings,
        channels=sorted({image.channels for image in frames.images}),
        object_size_px=opening.median_diameter_px(frames),
        decoding=decoding,
        scores=scores,
        seed=run.spec.seed,
        code_version=run.spec.code_version,
        versions=trained.versions(),
        data_digest=opening.data_digest(frames),
        training={
            "steps": state.step,
            "epochs": round(state.step / epoch, 2),
            "elapsed_s": round(state.elapsed_s, 1),
            "frames": len(frames.frames),
            "tuned": tuned,
        },
    )
    trained.save(run.folder.model, net, card)
    note = None if validation else "No validation images: thresholds were chosen on training images alone."
    run.report.status(note or "Done.", fraction=1.0, eta_s=0.0)
    return RunResult(ok=True, scores=scores, summary={**card.training, "note": note})


def score_images(run: Run, net: UNet, reader: Reader, kind: InstanceKind, decoding: dict[str, Any]) -> Scores:
    """Scores by split over all labelled images of the run but those for training, every frame of them."""
    scores: Scores = {}
    for split in (Split.VALIDATION, Split.TEST):
        counts: list[matching.ImageCounts] = []
        for image in opening.open_split(run.folder, run.manifest, split):
            for t, z in image.frames:
                run.raise_if_asked_to_stop()
                found = find_cells(read_maps(reader, image.read(t, z), net.channels), kind, decoding)
                counts.append(scoring.count(image.read_truth(t, z), found.labels))
        if counts:
            scores[split.value] = scoring.instance_scores(counts)
    return scores


def find_cells(maps: npt.NDArray[np.float32], kind: InstanceKind, decoding: dict[str, Any]) -> FoundCells:
    """The cells in a frame's maps (k, y, x) with their quality; those below the least quality are dropped."""
    labels = kind.decode(maps, decoding)
    chances = Calibration(tuple(decoding["calibration"])).chances(
        quality.measure(labels, maps[0], maps[kind.edge])
    )
    keep = chances >= decoding["chance"]
    kept = np.where(np.append(False, keep)[labels], labels, 0).astype(np.int64)
    return FoundCells(without_small(kept, 1), chances[keep])


def predict(run: Run) -> RunResult:
    """Writes labels and qualities for every image. Raises WrongModel, UnreadableImage, RunCancelled,
    RunStopped.
    """
    net, card = trained.load(Path(str(run.spec.model_dir)), recipe=RECIPE)
    kind = KINDS[card.settings["target"]]
    reader = make_reader(run.device.place_net(net), kind, run.device, flips=bool(card.settings["flips"]))
    summary = predict_images(run, reader, net.channels, lambda maps: find_cells(maps, kind, card.decoding))
    return RunResult(ok=True, summary=summary)


def evaluate(run: Run) -> RunResult:
    """Scores a trained model on the labelled images of the run. Raises WrongModel, UnreadableImage."""
    net, card = trained.load(Path(str(run.spec.model_dir)), recipe=RECIPE)
    kind = KINDS[card.settings["target"]]
    reader = make_reader(run.device.place_net(net), kind, run.device, flips=bool(card.settings["flips"]))
    return RunResult(ok=True, scores=score_images(run, net, reader, kind, card.decoding))


def preview(run: Run) -> RunResult:
    """Pictures of crops as the net will see them, with what it is to learn beside them."""
    kind = KINDS[run.spec.settings["target"]]
    chance = Chance(run.spec.seed)
    _, batches, _ = set_up(run, kind, chance)
    drawn = [batches.make(batches.draw(chance, 1)[0]) for _ in range(-(-PREVIEW_CROPS // batches.batch))]
    pixels = np.concatenate([p.numpy() for p, _ in drawn])[:PREVIEW_CROPS]
    target = np.concatenate([t.numpy() for _, t in drawn])[:PREVIEW_CROPS]
    seen = pictures.grid([pictures.show(p) for p in pixels], PREVIEW_COLUMNS)
    run.report.picture("crops.png", seen, caption="Crops as the net sees them, varied at random", step=0)
    wanted = pictures.grid([pictures.show_target(t) for t in target], PREVIEW_COLUMNS)
    run.report.picture("targets.png", wanted, caption="What the net is to learn of the same crops", step=0)
    return RunResult(ok=True, summary={"crops": len(pixels)})


def _start_net(run: Run, kind: InstanceKind, channels: int) -> UNet:
    if run.spec.model_dir is None:
        widths = WIDTHS[run.spec.settings["width"]]
        net = UNet(channels=channels, outputs=kind.outputs, widths=widths)
    else:
        net, card = trained.load(Path(run.spec.model_dir), recipe=RECIPE)
        trained.refuse_other_setting(card, "target", run.spec.settings["target"])
        net.requires_grad_(True)
    return run.device.place_net(net)


ACTIONS = {Action.TRAIN: train, Action.PREDICT: predict, Action.PREVIEW: preview, Action.EVALUATE: evaluate}

if __name__ == "__main__":
    sys.exit(run_recipe(RECIPE, ACTIONS, sys.argv[1:]))
