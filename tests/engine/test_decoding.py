"""Ideal maps give the labels back; tiles are the whole; quality is a chance."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
import torch
from scipy import ndimage
from skimage.morphology import reconstruction
from skimage.segmentation import watershed as flood
from torch import Tensor, nn

from tests.engine.conftest import discs
from training.engine import scoring
from training.engine.data.images import Truth
from training.engine.data.normalising import look_at, normalise
from training.engine.decoding import flows as flow_decoding
from training.engine.decoding import quality, regions, watershed
from training.engine.decoding.flows import FlowDecoding
from training.engine.decoding.tiles import AND_ENLARGED, MIRRORED, Reader, spans, tile_sides
from training.engine.decoding.watershed import DistanceDecoding
from training.engine.devices import choose_device
from training.engine.predicting import read_maps
from training.engine.targets import distance
from training.engine.targets import flows as flow_targets


def ideal_flow_maps(labels: npt.NDArray[np.uint32]) -> npt.NDArray[np.float32]:
    maps = flow_targets.build(labels[None])[:4].astype(np.float32)
    maps[[0, 3]] /= 255
    maps[1:3] = (maps[1:3] - 128) / 127
    return np.asarray(maps, np.float32)


def crowd(seed: int) -> npt.NDArray[np.uint32]:
    """Touching cells: the nearest of 40 random middles, in a disc of 14 px around it."""
    rng = np.random.default_rng(seed)
    middles = rng.uniform(0, 128, (40, 2))
    ys, xs = np.indices((128, 128))
    away = np.hypot(ys[..., None] - middles[:, 0], xs[..., None] - middles[:, 1])
    return np.where(away.min(-1) < 14, away.argmin(-1) + 1, 0).astype(np.uint32)


@pytest.mark.parametrize("seed", [0, 1])
def test_ideal_distance_gives_touching_cells_back(seed: int) -> None:
    truth = crowd(seed)
    said = watershed.decode(np.asarray(distance.build(truth[None]) / 255, np.float32), DistanceDecoding())
    assert scoring.instance_scores([scoring.count(Truth.of(truth[None]), said)])["ap75"] > 0.9


@pytest.mark.parametrize("seed", [0, 1])
def test_ideal_flows_give_touching_cells_back(seed: int) -> None:
    truth = crowd(seed)
    said = flow_decoding.decode(ideal_flow_maps(truth), FlowDecoding())
    assert scoring.instance_scores([scoring.count(Truth.of(truth[None]), said)])["ap75"] > 0.9


def ends_of(
    flow: npt.NDArray[np.float32], mask: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Row and column where each pixel of the mask ends, (y, x) twice; other pixels stay."""
    ends = np.arange(mask.size)
    at, there = flow_decoding.follow(flow, mask)
    ends[at] = there
    y, x = np.divmod(ends, mask.shape[1])
    return y.reshape(mask.shape), x.reshape(mask.shape)


def test_doubling_ends_where_single_steps_end() -> None:
    _, labels = discs(3, cells=3)
    maps, mask = ideal_flow_maps(labels)[1:3], labels > 0
    ends_y, ends_x = ends_of(maps, mask)
    for y, x in np.argwhere(mask)[::37]:
        at_y, at_x = float(y), float(x)
        for _ in range(128):
            place = min(max(round(at_y), 0), 95), min(max(round(at_x), 0), 95)
            at_y, at_x = at_y + maps[0][place] * mask[place], at_x + maps[1][place] * mask[place]
        assert np.hypot(ends_y[y, x] - at_y, ends_x[y, x] - at_x) < 4


@pytest.mark.parametrize(("seed", "rise"), [(0.4, 0.2), (0.2, 0.3), (0.5, 0.1)])
def test_L18_seeds_of_pieces_moved_together_are_those_of_the_whole(seed: float, rise: float) -> None:
    rng = np.random.default_rng(5)
    decoding = DistanceDecoding(seed=seed, rise=rise)
    energy = np.asarray(distance.build(crowd(3)[None])[1] / 255, np.float32)
    energy = np.clip(energy + rng.normal(0, 0.15, energy.shape).astype(np.float32), 0, 1) * (energy > 0)
    flooded = reconstruction(np.maximum(energy - rise, 0), energy, method="dilation")
    tops = (energy - flooded >= rise * 0.999) | (energy > 0.999 * (flooded + rise))
    whole, count = ndimage.label(tops & (energy >= seed), np.ones((3, 3)))
    assert count > 20
    assert (watershed.find_seeds(energy, energy > 0, decoding) == whole).all()


