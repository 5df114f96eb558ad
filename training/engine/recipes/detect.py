"""Detection: learns from labelled cells to find every cell with its class and its box, or its mask.

    python -m training.engine.recipes.detect RUN

The nets are Faster R-CNN, RetinaNet, Mask R-CNN and the two steps of R-CNN (setting `net`). Images are made
smaller until the cells suit the net (`cell_px`), anchors are fitted to the training cells, and the least
score is chosen on validation images. One plane at a time: movies frame by frame, stacks slice by slice.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from torch import Tensor, nn

from annotation.core import box_scores
from training.contract.manifest import Split
from training.contract.results import ModelCard, RunResult, Scores
from training.contract.specs import Action
from training.engine import box_previewing, detecting, pictures, trained
from training.engine.checkpoints import TrainingState
from training.engine.data import opening
from training.engine.data.box_crops import BoxLesson, MadeBoxes
from training.engine.data.box_frames import BoxFrames
from training.engine.data.images import LabelledImage
from training.engine.decoding import scores as score_meaning
from training.engine.decoding.boxes import BoxReader, draw_planes
from training.engine.devices import Device
from training.engine.learning import Learned, Watch, learn
from training.engine.nets import detectors
from training.engine.nets.detectors import Detector, Shape
from training.engine.optimizing import adamw
from training.engine.predicting import FoundCells, predict_frames
from training.engine.process import Run, run_recipe
from training.engine.seeds import Chance
from training.engine.targets import anchors
from training.engine.validating import validation_frames

RECIPE = "detect"

PUBLISHED_RATE = 0.2
"""Share of the learning rate at which published weights move, once they do."""
FROZEN_SHARE = 0.1
"""Share of the budget in which they stand still, until the fresh parts no longer pull at random."""
TUNED_PX = 30_000_000
"""Most pixels of the frames on which the least score is chosen."""


def train(run: Run) -> RunResult:
    """Trains until the budget is spent, then chooses the least score, scores and saves the model.

    Raises NothingToLearn, ChannelMismatch, UnreadableImage, WrongModel, RunCancelled, RunStopped.
    """
    run.report.status("Reading the training images.", fraction=0.0)
    chance = Chance(run.spec.seed)
    frames, lesson, net = set_up(run)
    watched = validation_frames(opening.open_split(run.folder, run.manifest, Split.VALIDATION))
    decoding = {"scale": frames.scale, "largest_px": anchors.longest_px(frames.all_boxes())}

    def watch(average: Detector) -> Watch | None:
        reader = make_reader(average, run.device, decoding)
        return (lambda state: validate(run, reader, watched, state)) if watched else None

    learned: Learned[Detector] = learn(
        run,
        net=net,
        lesson=lesson,
        loss=loss,
        chance=chance,
        watch=watch,
        groups=parameter_groups(net),
        move=adamw,
        at_fraction=lambda fraction: thaw(net, fraction),
    )
    return finish(run, learned, frames, decoding)


def loss(net: nn.Module, made: MadeBoxes, device: Device) -> Tensor:
    """Sum of the net's losses for a share of a batch."""
    assert isinstance(net, Detector)
    images = [image.to(device.name) for image in made.images]
    targets = [{name: value.to(device.name) for name, value in each.items()} for each in made.targets]
    with device.autocast():
        return net.losses(images, targets, seed=made.seed)


def set_up(run: Run) -> tuple[BoxFrames, BoxLesson, Detector]:
    """Reads the training images and makes the net, fresh, on published weights, or from a trained model."""
    settings = run.spec.settings
    images = opening.open_training(run.folder, run.manifest)
    started = _start_from_model(run)
    frames = BoxFrames(
        images,
        channels=started[0].channels if started else opening.common_channels(images),
        classes=len(class_names(settings)),
        cell_px=settings["cell_px"],
        scale=float(started[1].decoding["scale"]) if started else None,
    )
    net = started[0] if started else _fresh_net(run, frames)
    lesson = BoxLesson(
        frames,
        batch=settings["batch"],
        crop_px=settings["crop_px"],
        scale_jitter=settings["scale_jitter"],
        colour_jitter=settings["colour_jitter"],
        masks=net.makes_masks,
    )
    return frames, lesson, run.device.place_net(net)


