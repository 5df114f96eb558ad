"""Maps of cells: learns without classes which cells look alike, and lays all of them out on a map.

    python -m training.engine.recipes.embed RUN

A net is shown every cell twice, turned, zoomed, lit and blurred differently, and learns to say the same of
both and different things of different cells (`likeness_loss`). Prediction needs the cells of the images and
writes `outputs/atlas.npz`: a vector, a place on the map, a group, an outlier score and measurements of each
cell. It also goes without a model of its own: with a trained model of `classify`, with published weights, or
with the measurements alone.
"""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from training.contract.manifest import Split
from training.contract.results import RunResult
from training.contract.specs import Action
from training.engine import exploring, pictures, trained
from training.engine.checkpoints import TrainingState
from training.engine.data import cell_crops, opening
from training.engine.data.cell_crops import CellCrops, ClassedCell, CropLesson
from training.engine.data.cell_pairs import PairLesson, PairShare
from training.engine.data.cell_places import Sight, places_of
from training.engine.data.images import LabelledImage
from training.engine.devices import Device
from training.engine.errors import NothingToLearn
from training.engine.learning import Watch, learn
from training.engine.likeness_loss import vicreg
from training.engine.nets.backbones import load_published
from training.engine.nets.embedder import Embedder
from training.engine.process import Run, run_recipe
from training.engine.seeds import Chance

RECIPE = "embed"
LEAST_CELLS = 20
WATCHED_CELLS, LEAST_WATCHED = 500, 10
SHOWN_CELLS = 16


def train(run: Run) -> RunResult:
    """Trains until the budget is spent, then scores and saves the model.

    Raises NothingToLearn, ChannelMismatch, UnreadableImage, WrongModel, RunCancelled, RunStopped.
    """
    run.report.status("Reading the training cells.", fraction=0.0)
    chance = Chance(run.spec.seed)
    images = opening.open_training(run.folder, run.manifest)
    cells = every_cell(images)
    if len(cells) < LEAST_CELLS:
        raise NothingToLearn(
            f"The training images have {len(cells)} outlined cells; to learn which look alike, at least "
            f"{LEAST_CELLS} are needed. Outline more, or make the map of measurements alone."
        )
    net, sight = start_net(run, opening.common_channels(images)), choose_sight(run, cells)
    crops = cell_crops.gather(images, cells, sight, net.channels, chance)
    lesson = make_lesson(run, crops)
    watched = watch_cells(run, net, sight)

    def watch(average: Embedder) -> Watch | None:
        return (lambda state: validate(run, average, watched, state)) if watched else None

    learned = learn(run, net=net, lesson=lesson, loss=wrong, chance=chance, watch=watch)
    scores = {}
    if watched:
        scores = {"validation": {"recognised": recognised(run, learned.net.eval(), watched)}}
    field = None if sight.field_px is None else round(sight.field_px / sight.surroundings, 2)
    facts = {"cells": len(crops.classes), "cells_left_out": crops.left_out}
    card = trained.card(
        run,
        RECIPE,
        net,
        channels=[net.channels],
        object_size_px=field,
        decoding={"field_px": sight.field_px},
        scores=scores,
        data_digest=crops.digest,
        training={**learned.training, **facts},
    )
    trained.save(run.folder.model, learned.net, card)
    run.report.status("Done.", fraction=1.0, eta_s=0.0)
    return RunResult(ok=True, scores=scores, summary=card.training)


def every_cell(images: list[LabelledImage]) -> list[ClassedCell]:
    """All cells of all frames; nobody says what they are, so all are of one class."""
    return [
        ClassedCell(number, t, z, place, 0)
        for number, image in enumerate(images)
        for t, z, here in places_of(image)
        for place in here
    ]


def choose_sight(run: Run, cells: list[ClassedCell]) -> Sight:
    """How the net shall see cells, by those it learns from."""
    settings = run.spec.settings
    return cell_crops.choose_sight(
        cells,
        crop_px=settings["crop_px"],
        surroundings=settings["surroundings"],
        each=settings["fit"] == "each",
    )


def start_net(run: Run, channels: int) -> Embedder:
    """A net for `channels` channels. Raises WrongModel where what it shall go on from does not fit."""
    settings = run.spec.settings
    if run.spec.model_dir is None:
        mask = settings["mask"] == "channel"
        net = Embedder(backbone=settings["backbone"], channels=channels, mask=mask)
        if settings["weights"]:
            load_published(net.eye, Path(settings["weights"]))
        return run.device.place_net(net)
    net, card = trained.load_as(Path(run.spec.model_dir), recipe=RECIPE, build=Embedder.build)
    for name in ("backbone", "mask"):
        trained.refuse_other_setting(card, name, settings[name])
    return run.device.place_net(net)