def test_L18_pieces_with_one_seed_need_no_flood() -> None:
    rng = np.random.default_rng(6)
    mask = crowd(3) > 0
    energy = np.where(mask, rng.random(mask.shape), 0).astype(np.float32)
    energy = np.asarray(ndimage.gaussian_filter(energy, 2) * mask, np.float32)
    seeds = watershed.find_seeds(energy, mask, DistanceDecoding(seed=0.2, rise=0.05))
    pieces = [len(np.unique(seeds[ndimage.label(mask)[0] == n])) - 1 for n in range(1, 4)]
    assert max(pieces) > 1
    whole = flood(-energy, seeds, mask=mask)
    assert (watershed.grow(seeds, energy, mask) == whole).all()


def test_L3_flows_of_long_and_winding_cells_lead_to_one_cell_as_small_steps_do() -> None:
    ys, xs = np.indices((90, 120))
    winding = np.abs(ys - 30 - 14 * np.sin(xs / 14)) < 5
    labels = np.where(winding & (xs > 5) & (xs < 115), 1, 0).astype(np.uint32)
    labels[70:76, 4:116] = 2
    maps = ideal_flow_maps(labels)
    found = flow_decoding.decode(maps, FlowDecoding())
    scores = scoring.instance_scores([scoring.count(Truth.of(labels[None]), found)])
    ends = np.stack(ends_of(maps[1:3], labels > 0))[:, labels > 0]
    at = np.argwhere(labels > 0).T.astype(float)
    for _ in range(128):
        place = tuple(np.clip(np.rint(at).astype(int), 0, [[89], [119]]))
        at = at + maps[1:3][(slice(None), *place)] * (labels[place] > 0)
    assert np.percentile(np.hypot(*(ends - at)), 90) < 4
    assert scores["ap50"] == 1


def test_nothing_is_found_in_nothing() -> None:
    assert not watershed.decode(np.zeros((3, 20, 20), np.float32), DistanceDecoding()).any()
    assert not flow_decoding.decode(np.zeros((4, 20, 20), np.float32), FlowDecoding()).any()
    labels, classes, share = regions.decode(
        np.stack([np.ones((9, 9)), np.zeros((9, 9))]).astype(np.float32), 1
    )
    assert not labels.any()
    assert len(classes) == len(share) == 0
    assert quality.measure(labels, np.zeros((9, 9), np.float32), np.zeros((9, 9), np.float32)).shape == (0, 4)


def test_a_low_pass_between_two_tops_keeps_them_apart_and_a_high_one_does_not() -> None:
    x = np.linspace(0, 1, 41)
    for dip, cells in ((0.4, 2), (0.05, 1)):
        ridge = 0.9 - dip * np.exp(-(((x - 0.5) / 0.1) ** 2)) - 0.5 * np.abs(x - 0.5)
        energy = np.tile(ridge.astype(np.float32), (9, 1))
        maps = np.stack([np.ones_like(energy), energy, np.zeros_like(energy)])
        assert watershed.decode(maps, DistanceDecoding(seed=0.2, rise=0.1)).max() == cells


def test_small_cells_are_dropped_and_the_rest_renumbered() -> None:
    labels = np.array([[1, 0, 2, 2, 2], [0, 0, 2, 0, 4]])
    assert watershed.without_small(labels, 2).tolist() == [[0, 0, 1, 1, 1], [0, 0, 1, 0, 0]]


def test_holes_belong_to_the_cell_around_them() -> None:
    labels = np.zeros((7, 9), np.int64)
    labels[1:6, 1:6] = 3
    labels[3, 3] = 0
    labels[1:6, 6:8] = 5
    filled = watershed.fill_holes(labels)
    assert filled[3, 3] == 3
    assert filled[0, 0] == 0
    between = np.zeros((5, 6), np.int64)
    between[1:4, 1:3], between[1:4, 3:5] = 1, 2
    between[2, 2:4] = 0
    assert (watershed.fill_holes(between)[2, 2:4] == 0).all()


def test_regions_of_two_classes() -> None:
    shares = np.zeros((3, 4, 6), np.float32)
    shares[0] = 0.5
    shares[1, :2, :2], shares[2, :, 4:], shares[1, 3, 0] = 0.8, 0.9, 0.7
    labels, classes, share = regions.decode(shares, 2)
    assert classes.tolist() == [1, 2]
    assert np.allclose(share, [0.8, 0.9])
    assert labels[0].tolist() == [1, 1, 0, 0, 2, 2]
    assert labels[3, 0] == 0


def test_spans_cover_everything_with_overlap() -> None:
    for length in (1, 64, 65, 100, 1000):
        found = spans(length, 64, 16)
        assert found[0].start == 0
        assert found[-1].stop == length
        assert all(a.stop - b.start >= 16 for a, b in pairwise(found))


