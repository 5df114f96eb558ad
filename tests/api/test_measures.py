"""Measurements over HTTP: a frame as columns, a movie as CSV and as Parquet."""

import csv
import io
from collections.abc import Callable

import numpy as np
import pyarrow.parquet as pq
import pytest
from rest_framework.test import APIClient

from annotation.core.edits import CellFacts
from annotation.core.formats import base, ome_zarr
from annotation.models import Branch, Image
from annotation.services import bulk
from backend.accounts.models import Team, User
from backend.foundation import storage
from tests.conftest import Outbox
from tests.core.drawing import draw
from tests.factories import annotation as make

Client = Callable[[User | None], APIClient]


@pytest.fixture
def branch(team: Team, outbox: Outbox) -> Branch:
    """Cell 1 moves by a pixel and then divides into 2 and 3; light is 10 in the first frame, then 20, 30."""
    image = make.make_image(make.make_dataset(make.make_project(team)), shape_tzyx=(3, 1, 2, 6))
    Image.objects.filter(pk=image.pk).update(pixel_size_y_um=0.5, pixel_size_x_um=0.5, frame_interval_s=10.0)
    light = np.stack([np.full((1, 1, 2, 6), 10 * (t + 1), np.uint16) for t in range(3)])
    ome_zarr.write(storage.zarr_store(image.store_key), base.of_array(light))
    frames = [draw("aa....\naa...."), draw(".aa...\n.aa..."), draw("bb..cc\nbb..cc")]
    made = Branch.objects.get(image=image)
    bulk.import_planes(
        image=image, branch=made, frames=[(t, 0, one) for t, one in enumerate(frames)],
        facts={2: CellFacts(mother=1), 3: CellFacts(mother=1)}, author=None,
    )  # fmt: skip
    return made


def test_T11_a_frame_is_measured(branch: Branch, client_of: Client, vic: User) -> None:
    told = client_of(vic).get(f"/api/v1/branches/{branch.pk}/measures/?t=1").json()
    assert (told["head"], told["t"]) == (1, 1)
    columns = told["columns"]
    assert columns["cell"] == [1]
    assert columns["area_um2"] == [1.0]
    assert columns["speed_px"] == [1.0]
    assert columns["speed_um_s"] == [0.05]
    assert columns["mean_nuclei"] == [20.0]
    assert columns["cycle_frames"] == [None]
    assert client_of(vic).get(f"/api/v1/branches/{branch.pk}/measures/?t=3").status_code == 400


def test_T11_a_movie_is_one_table(branch: Branch, client_of: Client, vic: User) -> None:
    answer = client_of(vic).get(f"/api/v1/branches/{branch.pk}/measures-table/")
    assert "measurements.csv" in answer["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(b"".join(answer).decode())))
    assert [(row["t"], row["cell"], row["mother"]) for row in rows] == [
        ("0", "1", "0"), ("1", "1", "0"), ("2", "2", "1"), ("2", "3", "1"),
    ]  # fmt: skip
    assert [row["speed_px"] for row in rows] == ["", "1", "", ""]
    parquet = client_of(vic).get(f"/api/v1/branches/{branch.pk}/measures-table/?kind=parquet")
    table = pq.read_table(io.BytesIO(b"".join(parquet)))
    assert table.column_names == list(rows[0])
    assert table["generation"].to_pylist() == [0, 0, 1, 1]
    assert table["speed_px"].to_pylist() == [None, 1.0, None, None]


def test_T11_of_a_branch_without_labels_nothing_is_told(team: Team, client_of: Client, vic: User) -> None:
    image = make.make_image(make.make_dataset(make.make_project(team)))
    place = f"/api/v1/branches/{Branch.objects.get(image=image).pk}"
    assert client_of(vic).get(f"{place}/measures/").json() == {"head": 0, "t": 0, "columns": {}}
    assert b"".join(client_of(vic).get(f"{place}/measures-table/")) == b""
