"""Real images beside the project: every folder is read, and what comes out is what the files say."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import tifffile

from annotation.core import matching, tiles
from annotation.core.formats import folder, ome_zarr, sources, tiff
from annotation.core.formats.folder import ImportPlan, plan_import

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(
        not DATA.is_dir(), reason="the real images are not beside the project (../shared/data)"
    ),
]


def counted(plan: ImportPlan) -> dict[tuple[str, bool], int]:
    return dict(Counter((item.layout, item.labels is not None) for item in plan.items))


@pytest.mark.parametrize(
    ("name", "wanted", "refused"),
    [
        ("arabidopsis_ovule_3d", {}, 3),
        ("bbbc030_cho_dic", {("pairs", True): 10}, 0),
        ("bccd_blood_cells", {("voc", True): 292}, 0),
        ("c2c12_phase_tracking", {("single", False): 10}, 0),
        ("cellphe_qpi_tracks", {("tracks", True): 1}, 0),
        ("drosophila_nuclei_tracking", {("ctc", True): 1}, 0),
        ("dsb2018_nuclei", {("pairs", True): 207, ("kaggle", True): 20}, 0),
        ("formats", {("single", False): 9, ("pairs", True): 3, ("tracks", True): 1}, 3),
        ("imc_multiplex_crops", {("pairs", True): 15, ("single", False): 15}, 0),
        ("isl_neurons_labelfree", {("channels", False): 2}, 0),
        ("ldc_live_dead", {("voc", True): 150}, 0),
        ("mouse_embryo_3d", {("pairs", True): 1}, 0),
        ("stardist_sample_3d", {("pairs", True): 1}, 0),
        ("usiigaci_phase_cells", {("pairs", True): 7}, 0),
    ],
)
def test_every_folder_is_planned(name: str, wanted: dict[tuple[str, bool], int], refused: int) -> None:
    plan = plan_import(DATA / name)
    assert counted(plan) == wanted
    assert len(plan.refusals) == refused
    assert len({item.name for item in plan.items}) == len(plan.items)


@pytest.mark.parametrize("path", sorted((DATA / "formats").glob("*/*.tif")), ids=lambda path: path.name)
def test_pixels_equal_tifffile(path: Path) -> None:
    source = tiff.open_one(path)
    size_t, size_c, size_z, _, _ = source.shape_tczyx
    planes = [source.read_plane(*at) for at in np.ndindex(size_t, size_c, size_z)]
    with tifffile.TiffFile(path) as file:
        series = file.series[0]
        theirs, letters = series.asarray(), series.axes.replace("S", "C")
    order = [letters.index(a) for a in "TCZYX" if a in letters]
    assert np.array_equal(
        np.stack(planes).reshape(source.shape_tczyx), theirs.transpose(order).reshape(source.shape_tczyx)
    )


@pytest.mark.parametrize(
    ("name", "shape", "size"),
    [
        ("xyzc_16bit__spots", (1, 2, 17, 88, 89), (0.4, 0.0941, 0.0941)),
        ("xyt_8bit_polyp", (3, 1, 1, 313, 313), (None, None, None)),
        ("xyz_8bit__mitotic_plate_calibrated", (1, 1, 6, 263, 263), (3.0, 0.0852, 0.0852)),
        ("xy_16bit_calibrated__nuclei_various_shapes", (1, 1, 1, 253, 269), (None, 0.2, 0.2)),
        ("xyc_16bit__cell_dna_mts_actin", (1, 3, 1, 350, 350), (0.5, 0.1325, 0.1325)),
    ],
)
def test_imagej_axes_and_calibration(
    name: str, shape: tuple[int, ...], size: tuple[float | None, ...]
) -> None:
    source = sources.open_image(DATA / "formats" / "imagej_tiff" / f"{name}.tif")
    assert source.shape_tczyx == shape
    assert source.pixel_size_zyx_um == pytest.approx(size, abs=1e-4)


def test_ome_tiff_channel_names() -> None:
    source = sources.open_image(DATA / "imc_multiplex_crops/ome/20210305_NE_mockData2_002.ome.tiff")
    assert source.channel_names[1] == "Pr141_Cytokeratin 5"
    assert source.dtype == np.float32


def test_kaggle_masks_are_the_numbered_labels() -> None:
    """The same images lie there once more with all nuclei in one label image."""
    for item in plan_import(DATA / "dsb2018_nuclei" / "kaggle_layout").items:
        labels = folder.open_item(item).labels
        assert labels is not None
        ((_, _, planes),) = labels
        numbered = tifffile.imread(DATA / "dsb2018_nuclei" / "train" / "masks" / f"{item.name}.tif")
        ap = matching.average_precision([(numbered[None], planes)], (0.9,))
        assert ap == {0.9: 1.0}


def test_the_counts_of_nuclei_are_those_of_the_table() -> None:
    plan = plan_import(DATA / "dsb2018_nuclei" / "val")
    cells = 0
    for item in plan.items:
        labels = folder.open_item(item).labels
        assert labels is not None
        cells += sum(len(np.unique(planes)) - 1 for _, _, planes in labels)
    assert cells == 1823


def test_the_embryo_has_its_lineage() -> None:
    (item,) = plan_import(DATA / "drosophila_nuclei_tracking").items
    source, labels, mothers, *_ = folder.open_item(item)
    assert source.shape_tczyx == (61, 1, 1, 264, 542)
    assert mothers == {5: 1, 6: 1, 7: 2, 8: 2, 9: 3, 10: 3, 11: 4}
    assert labels is not None
    for t, _, planes in labels:
        if t in (0, 30, 60):
            assert np.array_equal(
                planes[0], tifffile.imread(DATA / f"drosophila_nuclei_tracking/01_GT/TRA/man_track{t:03}.tif")
            )


def test_real_labels_survive_the_tiles() -> None:
    for path in sorted((DATA / "usiigaci_phase_cells").glob("*/*/instances_ids.png")):
        labels = sources.open_image(path).read_plane(0, 0, 0)[None].astype(np.uint32)
        packed = {at: tiles.pack(c) for at, c in tiles.tiles_of_planes(labels).items()}
        back = tiles.planes_of_tiles({at: tiles.unpack(p) for at, p in packed.items()}, *labels.shape[1:])
        assert np.array_equal(back, labels)


def test_a_real_image_survives_the_zarr(tmp_path: Path) -> None:
    source = sources.open_image(DATA / "isl_neurons_labelfree/val/phase_contrast_zstack.tif")
    stored = ome_zarr.write(tmp_path / "x.zarr", source)
    for z in range(13):
        assert np.array_equal(stored.read_plane(0, 0, 0, z), source.read_plane(0, 0, z))
