"""Classification: learns which class a labelled cell has, and tells it with a probability to be believed.

    python -m training.engine.recipes.classify RUN

A net reads the square around one cell, normalised by the look of its whole frame. The setting `classes` names
the classes, `labels/ID.json` says the class of each cell; cells without one are not learned from. Prediction
needs the cells of an image (`labels/ID.zarr`) and leaves their outlines and ids as they are. A cell that is
seen in several frames or slices has one class, from the mean of what is said of each.

Images that have a class as a whole come as one cell that fills each: then the net sees the whole image, and
to predict it needs no cells.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from annotation.core import class_scores
from training.contract.manifest import Split
from training.contract.results import RunResult
from training.contract.specs import Action
from training.engine import (
    calibrating,
    class_losses,
    class_pictures,
    classifying,
    explaining_cells,
    judging_classes,
    pictures,
    remembering_cells,
    thawing,
    trained,
)
from training.engine.checkpoints import TrainingState
from training.engine.data import cell_crops, opening
from training.engine.data.cell_crops import CellCrops, CropLesson
from training.engine.data.cell_places import Sight
from training.engine.devices import Device
from training.engine.errors import NothingToLearn, WrongModel
from training.engine.gradients import Loss
from training.engine.learning import Learned, Watch, learn
from training.engine.nets.backbones import Classifier, load_published
from training.engine.optimizing import adamw
from training.engine.process import Run, run_recipe
from training.engine.reading_cells import CellReader
from training.engine.seeds import Chance

RECIPE = "classify"
WATCHED_CELLS = 1000
SHOWN_CELLS = 32


def train(run: Run) -> RunResult:
    """Trains until the budget is spent, then calibrates, scores and saves the model.

    Raises NothingToLearn, ChannelMismatch, UnreadableImage, WrongModel, RunCancelled, RunStopped.
    """
    run.report.status("Reading the training cells.", fraction=0.0)
    chance = Chance(run.spec.seed)
    lesson, net, sight = set_up(run, chance)
    watched = watch_cells(run, net, sight)

    learned_before = learned_elsewhere(run)

    def watch(average: Classifier) -> Watch | None:
        reader = make_reader(run, average, sight, flips=False)
        return (lambda state: validate(run, reader, watched, state)) if len(watched.classes) else None

    learned = learn(
        run,
        net=net,
        lesson=lesson,
        loss=make_loss(run, lesson.crops),
        chance=chance,
        watch=watch,
        groups=thawing.groups(net, learned_before),
        move=adamw,
        at_fraction=thawing.thawing(
            net, run.spec.settings["frozen_share"] if learned_elsewhere(run) else 0.0
        ),
    )
    return finish(run, learned, lesson, sight)


def set_up(run: Run, chance: Chance) -> tuple[CropLesson, Classifier, Sight]:
    """Reads the training cells, and makes the net: fresh, with published weights, or from a trained model."""
    settings, names = run.spec.settings, class_names(run)
    images = opening.open_training(run.folder, run.manifest)
    cells = cell_crops.classed_cells(images, len(names))
    cell_crops.count_classes(cells, names)
    channels = opening.common_channels(images)
    sight = cell_crops.choose_sight(
        cells,
        crop_px=settings["crop_px"],
        surroundings=settings["surroundings"],
        each=settings["fit"] == "each",
        whole=cell_crops.are_whole(images, cells),
    )
    net = start_net(run, channels)
    crops = cell_crops.gather(images, cells, sight, net.channels, chance)
    lesson = CropLesson(
        crops=crops,
        crop_px=settings["crop_px"],
        batch=settings["batch"],
        balance=settings["balance"],
        scale_jitter=settings["scale_jitter"],
        colour_jitter=settings["colour_jitter"],
        mask=settings["mask"],
    )
    return lesson, net, sight


def class_names(run: Run) -> list[str]:
    """Names of the classes. Raises NothingToLearn for fewer than two."""
    names = [str(name) for name in run.spec.settings["classes"]]
    if len(names) < 2 or len(set(names)) < len(names):
        raise NothingToLearn(
            f"To tell classes apart, name at least two in the setting “classes”, each once; it is {names}."
        )
    return names


def start_net(run: Run, channels: int) -> Classifier:
    """A net for `channels` channels. Raises WrongModel where what it shall go on from does not fit."""
    settings = run.spec.settings
    outputs, mask = len(settings["classes"]), settings["mask"] == "channel"
    if run.spec.model_dir is None:
        net = Classifier(backbone=settings["backbone"], channels=channels, mask=mask, outputs=outputs)
        if settings["weights"]:
            load_published(net, Path(settings["weights"]))
        return run.device.place_net(net)
    net, card = trained.load_as(Path(run.spec.model_dir), recipe=RECIPE, build=Classifier.build)
    for name in ("backbone", "mask"):
        trained.refuse_other_setting(card, name, settings[name])
    if card.settings["classes"] != settings["classes"]:
        net.head, net.outputs = nn.Linear(net.features, outputs), outputs
    net.requires_grad_(True)
    return run.device.place_net(net)


def learned_elsewhere(run: Run) -> bool:
    """Whether the body's weights were learned before this run."""
    return bool(run.spec.settings["weights"]) or run.spec.model_dir is not None


