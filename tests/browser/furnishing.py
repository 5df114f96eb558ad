"""A small working lab for screenshots: models of three recipes, judged, a map, a search, folds."""

import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import tifffile
from scipy import ndimage

from tests.running import Running

JOB_LIMIT_S = 300
TRAIN_MINUTES = 0.5
SHORT_MINUTES = 0.3
CLASSES = (("small", "#e0af68"), ("large", "#7dcfff"))
STAINED = "Stained fields"
FEW_TRIALS = {"minutes": 0.8, "trial_minutes": 0.2}


def furnish(lab: Running) -> Iterator[tuple[str, str]]:
    """Fill the demonstration until no page is empty; the addresses of all pages by name."""
    with closing(lab.api()) as api:
        project = first(api, "projects/")["id"]
        dataset = first(api, f"datasets/?project={project}")["id"]
        images = {row["name"]: row["id"] for row in get(api, f"images/?project={project}")["results"]}
        yield "home", "/"
        yield from _sections(f"/projects/{project}", dataset)
        yield from _crowd(api, project, dataset)
        yield from _outlines(api, project, dataset, images)
        yield from _map(api, project, dataset)
        yield from _classes(api, project, dataset)
        yield from _channels(api, lab, project)
    yield "teams", "/teams"
    yield "account", "/account"
    yield "nowhere", "/projects/nowhere"


def _sections(at: str, dataset: str) -> Iterator[tuple[str, str]]:
    for name in (
        "",
        "datasets",
        "tasks?mine=false",
        "review",
        "comments",
        "throughput",
        "training",
        "models",
        "predictions",
        "explore",
        "crowd",
    ):
        yield name.partition("?")[0] or "overview", f"{at}/{name}"
    yield "classes", f"{at}/classes"
    yield "settings", f"{at}/settings"
    yield "dataset", f"{at}/datasets/{dataset}"
    yield "upload", f"{at}/datasets/{dataset}/upload"
    yield "exports", f"{at}/datasets/{dataset}/exports"
    yield "new-training", f"{at}/training/new"
    yield "new-campaign", f"{at}/crowd/new?kind=FIX"
    yield "new-tasks", f"{at}/tasks/new?dataset={dataset}"
    yield "new-map", f"{at}/explore?dataset={dataset}"


def _crowd(api: httpx.Client, project: str, dataset: str) -> Iterator[tuple[str, str]]:
    """An open campaign of cells to be judged, answered by one worker, and what the next worker sees."""
    made = post(
        api, f"projects/{project}/campaigns/", {"name": "Is it a cell?", "answers_min": 1, "seconds_min": 0}
    )
    at = f"campaigns/{made['id']}/"
    post(api, f"{at}cut/", {"kind": "CELL", "dataset": dataset, "limit": 12})
    link = post(api, f"{at}open/", {})["link"]
    door = link.strip("/") + "/"
    worker = {"X-Worker": post(api, f"{door}join/", {"consent": True})["secret"]}
    for choice in ("yes", "yes", "no", "unsure", "yes"):
        item = api.post(f"{door}next/", json={}, headers=worker).json()["item"]
        said = {"value": {"choice": choice}, "seconds": 2}
        api.post(f"{door}items/{item['id']}/answer/", json=said, headers=worker).raise_for_status()
    post(api, f"{at}aggregate/", {})
    for part in ("", "questions", "workers", "results"):
        yield f"campaign-{part or 'progress'}", f"/projects/{project}/crowd/{made['id']}?part={part}"
    yield "crowd-worker", link


