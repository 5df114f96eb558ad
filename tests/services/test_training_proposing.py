"""L14: new images show proposals from the first minute: by themselves, once, where a model fits."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
import tifffile
from django.conf import settings as house
from rest_framework.test import APIClient

from annotation.core.edits import CellFacts
from annotation.models import Dataset, Image, Origin, Upload, UploadState
from annotation.policies.access import RoleTooLow
from annotation.services import labels, uploads
from annotation.services.uploads import Announced
from backend.accounts.models import User
from backend.foundation import clock
from backend.foundation.queue import Letter
from tests.cast import Cast
from tests.conftest import Outbox
from tests.factories import training as make
from training.models import Job, ProposalRule, TrainedModel, UploadProposal
from training.models.jobs import Kind, State
from training.models.proposing import Proposer
from training.selectors import proposing as selectors
from training.services import proposing, trained_models

ClientOf = Callable[[User | None], APIClient]


@pytest.fixture
def dataset(cast: Cast, outbox: Outbox) -> Dataset:
    return make.dataset(make.project(cast.team))


def starter_of(dataset: Dataset, name: str = "nuclei", channels: Sequence[int] = (1, 3)) -> TrainedModel:
    return TrainedModel.objects.create(
        project=dataset.project, name=f"Starter {name}", version=1, recipe="instances", starter=name,
        weights_key=f"starters/{name}", weights_digest=hashlib.sha256(name.encode()).hexdigest(),
        size_bytes=1, summary={"channels": list(channels)}, seed=0, code_version="shipped",
        created_at=clock.now(),
    )  # fmt: skip


def brought_in(dataset: Dataset, by: User | None, images: Sequence[Image]) -> Upload:
    upload = Upload.objects.create(dataset=dataset, created_by=by, state=UploadState.DONE)
    for image in images:
        image.upload = upload
        image.save(update_fields=["upload"])
    return upload


def images(dataset: Dataset, count: int = 2, channels: Sequence[str] = ("nuclei",)) -> list[Image]:
    made = [make.image(dataset) for _ in range(count)]
    for image in made:
        image.channel_names, image.size_c = list(channels), len(channels)
        image.save(update_fields=["channel_names", "size_c"])
    return made


def test_L14_an_upload_starts_one_prediction_with_the_starter_that_fits(
    dataset: Dataset, cast: Cast, outbox: Outbox, tmp_path: Any
) -> None:
    """From the bytes to the job: the import's letter asks, and asking again changes nothing."""
    starter = starter_of(dataset)
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, make.picture(make.TWO_CELLS)[0].astype("uint16"))
    upload = uploads.announce(dataset=dataset, files=[Announced("a.tif", path.stat().st_size)], by=cast.mia)
    house.CYTOLOOP_HOME.mkdir(parents=True, exist_ok=True)
    uploads.receive_chunk(
        upload=upload, file_id=upload.files.get().pk, offset=0, data=path.read_bytes(), by=cast.mia
    )
    uploads.finish(upload=upload, by=cast.mia)
    outbox.deliver(only=Letter.IMPORT_UPLOAD)
    outbox.deliver(only=Letter.UPLOAD_DONE)
    outbox.deliver_again()
    job = Job.objects.get(kind=Kind.PREDICT)
    assert (job.trained_model, job.created_by, job.state) == (starter, cast.mia, State.QUEUED)
    assert job.make_tasks is False
    assert [image.upload_id for image in Image.objects.filter(job_targets__job=job)] == [upload.pk]
    assert len(outbox.of(Letter.RUN_JOB)) == 1


def test_L14_only_bare_images_are_proposed_on(dataset: Dataset, cast: Cast) -> None:
    starter_of(dataset)
    bare, labelled = images(dataset)
    make.label(labelled, facts={1: CellFacts(None, None)})
    upload = brought_in(dataset, cast.mia, [bare, labelled])
    proposing.after_upload(upload_id=upload.pk)
    row = UploadProposal.objects.get(upload=upload)
    assert row.job is not None
    assert set(Image.objects.filter(job_targets__job=row.job)) == {bare}
    other = brought_in(dataset, cast.mia, [labelled])
    proposing.after_upload(upload_id=other.pk)
    assert "came with labels" in UploadProposal.objects.get(upload=other).reason


