"""L12 of predicted channels: scores, what intervals hold, worst places, comparison, the gate."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Picture
from skimage.metrics import structural_similarity

from annotation.core import picture_scores
from annotation.core.formats import base, ome_zarr
from annotation.models import Image
from backend.accounts.models import Team, User
from backend.foundation import clock, storage
from tests.conftest import Outbox
from tests.factories import training as make
from training.models import Evaluation, PredictedImage, Snapshot, TrainedModel
from training.models.evaluations import ReckoningState as State
from training.models.jobs import Kind
from training.models.snapshots import Include
from training.selectors import evaluations as selectors
from training.selectors.evaluations import NothingToEvaluate, Question
from training.selectors.snapshots import Rule
from training.services import comparisons, error_maps, evaluations, jobs, promotions, reckoning_pictures
from training.services import snapshots as snapshot_services
from training.services.promotions import PromotionRefused

SIZE = (48, 64)
SIGMA = 20.0
IMAGES = 4
CHANNELS = [
    {"name": "DAPI predicted", "kind": "prediction"},
    {"name": "DAPI uncertainty", "kind": "uncertainty"},
]
Plane = NDArray[np.float32]


def recorded(number: int) -> Plane:
    """Bright field, then DAPI: (2, y, x); a bright cell on noise."""
    planes = np.random.default_rng(number).normal(100, 10, (2, *SIZE))
    planes[1, 10:30, 20:40] += 300
    return planes.astype(np.float32)


def guessed(number: int, off: float) -> Plane:
    """DAPI with an error of one `SIGMA`, `off` of the cell's light lost."""
    truth = recorded(number)[1]
    said = truth + np.random.default_rng(number + 99).normal(0, SIGMA, SIZE)
    said[10:30, 20:40] -= off * 300
    return np.asarray(said, np.float32)


def stored(image: Image, planes: Plane, names: list[str]) -> Image:
    image.size_c, image.channel_names, image.dtype = len(planes), names, "float32"
    image.size_y, image.size_x = SIZE
    image.save()
    ome_zarr.write(storage.zarr_store(image.store_key), base.of_array(planes[None, :, None]))
    return image


@pytest.fixture
def images(team: Team, outbox: Outbox) -> list[Image]:
    dataset = make.dataset(make.project(team))
    return [
        stored(make.image(dataset), recorded(number), ["bright field", "DAPI"]) for number in range(IMAGES)
    ]


@pytest.fixture
def frozen(images: list[Image], mia: User) -> Snapshot:
    """The images alone, all on the test side."""
    dataset = images[0].dataset
    rule = Rule(dataset_ids=[dataset.pk], include=Include.IMAGES)
    sides = {"train": 0.0, "validation": 0.0, "test": 1.0}
    return snapshot_services.freeze(
        project=dataset.project, name="alone", rule=rule, fractions=sides, seed=0, by=mia
    )


def model_of(images: list[Image], by: User, name: str = "stain", **settings: Any) -> TrainedModel:
    learned = make.dataset(images[0].dataset.project)
    make.labelled_images(learned, 3)
    told = {"targets": ["dapi"], "interval": 0.9, "brightness": "same", **settings}
    return make.trained_model(
        make.snapshot(learned, by=by), by=by, name=name, recipe="translate", settings=told
    )


def predict(model: TrainedModel, images: list[Image], by: User, off: float = 0.0) -> list[PredictedImage]:
    order = make.order(kind=Kind.PREDICT, recipe="translate", trained_model=model, images=images)
    job = jobs.start(project=model.project, order=order, by=by)
    rows = []
    for number, image in enumerate(images):
        planes = np.stack([*recorded(number), guessed(number, off), np.full(SIZE, SIGMA, np.float32)])
        names = [*image.channel_names, "DAPI predicted", "DAPI uncertainty"]
        made = stored(make.image(make.dataset(model.project)), planes, names)
        rows.append(
            PredictedImage.objects.create(
                job=job, source=image, made=made, trained_model=model, channels=CHANNELS, novelty=0.1,
                uncertainty=1.0, created_at=clock.now(),
            )
        )  # fmt: skip
    return rows


