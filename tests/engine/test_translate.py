"""L7: channels predicted from channels: better than a line, honest about what it does not know."""

from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pytest
import zarr
from scipy import ndimage, stats
from skimage.metrics import structural_similarity

from annotation.core import picture_scores
from tests.engine.conftest import RunWriter
from training.contract.files import ExitCode, RunFolder, read_model_card
from training.contract.manifest import LearnsFrom, ManifestLine, Split
from training.contract.results import RunResult
from training.engine import trained, translation_baselines
from training.engine import translation_scoring as scoring
from training.engine.data.channel_frames import ChannelFrames
from training.engine.decoding.tiles import Reader
from training.engine.devices import choose_device
from training.engine.novelty import learn_familiar
from training.engine.process import run_recipe
from training.engine.recipes import translate
from training.engine.translating import activate, blocks, warn

QUICK = {"batch": 4, "crop_px": 64, "learning_rate": 8e-3, "scale_jitter": 1.0, "colour_jitter": 0.0}


def field(seed: int, size: int = 96) -> npt.NDArray[np.float32]:
    """A smooth random picture (y, x) from 0 to 1."""
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=(size, size)), 3)
    return np.asarray(stats.rankdata(noise).reshape(size, size) / size**2, np.float32)


def planted(seed: int) -> npt.NDArray[np.uint16]:
    """Input, its bent target with more noise where that is bright, and a second target: (1, 3, 1, y, x)."""
    seen = field(seed)
    noise = np.random.default_rng(seed + 1000).normal(size=seen.shape) * np.where(seen > 0.5, 0.25, 0.02)
    bent = np.sin(2 * np.pi * seen) + noise
    planes = np.stack([seen, bent + 3, (seen - 0.5) ** 2])
    return np.asarray(np.round(planes * 4000 + 500), np.uint16)[None, :, None]


def add(
    run: RunWriter, split: Split, pixels: npt.NDArray[Any], names: tuple[str, ...] = ("phase", "DAPI", "ring")
) -> ManifestLine:
    """An image without labels whose channels have names."""
    line = run.add(split, pixels)
    channels = [{"label": name} for name in names]
    group = zarr.open_group(line.image, mode="r+")
    group.attrs["ome"] = {**group.attrs.asdict()["ome"], "omero": {"channels": channels}}  # type: ignore[dict-item]
    run.lines[-1] = ManifestLine(
        image_id=line.image_id, name=line.name, image=line.image, labels=None, split=split,
        learns_from=LearnsFrom.PIXELS,
    )  # fmt: skip
    run.folder.write_manifest(run.lines)
    return run.lines[-1]


def start(folder: RunFolder) -> RunResult:
    """Runs to the good end."""
    code = run_recipe(translate.RECIPE, translate.ACTIONS, [str(folder.path)])
    result = folder.read_result()
    assert code == ExitCode.DONE, result
    assert result is not None
    return result


def refuse(folder: RunFolder) -> str:
    """Runs to the refusal; its sentence."""
    assert run_recipe(translate.RECIPE, translate.ACTIONS, [str(folder.path)]) == ExitCode.REFUSED
    result = folder.read_result()
    assert result is not None
    return str(result.error)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """Two targets learned from one input in seconds."""
    run = RunWriter(tmp_path_factory.mktemp("translate") / "run")
    sides = [Split.TRAIN] * 4 + [Split.VALIDATION] * 4 + [Split.TEST] * 4
    for seed, split in enumerate(sides):
        add(run, split, planted(seed))
    settings = {**QUICK, "inputs": ["phase"], "targets": ["dapi", "3"]}
    start(run.ask("train", recipe="translate", settings=settings, max_epochs=70, threads=1))
    return run.folder


def test_L7_learns_what_a_line_cannot(model: RunFolder) -> None:
    test = read_model_card(model.model).scores["test"]
    assert test["r_DAPI"] > 0.93 > test["r_linear_DAPI"] + 0.1
    assert test["r_ring"] > 0.93 > test["r_linear_ring"] + 0.1
    assert test["mae_DAPI"] < 0.5 * test["mae_mean_DAPI"]


