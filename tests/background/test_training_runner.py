"""A job from its letter to its end, with a tiny recipe started the way the real ones are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import zarr

from annotation.core.edits import CellFacts
from annotation.models import Image, Task
from backend.accounts.models import User
from backend.foundation import storage
from backend.foundation.queue import Letter
from tests.background.training_runs import final, folder_of
from tests.conftest import Outbox
from tests.factories import training as make
from training.contract.files import RunFolder, read_cells
from training.models import Job, JobPicture, JobPoint, Prediction, Snapshot, TrainedModel
from training.models.jobs import Kind, State
from training.runners import layout, watch
from training.runners.base import Limits
from training.runners.tail import Tail
from training.selectors import jobs as selectors
from training.services import jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("fast_and_harmless")]


# ---------------------------------------------------------------- the good end


def test_a_training_job_runs_to_a_trained_model(job: Job, outbox: Outbox) -> None:
    outbox.deliver(Letter.RUN_JOB)
    assert (final(job).state, job.error, job.fraction) == (State.SUCCEEDED, "", 1.0)
    model = TrainedModel.objects.get()
    assert (model.job, model.version, model.scores) == (job, 1, {"test": {"ap50": 0.5}})
    assert storage.get(f"{model.weights_key}/weights.safetensors") == b"weights"
    assert [point.step for point in JobPoint.objects.filter(job=job)] == list(range(1, 11))
    assert JobPoint.objects.get(job=job, step=10).values == {"loss": 0.1, "val_ap50": 1.0}


def test_delivered_twice_does_nothing_the_second_time(job: Job, outbox: Outbox) -> None:
    outbox.deliver(Letter.RUN_JOB)
    before = (final(job).attempt, job.finished_at, TrainedModel.objects.count(), JobPoint.objects.count())
    outbox.deliver_again()
    assert (
        final(job).attempt,
        job.finished_at,
        TrainedModel.objects.count(),
        JobPoint.objects.count(),
    ) == before


def test_the_run_folder_says_all_that_the_engine_needs(job: Job, frozen: Snapshot) -> None:
    layout.lay_out(job=job, folder=folder_of(job))
    folder = folder_of(job)
    spec, lines = folder.read_spec(), folder.read_manifest()
    assert (spec.action, spec.recipe, spec.minutes, spec.settings) == (
        "train",
        "instances",
        15.0,
        job.settings,
    )
    assert spec.code_version
    assert {line.split for line in lines} == {item.split for item in frozen.items.all()}
    assert all(Path(line.image, "zarr.json").exists() for line in lines)


def test_labels_are_those_of_the_pinned_revision_with_a_plane_more_where_cells_overlap(
    frozen: Snapshot, mia: User, outbox: Outbox
) -> None:
    dataset = frozen.project.datasets.get()
    movie = make.image(dataset, shape_tyx=(2, 5, 8), pixels=True)
    overlapping = make.picture(make.TWO_CELLS).repeat(2, axis=0)
    overlapping[0][overlapping[0] == 2] = 0
    overlapping[1] = 0
    overlapping[1, 2:4, 2:4] = 2
    make.label(movie, [make.picture(make.TWO_CELLS), overlapping])
    job = make.training(make.snapshot(dataset, by=mia, name="second"), by=mia)
    make.label(movie, "1 1 1 1 1 1 1 1\n" * 5)
    layout.lay_out(job=job, folder=folder_of(job))
    array = np.asarray(zarr.open_array(folder_of(job).labels / f"{movie.pk}.zarr", mode="r"))
    assert array.shape == (2, 2, 1, 5, 8)
    assert (array[0, 0, 0] == make.picture(make.TWO_CELLS)[0]).all()
    for cell in (1, 2):
        assert ((array[:, 1, 0] == cell).any(0) == (overlapping == cell).any(0)).all()


def test_M21_the_run_folder_says_which_cells_are_ignored(frozen: Snapshot, mia: User, outbox: Outbox) -> None:
    dataset = frozen.project.datasets.get()
    marked = make.image(dataset, pixels=True)
    make.label(marked, facts={1: CellFacts(ignored=True)})
    job = make.training(make.snapshot(dataset, by=mia, name="second"), by=mia)
    layout.lay_out(job=job, folder=folder_of(job))
    by_image = {line.image_id: line for line in folder_of(job).read_manifest()}
    path = folder_of(job).cell_classes(by_image[str(marked.pk)])
    assert path is not None
    assert {cell.cell: cell.ignored for cell in read_cells(path).cells} == {1: True, 2: False}
    others = [folder_of(job).cell_classes(line) for pk, line in by_image.items() if pk != str(marked.pk)]
    assert not any(other is not None and other.exists() for other in others)


def test_what_is_heavy_goes_and_what_tells_stays(job: Job, outbox: Outbox) -> None:
    outbox.deliver(Letter.RUN_JOB)
    left = {path.name for path in folder_of(job).path.iterdir()}
    assert left >= {"spec.json", "manifest.jsonl", "progress.jsonl", "result.json", "log.txt"}
    assert not left & {"labels", "checkpoint", "model", "pictures"}


def test_pictures_and_log_can_be_read_from_storage(job: Job, outbox: Outbox) -> None:
    outbox.deliver(Letter.RUN_JOB)
    [picture] = JobPicture.objects.filter(job=job)
    assert selectors.read_picture(job=job, name=picture.name).startswith(b"\x89PNG")
    assert "Started as work." in selectors.read_log(job=job)


def test_a_picture_that_points_outside_its_folder_is_not_kept(job: Job, tmp_path: Path) -> None:
    assert jobs.claim(job_id=job.pk, worker="w") is not None
    folder = RunFolder(tmp_path / "run")
    folder.pictures.mkdir(parents=True)
    (tmp_path / "secret").write_text("secret")
    with (folder.progress).open("w") as stream:
        stream.write('{"kind": "picture", "at": "now", "name": "../../secret", "caption": "", "step": 0}\n')
    watcher = watch.Watch(job, "w", folder, None, Limits(), Tail(folder.progress))  # type: ignore[arg-type]
    watcher.hear()
    assert not JobPicture.objects.exists()


def test_a_prediction_job_enters_labels_and_tasks(frozen: Snapshot, mia: User, outbox: Outbox) -> None:
    images = list(Image.objects.all())
    model = make.trained_model(frozen, by=mia)
    outbox.letters.clear()
    job = make.training(
        frozen, by=mia, kind=Kind.PREDICT, snapshot=None, trained_model=model, images=images, make_tasks=True
    )
    outbox.deliver(Letter.RUN_JOB)
    assert (final(job).state, job.error) == (State.SUCCEEDED, "")
    assert Prediction.objects.filter(job=job, object_count=2).count() == len(images) == Task.objects.count()
    outbox.deliver_again()
    assert Prediction.objects.count() == len(images) == Task.objects.count()


def test_a_preview_leaves_pictures_and_an_evaluation_scores(
    frozen: Snapshot, mia: User, outbox: Outbox
) -> None:
    model = make.trained_model(frozen, by=mia)
    outbox.letters.clear()
    preview = make.training(frozen, by=mia, kind=Kind.PREVIEW)
    evaluation = make.training(frozen, by=mia, kind=Kind.EVALUATE, trained_model=model)
    outbox.deliver(Letter.RUN_JOB)
    assert (final(preview).state, final(evaluation).state) == (State.SUCCEEDED, State.SUCCEEDED)
    assert [picture.name for picture in JobPicture.objects.filter(job=preview)] == ["sample.png"]
    assert evaluation.scores == {"test": {"ap50": 0.5}}


def test_from_object_storage_images_and_model_are_copied_into_the_run_folder(
    frozen: Snapshot, mia: User, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = make.trained_model(frozen, by=mia)
    image = Image.objects.all()[0]
    job = make.training(frozen, by=mia, kind=Kind.PREDICT, snapshot=None, trained_model=model, images=[image])
    monkeypatch.setattr(storage, "local_path", lambda _key: None)
    layout.lay_out(job=job, folder=folder_of(job))
    [line] = folder_of(job).read_manifest()
    assert Path(line.image).is_relative_to(folder_of(job).path)
    here = np.asarray(zarr.open_array(f"{line.image}/0", mode="r"))
    assert (
        here == np.asarray(zarr.open_array(storage.zarr_store(image.store_key), path="0", mode="r"))
    ).all()
    told = folder_of(job).read_spec().model_dir
    assert told is not None
    assert Path(told, "weights.safetensors").read_bytes() == b"weights"


def test_what_killed_workers_left_on_the_disk_is_cleaned_and_nothing_else(
    frozen: Snapshot, mia: User, outbox: Outbox
) -> None:
    over, running = make.training(frozen, by=mia), make.training(frozen, by=mia)
    for job in (over, running):
        layout.lay_out(job=job, folder=folder_of(job))
    jobs.cancel(job=over, by=mia)
    assert jobs.claim(job_id=running.pk, worker="w") is not None
    runs = folder_of(over).path.parent
    (runs / "00000000-0000-4000-8000-000000000000").mkdir()
    (runs / "notes of a person").mkdir()
    assert (layout.clean_leftovers(), layout.clean_leftovers()) == (2, 0)
    assert {path.name for path in runs.iterdir()} == {str(over.pk), str(running.pk), "notes of a person"}
    assert not folder_of(over).labels.exists()
    assert folder_of(over).spec.exists()
    assert folder_of(running).labels.exists()
