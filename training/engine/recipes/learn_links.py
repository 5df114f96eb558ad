"""The linker that learns: who is who in the next frame, and who divides, as accepted lineages have it.

    python -m training.engine.recipes.learn_links RUN

Detections of a window of frames look at those around them in space and time (`learned_links.net`) and are
judged in pairs (links) and triples (divisions). Movies are shown as they are and spoiled. What the net says
is made honest on the validation movies and then decides in place of geometry, in the exact linker or the
global one: what people have said of tracks holds as it does there.
"""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from training.contract.linking import Constraints, Lineage
from training.contract.manifest import Split
from training.contract.results import RunResult
from training.contract.specs import Action
from training.engine import trained
from training.engine.checkpoints import TrainingState
from training.engine.data import opening
from training.engine.data.images import LabelledImage
from training.engine.errors import WrongModel
from training.engine.learned_links import gathering, scoring
from training.engine.learned_links.gathering import Tracked
from training.engine.learned_links.judging import Calibration, LearnedJudge
from training.engine.learned_links.lesson import LinkLesson
from training.engine.learned_links.loss import wrong
from training.engine.learned_links.net import LinkNet
from training.engine.learned_links.scenes import see
from training.engine.learned_links.trusting import calibrate
from training.engine.learning import Watch, learn
from training.engine.linking import movie
from training.engine.linking.base import Options
from training.engine.process import Run, run_recipe
from training.engine.recipes import link
from training.engine.seeds import Chance

RECIPE, LINKER = "learn_links", "learned"
WATCHED_DETECTIONS = 6_000
"""Validation movies are watched while learning until they have so many; all are scored at the end."""


def train(run: Run) -> RunResult:
    """Trains until the budget is spent, then makes the chances honest, scores and saves the model.

    Raises NothingToLearn, UnreadableImage, WrongModel, NoPixelSize, RunCancelled, RunStopped.
    """
    run.report.status("Reading the training movies.", fraction=0.0)
    chance, settings = Chance(run.spec.seed), run.spec.settings
    images = opening.open_training(run.folder, run.manifest)
    movies = gathering.tracked(run, images, told="Measuring the cells of")
    gathering.refuse_without_tracks(images, movies)
    net = start_net(run)
    scenes = gathering.scenes(run, movies, Options(motion=settings["motion"]), chance)
    lesson = LinkLesson(scenes, settings["batch"], settings["colour_jitter"])
    kept = opening.open_split(run.folder, run.manifest, Split.VALIDATION)
    validation = gathering.tracked(run, kept, told="Measuring the cells of")
    watched = _few(validation)

    def watch(average: LinkNet) -> Watch | None:
        return (lambda state: validate(run, average, watched, state)) if watched else None

    learned = learn(run, net=net, lesson=lesson, loss=wrong, chance=chance, watch=watch)
    net = learned.net.eval()
    run.report.status("Making the chances honest.")
    honest = [
        gathering.scene_of(one.seen, one.truth, Options(motion=settings["motion"])) for one in validation
    ]
    calibration = calibrate(net, honest, run.device)
    scores = {"validation": score(run, net, validation, calibration)} if validation else {}
    facts = {
        "movies": len(movies),
        "links": sum(one.links for one in movies),
        "divisions": sum(len(set(one.truth.mothers.values())) for one in movies),
    }
    card = trained.card(
        run,
        RECIPE,
        net,
        channels=sorted({one.image.channels for one in movies}),
        object_size_px=gathering.size_px(movies),
        decoding=calibration.to_json(),
        scores=scores,
        data_digest=gathering.digest_of(movies),
        training={**learned.training, **facts},
    )
    trained.save(run.folder.model, net, card)
    run.report.status("Done.", fraction=1.0, eta_s=0.0)
    return RunResult(ok=True, scores=scores, summary=card.training)


def start_net(run: Run) -> LinkNet:
    """A new net, or the trained one that shall learn on. Raises WrongModel."""
    if run.spec.model_dir is None:
        return run.device.place_net(LinkNet(size=run.spec.settings["width"]))
    net, card = trained.load_as(Path(run.spec.model_dir), recipe=RECIPE, build=LinkNet.build)
    trained.refuse_other_setting(card, "width", run.spec.settings["width"])
    return run.device.place_net(net)


