"""Instance segmentation: learns from labelled cells to find every cell and draw its outline.

    python -m training.engine.recipes.instances RUN

The net is a residual U-Net that tells foreground, edge, and by the setting `target` either the normalised
distance to the cell's edge, the flow to its middle, how far its edge is in 32 directions (stars), or where
all of its pixels gather (embedding); the last two can tell cells that overlap. It sees one plane at a time:
movies frame by frame, stacks slice by slice, unless stacks are learned as volumes (`engine.volumes`).
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from annotation.core import matching
from training.contract.manifest import Split
from training.contract.results import RunResult, Scores
from training.contract.specs import Action
from training.engine import pictures, previewing, scoring, trained, tuning
from training.engine.cell_sizes import Sizes
from training.engine.checkpoints import TrainingState
from training.engine.data import opening
from training.engine.data.batches import BatchMaker
from training.engine.data.frames import TrainingFrames, ignore_by_weight
from training.engine.data.images import LabelledImage
from training.engine.data.kinds import sampling_weights, sort_into_kinds
from training.engine.decoding import quality
from training.engine.decoding.quality import Calibration
from training.engine.decoding.tiles import AND_ENLARGED, NARROW_OVERLAP_PX, OVERLAP_PX, PLAIN, Reader
from training.engine.devices import Device
from training.engine.gradients import of_maps
from training.engine.instance_kinds import KINDS, InstanceKind
from training.engine.learning import Learned, Watch, learn
from training.engine.nets.fused import fuse
from training.engine.nets.unet import WIDTHS, UNet
from training.engine.predicting import FoundCells, predict_images, read_maps
from training.engine.process import Run, run_recipe
from training.engine.seeds import Chance
from training.engine.validating import validation_frames
from training.engine.volumes import instances as volumes
from training.engine.volumes import starting

RECIPE = "instances"


def train(run: Run) -> RunResult:
    """Trains until the budget is spent, then chooses thresholds, scores and saves the model.

    Raises NothingToLearn, ChannelMismatch, UnreadableImage, WrongModel, RunCancelled, RunStopped.
    """
    if starting.learns_volumes(run):
        return volumes.train(run)
    kind = KINDS[run.spec.settings["target"]]
    run.report.status("Reading the training images.", fraction=0.0)
    chance = Chance(run.spec.seed)
    frames, batches, net = set_up(run, kind, chance)
    watched = validation_frames(opening.open_split(run.folder, run.manifest, Split.VALIDATION))
    decoding = {**kind.decodings[0], "overlaps": tells_overlaps(run, kind, frames), "size_px": 0}

    def watch(average: UNet) -> Watch | None:
        reader = make_reader(average, kind, run.device, flips=False, learning=True)
        return (lambda state: validate(run, reader, kind, decoding, watched, state)) if watched else None

    loss = of_maps(kind.loss)
    learned = learn(run, net=net, lesson=batches, loss=loss, chance=chance, watch=watch, move=kind.move)
    return finish(run, kind, learned, frames)


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
        elastic_px=settings["elastic_px"],
        vectors=kind.vectors,
        finish=kind.finish,
    )
    return frames, batches, net


def make_reader(
    net: UNet, kind: InstanceKind, device: Device, *, flips: bool, learning: bool = False
) -> Reader:
    """How this recipe asks its net; one that is `learning` may change between two frames."""
    return Reader(
        net=net if learning else fuse(net, device, quickly=not flips),
        multiple=net.multiple,
        device=device,
        activate=kind.activate,
        vectors=kind.vectors,
        turn_back=kind.turn_back,
        views=AND_ENLARGED if flips else PLAIN,
        overlap_px=OVERLAP_PX if flips else NARROW_OVERLAP_PX,
    )


def validate(
    run: Run,
    reader: Reader,
    kind: InstanceKind,
    decoding: Mapping[str, Any],
    watched: Sequence[tuple[LabelledImage, int, int]],
    state: TrainingState,
) -> dict[str, float]:
    """Pooled AP at IoU 0.5 over a few validation frames, read once, with the cut (see `tuning.choose_cut`)
    that is best on them; shows one of them as a picture.
    """
    seen, judged = [], []
    for image, t, z in watched:
        frame, truth = image.read(t, z), image.read_truth(t, z)
        maps = read_maps(reader, frame, state.average.net.channels)
        labels, its = tuning.judge_frame(kind, tuning.ReadFrame(maps, truth), decoding)
        seen.append((image, frame, truth, labels))
        judged.append(its)
    cut = tuning.choose_cut(judged, size_px=run.spec.settings["min_size_px"])
    shown = state.validations % len(watched)
    image, frame, truth, labels = seen[shown]
    kept = np.append(False, cut.keep(judged[shown].features))[labels]
    picture = pictures.comparison(frame, truth.labels, labels * kept)
    caption = f"{image.line.name}: image, truth, prediction after {state.step} steps"
    run.report.picture(f"validation-{state.step:06d}.png", picture, caption=caption, step=state.step)
    state.validations += 1
    return {"val_ap50": round(scoring.average_precision([its.kept(cut) for its in judged]), 4)}


def finish(run: Run, kind: InstanceKind, learned: Learned[UNet], frames: TrainingFrames) -> RunResult:
    """Chooses thresholds, scores on the validation and test images, and saves the model."""
    settings, net = run.spec.settings, learned.net
    validation = opening.open_split(run.folder, run.manifest, Split.VALIDATION)
    reader = make_reader(net, kind, run.device, flips=settings["flips"])
    run.report.status("Choosing thresholds by validation and training images.", fraction=0.98)
    asked = [
        frame
        for images in (validation, list(frames.images))
        for frame in validation_frames(images, most_px=tuning.MOST_PX)
    ]
    known = {
        (image.line.image_id, t, z): read_maps(reader, image.read(t, z), net.channels)
        for image, t, z in asked
    }
    read = [
        tuning.ReadFrame(known[image.line.image_id, t, z], image.read_truth(t, z)) for image, t, z in asked
    ]
    decoding, tuned = tuning.choose_decoding(
        kind,
        read,
        run.device,
        size_px=settings["min_size_px"],
        overlaps=tells_overlaps(run, kind, frames),
    )
    run.report.status("Scoring the model on images it has not seen.", fraction=0.99)
    scores = score_images(run, net, reader, kind, decoding, known=known)
    card = trained.card(
        run,
        RECIPE,
        net,
        channels=sorted({image.channels for image in frames.images}),
        object_size_px=opening.median_diameter_px(frames),
        decoding=decoding,
        scores=scores,
        data_digest=opening.data_digest(frames),
        training={**learned.training, "frames": len(frames.frames), "tuned": tuned},
    )
    trained.save(run.folder.model, net, card)
    note = note_of(kind, frames, bool(validation))
    run.report.status(note or "Done.", fraction=1.0, eta_s=0.0)
    return RunResult(ok=True, scores=scores, summary={**card.training, "note": note})


def tells_overlaps(run: Run, kind: InstanceKind, frames: TrainingFrames) -> bool:
    """Whether predicted cells may share pixels: if those learned from do, the kind can, and it is wanted."""
    labelled = any(facts.overlap_px for facts in frames.facts)
    return labelled and kind.overlaps and run.spec.settings["overlaps"] != "never"


def note_of(kind: InstanceKind, frames: TrainingFrames, validated: bool) -> str | None:
    """What whoever trained should know of the outcome, if anything."""
    notes = []
    if not validated:
        notes.append("No validation images: thresholds were chosen on training images alone.")
    if not kind.overlaps and any(facts.overlap_px for facts in frames.facts):
        notes.append(
            "Some labelled cells overlap, but this target gives each pixel to one cell; choose stars or "
            "embedding as the target to have them overlap."
        )
    return " ".join(notes) or None


Frame = tuple[str, int, int]
"""Id of an image, t, z."""


def score_images(
    run: Run,
    net: UNet,
    reader: Reader,
    kind: InstanceKind,
    decoding: dict[str, Any],
    *,
    known: Mapping[Frame, npt.NDArray[np.float32]] | None = None,
) -> Scores:
    """Scores by split over all labelled images of the run but those for training, every frame of them.

    `known`: maps of frames that the net has read already.
    """
    known = known or {}
    scores: Scores = {}
    for split in (Split.VALIDATION, Split.TEST):
        counts: list[matching.ImageCounts] = []
        for image in opening.open_split(run.folder, run.manifest, split):
            for t, z in image.frames:
                run.raise_if_asked_to_stop()
                maps = known.get((image.line.image_id, t, z))
                if maps is None:
                    maps = read_maps(reader, image.read(t, z), net.channels)
                found = find_cells(maps, kind, decoding)
                counts.append(scoring.count(image.read_truth(t, z), found.labels))
        if counts:
            scores[split.value] = scoring.instance_scores(counts)
    return scores


def find_cells(maps: npt.NDArray[np.float32], kind: InstanceKind, decoding: dict[str, Any]) -> FoundCells:
    """The cells in a frame's maps (k, y, x) with their quality; those below the least quality are dropped.

    Labels (p, y, x): several planes only where cells overlap.
    """
    labels = kind.decode(maps, decoding)
    chances = Calibration(tuple(decoding["calibration"])).chances(
        quality.measure(labels, maps[0], maps[kind.edge])
    )
    keep = chances >= decoding["chance"]
    numbers = np.where(np.append(False, keep), np.cumsum(np.append(False, keep)), 0).astype(np.uint32)
    return FoundCells(numbers[labels], chances[keep])


def predict(run: Run) -> RunResult:
    """Writes labels and qualities for every image. Raises WrongModel, UnreadableImage, RunCancelled,
    RunStopped.
    """
    if starting.knows_volumes(run):
        return volumes.predict(run)
    net, card = trained.load(Path(str(run.spec.model_dir)), recipe=RECIPE)
    kind = KINDS[card.settings["target"]]
    reader = make_reader(run.device.place_net(net), kind, run.device, flips=bool(run.spec.settings["flips"]))

    def find(maps: npt.NDArray[np.float32]) -> FoundCells:
        return find_cells(maps, kind, card.decoding)

    sizes = Sizes.asked(run.spec.cell_px, card.object_size_px, reader, find, net.channels)
    return RunResult(ok=True, summary=predict_images(run, reader, net.channels, find, sizes=sizes))


def evaluate(run: Run) -> RunResult:
    """Scores a trained model on the labelled images of the run. Raises WrongModel, UnreadableImage."""
    if starting.knows_volumes(run):
        return volumes.evaluate(run)
    net, card = trained.load(Path(str(run.spec.model_dir)), recipe=RECIPE)
    kind = KINDS[card.settings["target"]]
    reader = make_reader(run.device.place_net(net), kind, run.device, flips=bool(run.spec.settings["flips"]))
    return RunResult(ok=True, scores=score_images(run, net, reader, kind, card.decoding))


def preview(run: Run) -> RunResult:
    """Pictures of crops as the net will see them, with what it is to learn beside them."""
    if starting.learns_volumes(run):
        return volumes.preview(run)
    kind = KINDS[run.spec.settings["target"]]
    chance = Chance(run.spec.seed)
    _, batches, _ = set_up(run, kind, chance)
    return previewing.show_crops(run, batches, chance)


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
