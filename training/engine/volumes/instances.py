"""Instance segmentation of volumes: what `recipes.instances` does where stacks are learned as volumes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from annotation.core import matching
from training.contract.manifest import Split
from training.contract.results import ModelCard, RunResult, Scores
from training.engine import scoring, trained
from training.engine.checkpoints import TrainingState
from training.engine.data import opening
from training.engine.decoding.quality import Calibration
from training.engine.devices import Device
from training.engine.found import FoundCells
from training.engine.gradients import of_maps
from training.engine.learning import Learned, Watch, learn
from training.engine.nets.unet import UNet
from training.engine.process import Run
from training.engine.seeds import Chance
from training.engine.volumes import choosing, previewing, quality, starting, tuning
from training.engine.volumes.crops import VolumeLesson
from training.engine.volumes.kinds import VolumeKind, kind_named
from training.engine.volumes.opening import (
    KnownVolume,
    comparison,
    known_volumes,
    predict_volumes,
    read_maps,
    some_volumes,
)
from training.engine.volumes.reading import MIRRORED, PLAIN, Maps, VolumeReader
from training.engine.volumes.stacks import TrainingStacks

RECIPE = "instances"


def train(run: Run) -> RunResult:
    """As `recipes.instances.train`."""
    kind = kind_named(run.spec.settings["target"])
    run.report.status("Reading the training volumes.", fraction=0.0)
    chance = Chance(run.spec.seed)
    stacks, lesson, net = set_up(run, kind)
    watched = some_volumes(opening.open_split(run.folder, run.manifest, Split.VALIDATION))

    def watch(average: UNet) -> Watch | None:
        reader = make_reader(average, kind, run.device, flips=False)
        spacing = stacks.spacing
        return (lambda state: validate(run, reader, kind, spacing, watched, state)) if watched else None

    loss = of_maps(kind.make_loss(stacks.spacing))
    learned = learn(run, net=net, lesson=lesson, loss=loss, chance=chance, watch=watch)
    return finish(run, kind, learned, stacks)


def set_up(run: Run, kind: VolumeKind) -> tuple[TrainingStacks, VolumeLesson, UNet]:
    """Reads the training volumes, and makes the net, fresh or from a trained model."""
    images = opening.open_training(run.folder, run.manifest)
    spacing = choosing.anisotropy(images)
    net = starting.start_net(run, RECIPE, images, spacing, kind.outputs, same=("target",))
    stacks = TrainingStacks(
        images,
        channels=net.channels,
        spacing=spacing,
        build_target=lambda labels, _image: kind.build_target(labels, spacing),
        ignore=ignore_by_weight,
    )
    words = {"vectors": kind.target_vectors, "numbers": kind.numbers}
    return stacks, starting.make_lesson(run, stacks.stacks, spacing, net, **words), net


def ignore_by_weight(target: Any, ignored: Any) -> None:
    """For targets (k, z, y, x) whose last plane says how much a voxel counts: not at all."""
    target[-1, ignored] = 0


def make_reader(net: UNet, kind: VolumeKind, device: Device, *, flips: bool) -> VolumeReader:
    """How this recipe asks its net."""
    return VolumeReader(
        net=net,
        multiple=(net.z_multiple, net.multiple, net.multiple),
        device=device,
        activate=kind.activate,
        vectors=kind.vectors,
        views=MIRRORED if flips else PLAIN,
    )


def validate(
    run: Run,
    reader: VolumeReader,
    kind: VolumeKind,
    spacing: float,
    watched: Sequence[KnownVolume],
    state: TrainingState,
) -> dict[str, float]:
    """Pooled AP at IoU 0.5 over a few validation volumes; shows a slice of one of them."""
    matches = []
    shown = state.validations % len(watched)
    for place, volume in enumerate(watched):
        maps = read_maps(reader, volume.pixels, state.average.net.channels)
        found = tuning.without_ignored(kind.find(maps, spacing, kind.decodings[0]), volume.ignored)
        matches.append(tuning.best_matches(volume.labels, volume.ignored, found))
        if place == shown:
            caption = f"{volume.image.line.name}: image, truth, prediction after {state.step} steps"
            name = f"validation-{state.step:06d}.png"
            run.report.picture(name, comparison(volume, found), caption=caption, step=state.step)
    state.validations += 1
    return {"val_ap50": round(scoring.average_precision(matches), 4)}


def finish(run: Run, kind: VolumeKind, learned: Learned[UNet], stacks: TrainingStacks) -> RunResult:
    """Chooses thresholds, scores on the validation and test images, and saves the model."""
    settings, net = run.spec.settings, learned.net
    validation = opening.open_split(run.folder, run.manifest, Split.VALIDATION)
    reader = make_reader(net, kind, run.device, flips=settings["flips"])
    run.report.status("Choosing thresholds by validation and training volumes.", fraction=0.98)
    read = [
        tuning.ReadVolume(read_maps(reader, volume.pixels, net.channels), volume.labels, volume.ignored)
        for images in (validation, stacks.images)
        for volume in some_volumes(images)
    ]
    decoding, tuned = tuning.choose_decoding(kind, read, stacks.spacing, size_px=settings["min_size_px"])
    decoding["spacing"] = stacks.spacing
    run.report.status("Scoring the model on volumes it has not seen.", fraction=0.99)
    scores = score_images(run, net, reader, kind, decoding)
    card = trained.card(
        run,
        RECIPE,
        net,
        channels=sorted({image.channels for image in stacks.images}),
        object_size_px=stacks.median_diameter_px(),
        decoding=decoding,
        scores=scores,
        data_digest=stacks.digest(),
        training={**learned.training, "volumes": len(stacks.stacks), "tuned": tuned},
    )
    trained.save(run.folder.model, net, card)
    note = None if validation else "No validation images: thresholds were chosen on training images alone."
    note = " ".join(filter(None, [starting.told(stacks.spacing), note]))
    run.report.status(note, fraction=1.0, eta_s=0.0)
    return RunResult(ok=True, scores=scores, summary={**card.training, "note": note})


def score_images(
    run: Run, net: UNet, reader: VolumeReader, kind: VolumeKind, decoding: Mapping[str, Any]
) -> Scores:
    """Scores by split, cells matched over the whole volume."""
    scores: Scores = {}
    for split in (Split.VALIDATION, Split.TEST):
        counts: list[matching.ImageCounts] = []
        for volume in known_volumes(opening.open_split(run.folder, run.manifest, split)):
            run.raise_if_asked_to_stop()
            found = find_cells(read_maps(reader, volume.pixels, net.channels), kind, decoding).labels
            counts.append(
                matching.count(volume.labels[None], found[None], scoring.IOUS, ignored=volume.ignored)
            )
        if counts:
            scores[split.value] = scoring.instance_scores(counts)
    return scores


def find_cells(maps: Maps, kind: VolumeKind, decoding: Mapping[str, Any]) -> FoundCells:
    """The cells in a volume's maps (k, z, y, x) with their quality; those below the least quality are
    dropped."""
    labels = kind.find(maps, float(decoding["spacing"]), decoding)
    features = quality.measure(labels, maps[0], maps[kind.edge])
    chances = Calibration(tuple(decoding["calibration"])).chances(features)
    keep = chances >= decoding["chance"]
    numbers = np.where(np.append(False, keep), np.cumsum(np.append(False, keep)), 0).astype(np.uint32)
    return FoundCells(numbers[labels], chances[keep])


def predict(run: Run) -> RunResult:
    """As `recipes.instances.predict`."""
    net, card, kind, reader = _load(run)
    summary = predict_volumes(
        run, lambda pixels: find_cells(read_maps(reader, pixels, net.channels), kind, card.decoding)
    )
    return RunResult(ok=True, summary=summary)


def evaluate(run: Run) -> RunResult:
    """As `recipes.instances.evaluate`."""
    net, card, kind, reader = _load(run)
    return RunResult(ok=True, scores=score_images(run, net, reader, kind, card.decoding))


def preview(run: Run) -> RunResult:
    """As `recipes.instances.preview`, of the middle slices of crops."""
    _, lesson, _ = set_up(run, kind_named(run.spec.settings["target"]))
    return previewing.show_crops(run, lesson)


def _load(run: Run) -> tuple[UNet, ModelCard, VolumeKind, VolumeReader]:
    net, card = trained.load(Path(str(run.spec.model_dir)), recipe=RECIPE)
    kind = kind_named(card.settings["target"])
    reader = make_reader(run.device.place_net(net), kind, run.device, flips=bool(run.spec.settings["flips"]))
    return net, card, kind, reader