def evaluated(model: TrainedModel, frozen: Snapshot | None, by: User) -> Evaluation:
    question = Question(
        project=model.project, trained_model=model, snapshot=frozen, split="test" if frozen else ""
    )
    made = evaluations.ask(question=question, by=by)
    assert made.state == State.DONE, made.error
    return made


def test_L12_predicted_channels_are_scored_against_recorded_ones_as_the_twins_have_it(
    images: list[Image], frozen: Snapshot, mia: User
) -> None:
    model = model_of(images, mia)
    predict(model, images, mia)
    made = evaluated(model, frozen, mia)
    scores, of_channel = made.scores["test"], made.classes["test"]["DAPI"]
    pairs = [(recorded(n)[1], guessed(n, 0.0)) for n in range(IMAGES)]
    twin_r = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in pairs]
    spans = [np.percentile(a, 99.8) - np.percentile(a, 1) for a, _ in pairs]
    twin_ssim = [
        structural_similarity(
            a, b, data_range=float(span), gaussian_weights=True, sigma=1.5, use_sample_covariance=False
        )
        for (a, b), span in zip(pairs, spans, strict=True)
    ]
    inside = [float((np.abs(a - b) <= 1.6449 * SIGMA).mean()) for a, b in pairs]
    assert scores["mean_r"]["value"] == pytest.approx(np.mean(twin_r), abs=1e-6)
    assert scores["mean_ssim"]["value"] == pytest.approx(np.mean(twin_ssim), abs=2e-3)
    assert scores["mean_coverage"]["value"] == pytest.approx(np.mean(inside), abs=1e-3)
    assert of_channel["width"]["value"] == pytest.approx(
        np.mean([2 * 1.6449 * SIGMA / span for span in spans]), rel=1e-3
    )
    assert scores["mean_r"]["low"] < scores["mean_r"]["value"] < scores["mean_r"]["high"]
    assert "ap50" not in scores, "there are no cells to count"
    steps = {one["said"]: one["right"] for one in made.figures["test"]["intervals"]}
    assert steps[0.5] == pytest.approx(0.5, abs=0.03), "the intervals promise what they hold"
    assert made.figures["test"]["level"] == 0.9
    assert made.items.get(image=images[0]).scores["mean_r"] == pytest.approx(twin_r[0], abs=1e-6)


def test_L12_worst_places_of_a_predicted_channel_are_where_light_was_missed(
    images: list[Image], frozen: Snapshot, mia: User
) -> None:
    model = model_of(images, mia)
    predict(model, images[:3], mia)
    predict(model, images[3:], mia, off=0.8)
    rows = PredictedImage.objects.filter(source=images[3])
    made = evaluated(model, None, mia)
    assert set(made.scores) == {selectors.RECORDED}
    worst = selectors.list_faults(evaluation=made)[0]
    assert (worst.kind, worst.item.image_id, worst.item.shown) == (
        "TOO_DARK", images[3].pk, rows.get().made_id,
    )  # fmt: skip
    assert 0 <= worst.y < SIZE[0]
    assert made.tallies["TOO_DARK"] >= 1
    assert "TOO_BRIGHT" not in made.tallies
    read = np.asarray(
        Picture.open(io.BytesIO(error_maps.read(evaluation=made, image=images[3].pk, t=0, z=0)))
    )
    assert read[20, 30].tolist()[:3] == [255, 60, 90]
    assert read[20, 30, 3] > 200 > read[40, 60, 3]
    with pytest.raises(error_maps.NotEvaluated, match="no channel GFP"):
        error_maps.read(evaluation=made, image=images[3].pk, t=0, z=0, channel="GFP")


def test_L12_images_that_never_recorded_the_target_are_left_out_and_all_of_them_are_refused(
    images: list[Image], mia: User
) -> None:
    model = model_of(images, mia)
    rows = predict(model, images, mia)
    stored(images[0], recorded(0)[:1], ["bright field"])
    made = evaluated(model, None, mia)
    assert made.method["images"] == {selectors.RECORDED: IMAGES - 1}
    with pytest.raises(reckoning_pictures.NotRecorded, match="DAPI"):
        reckoning_pictures.reckon(picture=PredictedImage.objects.get(pk=rows[0].pk))
    PredictedImage.objects.exclude(source=images[0]).delete()
    question = Question(project=model.project, trained_model=model)
    with pytest.raises(NothingToEvaluate, match="has recorded dapi"):
        evaluations.ask(question=question, by=mia)