def make_loss(run: Run, crops: CellCrops) -> Loss[tuple[Tensor, Tensor]]:
    """What is wrong with the net's answer. Where the drawing is balanced, rare classes are not weighted a
    second time."""
    settings = run.spec.settings
    counts = np.bincount(crops.classes, minlength=len(settings["classes"]))
    weights = torch.ones(len(counts)) if settings["balance"] else class_losses.effective_weights(counts)

    def wrong(net: nn.Module, made: tuple[Tensor, Tensor], device: Device) -> Tensor:
        pixels, classes = made
        with device.autocast():
            said = net(device.place(pixels))
        wanted = device.place_plain(classes)
        if settings["loss"] == "focal":
            return class_losses.focal(said.float(), wanted, device.place_plain(weights))
        return class_losses.cross_entropy(said.float(), wanted)

    return wrong


def make_reader(run: Run, net: Classifier, sight: Sight, *, flips: bool) -> CellReader:
    """How this recipe asks its net."""
    return CellReader(net, sight, str(run.spec.settings["mask"]), run.device, flips)


def watch_cells(run: Run, net: Classifier, sight: Sight) -> CellCrops:
    """Validation cells, evenly over all of them, that are looked at while the net learns."""
    images = opening.open_split(run.folder, run.manifest, Split.VALIDATION)
    cells = cell_crops.classed_cells(images, net.outputs)
    step = max(1, -(-len(cells) // WATCHED_CELLS))
    return cell_crops.gather(images, cells[::step], sight, net.channels, Chance(run.spec.seed), reach=1.0)


def validate(run: Run, reader: CellReader, watched: CellCrops, state: TrainingState) -> dict[str, float]:
    """Macro F1 over the watched cells; shows some of them, the wrong ones framed."""
    logits = reader.read(watched.windows)
    told = logits.argmax(1)
    right = told == watched.classes
    shown = np.linspace(0, len(right) - 1, min(SHOWN_CELLS, len(right))).round().astype(int)
    picture = class_pictures.told(watched.windows[shown], right[shown])
    caption = f"Validation cells after {state.step} steps; framed in pink where the class is wrong"
    run.report.picture(f"validation-{state.step:06d}.png", picture, caption=caption, step=state.step)
    state.validations += 1
    table = class_scores.class_table(watched.classes, told, reader.net.outputs)
    loss = calibrating.negative_log_likelihood(logits, watched.classes)
    return {"val_macro_f1": round(class_scores.macro_f1(table), 4), "val_loss": round(loss, 4)}


def finish(run: Run, learned: Learned[Classifier], lesson: CropLesson, sight: Sight) -> RunResult:
    """Fits the temperature on the validation cells, scores, and saves the model."""
    names, net, crops = class_names(run), learned.net, lesson.crops
    run.report.status("Scoring the model on cells it has not seen.", fraction=0.98)
    judged = judging_classes.ask_splits(run, make_reader(run, net, sight, flips=run.spec.settings["flips"]))
    held_out = judged.get(Split.VALIDATION)
    temperature = calibrating.fit_temperature(held_out.logits, held_out.truth) if held_out else 1.0
    scores, told = judging_classes.judge(judged, names, temperature)
    counts = np.bincount(crops.classes, minlength=len(names)).tolist()
    card = trained.card(
        run,
        RECIPE,
        net,
        channels=[net.channels],
        object_size_px=None if sight.field_px is None else round(sight.field_px / sight.surroundings, 2),
        decoding={
            "field_px": sight.field_px,
            "temperature": round(temperature, 4),
            "whole_images": lesson.crops.whole,
        },
        scores=scores,
        data_digest=crops.digest,
        training={
            **learned.training,
            "cells": dict(zip(names, counts, strict=True)),
            "cells_left_out": crops.left_out,
            "whole_images": crops.whole,
            "classification": {"classes": names, **told},
        },
    )
    reader = make_reader(run, net, sight, flips=False)
    remembering_cells.remember(run, reader, temperature, run.folder.model)
    trained.save(run.folder.model, net, card)
    judging_classes.show(run, judged, names, temperature, learned.state.step)
    note = None if held_out else "No validation cells have a class: the probabilities are not calibrated."
    run.report.status(note or "Done.", fraction=1.0, eta_s=0.0)
    return RunResult(ok=True, scores=scores, summary={**card.training, "note": note})


def predict(run: Run) -> RunResult:
    """Writes class and probability of every cell that is there, and its labels as they came in. Raises
    WrongModel, UnreadableImage, RunCancelled, RunStopped.
    """
    return RunResult(ok=True, summary=classifying.predict_images(run, RECIPE))


def evaluate(run: Run) -> RunResult:
    """Scores a trained model on the validation and test cells. Raises WrongModel, UnreadableImage."""
    reader, temperature = classifying.open_model(run, RECIPE)
    if reader.net.outputs != len(class_names(run)):
        raise WrongModel("The trained model tells other classes than the run names; name the model's own.")
    judged = judging_classes.ask_splits(run, reader)
    names = class_names(run)
    judging_classes.show(run, judged, names, temperature, step=0)
    scores, told = judging_classes.judge(judged, names, temperature)
    return RunResult(ok=True, scores=scores, summary={"classification": {"classes": names, **told}})


def preview(run: Run) -> RunResult:
    """Pictures of cells as the net will see them, varied at random: a row for each class."""
    chance = Chance(run.spec.seed)
    lesson, _, _ = set_up(run, chance)
    drawn = [lesson.make(lesson.draw(chance, 1)[0]) for _ in range(2)]
    pixels, classes = torch.cat([made[0] for made in drawn]), torch.cat([made[1] for made in drawn])
    order = torch.argsort(classes, stable=True)[:SHOWN_CELLS]
    colours = slice(0, -1 if lesson.mask == "channel" else None)
    seen = pictures.grid([pictures.show(crop[colours].numpy()) for crop in pixels[order]], 8)
    caption = "Cells as the net sees them, varied at random, class by class"
    run.report.picture("crops.png", seen, caption=caption, step=0)
    return RunResult(ok=True, summary={"crops": len(order)})


def explain(run: Run) -> RunResult:
    """Writes maps of what speaks for the class of each cell. Raises WrongModel, UnreadableImage."""
    return RunResult(ok=True, summary=explaining_cells.explain_images(run))


ACTIONS = {
    Action.TRAIN: train,
    Action.PREDICT: predict,
    Action.PREVIEW: preview,
    Action.EVALUATE: evaluate,
    Action.EXPLAIN: explain,
}

if __name__ == "__main__":
    sys.exit(run_recipe(RECIPE, ACTIONS, sys.argv[1:]))
