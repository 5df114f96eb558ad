"""What stands beside images: boxes, tables, folders of classes, channels in files of their own."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image
from pycocotools import mask as pycoco

from annotation.core.formats import rle
from annotation.core.formats.base import RefusedFile
from annotation.core.formats.folder import OpenedItem, open_item, plan_import

HEIGHT, WIDTH = 30, 40
Put = Callable[..., Path]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Write text, or without any an image of 30 x 40 px."""

    def write(place: str, text: str | None = None, value: int = 7) -> Path:
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        if text is not None:
            path.write_text(text, encoding="utf-8")
        elif path.suffix == ".tif":
            tifffile.imwrite(path, np.full((HEIGHT, WIDTH), value, np.uint16))
        else:
            Image.fromarray(np.full((HEIGHT, WIDTH), value, np.uint8)).save(path)
        return path

    return write


def voc(*boxes: tuple[str, int, int, int, int]) -> str:
    """A Pascal VOC file."""
    keys = ("xmin", "ymin", "xmax", "ymax")
    objects = "".join(
        f"<object><name>{name}</name><bndbox>"
        + "".join(f"<{key}>{value}</{key}>" for key, value in zip(keys, box, strict=True))
        + "</bndbox></object>"
        for name, *box in boxes
    )
    return f"<annotation><filename>elsewhere.png</filename>{objects}</annotation>"


def opened(root: Path, name: str) -> OpenedItem:
    return open_item(next(item for item in plan_import(root).items if item.name == name))


def planes(item: OpenedItem) -> np.ndarray:
    assert item.labels is not None
    ((_, _, found),) = list(item.labels)
    return found


def test_L4_boxes_of_pascal_voc_become_cells_that_fill_them(tmp_path: Path, put: Put) -> None:
    put("JPEGImages/a (1).png")
    put("Annotations/a (1).xml", voc(("RBC", 1, 1, 4, 3), ("WBC", 3, 2, 10, 9), ("cell", 20, 20, 20, 20)))
    item = opened(tmp_path, "JPEGImages/a (1)")
    found = planes(item)
    assert item.classes == {1: "RBC", 2: "WBC"}  # a "cell" has no class
    for cell, (top, left, bottom, right) in {1: (0, 0, 3, 4), 2: (1, 2, 9, 10), 3: (19, 19, 20, 20)}.items():
        wanted = np.zeros((HEIGHT, WIDTH), bool)
        wanted[top:bottom, left:right] = True
        assert np.array_equal((found == cell).any(0), wanted)


def test_L4_boxes_said_twice_or_outside_are_left_out_and_told(tmp_path: Path, put: Put) -> None:
    put("a.png")
    put("a.xml", voc(("x", 1, 1, 9, 9), ("x", 1, 1, 9, 9), ("x", 90, 90, 99, 99)))
    item = opened(tmp_path, "a")
    assert item.classes == {1: "x"}
    assert item.labels is not None
    assert "2 objects were left out" in item.labels.note


def test_boxes_without_image_and_broken_boxes_are_refused_alone(tmp_path: Path, put: Put) -> None:
    put("a.png")
    put("a.xml", "<annotation><object><name>x</name></object></annotation>")
    put("b.xml", voc(("x", 1, 1, 2, 2)))
    put("c.png")
    plan = plan_import(tmp_path)
    assert [(refusal.path.name, refusal.reason) for refusal in plan.refusals] == [
        ("b.xml", "these boxes have no image of the same name")
    ]
    with pytest.raises(RefusedFile, match="no four numbers") as refused:
        opened(tmp_path, "a")
    assert refused.value.path.name == "a.xml"  # the image itself can be taken
    assert opened(tmp_path, "c").labels is None


def test_annotations_go_to_the_nearest_image_of_the_name(tmp_path: Path, put: Put) -> None:
    for part, box in (("train", (1, 1, 5, 5)), ("val", (1, 1, 9, 9))):
        put(f"{part}/images/a.png")
        put(f"{part}/annotations/a.xml", voc(("x", *box)))
    assert np.count_nonzero(planes(opened(tmp_path, "train/a"))) == 25
    assert np.count_nonzero(planes(opened(tmp_path, "val/a"))) == 81


def test_L4_coco_boxes_polygons_and_run_lengths_as_pycocotools_draws_them(tmp_path: Path, put: Put) -> None:
    ring = [2.0, 2.0, 20.0, 4.0, 14.0, 25.0, 3.0, 18.0]
    disc = (np.hypot(*(np.indices((HEIGHT, WIDTH)) - np.array([15, 20])[:, None, None])) < 8).astype("u1")
    packed = pycoco.encode(np.asfortranarray(disc))
    told: list[dict[str, object]] = [
        {"bbox": [5, 6, 7, 8]},
        {"bbox": [2, 2, 18, 23], "segmentation": [ring]},
        {"segmentation": {"size": [HEIGHT, WIDTH], "counts": packed["counts"].decode()}},
    ]
    book = {
        "images": [{"id": 9, "file_name": "somewhere/a.png", "height": HEIGHT, "width": WIDTH}],
        "categories": [{"id": 3, "name": "dead"}],
        "annotations": [{"id": i, "image_id": 9, "category_id": 3, **one} for i, one in enumerate(told)],
    }
    put("images/a.png")
    put("annotations.json", json.dumps(book))
    item = opened(tmp_path, "a")
    found = [(planes(item) == cell).any(0) for cell in (1, 2, 3)]
    drawn = pycoco.merge(pycoco.frPyObjects([ring], HEIGHT, WIDTH))
    theirs = rle.mask_of_counts(rle.decompress(drawn["counts"].decode()), HEIGHT, WIDTH)
    assert np.count_nonzero(found[0]) == 56
    assert np.count_nonzero(found[1] ^ theirs) <= 0.1 * np.count_nonzero(theirs)  # they round the border
    assert np.array_equal(found[2], disc.astype(bool))
    assert set(item.classes.values()) == {"dead"}


