"""L2, L3, L7 in 3D: stacks learned as volumes; ideal maps give the labels back, cells are one over z."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
import zarr
from scipy import ndimage
from torch import Tensor, nn

from annotation.core import matching
from tests.engine.conftest import RunWriter
from tests.engine.test_recipes import refuse, start
from tests.engine.test_translate import add
from training.contract.files import read_cells, read_model_card
from training.contract.manifest import Split
from training.engine import losses
from training.engine.data.images import LabelledImage
from training.engine.devices import choose_device
from training.engine.nets.unet import UNet, fold, unfold, z_steps
from training.engine.recipes import instances, semantic, translate
from training.engine.seeds import Chance
from training.engine.shape_losses import OFFSET_PX
from training.engine.volumes import choosing, targets, watershed
from training.engine.volumes.crops import Crop, VolumeLesson, cut
from training.engine.volumes.flows import follow
from training.engine.volumes.kinds import KINDS
from training.engine.volumes.losses import embedding_loss, voxelwise
from training.engine.volumes.reading import MIRRORED, VolumeReader
from training.engine.volumes.stacks import Stack

Labels = npt.NDArray[np.uint32]
SPACING = 2.0
SMALL = {"flips": False, "crop_px": 64, "batch": 4, "width": "small"}


def balls(
    seed: int, *, size: tuple[int, int, int] = (16, 48, 48), gap: float = 0
) -> tuple[npt.NDArray[np.uint16], Labels]:
    """Bright balls, flat in z where slices are coarse: pixels uint16 and labels (z, y, x). They
    touch without a gap."""
    rng, steps = np.random.default_rng(seed), np.array([SPACING, 1, 1])
    middles: list[npt.NDArray[np.float64]] = []
    for place in rng.uniform(0.1, 0.9, (40, 3)) * size * steps:
        if all(np.linalg.norm(place - other) > 12 for other in middles):
            middles.append(place)
    here = np.indices(size) * steps[:, None, None, None]
    away = np.stack([np.linalg.norm(here - place[:, None, None, None], axis=0) for place in middles])
    labels = np.where(away.min(0) < 9 - gap, away.argmin(0) + 1, 0).astype(np.uint32)
    light = 200 + 800 * (labels > 0) + rng.normal(0, 60, size)
    return np.clip(light, 0, 65535).astype(np.uint16), labels


def ideal(kind: str, labels: Labels) -> npt.NDArray[np.float32]:
    if kind == "embedding":
        return ideal_embedding(labels)
    maps = KINDS[kind].build_target(labels, SPACING)[:-1].astype(np.float32)
    if kind == "flows":
        maps[1:4] = (maps[1:4] - 128) / 127 * 255
    return np.asarray(maps / 255, np.float32)


def ideal_embedding(labels: Labels) -> npt.NDArray[np.float32]:
    """Every voxel ends within half a px of its cell's middle, those there are the surest."""
    steps, maps = np.array([SPACING, 1, 1]), np.zeros((7, *labels.shape), np.float32)
    maps[0], maps[3] = labels > 0, 3.0
    for cell in range(1, int(labels.max()) + 1):
        inside = labels == cell
        off = (np.argwhere(inside).mean(0) - np.argwhere(inside)) * steps
        maps[2][inside] = np.exp(-np.square(off).sum(1) / 18)
        maps[4:, inside] = off.T + np.random.default_rng(cell).uniform(-0.5, 0.5, (3, len(off)))
    return maps


@pytest.mark.parametrize("kind", ["distance", "flows", "embedding"])
def test_L3_ideal_maps_of_volumes_give_touching_cells_back(kind: str) -> None:
    _, truth = balls(0)
    found = KINDS[kind].find(ideal(kind, truth), SPACING, KINDS[kind].decodings[0])
    counts = matching.count(truth[None], found[None], (0.8,))
    assert counts.fn[0] == counts.fp[0] == 0


def test_L3_distances_in_volumes_count_slices_by_their_spacing() -> None:
    labels = np.zeros((9, 21, 21), np.uint32)
    labels[2:7, 3:18, 3:18] = 5
    energy = targets.normalised_distance(labels, 4.0)
    padded = np.pad(labels > 0, 1)
    twin = ndimage.distance_transform_edt(padded, sampling=(4, 1, 1))[1:-1, 1:-1, 1:-1]
    assert np.allclose(energy[4], np.maximum(twin[4] - 0.5, 0) / (twin.max() - 0.5), atol=1e-5)
    assert energy[4, 10, 10] == 1
    assert not energy[labels == 0].any()


