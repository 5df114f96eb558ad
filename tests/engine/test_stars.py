"""Row L3, stars and embedding: rays against walked ones, turned crops, labels back from ideal maps."""

import numpy as np
import numpy.typing as npt
import pytest
import torch

from tests.engine.conftest import discs
from tests.engine.test_decoding import crowd
from training.engine import scoring
from training.engine.data.images import Truth
from training.engine.decoding import embedding as embedding_decoding
from training.engine.decoding import stars as star_decoding
from training.engine.decoding.embedding import EmbeddingDecoding
from training.engine.decoding.stars import StarDecoding, Stars
from training.engine.instance_kinds import turn_offsets_back, turn_rays_back
from training.engine.targets import layers, stars

Floats = npt.NDArray[np.float32]


def ideal_star_maps(labels: npt.NDArray[np.uint32]) -> Floats:
    """What a perfect net says of labels (p, y, x)."""
    built = layers.build(labels)
    wanted = stars.finish(built[:-4], (built[-4:] / 255).astype(np.float32))
    return np.concatenate([wanted[:3], wanted[4:]])


def ideal_embedding_maps(labels: npt.NDArray[np.uint32]) -> Floats:
    """What a perfect net says of labels (p, y, x): every pixel ends in its cell's middle."""
    built = layers.build(labels)
    maps = np.zeros((9, *labels.shape[1:]), np.float32)
    first, second = layers.two_layers(built[:-4])
    maps[0], maps[1], maps[3], maps[4] = first > 0, second > 0, built[-3] / 255, 2
    for layer, place in ((first, 5), (second, 7)):
        for cell in np.unique(layer[layer > 0]):
            y, x = np.nonzero((built[:-4] == cell).any(0))
            on = layer == cell
            maps[place : place + 2, on] = np.array([[y.mean()], [x.mean()]]) - np.argwhere(on).T
    return maps


def two_discs() -> npt.NDArray[np.uint32]:
    """Two discs that share a fifth of each, on two planes."""
    ys, xs = np.indices((50, 60))
    return np.stack([((ys - 25) ** 2 + (xs - x) ** 2 < 144) * cell for cell, x in ((1, 22), (2, 38))]).astype(
        np.uint32
    )


def test_L3_rays_equal_walked_ones() -> None:
    _, labels = discs(4, size=48, cells=5, radius_px=(4, 9))
    said = stars.rays_of_plane(labels.astype(np.int32))
    assert (said[:, labels == 0] == 0).all()
    off = []
    for y, x in np.argwhere(labels > 0)[::7]:
        for k, angle in enumerate(stars.ANGLES):
            away, at = 0.0, (int(y), int(x))
            while 0 <= at[0] < 48 and 0 <= at[1] < 48 and labels[at] == labels[y, x]:
                away += 0.05
                at = round(y + away * np.sin(angle)), round(x + away * np.cos(angle))
            off.append(abs(said[k, y, x] - away))
    # A digital line lies up to a pixel beside the true one, which is much only where a ray grazes the edge.
    assert np.mean(off) < 0.5
    assert np.percentile(off, 95) < 1.6


def test_L3_rays_turn_with_the_labels() -> None:
    _, labels = discs(4, size=40, cells=4)
    plain = stars.rays_of_plane(labels.astype(np.int32))
    turned = stars.rays_of_plane(np.rot90(labels).astype(np.int32).copy())
    # A quarter turn against the clock takes what lay along x to what lies against y.
    back = np.rot90(np.roll(turned, 8, axis=0), -1, axes=(1, 2))
    assert np.abs(back - plain).mean() < 0.1
    assert np.abs(np.rot90(turned, -1, axes=(1, 2)) - plain).mean() > 0.3, (
        "unturned rays are seen to be wrong"
    )


@pytest.mark.parametrize("seed", [0, 1])
def test_L3_ideal_stars_and_embeddings_give_touching_cells_back(seed: int) -> None:
    truth = crowd(seed)[None]
    for found in (
        star_decoding.decode(ideal_star_maps(truth), StarDecoding()),
        embedding_decoding.decode(ideal_embedding_maps(truth), EmbeddingDecoding()),
    ):
        scores = scoring.instance_scores([scoring.count(Truth.of(truth), found)])
        assert len(found) == 1
        assert scores["ap75"] > 0.9
        assert scores["seg"] > 0.9


def test_L5_ideal_maps_give_both_overlapping_discs_back() -> None:
    truth = two_discs()
    star = star_decoding.decode(ideal_star_maps(truth), StarDecoding(overlaps=True))
    embedded = embedding_decoding.decode(ideal_embedding_maps(truth), EmbeddingDecoding(overlaps=True))
    for found in (star, embedded):
        assert found.shape == (2, 50, 60)
        scores = scoring.instance_scores([scoring.count(Truth.of(truth), found)])
        assert scores["seg"] > 0.9
    flat = star_decoding.decode(ideal_star_maps(truth), StarDecoding(overlaps=False))
    assert flat.shape == (1, 50, 60)
    assert flat.max() == 2


def test_shared_part_of_two_polygons_is_near_the_drawn_one() -> None:
    rng = np.random.default_rng(0)
    rays = rng.uniform(8, 12, (2, 32)).astype(np.float32)
    pair = Stars(np.array([30, 33]), np.array([30, 40]), rays)
    cells, pixels = star_decoding.pixels_of(pair, (70, 80))
    one, other = set(pixels[cells == 0]), set(pixels[cells == 1])
    drawn = len(one & other) / min(len(one), len(other))
    said = star_decoding.shared(pair[np.array([0])], pair[np.array([1])])[0]
    assert 0.1 < drawn < 0.9
    assert abs(said - drawn) < 0.08
    assert abs(star_decoding.areas_px(rays)[0] - len(one)) < 0.05 * len(one)


def test_mirrored_and_enlarged_numbers_are_turned_back() -> None:
    _, labels = discs(6, size=40, cells=4)
    for axis in (0, 1):
        flipped = np.ascontiguousarray(np.flip(labels, axis))
        for ideal, turn in ((ideal_star_maps, turn_rays_back), (ideal_embedding_maps, turn_offsets_back)):
            seen = torch.from_numpy(np.flip(ideal(flipped[None]), axis + 1).copy())
            plain = ideal(labels[None])
            assert np.abs(turn(seen, (axis + 2,), 1.0).numpy() - plain).mean() < 0.15
            assert np.abs(turn(seen, (), 1.0).numpy() - plain).mean() > 0.15
            assert np.allclose(turn(seen, (), 2.0)[5:], seen[5:] / 2)
