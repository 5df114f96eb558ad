"""The registry: versions, provenance, use, archive."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest

from annotation.policies.access import NothingHere, RoleTooLow
from backend.accounts.models import Team, User
from backend.foundation import storage
from tests.conftest import Outbox
from tests.factories import training as make
from training.contract.files import read_model_card
from training.contract.results import RunResult
from training.models import Job, Snapshot, TrainedModel
from training.models.jobs import Kind, State
from training.selectors import trained_models as selectors
from training.services import jobs, trained_models


@pytest.fixture
def frozen(team: Team, mia: User) -> Snapshot:
    dataset = make.dataset(make.project(team))
    make.labelled_images(dataset, 4)
    return make.snapshot(dataset, by=mia)


def register(job: Job, folder: Path) -> TrainedModel:
    model_dir = make.model_folder(folder)
    assert jobs.claim(job_id=job.pk, worker="worker 1") is not None
    trained_models.keep_weights(job_id=job.pk, model_dir=model_dir)
    return trained_models.register(
        job_id=job.pk,
        worker="worker 1",
        model_dir=model_dir,
        card=read_model_card(model_dir),
        result=RunResult(ok=True, scores={"test": {"ap50": 0.8}}),
    )


def test_a_training_becomes_a_version_that_knows_where_it_came_from(
    frozen: Snapshot, mia: User, tmp_path: Path, outbox: Outbox
) -> None:
    parent = make.trained_model(frozen, by=mia, name="parent")
    job = make.training(frozen, by=mia, seed=7, init_from=parent)
    model = register(job, tmp_path / "model")
    assert (model.version, model.snapshot, model.snapshot_digest) == (1, frozen, frozen.digest)
    assert (model.seed, model.code_version, model.parent, model.created_by) == (7, "test", parent, mia)
    assert model.scores == {"test": {"ap50": 0.8}}
    assert storage.get(f"{model.weights_key}/weights.safetensors") == b"weights"
    job.refresh_from_db()
    assert (job.state, job.result) == (State.SUCCEEDED, model)


def test_versions_count_up_under_one_name(
    frozen: Snapshot, mia: User, tmp_path: Path, outbox: Outbox
) -> None:
    made = [register(make.training(frozen, by=mia), tmp_path / str(i)) for i in range(3)]
    assert [model.version for model in made] == [1, 2, 3]
    assert register(make.training(frozen, by=mia, name="other"), tmp_path / "x").version == 1


def test_one_job_makes_one_model(frozen: Snapshot, mia: User, tmp_path: Path, outbox: Outbox) -> None:
    job = make.training(frozen, by=mia)
    model = register(job, tmp_path / "model")
    with pytest.raises(jobs.JobTakenOver):
        trained_models.register(
            job_id=job.pk,
            worker="worker 1",
            model_dir=tmp_path / "model",
            card=read_model_card(tmp_path / "model"),
            result=RunResult(ok=True),
        )
    assert TrainedModel.objects.get() == model


def test_a_new_name_is_numbered_behind_the_versions_already_there(frozen: Snapshot, mia: User) -> None:
    make.trained_model(frozen, by=mia, name="nuclei")
    other = make.trained_model(frozen, by=mia, name="draft")
    renamed = trained_models.change(trained_model=other, by=mia, name="nuclei", description="better")
    assert (str(renamed), renamed.description) == ("nuclei v2", "better")
    with pytest.raises(trained_models.NameIsEmpty):
        trained_models.change(trained_model=other, by=mia, name="  ")


def test_an_unused_model_goes_with_its_weights(frozen: Snapshot, mia: User, outbox: Outbox) -> None:
    model = make.trained_model(frozen, by=mia)
    trained_models.delete(trained_model=model, by=mia)
    outbox.letters  # noqa: B018  lets what waits for the commit run
    assert not TrainedModel.objects.exists()
    assert not storage.exists(f"{model.weights_key}/weights.safetensors")


def test_a_model_that_was_used_stays(frozen: Snapshot, mia: User, outbox: Outbox) -> None:
    model = make.trained_model(frozen, by=mia)
    make.training(frozen, by=mia, kind=Kind.EVALUATE, trained_model=model)
    with pytest.raises(trained_models.TrainedModelInUse, match="1 jobs"):
        trained_models.delete(trained_model=model, by=mia)


def test_who_may_change_and_delete(frozen: Snapshot, mia: User, ben: User, dan: User) -> None:
    model = make.trained_model(frozen, by=mia)
    for person, refusal in ((ben, RoleTooLow), (dan, NothingHere)):
        with pytest.raises(refusal):
            trained_models.change(trained_model=model, by=person, name="mine")
        with pytest.raises(refusal):
            trained_models.delete(trained_model=model, by=person)


def test_the_archive_holds_weights_card_and_provenance(frozen: Snapshot, mia: User) -> None:
    model = make.trained_model(frozen, by=mia)
    with selectors.open_archive(trained_model=model) as stream:
        archive = zipfile.ZipFile(io.BytesIO(stream.read()))
    assert sorted(archive.namelist()) == [
        "nuclei-v1/model.json",
        "nuclei-v1/registry.json",
        "nuclei-v1/weights.safetensors",
    ]
    assert archive.read("nuclei-v1/weights.safetensors") == b"weights"
    assert json.loads(archive.read("nuclei-v1/registry.json"))["snapshot"]["digest"] == frozen.digest
