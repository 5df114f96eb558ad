"""One of everything that training has, for the tests of its addresses."""

from __future__ import annotations

import pytest

from backend.accounts.models import Team, User
from backend.foundation import storage
from tests.api.training_bench import AT, Bench
from tests.conftest import Outbox
from tests.factories import training as make
from training.contract.progress import Metrics, Picture
from training.contract.results import CellEntry
from training.models.jobs import Kind
from training.services import jobs, predictions, progress


@pytest.fixture
def bench(team: Team, mia: User, cleo: User, outbox: Outbox) -> Bench:
    dataset = make.dataset(make.project(team))
    make.labelled_images(dataset, 4)
    frozen = make.snapshot(dataset, by=mia)
    model = make.trained_model(frozen, by=mia)
    image = make.image(dataset)
    job = make.training(frozen, by=mia, kind=Kind.PREDICT, snapshot=None, trained_model=model, images=[image])
    assert jobs.claim(job_id=job.pk, worker="w") is not None
    prediction = predictions.accept(
        job_id=job.pk, worker="w", image=image, frames=[(0, 0, make.picture(make.TWO_CELLS))],
        cells=[CellEntry(cell=1, quality=0.9), CellEntry(cell=2, quality=0.2)],
    )  # fmt: skip
    key = progress.store_picture(job_id=job.pk, name="a.png", content=b"\x89PNG picture")
    assert storage.exists(key)
    lines = [Picture(at=AT, name="a.png", caption="A", step=3)]
    points = [
        Metrics(at=AT, step=step, epoch=0.5, elapsed_s=1.0, values={"loss": 1 / step}) for step in (1, 2)
    ]
    progress.record(job_id=job.pk, worker="w", lines=[*lines, *points], offset=10)
    progress.store_log(job_id=job.pk, tail=b"hello from the engine")
    outbox.letters.clear()
    return Bench(frozen, model, job, prediction, image)