def test_L3_flows_of_volumes_are_unit_vectors_to_the_middle() -> None:
    z, y, x = np.indices((11, 21, 21)) - np.array([5, 10, 10])[:, None, None, None]
    away = np.stack([SPACING * z, y, x]).astype(float)
    ball = np.linalg.norm(away, axis=0) < 9
    flow = targets.flows(ball.astype(np.uint32), SPACING)
    inside = ball & (np.linalg.norm(away, axis=0) > 3)
    assert np.allclose(np.linalg.norm(flow[:, inside], axis=0), 1, atol=1e-5)
    wanted = -away / np.maximum(np.linalg.norm(away, axis=0), 1e-9)
    assert (flow * wanted).sum(0)[inside].min() > 0.8


def test_L3_doubling_in_volumes_ends_where_single_steps_end() -> None:
    _, truth = balls(1)
    maps = ideal("flows", truth)
    found = follow(maps, 0.5, SPACING)
    places = np.argwhere(found.mask).astype(float)
    for _ in range(128):
        at = tuple(np.clip(np.rint(places), 0, np.array(truth.shape) - 1).astype(int).T)
        places += (maps[1:4][:, *at] * found.mask[at]).T / np.array([SPACING, 1, 1])
    ends = np.stack(np.unravel_index(found.ends, truth.shape), 1)
    off = (ends - places) * np.array([SPACING, 1, 1])
    assert np.median(np.linalg.norm(off, axis=1)) < 3


def test_L3_basins_are_joined_by_how_far_tops_stand_above_the_pass() -> None:
    energy = np.interp(np.arange(40), [0, 8, 14, 20, 30, 39], [0, 1, 0.5, 0.7, 0.1, 0.9]).astype(np.float32)
    line = np.broadcast_to(energy, (3, 3, 40))
    maps = np.stack([np.ones_like(line), line, np.zeros_like(line)])
    basins = watershed.flood(maps, 0.5)
    counts = [
        int(watershed.join(basins, watershed.BasinDecoding(seed=0.3, rise=rise, size_px=0)).max())
        for rise in (0.1, 0.4)
    ]
    assert counts == [3, 2]


def test_L2_the_trunk_folds_z_only_where_slices_are_close() -> None:
    assert z_steps(1, 64, 3) == (2, 2, 2)
    assert z_steps(2.2, 64, 3) == (1, 2, 2)
    assert z_steps(5, 64, 3) == (1, 1, 2)
    assert z_steps(1, 4, 3) == (1, 1, 1)
    x = torch.rand(2, 3, 4, 6, 8)
    for folds in ((1, 2, 2), (2, 2, 2)):
        assert torch.equal(unfold(fold(x, folds), folds), x)
    net = UNet(channels=2, outputs=3, widths=(8, 8, 8, 8), z_steps=(1, 2, 2))
    assert net(torch.rand(1, 2, 8, 16, 24)).shape == (1, 3, 8, 16, 24)
    flat = UNet(channels=2, outputs=3, widths=(8, 8, 8, 8))
    assert [name for name, _ in flat.named_parameters()] == [name for name, _ in net.named_parameters()]


def test_L2_losses_of_volumes_are_those_of_their_slices_laid_end_to_end() -> None:
    said = torch.randn(2, 3, 4, 5, 6)
    wanted = torch.softmax(torch.randn(2, 3, 4, 5, 6), 1)
    whole = voxelwise(lambda a, b: losses.region_loss(a, b, torch.ones(3)))(said, wanted)
    tall = losses.region_loss(said.reshape(2, 3, 20, 6), wanted.reshape(2, 3, 20, 6), torch.ones(3))
    assert torch.allclose(whole, tall)


class Slope(nn.Module):
    """Says how steep volumes are along z, y, x; sees one voxel each way."""

    def forward(self, x: Tensor) -> Tensor:
        """(b, 1, z, y, x) → (b, 3, z, y, x)."""
        wide = nn.functional.pad(x, (1, 1, 1, 1, 1, 1), mode="replicate")
        inner = slice(1, -1)
        z = wide[:, :, 2:, inner, inner] - wide[:, :, :-2, inner, inner]
        y = wide[:, :, inner, 2:, inner] - wide[:, :, inner, :-2, inner]
        return torch.cat([z, y, wide[:, :, inner, inner, 2:] - wide[:, :, inner, inner, :-2]], 1)