def class_names(settings: dict[str, Any]) -> list[str]:
    """Names of the classes; one where none are told apart."""
    return list(settings["classes"]) or ["cell"]


def parameter_groups(net: Detector) -> list[dict[str, Any]] | None:
    """Published weights move less than fresh ones."""
    if net.body is None or not net.shape.frozen_norm:
        return None
    published = {id(parameter) for parameter in net.body.parameters()}
    fresh = [parameter for parameter in net.parameters() if id(parameter) not in published]
    return [{"params": fresh}, {"params": list(net.body.parameters()), "scale": PUBLISHED_RATE}]


def thaw(net: Detector, fraction: float) -> None:
    """Published weights stand still at first."""
    if net.body is not None and net.shape.frozen_norm:
        net.body.requires_grad_(fraction >= FROZEN_SHARE)


def make_reader(net: Detector, device: Device, decoding: dict[str, Any]) -> BoxReader:
    """How this recipe asks its net."""
    return BoxReader(
        net=net,
        device=device,
        scale=float(decoding["scale"]),
        largest_px=float(decoding["largest_px"]),
        nms_iou=net.shape.nms_iou,
        most_cells=net.shape.most_cells,
    )


def validate(
    run: Run,
    reader: BoxReader,
    watched: Sequence[tuple[LabelledImage, int, int]],
    state: TrainingState,
) -> dict[str, float]:
    """mAP at IoU 0.5 over a few validation frames; shows one of them as a picture."""
    net: Detector = state.average.net
    shape = net.shape
    judged = list(
        detecting.judge_frames(run, reader, watched, channels=shape.channels, classes=shape.classes)
    )
    shown = judged[state.validations % len(judged)]
    likely = shown.found.chosen(shown.found.scores >= score_meaning.UNTUNED)
    picture = pictures.comparison(
        shown.image.read(shown.t, shown.z),
        shown.image.read_labels(shown.t, shown.z),
        draw_planes(likely, shown.image.size),
    )
    caption = f"{shown.image.line.name}: image, truth, prediction after {state.step} steps"
    run.report.picture(f"validation-{state.step:06d}.png", picture, caption=caption, step=state.step)
    state.validations += 1
    table = box_scores.mean_average_precision(
        [each.picture for each in judged], shape.classes, most=shape.most_cells, ious=np.array([0.5])
    )
    return {"val_map50": round(float(table[table >= 0].mean()) if (table >= 0).any() else 0.0, 4)}


def finish(run: Run, learned: Learned[Detector], frames: BoxFrames, decoding: dict[str, Any]) -> RunResult:
    """Chooses the least score, scores on the validation and test images, and saves the model."""
    net, settings = learned.net, run.spec.settings
    reader = make_reader(net, run.device, decoding)
    run.report.status("Choosing the least score by validation images.", fraction=0.98)
    validation = opening.open_split(run.folder, run.manifest, Split.VALIDATION)
    tuned_on = validation_frames(validation or list(frames.images), most_px=TUNED_PX)
    words = {"channels": net.channels, "classes": net.shape.classes}
    judged = list(detecting.judge_frames(run, reader, tuned_on, **words))
    decoding = {**decoding, **detecting.choose_cuts(judged, settings["score_threshold"])}
    run.report.status("Scoring the model on images it has not seen.", fraction=0.99)
    scores = score_images(run, net, reader, decoding)
    card = trained.card(
        run,
        RECIPE,
        net,
        channels=sorted({image.channels for image in frames.images}),
        object_size_px=round(frames.object_size_px, 2),
        decoding=decoding,
        scores=scores,
        data_digest=frames.digest(),
        training={**learned.training, "frames": len(frames.frames)},
    )
    trained.save(run.folder.model, net, card)
    note = None if validation else "No validation images: the least score was chosen on training images."
    run.report.status(note or "Done.", fraction=1.0, eta_s=0.0)
    return RunResult(ok=True, scores=scores, summary={**card.training, "note": note})