def test_L12_images_not_predicted_yet_are_predicted_first_and_the_evaluation_wakes(
    images: list[Image], frozen: Snapshot, mia: User
) -> None:
    model = model_of(images, mia)
    predict(model, images[:2], mia)
    question = Question(project=model.project, trained_model=model, snapshot=frozen, split="test")
    with pytest.raises(evaluations.PredictionsMissing):
        evaluations.ask(question=question, by=mia)
    made = evaluations.ask(question=question, by=mia, predict_missing=True)
    assert made.state == State.WAITING
    assert made.waits_for is not None
    assert set(Image.objects.filter(job_targets__job=made.waits_for)) == set(images[2:])
    predict(model, images, mia)
    claimed = jobs.claim(job_id=made.waits_for.pk, worker="w")
    assert claimed is not None
    jobs.succeed(job_id=claimed.pk, worker="w", message="Predicted.")
    assert evaluations.wake(job_id=made.waits_for.pk) == 1
    evaluations.run(evaluation_id=made.pk)
    evaluations.run(evaluation_id=made.pk)  # a letter delivered twice
    made.refresh_from_db()
    assert (made.state, made.items.count()) == (State.DONE, IMAGES)


def test_L12_each_image_with_a_range_of_its_own_is_judged_in_the_models_grey_values(
    images: list[Image], mia: User
) -> None:
    """The camera's gain is ten times as high, the model speaks in its training grey values: no error."""
    model = model_of(images, mia, brightness="own")
    rows = predict(model, images[:1], mia)
    truth = recorded(0)[1]
    low, span = picture_scores.range_of(truth)
    card = {"decoding": {"low": [low], "span": [span]}}
    storage.put(f"{model.weights_key}/model.json", json.dumps(card).encode())
    stored(images[0], np.stack([recorded(0)[0], 10 * truth + 500]), ["bright field", "DAPI"])
    same = picture_scores.count(truth, guessed(0, 0.0), sigma=np.full(SIZE, SIGMA, np.float32))
    table = reckoning_pictures.reckon(picture=rows[0]).table["DAPI"]
    assert table["mae"] == pytest.approx(same["mae"], rel=1e-3)
    assert table["coverage"] == pytest.approx(same["coverage"], abs=1e-3)


def test_A6_A5_two_models_of_channels_are_compared_and_the_worse_is_kept_out(
    images: list[Image], frozen: Snapshot, mia: User
) -> None:
    good, bad = model_of(images, mia, "good"), model_of(images, mia, "bad")
    predict(good, images, mia)
    predict(bad, images, mia, off=0.5)
    first, second = (evaluated(model, frozen, mia) for model in (good, bad))
    made = comparisons.ask(first=first, second=second, by=mia)
    assert made.state == State.DONE, made.error
    assert made.scores["test"]["mean_r"]["value"] < 0
    row = made.images[0]
    assert (row["score"], row["first_branch"]) == ("mean_r", None)
    assert row["second_shown"] == str(
        PredictedImage.objects.get(trained_model=bad, source=row["image"]).made_id
    )
    assert 0 < row["disagreement"] < 1
    assert row["place"]["in_second"]
    promotions.promote(trained_model=good, by=mia, snapshot=frozen)
    with pytest.raises(PromotionRefused, match="mean correlation"):
        promotions.promote(trained_model=bad, by=mia)


def test_A5_models_of_channels_are_decided_on_by_scores_of_channels(images: list[Image], ana: User) -> None:
    project = images[0].dataset.project
    promotions.set_rule(project=project, recipe="translate", score="mean_ssim", margin=0.01, by=ana)
    with pytest.raises(promotions.UnknownScore, match="there are mean_r"):
        promotions.set_rule(project=project, recipe="translate", score="ap50", margin=0.0, by=ana)
    with pytest.raises(promotions.UnknownScore):
        promotions.set_rule(project=project, recipe="instances", score="mean_r", margin=0.0, by=ana)