def test_L1_a_table_gives_images_their_class(tmp_path: Path, put: Put) -> None:
    for name in ("a", "b", "c"):
        put(f"images/{name}.png")
    put("labels.csv", "filename,class\na.png,alive\nb.png,dead\n")
    assert opened(tmp_path, "a").classes == {1: "alive"}
    assert planes(opened(tmp_path, "b")).all()
    assert opened(tmp_path, "c").labels is None


def test_L1_a_table_gives_outlined_cells_their_class(tmp_path: Path, put: Put) -> None:
    put("images/a.tif")
    labels = np.zeros((HEIGHT, WIDTH), np.uint16)
    labels[2:5, 2:5], labels[9:12, 9:12] = 4, 9
    (tmp_path / "masks").mkdir()
    tifffile.imwrite(tmp_path / "masks" / "a.tif", labels)
    put("cells.csv", "image,label,class\na.tif,4,alive\na.tif,9,dead\n")
    item = opened(tmp_path, "a")
    assert item.classes == {4: "alive", 9: "dead"}
    assert np.array_equal(planes(item)[0], labels)


def test_a_table_of_boxes_and_a_table_of_something_else(tmp_path: Path, put: Put) -> None:
    put("a.png")
    put("boxes.csv", "image;x;y;width;height;category\na;5;6;7;8;mitosis\n")
    put("sizes.csv", "image_id,type,height\na,big,30\n")
    item = opened(tmp_path, "a")
    assert np.count_nonzero(planes(item)) == 56
    assert item.classes == {1: "mitosis"}
    assert [file.path.name for file in plan_import(tmp_path).ignored] == ["sizes.csv"]


@pytest.mark.parametrize(
    ("folders", "are"),
    [
        (("alive", "dead"), True),
        (("A01", "A02"), False),
        (("train", "val"), False),
        (("2024-01-02", "2024-01-03"), False),
        (("pos1", "pos2"), False),
    ],
)
def test_L1_names_of_folders_are_classes_unless_they_say_where_or_when(
    tmp_path: Path, put: Put, folders: tuple[str, str], are: bool
) -> None:
    for number, folder in enumerate(folders):
        for image in range(2):
            put(f"{folder}/{number}{image}.png", value=2 * number + image)
    told = {item.image_class for item in plan_import(tmp_path).items}
    assert told == (set(folders) if are else {""})


@pytest.mark.parametrize(
    "places",
    [
        ("f1_DAPI.tif", "f1_phase.tif", "f2_DAPI.tif", "f2_phase.tif"),
        ("f1/DAPI.tif", "f1/phase_contrast.tif", "f2/DAPI.tif", "f2/phase_contrast.tif"),
        ("dapi/f1.tif", "brightfield/f1.tif", "dapi/f2.tif", "brightfield/f2.tif"),
    ],
)
def test_L7_channels_in_files_of_their_own_are_one_image(
    tmp_path: Path, put: Put, places: tuple[str, ...]
) -> None:
    for value, place in enumerate(places):
        put(place, value=value)
    plan = plan_import(tmp_path)
    assert sorted(item.name for item in plan.items) == ["f1", "f2"]
    for item in plan.items:
        source = open_item(item).source
        assert source.shape_tczyx == (1, 2, 1, HEIGHT, WIDTH)
        assert {name.lower()[:3] for name in source.channel_names} in ({"dap", "pha"}, {"dap", "bri"})
        for channel, path in enumerate(item.image):
            value = places.index(path.relative_to(tmp_path).as_posix())
            assert (source.read_plane(0, channel, 0) == value).all()


def test_L7_a_projection_beside_a_stack_is_the_same_in_every_slice(tmp_path: Path, put: Put) -> None:
    tifffile.imwrite(
        tmp_path / "phase_zstack.tif", np.arange(3 * HEIGHT * WIDTH, dtype="u2").reshape(3, HEIGHT, WIDTH),
        imagej=True, metadata={"axes": "ZYX"},
    )  # fmt: skip
    put("GFP.tif", value=5)
    (item,) = plan_import(tmp_path).items
    source = open_item(item).source
    assert source.shape_tczyx == (1, 2, 3, HEIGHT, WIDTH)
    assert all((source.read_plane(0, 0, z) == 5).all() for z in range(3))
    assert source.read_plane(0, 1, 2)[0, 0] == 2 * HEIGHT * WIDTH


def test_files_of_other_sizes_stay_images_of_their_own(tmp_path: Path, put: Put) -> None:
    put("a_dapi.tif")
    tifffile.imwrite(tmp_path / "a_phase.tif", np.zeros((8, 9), np.uint16))
    assert len(plan_import(tmp_path).items) == 2