def make_lesson(run: Run, crops: CellCrops) -> PairLesson:
    """Batches of pairs of looks, as the settings say."""
    settings = run.spec.settings
    return PairLesson(
        CropLesson(
            crops=crops,
            crop_px=settings["crop_px"],
            batch=settings["batch"],
            balance=False,
            scale_jitter=settings["scale_jitter"],
            colour_jitter=settings["colour_jitter"],
            mask=settings["mask"],
        )
    )


def wrong(net: nn.Module, made: tuple[Tensor, Tensor], device: Device) -> Tensor:
    """What is wrong with what the net says of both looks. They pass together, so that both are normalised
    by the same statistics."""
    first, second = made
    with device.autocast():
        said = net(device.place(torch.cat([first, second])))
    return vicreg(*said.float().chunk(2))


def watch_cells(
    run: Run, net: Embedder, sight: Sight, split: Split = Split.VALIDATION
) -> tuple[Tensor, Tensor] | None:
    """Two looks, always the same, at cells of a split's images; None where there are fewer than ten."""
    images = opening.open_split(run.folder, run.manifest, split)
    cells = every_cell(images)
    if len(cells) < LEAST_WATCHED:
        return None
    kept = cells[:: max(1, -(-len(cells) // WATCHED_CELLS))]
    chance = Chance(run.spec.seed)
    return two_looks(make_lesson(run, cell_crops.gather(images, kept, sight, net.channels, chance)), chance)


def two_looks(lesson: PairLesson, chance: Chance) -> tuple[Tensor, Tensor]:
    """Both looks at every cell of a lesson, in order."""
    each = np.arange(len(lesson.crops.crops.classes))
    whole = PairLesson(replace(lesson.crops, batch=len(each)))
    (share,) = whole.draw(chance, 1)
    first, second = replace(share.first, cells=each), replace(share.second, cells=each)
    return whole.make(PairShare(first, second))


def validate(
    run: Run, net: Embedder, watched: tuple[Tensor, Tensor], state: TrainingState
) -> dict[str, float]:
    """How many watched cells are known again in another look."""
    state.validations += 1
    return {"val_recognised": recognised(run, net, watched)}


@torch.inference_mode()
def recognised(run: Run, net: Embedder, watched: tuple[Tensor, Tensor]) -> float:
    """Share of cells whose second look is nearest, by the angle of the features, to its own first look."""
    told = [
        torch.cat([net.look(run.device.place(part)).float() for part in torch.split(look, 64)])
        for look in watched
    ]
    first, second = (nn.functional.normalize(each - told[0].mean(0)).cpu() for each in told)
    known = (second @ first.T).argmax(1) == torch.arange(len(first))
    return round(float(known.float().mean()), 4)


def predict(run: Run) -> RunResult:
    """Writes the atlas of the cells that are there. Raises WrongModel, UnreadableImage, RunCancelled,
    RunStopped.
    """
    return RunResult(ok=True, summary=exploring.make_atlas(run))


def preview(run: Run) -> RunResult:
    """A picture of some cells in two looks each. Raises NothingToLearn, UnreadableImage."""
    images = opening.open_training(run.folder, run.manifest)
    cells, chance = every_cell(images), Chance(run.spec.seed)
    if not cells:
        raise NothingToLearn("No training image has an outlined cell; outline some, or accept labels.")
    some = cells[:: max(1, -(-len(cells) // SHOWN_CELLS))]
    channels = opening.common_channels(images)
    lesson = make_lesson(run, cell_crops.gather(images, some, choose_sight(run, cells), channels, chance))
    looks = torch.stack(two_looks(lesson, chance), 1).flatten(0, 1).numpy()
    seen = pictures.grid([pictures.show(look[:channels]) for look in looks], 8)
    run.report.picture("looks.png", seen, caption="Two looks at each cell, side by side", step=0)
    return RunResult(ok=True, summary={"cells": len(some)})


def evaluate(run: Run) -> RunResult:
    """How many cells of the validation and test images a trained model knows again. Raises WrongModel,
    UnreadableImage."""
    net, card = trained.load_as(Path(str(run.spec.model_dir)), recipe=RECIPE, build=Embedder.build)
    settings = run.spec.settings
    sight = Sight(settings["crop_px"], settings["surroundings"], card.decoding["field_px"])
    net, scores = run.device.place_net(net), {}
    for split in (Split.VALIDATION, Split.TEST):
        watched = watch_cells(run, net, sight, split)
        if watched is not None:
            scores[split.value] = {"recognised": recognised(run, net, watched)}
    return RunResult(ok=True, scores=scores)


ACTIONS = {Action.TRAIN: train, Action.PREDICT: predict, Action.PREVIEW: preview, Action.EVALUATE: evaluate}

if __name__ == "__main__":
    sys.exit(run_recipe(RECIPE, ACTIONS, sys.argv[1:]))
