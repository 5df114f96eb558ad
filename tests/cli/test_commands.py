"""The loop's commands, run inside this process; waiting for jobs is tested where jobs run, in `servers`."""

import argparse
import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image as Picture
from pytest_django.fixtures import Settings

from annotation.core.formats.base import stack_of
from annotation.models import Dataset, Image, Project
from backend.cli import cells_beside, evaluate, ingest, map_out, output, predict, saying, train, workplace
from backend.cli.arguments import build_parser
from backend.cli.main import run
from backend.foundation import clock
from backend.foundation.errors import CytoloopError
from training.contract.atlas import CellAtlas
from training.models import TrainedModel
from training.services import atlases


@pytest.fixture(autouse=True)
def no_embedded_server(settings: Settings) -> None:
    """The tests' own database is there already."""
    settings.CYTOLOOP_EMBEDDED_DATABASE = False
    settings.CYTOLOOP_ADMIN_PASSWORD = "correct horse battery staple"
    settings.CYTOLOOP_HOME.mkdir(parents=True, exist_ok=True)


def two_squares(shift: int = 0) -> np.ndarray[tuple[int, int], np.dtype[np.uint16]]:
    labels = np.zeros((40, 40), np.uint16)
    labels[2 + shift : 12 + shift, 2:12] = 1
    labels[20:30, 20:30] = 2
    return labels


def asked(*words: str) -> argparse.Namespace:
    return build_parser().parse_args(words)


# ---------------------------------------------------------------- evaluate


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    truth, predicted = tmp_path / "truth", tmp_path / "predicted"
    truth.mkdir()
    predicted.mkdir()
    tifffile.imwrite(truth / "a_masks.tif", two_squares())
    Picture.fromarray(two_squares()).save(truth / "b.png")
    tifffile.imwrite(predicted / "a.tif", two_squares(shift=3))
    tifffile.imwrite(predicted / "b_labels.tif", two_squares().astype(np.uint32))
    return truth, predicted


