"""L8: maps of cells. Twins beside the parts, and the recipe on cells of three planted kinds."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from skimage.measure import regionprops
from sklearn.metrics import adjusted_rand_score
from sklearn.neighbors import LocalOutlierFactor

from tests.engine.conftest import RunWriter
from training.contract.atlas import CellAtlas
from training.contract.files import ExitCode, RunFolder, read_model_card
from training.contract.manifest import Split
from training.contract.results import RunResult
from training.engine.atlas import groups, layout, neighbours, vectors
from training.engine.data import measuring
from training.engine.process import run_recipe
from training.engine.recipes import embed

TINY = {"crop_px": 48, "batch": 48, "learning_rate": 3e-3, "colour_jitter": 0.2}
GRID, STEP = 8, 26


def three_kinds(seed: int) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
    """64 discs, turned and lit at random: striped, ringed or with a bright side; pixels (y, x), labels
    (y, x), kind of each cell (64,). All have one size and one mean light."""
    rng = np.random.default_rng(seed)
    side = GRID * STEP
    ys, xs = np.indices((side, side))
    dy, dx = ys % STEP - STEP / 2 + 0.5, xs % STEP - STEP / 2 + 0.5
    numbers = ys // STEP * GRID + xs // STEP
    labels = np.where(np.hypot(dy, dx) < 10, numbers + 1, 0).astype(np.uint32)
    kinds, turns = rng.integers(3, size=GRID**2), rng.uniform(0, 2 * np.pi, GRID**2)
    along = dx * np.cos(turns[numbers]) + dy * np.sin(turns[numbers])
    looks = np.stack([np.sign(np.sin(along * 1.2)), np.sign(np.hypot(dy, dx) - 7.0), np.sign(along)])
    light = rng.uniform(600, 1000, GRID**2)[numbers] + 350 * np.choose(kinds[numbers], looks)
    pixels = np.where(labels > 0, light, 100) + rng.normal(0, 30, labels.shape)
    return np.clip(pixels, 0, 65535).astype(np.uint16), labels, kinds


def start(run: RunWriter, action: str, **words: Any) -> RunResult:
    spec = {"action": action, "recipe": "embed", "threads": 1, "settings": TINY, **words}
    run.folder.spec.write_text(json.dumps(spec), encoding="utf-8")
    code = run_recipe(embed.RECIPE, embed.ACTIONS, [str(run.folder.path)])
    result = run.folder.read_result()
    assert code == ExitCode.DONE, result
    assert result is not None
    return result


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    writer = RunWriter(tmp_path_factory.mktemp("learned"))
    for seed, split in enumerate([Split.TRAIN, Split.TRAIN, Split.VALIDATION]):
        writer.add(split, *three_kinds(seed)[:2])
    start(writer, "train", max_epochs=18)
    return writer.folder


def test_L8_kinds_that_nobody_named_are_found_and_raw_pixels_do_not_find_them(
    model: RunFolder, tmp_path: Path
) -> None:
    pixels, labels, kinds = three_kinds(10)
    writer = RunWriter(tmp_path)
    writer.add(Split.PREDICT, pixels, labels)
    result = start(writer, "predict", model_dir=str(model.model))
    atlas = CellAtlas.read(writer.folder.atlas)
    assert result.summary["cells"] == len(atlas) == GRID**2
    found = adjusted_rand_score(kinds, atlas.groups)
    cuts = np.stack([pixels[labels == cell][:280] for cell in range(1, GRID**2 + 1)]).astype(np.float64)
    raw = vectors.whiten(cuts - cuts.mean(1, keepdims=True), 64)
    twin = adjusted_rand_score(kinds, groups.groups(layout.place(raw, neighbours.nearest(raw, 15))))
    near = neighbours.nearest(atlas.vectors, 5).index
    same = (kinds[near] == kinds[:, None]).mean()
    assert found > 0.6 > 0.4 > twin
    assert same > 0.85
    card = read_model_card(model.model)
    assert card.scores["validation"]["recognised"] > 5 / GRID**2


def test_L8_without_a_model_the_map_is_made_of_measurements(tmp_path: Path) -> None:
    writer = RunWriter(tmp_path)
    for seed in range(2):
        writer.add(Split.PREDICT, *three_kinds(seed)[:2])
    start(writer, "predict")
    atlas = CellAtlas.read(writer.folder.atlas)
    assert atlas.image.tolist() == [0] * 64 + [1] * 64
    assert list(atlas.measures) == [*measuring.SHAPES, "mean: Channel 1", "spread: Channel 1"]
    assert np.isfinite(atlas.places).all()
    np.testing.assert_allclose(atlas.middle_px[0], [STEP / 2 - 0.5] * 2, atol=0.5)


def test_L8_measurements_equal_region_properties() -> None:
    pixels, labels, _ = three_kinds(3)
    ids, middles, values = measuring.measure(pixels[None], labels[None])
    for row, one in enumerate(regionprops(labels, pixels)):
        assert ids[row] == one.label
        twin = [one.area, one.axis_major_length, one.axis_minor_length]
        np.testing.assert_allclose(values[row, :3], twin, rtol=1e-6)
        np.testing.assert_allclose(middles[row], one.centroid)
        light = pixels[labels == one.label]
        np.testing.assert_allclose(values[row, 5:], [light.mean(), light.std()])
        assert 0.9 < values[row, 4] <= 1.0, "a disc is round"


def test_L8_neighbours_equal_a_plain_search_and_lists_miss_few(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = np.random.default_rng(0).normal(size=(400, 6)).astype(np.float32)
    apart = np.sqrt(((rows[:, None] - rows) ** 2).sum(2))
    np.fill_diagonal(apart, np.inf)
    plain = np.argsort(apart, axis=1)[:, :8]
    found = neighbours.nearest(rows, 8)
    np.testing.assert_array_equal(found.index, plain)
    np.testing.assert_allclose(found.distance, np.take_along_axis(apart, plain, 1), rtol=1e-5)
    monkeypatch.setattr(neighbours, "EXACT_UP_TO", 100)
    by_lists = neighbours.nearest(rows, 8).index
    recall = np.mean([len(set(a) & set(b)) / 8 for a, b in zip(by_lists, plain, strict=True)])
    assert recall > 0.95


def test_L8_outliers_equal_scikit_learns() -> None:
    rows = np.random.default_rng(1).normal(size=(200, 3)).astype(np.float32)
    rows[7] += 9
    scores = groups.outlier_scores(neighbours.nearest(rows, 10))
    twin = -LocalOutlierFactor(n_neighbors=10).fit(rows).negative_outlier_factor_
    np.testing.assert_allclose(scores, twin, rtol=1e-3)
    assert scores.argmax() == 7


def test_L8_the_map_keeps_groups_apart_and_is_the_same_twice() -> None:
    rng = np.random.default_rng(2)
    kinds = rng.integers(4, size=160)
    rows = vectors.whiten(rng.normal(size=(4, 20))[kinds] * 3 + rng.normal(size=(160, 20)), 64)
    near = neighbours.nearest(rows, 15)
    places = layout.place(rows, near)
    np.testing.assert_array_equal(places, layout.place(rows, near))
    assert adjusted_rand_score(kinds, groups.groups(places)) > 0.9


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_L8_few_cells_have_a_map_too(count: int) -> None:
    rows = vectors.whiten(np.random.default_rng(3).normal(size=(count, 4)), 64)
    near = neighbours.nearest(rows, 15)
    assert np.isfinite(layout.place(rows, near)).all()
    assert (groups.groups(layout.place(rows, near)) == 0).all()
    assert np.isfinite(groups.outlier_scores(near)).all()
