"""Maps of cells, as an engine would tell them."""

import numpy as np

from annotation.models import Image, Revision
from backend.accounts.models import User
from tests.factories.training import order
from training.contract.atlas import CellAtlas
from training.models import Atlas, TrainedModel
from training.models.jobs import Kind
from training.services import atlases, jobs


def said_of(image_ids: list[str], cells: int = 2) -> CellAtlas:
    count = len(image_ids) * cells
    rng = np.random.default_rng(0)
    return CellAtlas(
        image_ids=image_ids,
        measures=["area_px", "mean: nuclei"],
        image=np.repeat(np.arange(len(image_ids), dtype=np.int32), cells),
        cell=np.tile(np.arange(1, cells + 1), len(image_ids)),
        t=np.zeros(count, np.int32),
        z=np.zeros(count, np.int32),
        middle_px=np.tile(np.array([[1.5, 1.5], [2.5, 5.5]], np.float32), (count // 2, 1)),
        length_px=np.full(count, 2, np.float32),
        vectors=rng.normal(size=(count, 64)).astype(np.float32),
        places=rng.normal(size=(count, 2)).astype(np.float32),
        groups=(np.arange(count) % 2).astype(np.int32),
        outlier=np.ones(count, np.float32),
        measured=np.full((count, 2), 4, np.float32),
    )


def atlas(image: Image, revision: Revision, model: TrainedModel, *, by: User, name: str) -> Atlas:
    """The map of two cells of an image."""
    asked = order(None, kind=Kind.PREDICT, trained_model=model, images=[image], name=name)
    job = jobs.start(project=model.project, order=asked, by=by)
    assert jobs.claim(job_id=job.pk, worker="a worker") is not None
    found = said_of([str(image.pk)])
    return atlases.keep(job_id=job.pk, worker="a worker", found=found, revisions={str(image.pk): revision})