def scores(folders: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> dict[str, float]:
    truth, predicted = folders
    assert run(["evaluate", "--truth", str(truth), "--predicted", str(predicted), "--json"]) == 0
    return dict(json.loads(capsys.readouterr().out))


def test_it_pools_counts_over_images(folders: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    """A square moved by 3 of 10 rows keeps 7/13 of the union: right at 0.5, wrong at 0.75."""
    told = scores(folders, capsys)
    assert (told["ap50"], told["ap75"], told["ap90"]) == (1.0, 3 / 5, 3 / 5)
    assert told["pq50"] == pytest.approx((3 + 7 / 13) / 4)
    assert (told["true_cells"], told["predicted_cells"]) == (4, 4)


def test_L12_it_tells_intervals_and_the_worst_files(
    folders: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """One cell of four lies far off in `a`; drawing two images again gives a twice, a and b, or b twice."""
    tifffile.imwrite(folders[1] / "a.tif", two_squares(shift=8))
    told: dict[str, Any] = dict(scores(folders, capsys))
    assert told["intervals"]["ap50"] == [pytest.approx(1 / 3), 1.0]
    assert [(row["image"], row["missed"], row["invented"]) for row in told["worst"]] == [("a", 1, 1)]
    assert run(["evaluate", "--truth", str(folders[0]), "--predicted", str(folders[1])]) == 0
    said = capsys.readouterr().out
    assert "AP 0.600 (0.333 to 1.000) at 0.5" in said
    assert "Worst files:\n  a: AP 0.333, 1 missed, 1 invented" in said


def test_a_missing_prediction_counts_as_empty(
    folders: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    (folders[1] / "a.tif").unlink()
    told = scores(folders, capsys)
    assert told["ap50"] == 2 / 4


def test_it_refuses_what_cannot_be_compared(
    folders: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truth, predicted = map(str, folders)
    tifffile.imwrite(folders[1] / "a.tif", np.zeros((7, 7), np.uint16))
    assert run(["evaluate", "--truth", truth, "--predicted", predicted]) == 1
    assert "cannot be compared" in capsys.readouterr().err
    empty = tmp_path / "empty"
    empty.mkdir()
    assert run(["evaluate", "--truth", truth, "--predicted", str(empty)]) == 1
    assert run(["evaluate", "--truth", str(tmp_path / "nowhere"), "--predicted", predicted]) == 1
    assert "Traceback" not in capsys.readouterr().err


def test_two_files_of_one_stem_are_refused(folders: tuple[Path, Path]) -> None:
    tifffile.imwrite(folders[0] / "a.tif", two_squares())
    with pytest.raises(evaluate.NotComparable, match="same stem"):
        evaluate.find_labels(folders[0])


def balls() -> np.ndarray[tuple[int, int, int], np.dtype[np.uint16]]:
    """Nine slices (z, y, x) of two balls, 7 slices high; every plane alone would be one cell more or less."""
    z, y, x = np.ogrid[:9, :24, :24]
    labels = np.zeros((9, 24, 24), np.uint16)
    for cell, at in enumerate((6, 17), 1):
        labels[(z - 4) ** 2 + (y - at) ** 2 + (x - at) ** 2 < 13] = cell
    return labels


def test_D1_volumes_are_compared_as_volumes_whatever_their_files_say(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truth, predicted = tmp_path / "truth", tmp_path / "predicted"
    truth.mkdir()
    predicted.mkdir()
    tifffile.imwrite(truth / "a.tif", balls())
    tifffile.imwrite(predicted / "a.tif", balls(), imagej=True, metadata={"axes": "ZYX"})
    told = scores((truth, predicted), capsys)
    assert (told["ap90"], told["true_cells"], told["predicted_cells"]) == (1.0, 2, 2)
    tifffile.imwrite(predicted / "a.tif", balls(), imagej=True, metadata={"axes": "TYX"})
    words = ["evaluate", "--truth", str(truth), "--predicted", str(predicted)]
    assert run([*words, "--axes", "ZYX", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["true_cells"] == 2
    tifffile.imwrite(truth / "a.tif", balls(), imagej=True, metadata={"axes": "ZYX"})
    assert run(words) == 1
    assert "say --axes ZYX for volumes" in capsys.readouterr().err


# ---------------------------------------------------------------- ingest


def test_D1_it_says_what_it_took_axes_for(
    db: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "given"
    folder.mkdir()
    tifffile.imwrite(folder / "x.tif", balls() * 100)
    tifffile.imwrite(folder / "x_masks.tif", balls())
    assert run(["ingest", str(folder), "--dataset", "volumes"]) == 0
    assert "x: An unnamed axis of length 9 was taken for z" in capsys.readouterr().err
    assert Image.objects.get().size_z == 9
    assert run(["ingest", str(folder), "--dataset", "movies", "--axes", "tyx"]) == 0
    assert Image.objects.get(dataset__name="movies").size_t == 9
    with pytest.raises(SystemExit):
        run(["ingest", str(folder), "--dataset", "movies", "--axes", "ZY"])
    assert "--axes" in capsys.readouterr().err


def test_it_brings_images_and_labels_into_a_new_dataset(
    db: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "given"
    folder.mkdir()
    tifffile.imwrite(folder / "x.tif", two_squares() * 100)
    tifffile.imwrite(folder / "x_masks.tif", two_squares())
    (folder / "broken.tif").write_bytes(b"not a picture")
    assert ingest.run(asked("ingest", str(folder), "--dataset", "nuclei", "--json")) == 0
    said = capsys.readouterr()
    told = json.loads(said.out)
    assert [image["name"] for image in told["images"]] == ["x"]
    assert "broken.tif" in said.err
    image = Image.objects.get()
    assert image.dataset.name == "nuclei"
    assert image.revisions.get().accepted_at is not None
    assert ingest.run(asked("ingest", str(folder), "--dataset", "nuclei", "--json")) == 0
    assert Image.objects.count() == 1, "a second time changes nothing"


def test_what_is_left_aside_is_told_with_the_reason(
    db: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in ("images", "masks", "outlines"):
        (tmp_path / "given" / folder).mkdir(parents=True)
        for name in "abcde":
            tifffile.imwrite(tmp_path / "given" / folder / f"{name}.tif", two_squares(ord(name) % 7))
    (tmp_path / "given" / "notes.txt").write_text("by me")
    assert run(["ingest", str(tmp_path / "given"), "--dataset", "nuclei"]) == 0
    said = capsys.readouterr().err
    assert "a.tif, b.tif, c.tif and 2 more: Left aside: it is named like an image beside it" in said
    assert "notes.txt: Left aside: it is no image." in said


def test_it_says_when_there_is_nothing(db: None, tmp_path: Path) -> None:
    (tmp_path / "empty" / "deep").mkdir(parents=True)
    for place in ("nowhere", "empty"):
        with pytest.raises(ingest.NoSuchPath, match=rf"There is no .*{place}\.$"):
            ingest.run(asked("ingest", str(tmp_path / place), "--dataset", "d"))
    assert not Dataset.objects.exists(), "nothing is made for nothing"
    (tmp_path / "broken.tif").write_bytes(b"not a picture")
    assert ingest.run(asked("ingest", str(tmp_path), "--dataset", "d")) == 1


def test_it_refuses_unknown_projects_datasets_and_models(db: None, tmp_path: Path) -> None:
    place = workplace.enter(None)
    with pytest.raises(workplace.NoSuchProject, match="My project"):
        workplace.enter("Other")
    with pytest.raises(workplace.NoSuchDataset):
        workplace.find_dataset(place, "nuclei")
    with pytest.raises(train.NoSuchModel):
        train.find_model(place, "best")
    other = Project.objects.create(team=place.owner.memberships.get().team, name="Elsewhere")
    TrainedModel.objects.create(
        project=other, name="best", version=1, recipe="instances", starter="best", weights_key="k",
        weights_digest="0" * 64, size_bytes=1, seed=0, code_version="shipped", created_at=clock.now(),
    )  # fmt: skip
    with pytest.raises(train.NoSuchModel, match="It is in “Elsewhere”; say so with --project"):
        train.find_model(place, "best")
    with pytest.raises(predict.NoImages):
        predict.find_inputs(tmp_path / "nowhere")


def test_the_demonstration_is_nobodys_default_project(db: None) -> None:
    place = workplace.enter(None)
    place.project.delete()
    Project.objects.create(team=place.owner.memberships.get().team, name="Demonstration")
    assert workplace.enter(None).project.name == "My project"


def test_settings_are_read(db: None) -> None:
    assert train.parse_setting("crop_px=64") == ("crop_px", 64)
    assert train.parse_setting("width=small") == ("width", "small")
    assert train.parse_setting("flips=false") == ("flips", False)
    with pytest.raises(train.BadSetting):
        train.parse_setting("width")


# ---------------------------------------------------------------- predict


def test_every_input_has_an_output_of_its_own(tmp_path: Path) -> None:
    names = ["a.png", "a.tif", "b.ome.tif", "deep/c.jpg"]
    outputs = [
        item.output.as_posix() for item in predict.name_outputs(tmp_path, [tmp_path / n for n in names])
    ]
    assert outputs == ["a.png.tif", "a.tif.tif", "b.tif", "deep/c.tif"]


def test_labels_beside_the_images_are_no_inputs(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "x.tif", two_squares() * 100)
    tifffile.imwrite(tmp_path / "x_masks.tif", two_squares())
    assert [item.path.name for item in predict.find_inputs(tmp_path)] == ["x.tif"]


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ([], {}),
        (["--fast"], {"flips": False}),
        (["--channels", "DAPI, 2,", "--cell-px", "12.5"], {"channels": ["DAPI", "2"], "cell_px": 12.5}),
        (["--cell-px", "auto"], {"cell_px": "auto"}),
    ],
)
def test_L14_what_is_read_is_ordered_as_it_was_said(words: list[str], wanted: dict[str, Any]) -> None:
    model = TrainedModel(settings={"flips": True})
    given = asked("predict", "--model", "m", "--images", "i", "--out", "o", *words)
    assert predict.reading_of(model, given) == wanted
    assert predict.reading_of(TrainedModel(settings={}), given) == {
        name: value for name, value in wanted.items() if name != "flips"
    }


def test_a_broken_file_among_the_images_is_told_and_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tifffile.imwrite(tmp_path / "x.tif", two_squares() * 100)
    whole = (tmp_path / "x.tif").read_bytes()
    (tmp_path / "cut.tif").write_bytes(whole[:400])
    inputs, unread = predict.look(tmp_path)
    assert ([item.path.name for item in inputs], [path.name for path in unread]) == (["x.tif"], ["cut.tif"])
    assert f"Refused: {tmp_path / 'cut.tif'}: " in capsys.readouterr().err


def test_the_same_picture_twice_is_one_image_with_two_outputs(db: None, tmp_path: Path) -> None:
    for name in ("one.tif", "two.tif"):
        tifffile.imwrite(tmp_path / name, two_squares() * 100)
    place = workplace.enter(None)
    dataset = workplace.find_or_make_dataset(place, "Predictions: best")
    images = predict.bring_in(place, dataset, predict.find_inputs(tmp_path))
    assert [item.output.name for item in images] == ["one.tif", "two.tif"]
    assert len({image.pk for image in images.values()}) == 1
    assert Dataset.objects.get() == dataset


@pytest.mark.parametrize(("top", "kind"), [(7, np.uint16), (70_000, np.uint32)])
def test_a_picture_is_written_as_y_x(tmp_path: Path, top: int, kind: type) -> None:
    labels = np.zeros((1, 1, 1, 6, 9), np.uint32)
    labels[..., 2:4, 3:5] = top
    predict.write_labels(tmp_path / "x.tif", stack_of(labels))
    read = tifffile.imread(tmp_path / "x.tif")
    assert read.shape == (6, 9)
    assert read.dtype == kind
    assert np.array_equal(read, labels[0, 0, 0])


def test_L8_the_map_is_written_as_a_table(tmp_path: Path) -> None:
    """Two cells, the second on the first image, as they are kept."""
    zeros = np.zeros(2, np.float32)
    found = CellAtlas(
        image_ids=["one", "two"], measures=["area"], image=np.array([1, 0], np.int32),
        cell=np.array([7, 3]), t=np.zeros(2, np.int32), z=np.zeros(2, np.int32),
        middle_px=np.array([[1, 2], [3, 4.25]], np.float32), length_px=zeros, vectors=zeros[:, None],
        places=np.zeros((2, 2), np.float32), groups=np.array([0, -1], np.int32), outlier=zeros,
        measured=np.array([[5], [6]], np.float32),
    )  # fmt: skip
    ids, columns = map_out.read_columns(atlases.pack(found, {}))
    assert ids == ["one", "two"]
    map_out.write_table(tmp_path / "map.csv", ["deep/a", "b"], columns)
    rows = list(csv.DictReader((tmp_path / "map.csv").read_text().splitlines()))
    told = [(row["image"], row["cell"], row["x"], row["group"], row["measure: area"]) for row in rows]
    assert told == [("b", "7", "2", "0", "5"), ("deep/a", "3", "4.25", "-1", "6")]


def test_a_folder_that_cannot_be_written_is_told_before_the_work(tmp_path: Path) -> None:
    assert output.prepare(tmp_path / "deep" / "out").is_dir()
    (tmp_path / "taken").write_bytes(b"")
    for place in (tmp_path / "taken", tmp_path / "taken" / "below", Path("/proc/nothing")):
        with pytest.raises(output.OutNotWritable, match=r"Nothing can be written into .*--out"):
            output.prepare(place)
    assert not list((tmp_path / "deep" / "out").iterdir())


# ---------------------------------------------------------------- speaking


def test_a_failure_is_a_sentence_and_an_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_: argparse.Namespace) -> int:
        raise CytoloopError("The sky is down.")

    monkeypatch.setattr(evaluate, "run", fail)
    assert run(["evaluate", "--truth", "a", "--predicted", "b"]) == 1
    assert capsys.readouterr().err == "The sky is down.\n"


def test_no_bar_is_drawn_away_from_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with saying.bar("Working") as tell:
        tell(0.5, "half")
    assert capsys.readouterr().err == ""


# ---------------------------------------------------------------- cells beside the images


def test_L1_cells_come_from_beside_the_images_and_are_asked_for_where_they_are_missing(
    db: None, tmp_path: Path
) -> None:
    given = tmp_path / "given"
    given.mkdir()
    tifffile.imwrite(given / "x.tif", two_squares() * 100)
    tifffile.imwrite(given / "x_masks.tif", two_squares())
    place = workplace.enter(None)
    inputs = predict.find_inputs(given)
    [image] = cells_beside.bring_in(place, "kinds", given, inputs).values()
    assert image.current_branch is not None
    assert image.current_branch.head_number > 0
    again = cells_beside.bring_in(place, "kinds", given, inputs)
    assert [one.pk for one in again.values()] == [image.pk]
    tifffile.imwrite(given / "x_masks.tif", two_squares(shift=3))
    [other] = cells_beside.bring_in(place, "kinds", given, inputs).values()
    assert other.pk != image.pk, "other cells are not taken for the first ones"
    tifffile.imwrite(given / "y.tif", two_squares() * 50)
    with pytest.raises(cells_beside.NoCells, match=r"y_masks\.tif"):
        cells_beside.bring_in(place, "kinds", given, predict.find_inputs(given))


def test_L1_the_table_of_classes_has_a_probability_for_each(tmp_path: Path) -> None:
    predict.write_classes(tmp_path / "classes.csv", [("a", 3, "white", 0.2, 0.8)], ["red", "white"])
    assert (tmp_path / "classes.csv").read_text().splitlines() == [
        "image,cell,class,red,white",
        "a,3,white,0.2,0.8",
    ]
