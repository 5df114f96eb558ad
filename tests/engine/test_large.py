"""L18: large frames are read by tile, decoded by block and stitched; seams leave no trace, memory is
bounded."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import zarr
from scipy import ndimage

from annotation.core import matching
from tests.engine.conftest import RunWriter
from tests.engine.test_decoding import reader
from training.contract.files import read_cells
from training.contract.manifest import Split
from training.engine import predicting, stitching
from training.engine.data.normalising import look_at, thin_slices
from training.engine.decoding import regions, watershed
from training.engine.decoding.tiles import MIRRORED, FrameReader
from training.engine.decoding.watershed import DistanceDecoding
from training.engine.devices import choose_device
from training.engine.found import FoundCells
from training.engine.process import Run
from training.engine.reporting import Reporter
from training.engine.stitching import LargeFrame, cells_by_block, regions_by_block

Maps = npt.NDArray[np.float32]
SIZE = (420, 530)


def energy(seed: int) -> Maps:
    """Maps (3, y, x) of some 150 cells, many of which touch: foreground, energy, edge."""
    rng = np.random.default_rng(seed)
    ys, xs = np.indices(SIZE)
    top = np.zeros(SIZE)
    for y, x, radius in zip(
        rng.uniform(0, SIZE[0], 180), rng.uniform(0, SIZE[1], 180), rng.uniform(9, 17, 180), strict=True
    ):
        top = np.maximum(top, 1 - np.hypot(ys - y, xs - x) / radius)
    return np.stack([top > 0, top, np.zeros(SIZE)]).astype(np.float32)


def large(maps: Maps, folder: Path, planes: int = 1) -> LargeFrame[Maps]:
    shape = (planes, 1, 1, *maps.shape[1:])
    output = zarr.create_array(
        store=folder / "out.zarr", shape=shape, chunks=(1, 1, 1, 64, 64), dtype="uint32"
    )
    return LargeFrame(SIZE, lambda rows, columns: maps[:, rows, columns], output, (0, 0), lambda: None)


def find(maps: Maps) -> FoundCells:
    labels = watershed.decode(maps, DistanceDecoding())
    return FoundCells(labels, np.arange(1, labels.max() + 1) / 1000)


def test_L18_windows_are_those_of_the_whole(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).normal(size=(1, 200, 136)).astype(np.float32)
    asked = reader(64, views=MIRRORED)
    whole = asked.read(pixels)
    for remembered in (0, 1 << 30):
        frame = FrameReader(asked, (200, 136), lambda rows, columns: pixels[:, rows, columns], remembered)
        for rows, columns in [np.s_[0:70, 0:136], np.s_[60:150, 30:90], np.s_[149:200, 100:136]]:
            assert np.abs(frame.window(rows, columns) - whole[:, rows, columns]).max() < 1e-5


@pytest.mark.parametrize("seed", [0, 1])
def test_L18_stitched_cells_are_those_of_the_whole(seed: int, tmp_path: Path) -> None:
    maps = energy(seed)
    whole, frame = find(maps).labels, large(maps, tmp_path)
    entries = cells_by_block(find, block_px=130, margin_px=48)(frame, 7)
    stitched = frame.read(slice(0, SIZE[0]), slice(0, SIZE[1]))[0]
    assert [entry.cell for entry in entries] == list(range(8, 8 + len(entries)))
    assert set(np.unique(stitched)) - {0} == {entry.cell for entry in entries}, (
        "each is drawn, each is listed"
    )
    counts = matching.count(whole[None], stitched[None], (0.9,))
    assert counts.tp[0] == whole.max() == len(entries), "every cell exactly once"
    differs = outlines(whole) != outlines(stitched)
    away = ndimage.distance_transform_edt(~outlines(whole))
    assert not (differs & (away > 1)).any(), "borders within one pixel"


def outlines(labels: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
    return np.asarray(ndimage.maximum_filter(labels, 3) != ndimage.minimum_filter(labels, 3))


def test_L18_without_a_margin_the_seams_would_be_seen(tmp_path: Path) -> None:
    maps = energy(0)
    frame = large(maps, tmp_path)
    cells_by_block(find, block_px=130, margin_px=0)(frame, 0)
    stitched = frame.read(slice(0, SIZE[0]), slice(0, SIZE[1]))
    whole = find(maps).labels
    assert matching.count(whole[None], stitched, (0.9,)).tp[0] < whole.max()


def test_L18_regions_of_any_size_are_those_of_the_whole(tmp_path: Path) -> None:
    noise = np.random.default_rng(3).normal(size=(3, *SIZE))
    shares = np.exp(8 * ndimage.gaussian_filter(noise, (0, 6, 6)) / 0.05)
    maps = (shares / shares.sum(0)).astype(np.float32)
    labels, classes, share = regions.decode(maps, 40)
    frame = large(maps, tmp_path)
    entries = regions_by_block(40, block_px=100)(frame, 0)
    assert np.array_equal(frame.read(slice(0, SIZE[0]), slice(0, SIZE[1]))[0], labels)
    assert [entry.class_index for entry in entries] == classes.tolist()
    assert np.allclose([entry.quality or 0 for entry in entries], share, atol=1e-3)


def test_L18_overlapping_cells_keep_their_planes_across_seams(tmp_path: Path) -> None:
    planes = np.zeros((2, *SIZE), np.uint32)
    planes[0, 90:140, 180:260], planes[1, 120:170, 180:260] = 1, 2

    def find_both(maps: Maps) -> FoundCells:
        here = maps[:2].astype(np.uint32)
        kept = np.unique(here[here > 0])
        numbers = np.zeros(3, np.uint32)
        numbers[kept] = np.arange(1, len(kept) + 1)
        # As a decoder would: the cells of a block take its first planes.
        order = here if here[0].any() else here[::-1]
        return FoundCells(numbers[order], np.ones(len(kept)))

    frame = large(planes.astype(np.float32), tmp_path, planes=2)
    entries = cells_by_block(find_both, block_px=130, margin_px=80)(frame, 0)
    drawn = frame.read(slice(0, SIZE[0]), slice(0, SIZE[1]))
    assert len(entries) == 2
    assert sorted(int((drawn == cell).sum()) for cell in (1, 2)) == [4000, 4000]


def test_L18_the_look_of_a_large_frame_is_sampled_as_of_the_whole() -> None:
    frame = np.random.default_rng(0).gamma(2.0, 100, (2, 1100, 1300)).astype(np.uint16)
    assert look_at(frame[:, *thin_slices((1100, 1300))]) == look_at(frame)


def test_L18_a_run_predicts_a_large_frame_by_block(run: RunWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same cells with the same ids' count as in one piece, through the run folder."""
    pixels = (energy(2)[1] * 4000 + 100).astype(np.uint16)
    line = run.add(Split.PREDICT, pixels)
    asked = reader(128)
    spec: Any = None
    opened = Run(run.folder, spec, [line], choose_device(1), Reporter(run.folder))

    def find_blurred(maps: Maps) -> FoundCells:
        labels, count = ndimage.label(maps[0] > 0.35)
        return FoundCells(np.asarray(labels, np.uint32), np.ones(count))

    found = []
    for limit in (stitching.LARGE_PX, 1000):
        monkeypatch.setattr(predicting, "LARGE_PX", limit)
        run.folder.output_cells(line.image_id).unlink(missing_ok=True)
        summary = predicting.predict_images(
            opened, asked, 1, find_blurred, large=cells_by_block(find_blurred, block_px=150, margin_px=64)
        )
        found.append(np.asarray(zarr.open_array(run.folder.output_labels(line.image_id))[0, 0, 0]))
        assert summary["cells"] == len(read_cells(run.folder.output_cells(line.image_id)).cells)
    whole, stitched = found
    assert matching.count(whole[None], stitched[None], (0.95,)).tp[0] == whole.max() == stitched.max()