def test_L7_intervals_cover_what_they_promise_though_the_noise_grows(model: RunFolder) -> None:
    test = read_model_card(model.model).scores["test"]
    assert 0.88 <= test["coverage_DAPI"] <= 0.92
    assert 0.88 <= test["coverage_ring"] <= 0.92


def test_L7_scales_follow_the_noise_and_outputs_are_named_and_in_grey_values(
    model: RunFolder, tmp_path: Path
) -> None:
    run = RunWriter(tmp_path / "predict")
    pixels = planted(50)
    line = add(run, Split.PREDICT, pixels[:, :1], ("Channel 1",))
    result = start(run.ask("predict", recipe="translate", model_dir=str(model.model)))
    array: Any = zarr.open_array(run.folder.output_image(line.image_id), mode="r")
    assert array.shape == (1, 4, 1, 96, 96)
    assert array.dtype == np.float32
    names = [channel["name"] for channel in array.attrs["channels"]]
    assert names == ["DAPI predicted", "DAPI uncertainty", "ring predicted", "ring uncertainty"]
    said, sigma = np.asarray(array[0, 0, 0]), np.asarray(array[0, 1, 0])
    assert np.abs(said - pixels[0, 1, 0]).mean() < 700
    bright = field(50) > 0.5
    assert sigma[bright].mean() > 1.2 * sigma[~bright].mean()
    assert result.summary["warnings"] == []


def test_L7_an_image_unlike_the_training_images_is_told(model: RunFolder, tmp_path: Path) -> None:
    run = RunWriter(tmp_path / "strange")
    noise = np.random.default_rng(0).integers(0, 4000, (1, 1, 1, 96, 96)).astype(np.uint16)
    add(run, Split.PREDICT, noise, ("phase",))
    result = start(run.ask("predict", recipe="translate", model_dir=str(model.model)))
    assert "unlike" in result.summary["warnings"][0]["warning"]


def test_L7_a_stack_goes_in_and_one_plane_comes_out(tmp_path: Path) -> None:
    run = RunWriter(tmp_path / "stack")
    for seed, split in enumerate([Split.TRAIN, Split.TRAIN, Split.VALIDATION]):
        slices = np.stack([field(seed * 10 + z) for z in range(3)])
        target = np.zeros_like(slices)
        target[1] = np.abs(slices[0] - slices[2])
        add(run, split, (np.stack([slices, target]) * 4000).astype(np.uint16)[None], ("phase", "DAPI"))
    settings = {**QUICK, "targets": ["DAPI"], "z_stack": True, "learning_rate": 1e-2}
    result = start(run.ask("train", recipe="translate", settings=settings, max_epochs=40, threads=1))
    assert result.scores["validation"]["r_DAPI"] > 0.8 > result.scores["validation"]["r_identity_DAPI"] + 0.2
    predicting = RunWriter(tmp_path / "predict")
    line = add(predicting, Split.PREDICT, run_pixels(3), ("phase",))
    add(predicting, Split.PREDICT, run_pixels(2), ("phase",))
    told = start(predicting.ask("predict", recipe="translate", model_dir=str(run.folder.model)))
    array: Any = zarr.open_array(predicting.folder.output_image(line.image_id), mode="r")
    assert array.shape == (1, 2, 1, 96, 96)
    assert "has 2 slices, but stacks of 3" in told.summary["refused"][0]["error"]


def run_pixels(depth: int) -> npt.NDArray[np.uint16]:
    """A stack of one channel, (1, 1, z, y, x)."""
    stack = np.stack([field(70 + z) for z in range(depth)])
    return np.asarray(stack * 4000, np.uint16)[None, None]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"targets": ["GFP"]}, "image-0 has no channel “GFP”. image-0 has “phase”, “DAPI”, “ring”."),
        ({"targets": []}, "No channel to predict was chosen"),
        ({"targets": ["4"]}, "no channel “4”"),
        ({"inputs": ["phase", "DAPI"], "targets": ["2"]}, "“DAPI” is input and target at once"),
    ],
)
def test_L7_refuses_channels_that_are_not_there(run: RunWriter, asked: Any, sentence: str) -> None:
    add(run, Split.TRAIN, planted(0))
    assert sentence in refuse(run.ask("train", recipe="translate", settings=asked))