@pytest.mark.parametrize(
    "size",
    [(64, 64), (70, 60), (128, 128), (128, 160), (30, 500), (500, 30), (90, 1000), (333, 277), (999, 2000)],
)
def test_L18_tiles_cost_no_more_than_squares_and_are_no_larger(size: tuple[int, int]) -> None:
    sides = tile_sides(size, 64, 16)
    assert max(size) <= 64 or (sides[0] * sides[1] <= 64 * 64 and max(sides) <= 128)

    def read_px(each: tuple[int, int]) -> int:
        rows, columns = (spans(length, side, 16) for length, side in zip(size, each, strict=True))
        tiles = [int((r.stop - r.start) * (c.stop - c.start)) for r in rows for c in columns]
        return sum(tiles) + (tiles[-1] if len(tiles) % 2 and len(tiles) > 1 else 0)

    assert read_px(sides) <= read_px((min(size[0], 64), 64))


def test_L18_a_frame_normalised_by_tile_is_read_as_one_normalised_whole() -> None:
    frame = np.random.default_rng(1).integers(0, 900, (1, 300, 150)).astype(np.uint16)
    asked = reader(64)
    whole = asked.read(normalise(frame, look_at(frame), 1))
    assert np.array_equal(read_maps(asked, frame, 1), whole)


class Blur(nn.Module):
    """A net that sees no further than seven pixels."""

    def forward(self, x: Tensor) -> Tensor:
        """(b, 1, y, x) → (b, 2, y, x)."""
        soft = nn.functional.avg_pool2d(x, 15, 1, 7, count_include_pad=False)
        return torch.cat([soft, soft * 2], 1)


def reader(tile_px: int, **words: object) -> Reader:
    found: dict[str, object] = {
        "net": Blur(),
        "multiple": 8,
        "device": choose_device(2),
        "activate": lambda x: x,
    }
    return Reader(**{**found, "tile_px": tile_px, "overlap_px": 32, **words})  # type: ignore[arg-type]


def test_tiles_equal_the_whole() -> None:
    pixels = np.random.default_rng(0).normal(size=(1, 200, 136)).astype(np.float32)
    whole, tiled = reader(1000).read(pixels), reader(64).read(pixels)
    assert np.abs(whole - tiled).max() < 1e-4


def test_mirrored_copies_turn_vectors_back() -> None:
    class Slope(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.cat([x.diff(dim=2, append=x[:, :, -1:]), x.diff(dim=3, append=x[..., -1:])], 1)

    ys, xs = np.indices((32, 32)).astype(np.float32)
    said = reader(64, net=Slope(), vectors=(0, 1), views=MIRRORED).read((3 * ys + 2 * xs)[None])
    assert np.allclose(said[:, 4:-4, 4:-4], np.array([3, 2])[:, None, None], atol=1e-4)


def test_an_enlarged_copy_lies_where_the_frame_lies() -> None:
    ys, xs = np.indices((70, 91)).astype(np.float32)
    pixels = np.sin(ys / 20)[None] + np.cos(xs / 25)[None]
    plain, both = reader(1000).read(pixels), reader(1000, views=AND_ENLARGED).read(pixels)
    assert both.shape == plain.shape
    inside = np.s_[:, 8:-8, 8:-8]  # at the border the blur sees other pixels
    assert np.abs(both - plain)[inside].max() < 0.04
    assert np.abs(both - np.roll(plain, 1, axis=2))[inside].max() > 0.06, "a shift by one pixel would be seen"


def test_fitted_chances_follow_what_was_right() -> None:
    rng = np.random.default_rng(0)
    features = rng.uniform(0, 1, (500, 4))
    right = rng.uniform(0, 1, 500) < features[:, 0]
    chances = quality.fit(features, right).chances(features)
    assert abs(chances.mean() - right.mean()) < 0.02
    assert chances[features[:, 0] > 0.8].mean() > chances[features[:, 0] < 0.2].mean() + 0.4


def test_too_few_cells_are_not_fitted() -> None:
    assert quality.fit(np.zeros((3, 4)), np.array([True, False, True])) == quality.Calibration()
    assert quality.fit(np.zeros((99, 4)), np.ones(99, bool)) == quality.Calibration()


def test_features_of_a_clear_cell() -> None:
    labels = np.zeros((12, 12), np.uint32)
    labels[2:10, 2:10] = 1
    _, _, edge, _ = distance.build(labels[None]).astype(np.float32) / 255
    features = quality.measure(labels, (labels > 0).astype(np.float32), edge)
    assert features[0, 0] == features[0, 2] == 1
    assert features[0, 1] > 0.9
    assert quality.areas_px(features).tolist() == [64]