def test_L18_tiles_of_volumes_are_the_whole_and_mirrored_vectors_turn_back() -> None:
    pixels = np.random.default_rng(0).normal(size=(1, 21, 50, 43)).astype(np.float32)

    def read(side: int, views: tuple[tuple[int, ...], ...]) -> npt.NDArray[np.float32]:
        asked = VolumeReader(
            net=Slope(), multiple=(1, 1, 1), device=choose_device(1), activate=lambda x: x, vectors=(0, 1, 2),
            views=views, tile=(side // 2, side, side), overlap=(4, 8, 8),
        )  # fmt: skip
        return asked.read(pixels)

    whole = read(100, ((),))
    assert np.abs(read(24, ((),)) - whole).max() < 0.05 * np.abs(whole).max()
    assert np.abs(read(100, MIRRORED) - whole).max() < 1e-4


def test_L3_numbers_of_cells_stay_whole_in_turned_crops_of_volumes() -> None:
    _, labels = balls(0)
    target = targets.build_embedding(1000 * labels, SPACING)
    zeros = np.zeros((1, *labels.shape), np.float16)
    stack = Stack(zeros, target, np.zeros((0, 3), np.int32), np.zeros(0), "", np.zeros(3))
    turned = np.array([[0.8, -0.5], [0.5, 0.8]])
    _, wanted = cut(stack, Crop(0, (8, 24, 24), turned, False), (8, 24, 24), None, numbers=0)
    assert set(torch.unique(wanted[0]).tolist()) <= set(range(int(labels.max()) + 1))
    _, plain = cut(stack, Crop(0, (8, 24, 24), np.eye(2), False), (8, 24, 24), None, numbers=0)
    assert np.array_equal(plain[0].numpy(), labels[4:12, 13:37, 13:37])


def test_L3_embeddings_of_volumes_that_gather_are_better_than_those_that_do_not() -> None:
    _, labels = balls(1)
    wanted = torch.from_numpy(targets.build_embedding(labels, SPACING).astype(np.float32))[None]
    wanted[:, 1:] /= 255
    maps = ideal_embedding(labels)
    said = torch.zeros(1, 7, *labels.shape)
    said[:, 0], said[:, 4:] = torch.from_numpy(20 * maps[0] - 10), torch.from_numpy(maps[4:] / OFFSET_PX)
    astray = said.clone()
    astray[:, 4:] = -astray[:, 4:]
    loss = embedding_loss(SPACING)
    assert loss(said, wanted) < 0.5 * loss(astray, wanted)
    assert torch.isfinite(loss(said, 0 * wanted))


def test_L3_vectors_turn_with_crops_of_volumes() -> None:
    flow = np.array([0.2, 0.6, -0.4])
    target = np.broadcast_to(np.rint(128 + 127 * flow)[:, None, None, None], (3, 8, 20, 20)).astype(np.uint8)
    zeros = np.zeros((1, 8, 20, 20), np.float16)
    stack = Stack(zeros, target, np.zeros((0, 3), np.int32), np.zeros(0), "", np.zeros(3))
    quarter = np.array([[0.0, -1.0], [1.0, 0.0]])
    _, turned = cut(stack, Crop(0, (4, 10, 10), quarter, True), (4, 8, 8), (0, 1, 2))
    assert np.allclose(turned[:, 2, 4, 4], [-0.2, -0.4, -0.6], atol=0.02)


def test_L3_the_same_chance_gives_the_same_crops_of_volumes() -> None:
    pixels, labels = balls(0)
    places = np.argwhere(labels).astype(np.int32)
    target = targets.build_distance(labels, SPACING)
    stack = Stack((pixels / 1000).astype(np.float16)[None], target, places, np.ones(1), "", np.ones(4))
    lesson = VolumeLesson(stacks=[stack], batch=3, size=(8, 24, 24), scale_jitter=1.3, colour_jitter=1.0)
    made = [[lesson.make(share) for share in lesson.draw(Chance(3), 2)] for _ in range(2)]
    for (seen, wanted), (again, likewise) in zip(*made, strict=True):
        assert torch.equal(seen, again)
        assert torch.equal(wanted, likewise)
    assert sum(len(seen) for seen, _ in made[0]) == 3


# ---------------------------------------------------------------- the choice


def test_L2_data_choose_volumes_where_cells_reach_over_slices(run: RunWriter) -> None:
    pixels, labels = balls(0)
    apart = np.where(labels > 0, labels + 100 * np.arange(len(labels), dtype=np.uint32)[:, None, None], 0)
    assert choosing.reach_over_slices(labels) > 0.8
    assert choosing.reach_over_slices(apart) == 0
    opened = {
        name: LabelledImage(run.folder, run.add(Split.TRAIN, pixels[None, None], cells[None, None]))
        for name, cells in {"over z": labels, "by slice": apart}.items()
    }
    flat = LabelledImage(run.folder, run.add(Split.TRAIN, pixels[0], labels[0]))
    assert choosing.wants_volumes({"volumes": "auto"}, [opened["over z"]])
    assert not choosing.wants_volumes({"volumes": "auto"}, [opened["by slice"]])
    assert not choosing.wants_volumes({"volumes": "auto"}, [opened["over z"], flat])
    assert not choosing.wants_volumes({"volumes": "slices"}, [opened["over z"]])


def test_L2_spacing_comes_from_the_metadata_else_from_the_cells(run: RunWriter) -> None:
    pixels, labels = balls(3, size=(20, 64, 64), gap=3)
    line = run.add(Split.TRAIN, pixels[None, None], labels[None, None])
    image = LabelledImage(run.folder, line)
    assert choosing.told_anisotropy(image) is None
    assert choosing.anisotropy([image]) == pytest.approx(SPACING, rel=0.3)
    axes = [{"name": "t", "type": "time"}, {"name": "c", "type": "channel"}]
    axes += [{"name": name, "type": "space", "unit": "micrometer"} for name in "zyx"]
    level = {"path": "0", "coordinateTransformations": [{"type": "scale", "scale": [1, 1, 0.3, 0.1, 0.1]}]}
    ome: Any = {"version": "0.5", "multiscales": [{"axes": axes, "datasets": [level]}]}
    zarr.open_group(line.image, mode="r+").attrs["ome"] = ome
    assert choosing.anisotropy([image]) == pytest.approx(3.0)


def test_L2_a_single_slice_is_no_volume(run: RunWriter) -> None:
    run.add_discs(train=1, validation=0, test=0)
    assert "single slice" in refuse(run.ask("train", settings={"volumes": "volume"}))


# ---------------------------------------------------------------- through the run folder


@pytest.mark.parametrize(
    ("recipe", "words"),
    [(instances, {"target": name}) for name in ("distance", "flows", "embedding")] + [(semantic, {})],
    ids=["distance", "flows", "embedding", "semantic"],
)
def test_L3_recipes_learn_and_predict_volumes(
    recipe: ModuleType, words: dict[str, Any], new_run: Callable[[str], RunWriter]
) -> None:
    run, asked = new_run("run"), new_run("asked")
    for seed, split in enumerate((Split.TRAIN, Split.VALIDATION)):
        pixels, labels = balls(seed, size=(8, 32, 32))
        run.add(split, pixels[None, None], labels[None, None])
    folder = run.ask("train", recipe=recipe.RECIPE, settings={**SMALL, **words}, threads=1)
    result = start(folder, recipe)
    assert "Learned as volumes" in str(result.summary["note"])
    assert read_model_card(folder.model).net["z_steps"]
    assert result.scores["validation"]
    line = asked.add(Split.PREDICT, balls(5, size=(9, 30, 35))[0][None, None])
    start(
        asked.ask("predict", recipe=recipe.RECIPE, settings={**SMALL, **words}, model_dir=str(folder.model)),
        recipe,
    )
    written: Any = zarr.open_array(asked.folder.output_labels(line.image_id), mode="r")
    assert written.shape == (1, 1, 9, 30, 35)
    cells = read_cells(asked.folder.output_cells(line.image_id)).cells
    assert set(np.unique(written[:])) - {0} == {cell.cell for cell in cells}


def test_L7_stacks_are_translated_as_volumes(new_run: Callable[[str], RunWriter], tmp_path: Path) -> None:
    del tmp_path
    run, asked = new_run("run"), new_run("asked")
    for seed, split in enumerate((Split.TRAIN, Split.VALIDATION)):
        pixels = balls(seed, size=(8, 32, 32))[0]
        add(run, split, np.stack([pixels, 2000 - pixels])[None], ("phase", "DAPI"))
    settings = {**SMALL, "inputs": ["phase"], "targets": ["DAPI"]}
    folder = run.ask("train", recipe="translate", settings=settings, threads=1)
    assert start(folder, translate).scores["validation"]
    assert read_model_card(folder.model).net["z_steps"]
    line = add(asked, Split.PREDICT, balls(5, size=(9, 30, 35))[0][None, None], ("phase",))
    start(asked.ask("predict", recipe="translate", settings=settings, model_dir=str(folder.model)), translate)
    written: Any = zarr.open_array(asked.folder.output_image(line.image_id), mode="r")
    assert written.shape == (1, 2, 9, 30, 35)
    assert np.isfinite(written[:]).all()
