"""A job from its letter to its end, with a tiny recipe started the way the real ones are."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import psutil
import pytest
import zarr
from django.db import OperationalError, connection

from annotation.core.edits import CellFacts
from annotation.models import Image, Task
from backend.accounts.models import Team, User
from backend.foundation import clock, storage
from backend.foundation.queue import Letter
from tests.conftest import Outbox
from tests.factories import training as make
from training.contract.files import RunFolder, read_cells, write_json
from training.models import Job, JobPicture, JobPoint, Prediction, Snapshot, TrainedModel
from training.models.jobs import Kind, State
from training.runners import heartbeat, layout, local_process, watch
from training.runners import jobs as runner
from training.runners.base import Limits
from training.runners.tail import Tail
from training.selectors import jobs as selectors
from training.services import jobs

RECIPES = "tests.background.recipes"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def fast_and_harmless(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tiny recipes in place of the real ones, and short patience."""
    monkeypatch.setattr(local_process.LocalProcessRunner.__init__, "__defaults__", (RECIPES,))
    monkeypatch.setattr(heartbeat.Heartbeat.__init__, "__kwdefaults__", {"every_s": 0.1})
    monkeypatch.setattr(watch, "POLL_S", 0.02)
    monkeypatch.setattr(watch, "TERMINATE_AFTER_S", 0.5)
    monkeypatch.setattr(watch, "KILL_AFTER_S", 1.0)


