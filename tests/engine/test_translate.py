"""L7: channels predicted from channels: better than a line, honest about what it does not know."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import zarr
from scipy import ndimage, stats

from tests.engine.conftest import RunWriter
from training.contract.files import ExitCode, RunFolder, read_model_card
from training.contract.manifest import LearnsFrom, ManifestLine, Split
from training.contract.results import RunResult
from training.engine.process import run_recipe
from training.engine.recipes import translate

QUICK = {"batch": 4, "crop_px": 64, "learning_rate": 8e-3, "scale_jitter": 1.0, "colour_jitter": 0.0}


def field(seed: int, size: int = 96) -> npt.NDArray[np.float32]:
    """A smooth random picture (y, x) from 0 to 1."""
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=(size, size)), 3)
    return np.asarray(stats.rankdata(noise).reshape(size, size) / size**2, np.float32)


def planted(seed: int) -> npt.NDArray[np.uint16]:
    """Input, its bent target with noise that grows with the input, and a second target: (1, 3, 1, y, x)."""
    seen = field(seed)
    noise = np.random.default_rng(seed + 1000).normal(size=seen.shape) * (0.02 + 0.15 * seen)
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
    start(run.ask("train", recipe="translate", settings=settings, max_epochs=60, threads=1))
    return run.folder


def test_L7_learns_what_a_line_cannot(model: RunFolder) -> None:
    test = read_model_card(model.model).scores["test"]
    assert test["r_DAPI"] > 0.93 > test["r_linear_DAPI"] + 0.1
    assert test["r_ring"] > 0.93 > test["r_linear_ring"] + 0.1
    assert test["mae_DAPI"] < 0.5 * test["mae_mean_DAPI"]
