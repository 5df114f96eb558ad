"""Looking at a net that translates: validation, scores, and the pictures people see."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from annotation.core.picture_scores import pearson
from training.contract.manifest import Split
from training.contract.results import Scores
from training.engine import pictures
from training.engine.checkpoints import TrainingState
from training.engine.data import opening
from training.engine.data.channel_frames import clip_input
from training.engine.data.channel_images import ChannelImage, Channels, Range, refuse_other_planes
from training.engine.decoding.tiles import Reader
from training.engine.process import Run
from training.engine.translating import StackReader, Translation, read_frame
from training.engine.translation_baselines import Baselines
from training.engine.translation_scoring import TranslationScores

Asked = tuple[ChannelImage, int, int]


def open_channels(
    run: Run, channels: Channels, split: Split, planes: int, target_scale: Range | None
) -> list[ChannelImage]:
    """The images of a split with input and truth. Raises MissingChannel, ChannelMismatch, UnreadableImage."""
    images = [
        ChannelImage(image, channels, with_targets=True, target_scale=target_scale)
        for image in opening.open_split(run.folder, run.manifest, split)
    ]
    for image in images:
        refuse_other_planes(image, planes)
    return images


def spread(images: Sequence[ChannelImage], most: int) -> list[Asked]:
    """At most so many frames, evenly over all images."""
    frames = [(image, t, z) for image in images for t, z in image.frames]
    places = np.linspace(0, len(frames) - 1, min(len(frames), most)).round().astype(int)
    return [frames[i] for i in places]


def read_both(image: ChannelImage, t: int, z: int) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Normalised input (c, y, x) and truth (k, y, x) of a frame."""
    seen = clip_input(image.input_range(t).normalise(image.read_input(t, z)))
    return seen, image.target_range(t).normalise(image.read_target(t, z))


def validate(
    run: Run, reader: Reader | StackReader, watched: Sequence[Asked], channels: Channels, state: TrainingState
) -> dict[str, float]:
    """Mean Pearson r over a few validation frames; shows one of them."""
    found: dict[str, list[float]] = {name: [] for name in channels.targets}
    shown = state.validations % len(watched)
    for place, (image, t, z) in enumerate(watched):
        seen, truth = read_both(image, t, z)
        said, _ = read_frame(reader, seen, image, t, z)
        for k, name in enumerate(channels.targets):
            found[name].append(pearson(truth[k], said[k]))
        if place == shown:
            caption = f"{image.line.name}: input, truth, prediction, error after {state.step} steps"
            name = f"validation-{state.step:06d}.png"
            run.report.picture(name, compare(seen, truth, said), caption=caption, step=state.step)
    state.validations += 1
    means = {f"val_r_{name}": float(np.mean(values)) for name, values in found.items()}
    return {"val_mean_r": float(np.mean(list(means.values()))), **means}


def compare(
    seen: npt.NDArray[np.float32], truth: npt.NDArray[np.float32], said: npt.NDArray[np.float32]
) -> pictures.Rgb:
    """Input, truth, prediction and error, a row for each target; the middle 256 px."""
    rows, columns = pictures.middle_window((seen.shape[1], seen.shape[2]))
    middle = seen[len(seen) // 2]
    shown = []
    for true, predicted in zip(truth, said, strict=True):
        for plane in (middle, true, predicted, np.abs(predicted - true)):
            shown.append(pictures.show(plane[None, rows, columns]))
    return pictures.grid(shown, 4)


def score_images(
    run: Run,
    reader: Reader | StackReader,
    planes: int,
    known: Translation,
    baselines: Baselines,
    level: float,
) -> Scores:
    """Scores by split over the validation and test images, every frame of them."""
    scores: Scores = {}
    for split in (Split.VALIDATION, Split.TEST):
        images = open_channels(run, known.channels, split, planes, known.target_scale)
        gathered = TranslationScores(known.channels.targets, level)
        for image, t, z in spread(images, sum(len(image.frames) for image in images)):
            run.raise_if_asked_to_stop()
            seen, truth = read_both(image, t, z)
            place, scale = read_frame(reader, seen, image, t, z)
            gathered.add(truth, place, known.honest.apply(place, scale), baselines.say(seen))
        if images:
            scores[split.value] = gathered.result()
    return scores