@pytest.mark.parametrize(
    ("channel", "starter"),
    [
        ("DAPI", "nuclei"),
        ("Channel 1", "nuclei"),
        ("phase contrast", "cells"),
        ("DIC", "cells"),
        ("scanning electron", None),
    ],
)
def test_L14_the_light_that_a_channel_names_decides_which_starter_proposes(
    dataset: Dataset, cast: Cast, channel: str, starter: str | None
) -> None:
    for name in ("cells", "nuclei"):
        starter_of(dataset, name)
    upload = brought_in(dataset, cast.mia, images(dataset, channels=(channel,)))
    chosen = selectors.choose(upload=upload).model
    assert (chosen and chosen.starter) == starter


@pytest.mark.parametrize(
    ("channels", "starter"),
    [
        (("membrane", "H2B-GFP"), "nuclei"),
        (("Channel 1", "Channel 2"), "nuclei"),
        (("DIC", "membrane marker", "GFP", "RFP"), "cells"),
        (("membrane marker", "GFP"), "nuclei"),
        (("phase contrast", "bright field"), "cells"),
        (("Ph3", "DAPI"), "nuclei"),
        (("scanning electron", "DAPI"), None),
    ],
)
def test_L14_images_of_other_channels_get_proposals_from_the_one_that_a_starter_reads(
    dataset: Dataset, cast: Cast, channels: tuple[str, ...], starter: str | None
) -> None:
    for name in ("cells", "nuclei"):
        starter_of(dataset, name)
    upload = brought_in(dataset, cast.mia, images(dataset, channels=channels))
    chosen = selectors.choose(upload=upload)
    assert (chosen.model and chosen.model.starter) == starter
    assert len(chosen.images) == (2 if starter else 0)


@pytest.mark.parametrize("channels", [("scanning electron", "GFP"), ("phase contrast",)])
def test_L14_where_no_starter_fits_nothing_starts_and_the_reason_is_kept(
    dataset: Dataset, cast: Cast, channels: tuple[str, ...]
) -> None:
    starter_of(dataset)
    upload = brought_in(dataset, cast.mia, images(dataset, channels=channels))
    proposing.after_upload(upload_id=upload.pk)
    assert not Job.objects.exists()
    assert channels[0] in UploadProposal.objects.get(upload=upload).reason


