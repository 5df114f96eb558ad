"""L14: what a prediction is shown of its images: channels chosen by name, and how large the cells are."""

from pathlib import Path
from typing import Any

import pytest

from annotation.models import Dataset, Image
from backend.accounts.models import User
from tests.cast import Cast
from tests.factories import training as make
from training.contract.files import RunFolder
from training.models import TrainedModel
from training.models.jobs import Kind
from training.runners import layout
from training.selectors import reading
from training.services import orders

pytestmark = pytest.mark.django_db
KNOWS = {"channels": [1, 3], "object_size_px": 19.3}


@pytest.fixture
def dataset(cast: Cast) -> Dataset:
    return make.dataset(make.project(cast.team))


def model_of(dataset: Dataset, by: User, name: str = "nuclei-1", **summary: Any) -> TrainedModel:
    make.labelled_images(dataset, 3)
    frozen = make.snapshot(dataset, by=by, name=name)
    return make.trained_model(frozen, by=by, name=name, summary={**KNOWS, **summary})


def stained(dataset: Dataset, *names: str) -> Image:
    image = make.image(dataset)
    image.channel_names, image.size_c = list(names), len(names)
    image.save(update_fields=["channel_names", "size_c"])
    return image


def laid_out(model: TrainedModel, images: list[Image], by: User, place: Path, **settings: Any) -> RunFolder:
    assert model.snapshot is not None
    asked = {"kind": Kind.PREDICT, "trained_model": model, "images": images, "settings": settings}
    job = make.training(model.snapshot, by=by, **asked)
    folder = RunFolder(place / str(job.pk))
    layout.lay_out(job=job, folder=folder)
    return folder


def test_L14_each_image_is_read_by_its_own_channel(dataset: Dataset, cast: Cast, tmp_path: Path) -> None:
    model = model_of(dataset, cast.mia)
    images = [stained(dataset, *names) for names in (("GFP", "DAPI"), ("Histone H3", "a", "b", "c"), ("x",))]
    folder = laid_out(model, images, cast.mia, tmp_path)
    read = {line.image_id: line.channels for line in folder.read_manifest()}
    assert [read[str(image.pk)] for image in images] == [(1,), (0,), None]
    assert folder.read_spec().cell_px == "auto"


def test_L14_what_is_asked_for_is_read(dataset: Dataset, cast: Cast, tmp_path: Path) -> None:
    model, image = model_of(dataset, cast.mia), stained(dataset, "GFP", "DAPI", "RFP", "Cy5")
    folder = laid_out(model, [image], cast.mia, tmp_path, channels=["cy5", 1, "RFP"], cell_px=8)
    assert folder.read_manifest()[0].channels == (3, 0, 2), "as colour, in the order of the words"
    assert folder.read_spec().cell_px == 8.0
    assert laid_out(model, [image], cast.mia, tmp_path, cell_px="learned").read_spec().cell_px is None


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"channels": ["Cy5"]}, "there is no channel “Cy5”; there are “GFP”, “DAPI”"),
        ({"channels": [1, 2]}, "names 2, but nuclei-1 v1 reads pictures of 1 or 3 channels"),
        ({"channels": []}, "a list of names"),
        ({"cell_px": "big"}, "“auto”, “learned” or a diameter"),
        ({"crop_px": 64}, "only “flips”, “channels”, “cell_px”"),
    ],
)
def test_what_cannot_be_read_is_refused_before_it_starts(
    dataset: Dataset, cast: Cast, tmp_path: Path, asked: dict[str, Any], said: str
) -> None:
    model, image = model_of(dataset, cast.mia), stained(dataset, "GFP", "DAPI")
    with pytest.raises(orders.BadSettings, match=said):
        laid_out(model, [image], cast.mia, tmp_path, **asked)


def test_models_that_know_no_size_or_read_volumes_are_told_none(
    dataset: Dataset, cast: Cast, tmp_path: Path
) -> None:
    volumes = model_of(dataset, cast.mia, volumes=True)
    assert laid_out(volumes, [make.image(dataset)], cast.mia, tmp_path).read_spec().cell_px is None
    with pytest.raises(orders.BadSettings, match="not “cell_px”"):
        laid_out(volumes, [make.image(dataset)], cast.mia, tmp_path, cell_px=12)


def test_L14_a_model_knows_the_channels_that_it_learned_from(dataset: Dataset, cast: Cast) -> None:
    model = model_of(dataset, cast.mia, name="mine")
    assert set(reading.words_of(model=model)) == {"nuclei", "mine"}
    Image.objects.filter(dataset=dataset).update(channel_names=["My dye"])
    choose = reading.chooser(model=model, asked={})
    assert choose(stained(dataset, "DAPI", "my dye")) == (1,)
    rows = reading.told(
        model=model,
        images=[stained(dataset, "a", "b"), stained(dataset, "x"), stained(dataset, "x")],
        asked={},
    )
    assert [(row.names, row.images, row.read, row.fits) for row in rows] == [
        (("x",), 2, None, True),
        (("a", "b"), 1, (0,), False),
    ]


def test_what_was_read_is_said_in_a_sentence() -> None:
    one, other = {"channels": ["DAPI"], "zoom": 2.0}, {"channels": ["Hoechst"], "zoom": 1.0}
    assert reading.sentence([{}, {"zoom": 1.0}]) == ""
    assert reading.sentence([one]) == (
        " Read by the channel “DAPI”. Shown to the model 2 times as large, for the size of the cells."
    )
    assert reading.sentence([one, other, {}]) == (
        " Read by single channels of 2 images: “DAPI”, “Hoechst”. 1 image shown to the model 2 times as "
        "large, for the size of the cells."
    )
