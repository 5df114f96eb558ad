"""L14, L18: cells of other sizes than a model learned from: frames read larger or smaller, and how much."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import zarr
from scipy import ndimage
from torch import Tensor, nn

from annotation.core import matching
from tests.engine import small_models
from tests.engine.conftest import RunWriter, discs
from tests.engine.test_decoding import reader
from training.contract.files import ExitCode, read_cells
from training.contract.manifest import Split
from training.contract.reading import MOST_ZOOM
from training.engine import cell_sizes, predicting, zooming
from training.engine.cell_sizes import AS_IT_STANDS, ZOOMS, Sizes, Trials
from training.engine.data.images import LabelledImage
from training.engine.data.resizing import Axis, Resized
from training.engine.found import FoundCells
from training.engine.process import run_recipe
from training.engine.recipes import instances
from training.engine.zooming import Zoomed

Floats = npt.NDArray[np.float32]
LEARNED_PX = 18.0


class Brightness(nn.Module):
    """Says of each pixel how bright it is."""

    def forward(self, x: Tensor) -> Tensor:
        return x


def spots(maps: Floats) -> FoundCells:
    """Every bright region is a cell."""
    labels, count = ndimage.label(maps[0] > 0.5)
    return FoundCells(np.asarray(labels, np.uint32), np.full(count, 0.9))


def of_one_size(maps: Floats) -> FoundCells:
    """As a net that learned from cells of 18 px: much smaller ones it misses, much larger ones fall into
    pieces, which lie elsewhere at every size."""
    found = spots(maps)
    labels = found.labels.astype(np.int64)
    sizes = np.sqrt(4 * np.bincount(labels.ravel()) / np.pi)
    labels[(sizes < LEARNED_PX / 1.7)[labels]] = 0
    ys, xs = np.indices(labels.shape)
    pieces = (ys // 7) * 1000 + xs // 7 + 1
    labels = np.where((sizes > LEARNED_PX * 1.7)[labels] & (labels > 0), labels * 10**6 + pieces, labels)
    _, whole = np.unique(labels, return_inverse=True)
    numbers = whole.reshape(labels.shape)
    return FoundCells(numbers.astype(np.uint32), np.full(int(numbers.max()), 0.9))


def picture(seed: int, radius_px: float, size: int = 256) -> tuple[Floats, npt.NDArray[np.uint32]]:
    cells = int(0.25 * size**2 / (np.pi * radius_px**2)) + 8
    pixels, labels = discs(seed, size=size, cells=cells, radius_px=(0.85 * radius_px, 1.15 * radius_px))
    return pixels[None].astype(np.float32), labels


# ---------------------------------------------------------------- another size


@pytest.mark.parametrize("zoom", [0.3, 0.5, 1.0, 1.7, 4.0])
def test_L18_windows_of_a_resized_frame_are_those_of_the_whole(zoom: float) -> None:
    pixels = np.random.default_rng(0).random((2, 90, 70), np.float32)
    resized = Resized.of((90, 70), zoom)
    read = resized.reading(lambda rows, columns: pixels[:, rows, columns])
    high, wide = resized.size
    whole = read(slice(0, high), slice(0, wide))
    assert whole.shape == (2, round(90 * zoom), round(70 * zoom))
    rows, columns = slice(high // 3, high // 3 + 9), slice(wide // 2, wide)
    assert np.allclose(read(rows, columns), whole[:, rows, columns], atol=1e-6)
    assert whole.mean() == pytest.approx(pixels.mean(), abs=0.02)
    if zoom == 1:
        assert np.array_equal(whole, pixels)


def test_what_is_made_smaller_keeps_no_false_pattern() -> None:
    stripes = np.tile(np.array([0.0, 1.0], np.float32), (1, 64, 32))
    small = Resized.of((64, 64), 0.4).reading(lambda rows, columns: stripes[:, rows, columns])
    seen = small(slice(0, 26), slice(0, 26))
    assert np.abs(seen[:, 2:-2, 2:-2] - 0.5).max() < 0.12


def test_a_pixel_lies_in_the_read_one_that_shows_it() -> None:
    axis = Axis.of(10, 0.5)
    assert axis.nearest(slice(0, 10)).tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert axis.covering(slice(3, 5)) == slice(1, 3)
    assert Axis.of(3, 3.0).nearest(slice(0, 3)).tolist() == [1, 4, 7]


@pytest.mark.parametrize("zoom", [0.5, 2.0])
def test_labels_come_back_at_the_images_own_size(zoom: float) -> None:
    pixels, labels = picture(0, 12)
    zoomed = Zoomed(reader(512, net=Brightness()), spots, 1, zoom)
    found = zoomed.find_in_frame(pixels)
    assert found.labels.shape == (1, 256, 256)
    counts = matching.count(labels[None], found.labels, (0.8,))
    assert (counts.tp[0], counts.fp[0]) == (len(np.unique(labels)) - 1, 0)


def test_a_cell_that_covers_no_pixel_is_not_there() -> None:
    def one_speck(maps: Floats) -> FoundCells:
        labels = np.zeros(maps.shape[1:], np.uint32)
        labels[0, 0], labels[8:24, 8:24] = 1, 2
        return FoundCells(labels, np.array([0.1, 0.9]))

    found = Zoomed(reader(512, net=Brightness()), one_speck, 1, 4.0).find_in_frame(np.ones((1, 16, 16)))
    assert found.quality.tolist() == [0.9]
    assert np.unique(found.labels).tolist() == [0, 1]


@pytest.mark.parametrize("zoom", [0.5, 2.0])
def test_L18_a_large_zoomed_frame_is_stitched_as_the_whole(
    run: RunWriter, zoom: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels, _ = picture(1, 9, size=420)
    image = LabelledImage(run.folder, run.add(Split.PREDICT, pixels[None].astype(np.uint16)[:, :, None]))
    monkeypatch.setattr(zooming, "BLOCK_PX", 200)
    monkeypatch.setattr(zooming, "MARGIN_PX", 48)
    zoomed = Zoomed(reader(96, net=Brightness()), spots, 1, zoom)
    output = zarr.create_array(
        store=run.folder.path / "out.zarr",
        shape=(1, 1, 1, 420, 420),
        chunks=(1, 1, 1, 64, 64),
        dtype="uint32",
    )
    entries = zoomed.find_in_large(image, (0, 0), output, 5, lambda: None)
    whole = zoomed.find_in_frame(image.read(0, 0))
    stitched = np.asarray(output[:, 0, 0])
    counts = matching.count(whole.labels, stitched, (0.95,))
    assert counts.tp[0] == len(whole.quality) == len(entries)
    assert counts.fp[0] == 0
    assert {entry.cell for entry in entries} == set(range(6, 6 + len(entries)))


# ---------------------------------------------------------------- found by itself


def sizes(cell_px: float | str) -> Sizes:
    return Sizes(cell_px, LEARNED_PX, reader(512, net=Brightness()), of_one_size, 1)


@pytest.mark.parametrize(("radius_px", "low", "high"), [(3.2, 2.0, 4.0), (9, 1.0, 1.0), (30, 0.25, 0.5)])
def test_L14_the_size_is_found_by_itself(radius_px: float, low: float, high: float) -> None:
    frames = [picture(seed, radius_px, size=384)[0] for seed in range(3)]
    zoom, cell_px = sizes("auto").of_frames(frames)
    assert low <= zoom <= high
    assert cell_px == pytest.approx(2 * radius_px, rel=0.25)
    assert sizes("auto").of_frames(frames) == (zoom, cell_px)


def test_L14_images_of_the_learned_size_and_images_of_nothing_stay_as_they_are() -> None:
    empty = np.random.default_rng(0).normal(100, 5, (1, 200, 200)).astype(np.float32)
    assert sizes("auto").of_frames([empty])[0] == 1
    assert sizes("auto").of_frames([picture(4, 8)[0]])[0] == 1


def test_a_size_that_is_told_is_taken() -> None:
    assert sizes(9.0).of_frames([]) == (2.0, 9.0)
    assert sizes(1000.0).of_frames([]) == (1 / MOST_ZOOM, 1000.0)
    assert Sizes.asked(None, 18.0, reader(64), spots, 1) is None
    assert Sizes.asked("auto", None, reader(64), spots, 1) is None, "a model that does not know its size"


def test_what_is_read_to_find_the_size_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    asked = reader(512, net=Brightness())

    def counted(maps: Floats) -> FoundCells:
        read.append(maps[0].size)
        return of_one_size(maps)

    samples = [cell_sizes.sample_of_frame(picture(seed, 30, size=900)[0], 1) for seed in range(2)]
    trials = Trials(asked, counted, samples)
    assert ZOOMS[cell_sizes.best_zoom(trials)] < 1
    # All zooms at one place, and at the second the best one, that of 1, and those next to them.
    assert sum(read) <= 1.05 * cell_sizes.SAMPLED_PX * (len(ZOOMS) + 6)
    read.clear()
    right = [cell_sizes.sample_of_frame(picture(5, 9, size=900)[0], 1)]
    assert cell_sizes.best_zoom(Trials(asked, counted, right)) == AS_IT_STANDS
    assert len(read) == 3, "the first three tell"


def test_L14_all_frames_of_a_movie_have_one_size(run: RunWriter) -> None:
    frames = np.stack([picture(seed, 4, size=200)[0].astype(np.uint16) for seed in range(5)])
    image = LabelledImage(run.folder, run.add(Split.PREDICT, frames[:, :, None]))
    assert cell_sizes.some_frames(image) == [(0, 0), (2, 0), (4, 0)]
    zoom, _ = sizes("auto").of(image)
    assert 1.4 < zoom <= 4


# ---------------------------------------------------------------- as a run


def predict(run: RunWriter, model: Path, **words: Any) -> None:
    run.ask("predict", model_dir=str(model), **words)
    spec = json.loads(run.folder.spec.read_text())
    spec["settings"] = {"target": "distance", "flips": False}
    run.folder.spec.write_text(json.dumps(spec))
    assert run_recipe(instances.RECIPE, instances.ACTIONS, [str(run.folder.path)]) == ExitCode.DONE


def test_L14_a_run_says_how_it_read_and_labels_fit_the_image(
    run: RunWriter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = small_models.instances(tmp_path / "model", flips=False)
    line = run.add(Split.PREDICT, discs(2)[0])
    predict(run, model, cell_px=9.0)
    cells = read_cells(run.folder.output_cells(line.image_id))
    assert cells.reading == {"zoom": 2.0, "cell_px": 9.0}
    labels = np.asarray(zarr.open_array(run.folder.output_labels(line.image_id), mode="r"))
    assert labels.shape[-2:] == (96, 96)
    assert set(np.unique(labels)) - {0} == {entry.cell for entry in cells.cells}
    monkeypatch.setattr(predicting, "LARGE_PX", 96 * 96)
    again = RunWriter(tmp_path / "again")
    again.add(Split.PREDICT, discs(2)[0])
    predict(again, model, cell_px=9.0)
    blocks = np.asarray(zarr.open_array(again.folder.output_labels(line.image_id), mode="r"))
    assert matching.count(labels[:, 0, 0], blocks[:, 0, 0], (0.9,)).fp[0] == 0


def test_L14_a_run_is_shown_the_channels_that_its_manifest_names(run: RunWriter, tmp_path: Path) -> None:
    model = small_models.instances(tmp_path / "model", flips=False, channels=3)
    dim, bright = np.zeros((96, 96), np.uint16), discs(3)[0]
    alone, both = (
        run.add(Split.PREDICT, bright),
        run.add(Split.PREDICT, np.stack([dim, bright])[None, :, None]),
    )
    run.lines = [alone, replace(both, channels=(1,))]
    run.folder.write_manifest(run.lines)
    image = LabelledImage(run.folder, run.folder.read_manifest()[1])
    assert (image.channels, image.channel_names) == (1, ("Channel 2",))
    assert np.array_equal(image.read(0, 0)[0], bright)
    assert np.array_equal(image.read_channel(0, 0, 0), bright)
    predict(run, model)
    first, second = (
        np.asarray(zarr.open_array(run.folder.output_labels(line.image_id), mode="r")) for line in run.lines
    )
    assert np.array_equal(first, second)
    assert read_cells(run.folder.output_cells(both.image_id)).reading == {}