def test_L14_the_starter_that_reads_most_images_is_chosen_and_large_uploads_wait_to_be_asked_for(
    dataset: Dataset, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    starter_of(dataset)
    pairs = starter_of(dataset, "pairs", channels=(2,))
    upload = brought_in(dataset, cast.mia, images(dataset, channels=("membrane", "nuclei")))
    assert selectors.choose(upload=upload).model == pairs
    monkeypatch.setattr(selectors, "UNASKED_PX", 79)
    assert "without being asked" in selectors.choose(upload=upload).reason, "2 images of 40 px"


def test_L14_a_project_chooses_another_model_or_none(dataset: Dataset, cast: Cast) -> None:
    starter_of(dataset)
    make.labelled_images(dataset, 3)
    mine = make.trained_model(make.snapshot(dataset, by=cast.mia), by=cast.mia, name="mine")
    project = dataset.project
    proposing.set_rule(project=project, proposer=Proposer.MODEL, trained_model=mine, by=cast.mia)
    upload = brought_in(dataset, cast.mia, images(dataset))
    assert selectors.choose(upload=upload).model == mine
    with pytest.raises(trained_models.TrainedModelInUse, match="rules for new images"):
        trained_models.delete(trained_model=mine, by=cast.mia)
    proposing.set_rule(project=project, proposer=Proposer.OFF, by=cast.mia)
    proposing.after_upload(upload_id=upload.pk)
    assert UploadProposal.objects.get(upload=upload).job is None
    assert ProposalRule.objects.count() == 1


def test_L14_a_rule_takes_a_model_that_can_propose_and_a_manager(dataset: Dataset, cast: Cast) -> None:
    make.labelled_images(dataset, 3)
    frozen, project = make.snapshot(dataset, by=cast.mia), dataset.project
    judge = make.trained_model(frozen, by=cast.mia, name="judge", recipe="classify")
    with pytest.raises(proposing.CannotPropose, match="outlined already"):
        proposing.set_rule(project=project, proposer=Proposer.MODEL, trained_model=judge, by=cast.mia)
    maps = make.trained_model(frozen, by=cast.mia, name="maps", recipe="embed")
    with pytest.raises(proposing.CannotPropose, match="maps of cells"):
        proposing.set_rule(project=project, proposer=Proposer.MODEL, trained_model=maps, by=cast.mia)
    with pytest.raises(proposing.CannotPropose, match="name the model"):
        proposing.set_rule(project=project, proposer=Proposer.MODEL, by=cast.mia)
    with pytest.raises(proposing.CannotPropose, match="another project"):
        proposing.set_rule(
            project=make.project(cast.team), proposer=Proposer.MODEL, trained_model=maps, by=cast.mia
        )
    with pytest.raises(RoleTooLow):
        proposing.set_rule(project=project, proposer=Proposer.OFF, by=cast.ben)


def test_L14_a_lost_letter_is_made_up_for_but_not_days_later(dataset: Dataset, cast: Cast) -> None:
    starter_of(dataset)
    late, old, gone = (brought_in(dataset, cast.mia, images(dataset, 1)) for _ in range(3))
    Upload.objects.filter(pk=late.pk).update(updated_at=clock.now() - timedelta(minutes=5))
    Upload.objects.filter(pk=old.pk).update(updated_at=clock.now() - timedelta(days=2))
    Upload.objects.filter(pk=gone.pk).update(updated_at=clock.now() - timedelta(minutes=5), created_by=None)
    proposing.sweep()
    assert proposing.sweep() == 0
    assert set(UploadProposal.objects.values_list("upload", flat=True)) == {late.pk, gone.pk}
    assert Job.objects.count() == 1
    assert "is gone" in UploadProposal.objects.get(upload=gone).reason


def test_L14_rest_tells_the_rule_and_what_came_of_uploads(
    dataset: Dataset, cast: Cast, client_of: ClientOf
) -> None:
    starter = starter_of(dataset)
    rules, came = "/api/v1/proposal-rules/", "/api/v1/upload-proposals/"
    client, body = client_of(cast.mia), {"project": str(dataset.project_id)}
    told = client.get(rules, body).json()
    assert (told["proposer"], told["trained_model"]) == ("STARTER", None)
    assert told["starters"] == told["models"] == [{"id": str(starter.pk), "name": "Starter nuclei v1"}]
    upload = brought_in(dataset, cast.mia, images(dataset))
    proposing.after_upload(upload_id=upload.pk)
    (row,) = client.get(came, {"dataset": str(dataset.pk)}).json()["results"]
    assert (row["trained_model_name"], row["started_by"], row["job_state"], row["image_count"]) == (
        "Starter nuclei v1", "Mia", "QUEUED", 2,
    )  # fmt: skip
    put = {**body, "proposer": "OFF"}
    assert client.put(rules, put, format="json").json()["proposer"] == "OFF"
    assert client_of(cast.ben).put(rules, put, format="json").status_code == 403
    wrong = {**body, "proposer": "MODEL"}
    assert client.put(rules, wrong, format="json").status_code == 400
    assert client_of(cast.dan).get(rules, body).status_code == 404
    assert client_of(cast.dan).put(rules, put, format="json").status_code == 404
    assert client_of(cast.dan).get(came).json()["count"] == 0
    assert client_of(None).get(came).status_code == 401


def test_L14_the_image_list_tells_the_draft_of_an_image_without_labels(
    dataset: Dataset, cast: Cast, client_of: ClientOf
) -> None:
    image, labelled = images(dataset)
    make.label(labelled)
    for one in (image, labelled):
        branch = labels.open_branch(image=one, name="Starter nuclei v1", origin=Origin.MODEL)
        make.label(one, branch=branch, accepted=False)
    rows = client_of(cast.mia).get("/api/v1/images/", {"dataset": str(dataset.pk)}).json()["results"]
    drafts = {row["id"]: row["draft"] and row["draft"]["name"] for row in rows}
    assert drafts == {str(image.pk): "Starter nuclei v1", str(labelled.pk): None}
