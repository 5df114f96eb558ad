"""K8: what a crowd was divided about reaches the engine, where whoever trains wishes so."""

import zlib
from pathlib import Path

import numpy as np
import pytest
import zarr

from annotation.core.edits import CellFacts
from annotation.models import Doubt
from backend.accounts.models import Team, User
from tests.conftest import Outbox
from tests.factories import training as make
from training.runners import layout

pytestmark = pytest.mark.django_db


def test_K8_the_run_folder_says_where_a_crowd_was_divided(team: Team, mia: User, outbox: Outbox) -> None:
    dataset = make.dataset(make.project(team))
    make.labelled_images(dataset, 4, pixels=True)
    asked = make.image(dataset, pixels=True)
    first = make.label(asked)
    share = np.array([[0, 255], [128, 0]], np.uint8)
    Doubt.objects.create(
        revision=first, t=0, z=0, y=1, x=2, height=2, width=2, content=zlib.compress(share.tobytes())
    )
    make.label(asked, facts={1: CellFacts(ignored=True)})  # a person corrects the draft: a newer revision
    snapshot = make.snapshot(dataset, by=mia, name="asked")
    snapshot.items.filter(image=asked).update(split="train")
    found: dict[bool, Path] = {}
    for doubt in (False, True):
        job = make.training(snapshot, by=mia, settings={"doubt": doubt})
        folder = layout.folder_of(job_id=job.pk)
        layout.lay_out(job=job, folder=folder)
        line = next(one for one in folder.read_manifest() if one.image_id == str(asked.pk))
        path = folder.pixel_weights(line)
        assert path is not None
        found[doubt] = path
        assert len(list(folder.labels.glob("*.weights.zarr"))) == int(doubt)
    assert not found[False].exists()
    weights = np.asarray(zarr.open_array(found[True], mode="r"))[0, 0]
    assert weights[1:3, 2:4].tolist() == [[255, 26], [140, 255]]
    assert np.delete(weights, [1, 2], axis=0).min() == 255
