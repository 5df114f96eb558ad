"""Simulated slides in the tables: what people's work would have written, by the fast way in."""

import numpy as np
import pytest

from annotation.core import simulation_slide, tiles
from annotation.models import CellHead, CellTile, Dataset, Image, ImageState, TileHead
from annotation.policies.access import RoleTooLow
from annotation.selectors import labels as reading
from annotation.services import labels, slides
from annotation.services.slides import NoSuchSlide, SlideIsThere
from backend.accounts.models import Team, User
from backend.foundation import storage
from tests.factories.annotation import make_dataset, make_project

SIZE_PX = 1100


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """They take most of the time."""
    monkeypatch.setattr(simulation_slide, "BLOCK_PX", 512)


@pytest.fixture
def dataset(team: Team) -> Dataset:
    return make_dataset(make_project(team))


def simulate(dataset: Dataset, by: User) -> tuple[Image, int]:
    return slides.simulate(
        dataset=dataset, size_px=SIZE_PX, cells=80, seed=1, by=by, on_progress=lambda *_: None
    )


def test_V4_slide_is_an_image_whose_labels_every_reader_agrees_on(dataset: Dataset, mia: User) -> None:
    image, cells = simulate(dataset, mia)
    branch = image.current_branch
    assert branch is not None
    assert (image.state, image.size_y, cells >= 80) == (ImageState.READY, SIZE_PX, True)
    planes = reading.read_planes(branch=branch, t=0, z=0)
    ids, areas = np.unique(planes[planes > 0], return_counts=True)
    assert dict(CellHead.objects.filter(branch=branch).values_list("cell", "pixel_count")) == dict(
        zip(ids.tolist(), areas.tolist(), strict=True)
    )
    assert set(reading.cell_facts(branch=branch)) == set(ids.tolist())
    found = {
        (ty, tx, cell)
        for (ty, tx), tile in tiles.tiles_of_planes(planes).items()
        for cell in tile.ids.tolist()
    }
    assert set(CellTile.objects.filter(branch=branch).values_list("ty", "tx", "cell")) == found
    assert TileHead.objects.filter(branch=branch).count() == len({place[:2] for place in found})
    assert reading.accepted_revision(image) is not None


def test_V4_slide_can_be_drawn_on_with_ids_that_are_free(dataset: Dataset, mia: User) -> None:
    image, _ = simulate(dataset, mia)
    assert image.current_branch is not None
    first = labels.reserve_cells(branch=image.current_branch, count=5, by=mia)
    assert not CellHead.objects.filter(cell__gte=first).exists()


def test_D5_slide_keeps_equal_chunks_once_on_the_disk(dataset: Dataset, mia: User) -> None:
    image, _ = simulate(dataset, mia)
    keys = [key for key in storage.list_keys(image.store_key) if "/0/c/" in key]
    paths = [path for key in keys if (path := storage.local_path(key)) is not None]
    assert len(keys) == 2 * 3 * 3
    assert len({path.stat().st_ino for path in paths}) < len(paths)


def test_a_slide_that_is_there_is_not_made_again(dataset: Dataset, mia: User) -> None:
    simulate(dataset, mia)
    with pytest.raises(SlideIsThere):
        simulate(dataset, mia)


def test_a_slide_of_no_size_is_refused(dataset: Dataset, mia: User) -> None:
    with pytest.raises(NoSuchSlide):
        slides.simulate(dataset=dataset, size_px=0, cells=1, seed=0, by=mia, on_progress=lambda *_: None)


def test_only_managers_make_slides(dataset: Dataset, ben: User) -> None:
    with pytest.raises(RoleTooLow):
        simulate(dataset, ben)