def score_images(run: Run, net: Detector, reader: BoxReader, decoding: dict[str, Any]) -> Scores:
    """Scores by split over the validation and test images of the run, every frame of them."""
    names, scores = class_names(run.spec.settings), Scores()
    for split in (Split.VALIDATION, Split.TEST):
        images = opening.open_split(run.folder, run.manifest, split)
        frames = [(image, t, z) for image in images for t, z in image.frames]
        judged = list(detecting.judge_frames(run, reader, frames, channels=net.channels, classes=len(names)))
        if judged:
            scores[split.value] = detecting.score_frames(
                judged, names, most=net.shape.most_cells, least_score=decoding["score"]
            )
    return scores


def predict(run: Run) -> RunResult:
    """Writes labels, classes, qualities and boxes. Raises WrongModel, UnreadableImage, RunCancelled,
    RunStopped.
    """
    net, card = _load(run)
    reader = make_reader(run.device.place_net(net), run.device, card.decoding)
    classed = bool(card.settings["classes"])

    def find(frame: npt.NDArray[Any]) -> FoundCells:
        found = detecting.find_boxes(reader, frame, net.channels)
        found = found.chosen(found.scores >= card.decoding["score"])
        return FoundCells(
            draw_planes(found, (frame.shape[1], frame.shape[2])),
            score_meaning.chances(found.scores, card.decoding["calibration"]),
            found.classes if classed else None,
            found.boxes[:, [1, 0, 3, 2]],
        )

    return RunResult(ok=True, summary=predict_frames(run, find))


def evaluate(run: Run) -> RunResult:
    """Scores a trained model on the validation and test images. Raises WrongModel, UnreadableImage."""
    net, card = _load(run)
    trained.refuse_other_setting(card, "classes", run.spec.settings["classes"])
    reader = make_reader(run.device.place_net(net), run.device, card.decoding)
    return RunResult(ok=True, scores=score_images(run, net, reader, card.decoding))


def preview(run: Run) -> RunResult:
    """Pictures of crops as the net will see them, and the boxes that it is to find in them."""
    chance = Chance(run.spec.seed)
    _, lesson, _ = set_up(run)
    return box_previewing.show_boxes(run, lesson, chance)


def _fresh_net(run: Run, frames: BoxFrames) -> Detector:
    settings, boxes = run.spec.settings, frames.all_boxes()
    weights = settings["weights"]
    net = Detector(
        Shape(
            net=settings["net"],
            backbone=settings["backbone"],
            channels=frames.channels,
            classes=frames.classes,
            width=settings["width"],
            sizes=anchors.fit_sizes(boxes),
            ratios=anchors.fit_ratios(boxes),
            frozen_norm=weights is not None,
            most_cells=settings["most_cells"],
            nms_iou=settings["nms_iou"],
        )
    )
    if weights is not None:
        net.load_published(Path(weights))
    return net


def _start_from_model(run: Run) -> tuple[Detector, ModelCard] | None:
    if run.spec.model_dir is None:
        return None
    net, card = _load(run)
    for name in ("net", "classes"):
        trained.refuse_other_setting(card, name, run.spec.settings[name])
    net.requires_grad_(True)
    return net, card


def _load(run: Run) -> tuple[Detector, ModelCard]:
    return trained.load_as(Path(str(run.spec.model_dir)), recipe=RECIPE, build=detectors.of_description)


ACTIONS = {Action.TRAIN: train, Action.PREDICT: predict, Action.PREVIEW: preview, Action.EVALUATE: evaluate}

if __name__ == "__main__":
    sys.exit(run_recipe(RECIPE, ACTIONS, sys.argv[1:]))