@pytest.fixture
def behave(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Choose how the tiny recipe behaves."""
    return lambda word: monkeypatch.setenv("CYTOLOOP_TEST_RECIPE", word)


@pytest.fixture
def frozen(transactional_db: None, team: Team, mia: User) -> Snapshot:
    dataset = make.dataset(make.project(team))
    make.labelled_images(dataset, 4, pixels=True)
    return make.snapshot(dataset, by=mia)


@pytest.fixture
def job(frozen: Snapshot, mia: User, outbox: Outbox) -> Job:
    return make.training(frozen, by=mia)


def folder_of(job: Job) -> RunFolder:
    return layout.folder_of(job_id=job.pk)


def final(job: Job) -> Job:
    job.refresh_from_db()
    return job


def engine_of(job: Job, *, patience_s: float = 20.0) -> psutil.Process:
    """The engine at work on a job, once it has said something."""
    until = time.monotonic() + patience_s
    while time.monotonic() < until:
        if JobPoint.objects.filter(job=job).exists():
            orphan = local_process._find_orphan(folder_of(job))
            if orphan is not None:
                return orphan
        time.sleep(0.02)
    raise AssertionError("The engine did not begin.")


@pytest.fixture
def in_background() -> Iterator[Callable[..., threading.Thread]]:
    """Run something beside the test; waited for at the end."""
    threads: list[threading.Thread] = []

    def start(work: Callable[[], None]) -> threading.Thread:
        def run() -> None:
            try:
                work()
            finally:
                connection.close()

        threads.append(threading.Thread(target=run))
        threads[-1].start()
        return threads[-1]

    yield start
    for thread in threads:
        thread.join(timeout=30)


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


# ---------------------------------------------------------------- bad ends


@pytest.mark.parametrize(
    ("word", "error", "detail"),
    [
        ("crash", "without a result (exit code 1)", "the net has exploded"),
        ("silent", "without a result (exit code 7)", "Started as silent."),
        ("refuse", "No training image holds a cell.", "Started as refuse."),
    ],
)
def test_an_engine_that_fails_says_a_sentence_and_its_last_words(
    job: Job, outbox: Outbox, behave: Callable[[str], None], word: str, error: str, detail: str
) -> None:
    behave(word)
    outbox.deliver(Letter.RUN_JOB)
    assert final(job).state == State.FAILED
    assert error in job.error
    assert detail in job.detail
    assert not TrainedModel.objects.exists()


def test_a_worker_that_cannot_lay_out_the_folder_fails_the_job_with_a_sentence(
    job: Job, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(layout, "lay_out", full)
    outbox.deliver(Letter.RUN_JOB)
    assert final(job).state == State.FAILED
    assert "No space left on device" in job.error


def test_an_engine_over_its_time_is_stopped_even_when_it_is_deaf(
    job: Job, outbox: Outbox, behave: Callable[[str], None]
) -> None:
    behave("deaf")
    runner.run(job_id=str(job.pk), limits=Limits(seconds=1.0))
    assert final(job).state == State.FAILED
    assert "longer than its limit" in job.error


def test_an_engine_over_its_memory_is_stopped(
    job: Job, outbox: Outbox, behave: Callable[[str], None]
) -> None:
    behave("slow")
    runner.run(job_id=str(job.pk), limits=Limits(memory_bytes=1024))
    assert final(job).state == State.FAILED
    assert "memory" in job.error


# ---------------------------------------------------------------- cancel


@pytest.mark.parametrize("word", ["slow", "deaf"])
def test_a_running_job_can_be_cancelled(
    job: Job, mia: User, outbox: Outbox, behave: Callable[[str], None],
    in_background: Callable[..., threading.Thread], word: str,
) -> None:  # fmt: skip
    behave(word)
    thread = in_background(lambda: runner.run(job_id=str(job.pk)))
    until = time.monotonic() + 20
    while not (folder_of(job).path / local_process.ENGINE_FILE).exists() and time.monotonic() < until:
        time.sleep(0.02)
    jobs.cancel(job=job, by=mia)
    thread.join(timeout=30)
    assert (final(job).state, job.error) == (State.CANCELLED, "")
    assert local_process._find_orphan(folder_of(job)) is None
    assert not TrainedModel.objects.exists()


# ---------------------------------------------------------------- interruptions


def test_an_engine_killed_half_way_goes_on_from_its_checkpoint(
    job: Job, outbox: Outbox, behave: Callable[[str], None]
) -> None:
    behave("die")
    [letter] = outbox.of(Letter.RUN_JOB)
    outbox.deliver(Letter.RUN_JOB)
    assert (final(job).state, job.attempt) == (State.QUEUED, 1)
    assert "killed" in job.message
    assert len(outbox.of(Letter.RUN_JOB)) == 1
    outbox.deliver(Letter.RUN_JOB)
    assert (final(job).state, job.attempt, job.error) == (State.SUCCEEDED, 2, "")
    assert list(JobPoint.objects.filter(job=job).values_list("step", flat=True)) == list(range(1, 11))
    assert TrainedModel.objects.count() == 1
    assert letter in outbox.delivered


def test_an_engine_asked_to_stop_puts_the_job_back_in_the_queue(
    job: Job, outbox: Outbox, behave: Callable[[str], None], in_background: Callable[..., threading.Thread]
) -> None:
    behave("slow")
    thread = in_background(lambda: runner.run(job_id=str(job.pk)))
    engine_of(job).terminate()
    thread.join(timeout=30)
    assert (final(job).state, job.attempt) == (State.QUEUED, 1)


def test_a_job_whose_engine_had_ended_when_the_worker_died_is_only_collected(
    job: Job, outbox: Outbox, behave: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(runner, "collect", _die)
        with pytest.raises(SystemExit):
            runner.run(job_id=str(job.pk))
    assert final(job).state == State.RUNNING
    behave("crash")
    Job.objects.filter(pk=job.pk).update(heartbeat_at=clock.now() - timedelta(minutes=5))
    jobs.sweep()
    outbox.deliver(Letter.RUN_JOB)
    assert (final(job).state, job.attempt) == (State.SUCCEEDED, 2)
    assert TrainedModel.objects.count() == 1


def test_the_database_going_away_puts_the_job_back_in_the_queue(
    job: Job, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(**_: object) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    outbox.letters.clear()
    with monkeypatch.context() as patch:
        patch.setattr(runner, "collect", away)
        runner.run(job_id=str(job.pk))
    assert (final(job).state, job.error) == (State.QUEUED, "")
    assert "database" in job.message
    outbox.deliver(Letter.RUN_JOB)
    assert final(job).state == State.SUCCEEDED


def _die(**_: object) -> None:
    raise SystemExit("the worker is gone")


def test_an_orphaned_engine_is_ended_before_another_one_starts(job: Job, tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    command = [sys.executable, "-c", "import time; time.sleep(600)"]
    with subprocess.Popen(command, start_new_session=True) as orphan:
        local_process._remember(folder, orphan.pid)
        assert local_process.end_orphan(folder=folder)
        assert not psutil.pid_exists(orphan.pid)
    assert not local_process.end_orphan(folder=folder)


def test_a_stranger_with_the_same_pid_is_left_alone(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    write_json(folder.path / local_process.ENGINE_FILE, {"pid": os.getpid(), "started": 12345.0})
    assert not local_process.end_orphan(folder=folder)


WORKER = """
import django; django.setup()
from django.conf import settings
from pathlib import Path
settings.CYTOLOOP_HOME = Path({home!r}); settings.CYTOLOOP_RUNS = Path({home!r}) / "runs"
settings.DATABASES["default"]["NAME"] = {database!r}
from training.runners import jobs
from training.runners.local_process import LocalProcessRunner
jobs.run(job_id={job!r}, runner=LocalProcessRunner(recipes={recipes!r}))
"""


def test_a_worker_killed_with_9_takes_its_engine_along_and_another_worker_finishes(
    job: Job, outbox: Outbox, behave: Callable[[str], None], storage_folder: Path
) -> None:
    behave("slow")
    code = WORKER.format(
        home=str(storage_folder.parent),
        database=connection.settings_dict["NAME"],
        job=str(job.pk),
        recipes=RECIPES,
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    ) as worker:
        engine = engine_of(job)
        worker.kill()
    psutil.wait_procs([engine], timeout=20)
    assert not engine.is_running()
    assert final(job).state == State.RUNNING
    assert jobs.sweep() == 0
    # Less than the minute that a worker elsewhere is given: this one's process is seen to be gone.
    Job.objects.filter(pk=job.pk).update(heartbeat_at=clock.now() - timedelta(seconds=20))
    outbox.letters.clear()
    assert jobs.sweep() == 1
    behave("work")
    outbox.deliver(Letter.RUN_JOB)
    assert (final(job).state, job.attempt, job.error) == (State.SUCCEEDED, 2, "")
    assert list(JobPoint.objects.filter(job=job).values_list("step", flat=True)) == list(range(1, 11))
    assert TrainedModel.objects.count() == 1