def _outlines(
    api: httpx.Client, project: str, dataset: str, images: dict[str, str]
) -> Iterator[tuple[str, str]]:
    """Two models of outlines judged on the same test images and compared; a prediction, a task handed in."""
    at = f"/projects/{project}"
    snapshot = _freeze(api, project, dataset, "ACCEPTED")
    order = {"project": project, "recipe": "instances", "snapshot": snapshot, "name": "movies"}
    trainings = [_train(api, order, minutes=TRAIN_MINUTES, seed=seed) for seed in (0, 1)]
    models = [finished(api, training)["result"] for training in trainings]
    judged = [_judged(api, model, snapshot) for model in models]
    post(api, "comparisons/", {"first": judged[0], "second": judged[1]})
    chosen = [images[name] for name in ("movie-4", "movie-5")]
    asked = {"project": project, "kind": "PREDICT", "trained_model": models[0], "image_ids": chosen}
    prediction = post(api, "jobs/", {**asked, "make_tasks": True})["id"]
    finished(api, prediction)
    task = first(api, f"tasks/?project={project}&kind=CORRECT")
    post(api, f"tasks/{task['id']}/assign/", {"assignee": get(api, "me/")["id"]})
    post(api, f"tasks/{task['id']}/submit/", {})
    yield "editor", f"{at}/annotate/{images['movie-2']}"
    draft = get(api, f"images/{images['movie-5']}/")["draft"]
    yield "editor-proposal", f"{at}/annotate/{images['movie-5']}?branch={draft['id']}"
    yield "review-task", f"{at}/review/{task['id']}"
    yield "job", f"{at}/training/{trainings[0]}"
    yield "prediction-job", f"{at}/training/{prediction}"
    yield "model", f"{at}/models/{models[0]}"
    yield "model-later", f"{at}/models/{models[1]}"
    yield "new-prediction", f"{at}/predictions/new?model={models[0]}"


def _map(api: httpx.Client, project: str, dataset: str) -> Iterator[tuple[str, str]]:
    """A map by measurements, on which every cell is told to be large or small."""
    job = post(api, "atlases/", {"project": project, "dataset": dataset, "name": "Movies by measurements"})[
        "id"
    ]
    finished(api, job)
    atlas = first(api, f"atlases/?project={project}")["id"]
    areas = _column(api.get(f"atlases/{atlas}/points/").content, "area")
    is_large = areas > np.median(areas)
    for (name, color), numbers in zip(CLASSES, (~is_large, is_large), strict=True):
        row = post(api, f"projects/{project}/classes/", {"name": name, "color": color})
        chosen = np.flatnonzero(numbers).tolist()
        post(api, f"atlases/{atlas}/labellings/", {"numbers": chosen, "label_class": row["id"]})
    at = f"/projects/{project}/explore/{atlas}"
    yield "map", at
    yield "map-classes", f"{at}?colour=class&plane=scatter"
    yield "map-job", f"/projects/{project}/training/{job}"


def _classes(api: httpx.Client, project: str, dataset: str) -> Iterator[tuple[str, str]]:
    """A classifier that is judged, a search for its settings, and its cross-validation."""
    at = f"/projects/{project}"
    snapshot = _freeze(api, project, dataset, "HEAD")
    order = {"project": project, "recipe": "classify", "snapshot": snapshot}
    training = _train(api, order, name="sizes", minutes=SHORT_MINUTES)
    model = finished(api, training)["result"]
    _judged(api, model, snapshot)
    yield "classifier", f"{at}/models/{model}"
    search = post(api, "searches/", {**order, **FEW_TRIALS, "name": "sizes, searched"})
    yield "search", f"{at}/training/{search.get('job', search['id'])}"
    validation = _train(api, order, name="sizes, folds", minutes=SHORT_MINUTES, folds=2)
    yield "folds-job", f"{at}/training/{validation}"
    finished(api, search["job"])
    yield "folds-model", f"{at}/models/{finished(api, validation)['result']}"


def _channels(api: httpx.Client, lab: Running, project: str) -> Iterator[tuple[str, str]]:
    """A model that predicts a stain from phase contrast, judged where the stain was recorded."""
    with tempfile.TemporaryDirectory() as folder:
        _record(Path(folder))
        lab.command(
            "ingest", folder, "--dataset", STAINED, "--project", get(api, f"projects/{project}/")["name"]
        )
    datasets = get(api, f"datasets/?project={project}")["results"]
    dataset = next(one["id"] for one in datasets if one["name"] == STAINED)
    snapshot = _freeze(api, project, dataset, "IMAGES", train=0.5, validation=0.2, test=0.3)
    order = {"project": project, "recipe": "translate", "snapshot": snapshot, "name": "stain"}
    training = _train(api, order, minutes=TRAIN_MINUTES, settings={"targets": ["dapi"], "width": "small"})
    model = finished(api, training)["result"]
    _judged(api, model, snapshot)
    yield "stain", f"/projects/{project}/models/{model}"