def test_L7_refuses_to_predict_without_the_input(model: RunFolder, run: RunWriter) -> None:
    add(run, Split.PREDICT, planted(0)[:, 1:], ("DAPI", "ring"))
    assert "no channel “phase”" in refuse(run.ask("predict", recipe="translate", model_dir=str(model.model)))


def test_L7_tiles_and_blocks_leave_no_seam(model: RunFolder) -> None:
    net, _ = trained.load(model.model, recipe="translate")
    device = choose_device(1)
    seen = field(9, 384)[None]
    whole = Reader(net=net, multiple=net.multiple, device=device, activate=activate)
    tiled = Reader(
        net=net, multiple=net.multiple, device=device, activate=activate, tile_px=256, overlap_px=128
    )
    expected = whole.read(seen)
    np.testing.assert_allclose(tiled.read(seen), expected, atol=0.02)
    put = np.full_like(expected, np.nan)
    for block in blocks(384, 384, block_px=128, margin_px=128):
        said = whole.read(seen[:, block.rows, block.columns])
        top, left = block.keep_rows.start - block.rows.start, block.keep_columns.start - block.columns.start
        put[:, block.keep_rows, block.keep_columns] = said[:, top : top + 128, left : left + 128]
    np.testing.assert_allclose(put, expected, atol=0.02)


# ---------------------------------------------------------------- twins


def test_L7_twin_of_r_and_ssim() -> None:
    truth, said = field(1), np.asarray(0.7 * field(1) + 0.3 * field(2), np.float32)
    assert picture_scores.pearson(truth, said) == pytest.approx(
        stats.pearsonr(truth.ravel(), said.ravel()).statistic
    )
    twin = structural_similarity(
        truth, said, data_range=1.0, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    assert picture_scores.structural_similarity(truth, said) == pytest.approx(twin, abs=1e-5)
    assert picture_scores.pearson(truth, np.ones_like(truth)) == 0.0


def test_L7_twin_of_the_conformal_factor() -> None:
    scores = np.abs(np.random.default_rng(0).normal(size=999)) * 2
    factor = scoring.conformal_factor(scores, 0.9)
    assert factor * scoring.normal_quantile(0.9) == sorted(scores)[899]
    assert factor == pytest.approx(2, rel=0.1)


def test_L7_twin_of_linear_regression() -> None:
    rng = np.random.default_rng(3)
    seen = rng.normal(size=(2, 40, 40)).astype(np.float32)
    true = rng.normal(size=(1, 2, 3, 3))
    slow = np.zeros((40, 40))
    padded = np.pad(seen, ((0, 0), (1, 1), (1, 1)), mode="edge")
    for c, dy, dx in np.ndindex(2, 3, 3):
        slow += true[0, c, dy, dx] * padded[c, dy : dy + 40, dx : dx + 40]
    frames = cast("ChannelFrames", PlantedFrames(np.concatenate([seen, slow[None] + 5]).astype(np.float32)))
    found = translation_baselines.fit(frames, rng)
    np.testing.assert_allclose(found.weights, true, atol=1e-3)
    np.testing.assert_allclose(found.say(seen)["linear"][0], slow + 5, atol=1e-2)
    again = translation_baselines.Baselines.from_json(found.to_json())
    np.testing.assert_allclose(again.say(seen)["linear"], found.say(seen)["linear"], atol=1e-4)


class PlantedFrames:
    """One frame of two input planes and one target."""

    inputs, frames = 2, (0,)

    def __init__(self, planes: npt.NDArray[np.float32]) -> None:
        self.planes = planes

    def size(self, _number: int) -> tuple[int, int]:
        return 40, 40

    def window(self, _number: int, rows: slice, columns: slice) -> npt.NDArray[np.float32]:
        return self.planes[:, rows, columns]


def test_L7_warnings_speak_only_where_there_is_reason() -> None:
    familiar = learn_familiar([field(seed)[None] for seed in range(4)])
    assert familiar.novelty(field(9)[None]) < 3
    assert warn(familiar.novelty(field(9)[None]), 1.0) is None
    assert "1.9 times as unsure" in str(warn(0.0, 1.9))