def _few(movies: list[Tracked]) -> list[Tracked]:
    few, count = [], 0
    for one in movies:
        if count < WATCHED_DETECTIONS:
            few.append(one)
            count += len(one.seen.found)
    return few


def validate(run: Run, net: LinkNet, watched: list[Tracked], state: TrainingState) -> dict[str, float]:
    """Scores of the watched movies."""
    state.validations += 1
    found = score(run, net, watched, Calibration())
    return {f"val_{name}": value for name, value in found.items() if name != "det"}


def score(run: Run, net: LinkNet, movies: list[Tracked], calibration: Calibration) -> dict[str, float]:
    """DET, LNK, TRA and divisions of movies whose outlines are given."""
    tables = []
    for one in movies:
        run.raise_if_asked_to_stop()
        judge = LearnedJudge(net, one.seen, run.device, calibration)
        found = one.seen.found
        options = link.options_of(_with_looks(run.spec.settings), one.image, found)
        said = movie.link_movie(found, run.spec.settings["linker"], options, judge=judge)
        tables.append(scoring.table_of(found, one.truth, said))
    return scoring.scores_of(tables)


def _with_looks(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings as the recipe `link` has them."""
    return {**settings, "merges": False, "appearance": True}


def predict(run: Run) -> RunResult:
    """Links every movie of the run. Raises WrongModel, UnreadableImage, NoPixelSize, RunCancelled,
    RunStopped."""
    net, calibration = load(run)
    settings = _with_looks(run.spec.settings)

    def link_image(image: LabelledImage) -> Lineage:
        name, image_id = image.line.name, image.line.image_id
        pause = link.telling(run, f"Measuring the cells of {name}.", 0.0, link.MEASURING)
        seen = see(image, pause, ignored=True)
        said = movie.link_movie(
            seen.found,
            settings["linker"],
            link.options_of(settings, image, seen.found),
            Constraints.read(run.folder.constraints(image_id)),
            link.telling(run, f"Linking {name}.", link.MEASURING, link.LINKING),
            LearnedJudge(net, seen, run.device, calibration),
        )
        return replace(said, linker=LINKER)

    return link.link_all(run, link_image, LINKER)


def load(run: Run) -> tuple[LinkNet, Calibration]:
    """The trained model of the run. Raises WrongModel."""
    net, card = trained.load_as(Path(str(run.spec.model_dir)), recipe=RECIPE, build=LinkNet.build)
    try:
        return run.device.place_net(net), Calibration.from_json(card.decoding)
    except (KeyError, ValueError, TypeError, IndexError):
        raise WrongModel("The trained model does not say how sure its links are; train it again.") from None


def preview(run: Run) -> RunResult:
    """What there is to learn from. Raises NothingToLearn, UnreadableImage."""
    images = opening.open_training(run.folder, run.manifest)
    movies = gathering.tracked(run, images, told="Measuring the cells of")
    gathering.refuse_without_tracks(images, movies)
    return RunResult(ok=True, summary={"movies": len(movies), "links": sum(one.links for one in movies)})


def evaluate(run: Run) -> RunResult:
    """Scores of the validation and test movies. Raises WrongModel, UnreadableImage, NoPixelSize."""
    net, calibration = load(run)
    scores = {}
    for split in (Split.VALIDATION, Split.TEST):
        images = opening.open_split(run.folder, run.manifest, split)
        movies = gathering.tracked(run, images, told="Measuring the cells of")
        if movies:
            scores[split.value] = score(run, net, movies, calibration)
    return RunResult(ok=True, scores=scores)


ACTIONS = {Action.TRAIN: train, Action.PREDICT: predict, Action.PREVIEW: preview, Action.EVALUATE: evaluate}

if __name__ == "__main__":
    sys.exit(run_recipe(RECIPE, ACTIONS, sys.argv[1:]))