def _record(folder: Path, fields: int = 10, side_px: int = 128) -> None:
    """Fields of discs: bright under `dapi`, ringed under `phase`."""
    rng = np.random.default_rng(0)
    for number in range(fields):
        seeds = np.zeros((side_px, side_px))
        seeds[rng.integers(8, side_px - 8, 14), rng.integers(8, side_px - 8, 14)] = 1
        nuclei = np.clip(ndimage.gaussian_filter(seeds, 5) * 120, 0, 1)
        rings = ndimage.gaussian_laplace(seeds, 6) * 400
        for channel, light in (("dapi", 200 + 3000 * nuclei), ("phase", 2000 + 500 * rings)):
            noisy = light + rng.normal(0, 60, light.shape)
            path = folder / f"field-{number}_{channel}.tif"
            tifffile.imwrite(path, np.clip(noisy, 0, 65535).astype(np.uint16))


def _train(api: httpx.Client, order: dict[str, Any], **more: Any) -> str:
    return str(post(api, "jobs/", {**order, "kind": "TRAIN", **more})["id"])


def _freeze(api: httpx.Client, project: str, dataset: str, include: str, **fractions: float) -> str:
    rule = {"project": project, "name": include.lower(), "dataset_ids": [dataset], "include": include}
    sides = {"fractions": fractions} if fractions else {}
    return str(post(api, "snapshots/", {**rule, **sides, "seed": 0})["id"])


def _judged(api: httpx.Client, model: str, snapshot: str) -> str:
    """The evaluation of a model on the test images of a snapshot, once it is there."""
    asked = {"trained_model": model, "snapshot": snapshot, "split": "test", "predict_missing": True}
    evaluation = str(post(api, "evaluations/", asked)["id"])
    until = time.monotonic() + JOB_LIMIT_S
    while get(api, f"evaluations/{evaluation}/")["state"] not in ("DONE", "FAILED"):
        if time.monotonic() > until:
            raise AssertionError(f"The evaluation did not end within {JOB_LIMIT_S} s.")
        time.sleep(1)
    return evaluation


def _column(packed: bytes, word: str) -> "np.ndarray[Any, np.dtype[np.float32]]":
    """The first column of an atlas' points whose name has this word, (cells,) float32."""
    size = int(np.frombuffer(packed[:4], "<u4")[0])
    head = json.loads(packed[4 : 4 + size])
    found = next(one for one in head["columns"] if word in one["name"])
    return np.frombuffer(packed, found["dtype"], head["count"], 4 + size + found["at"]).astype(np.float32)


def finished(api: httpx.Client, job: str) -> dict[str, Any]:
    """The job once it has succeeded; AssertionError with its own words where it did not."""
    until = time.monotonic() + JOB_LIMIT_S
    while time.monotonic() < until:
        row = get(api, f"jobs/{job}/")
        if row["state"] == "SUCCEEDED":
            return row
        if row["state"] in ("FAILED", "CANCELLED"):
            raise AssertionError(f"The job ended as {row['state']}: {row['error']}")
        time.sleep(1)
    raise AssertionError(f"The job did not end within {JOB_LIMIT_S} s.")


def get(api: httpx.Client, path: str) -> dict[str, Any]:
    answer = api.get(path)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def first(api: httpx.Client, path: str) -> dict[str, Any]:
    """The first row of a list; IndexError where the list is empty."""
    found: dict[str, Any] = get(api, path)["results"][0]
    return found


def post(api: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = api.post(path, json=body)
    if answer.is_error:
        raise AssertionError(f"{path} answered {answer.status_code}: {answer.text}")
    made: dict[str, Any] = answer.json()
    return made
