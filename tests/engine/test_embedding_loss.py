"""Rows L3 and L5: what the embedding's loss asks of a net, and what it leaves open."""

import math

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from tests.engine.test_stars import two_discs
from training.engine import shape_losses
from training.engine.targets import embedding, layers

Floats = npt.NDArray[np.float32]


def wanted_of(labels: npt.NDArray[np.uint32]) -> Floats:
    """Targets (11, y, x) of labels (p, y, x)."""
    built = layers.build(labels)
    return embedding.finish(built[:-4], (built[-4:] / 255).astype(np.float32))


def perfect(wanted: Floats) -> Tensor:
    """What a perfect net says before activation, (1, 9, y, x)."""
    said = np.zeros((9, *wanted.shape[1:]), np.float32)
    for place, part in ((0, 0), (1, 1), (2, 2)):
        said[place] = np.where(wanted[part] > 0.5, 12, -12)
    sure = wanted[4].clip(1e-4, 1 - 1e-4)
    said[3] = np.log(sure / (1 - sure))
    said[4] = np.log(np.maximum(wanted[7], 2) / 2 / shape_losses.BANDWIDTH_PX)
    said[5:7] = wanted[5:7] / shape_losses.OFFSET_PX
    said[7:9] = wanted[8:10] / shape_losses.OFFSET_PX
    return torch.from_numpy(said)[None]


def test_L5_targets_lead_to_the_middles_of_both_cells() -> None:
    labels = two_discs()
    wanted = wanted_of(labels)
    ys, xs = np.indices(labels.shape[1:])
    both = (labels > 0).all(0)
    assert np.array_equal(wanted[1] > 0, both)
    middles = [(25.0, 22.0), (25.0, 38.0)]
    ends = np.stack([ys + wanted[5], xs + wanted[6], ys + wanted[8], xs + wanted[9]])
    for y, x in np.argwhere(both):
        found = sorted([tuple(ends[:2, y, x]), tuple(ends[2:, y, x])])
        np.testing.assert_allclose(found, middles, atol=0.1)
    alone = labels[0].astype(bool) & ~both
    np.testing.assert_allclose(ends[:2, alone].T, np.tile(middles[0], (alone.sum(), 1)), atol=0.1)
    assert (wanted[8:, ~both] == 0).all()
    assert abs(wanted[7][alone].mean() - 12) < 0.3


def test_L5_which_of_two_ends_goes_to_which_cell_is_left_open_and_else_nothing_is() -> None:
    wanted = wanted_of(two_discs())
    truth, right = torch.from_numpy(wanted)[None], perfect(wanted)
    best = shape_losses.embedding_loss(right, truth)
    swapped = right.clone()
    lens = torch.from_numpy(wanted[1] > 0)
    upper = lens & (torch.arange(lens.shape[0])[:, None] < 25)
    for first, second in ((5, 7), (6, 8)):
        swapped[0, first][upper], swapped[0, second][upper] = right[0, second][upper], right[0, first][upper]
    assert torch.isclose(shape_losses.embedding_loss(swapped, truth), best)
    between = right.clone()
    for first, second in ((5, 7), (6, 8)):
        middle = (right[0, first] + right[0, second]) / 2
        between[0, first], between[0, second] = middle.where(lens, right[0, first]), middle
    same = right.clone()
    same[0, 7:9] = torch.where(lens, right[0, 5:7], right[0, 7:9])
    for wrong in (between, same):
        assert shape_losses.embedding_loss(wrong, truth) > best + 0.1


def test_L3_cells_count_alike_whatever_their_size_and_ignored_pixels_not_at_all() -> None:
    ys, xs = np.indices((64, 96))
    small, large = (ys - 32) ** 2 + (xs - 16) ** 2 < 8**2, (ys - 32) ** 2 + (xs - 60) ** 2 < 24**2
    wanted = wanted_of((small * 1 + large * 2).astype(np.uint32)[None])
    truth, right = torch.from_numpy(wanted)[None], perfect(wanted)
    best, costs = shape_losses.embedding_loss(right, truth), []
    for cell, radius in ((small, 8), (large, 24)):
        said = right.clone()
        said[0, 5][torch.from_numpy(cell)] += (radius + 2) / shape_losses.OFFSET_PX
        costs.append(float(shape_losses.embedding_loss(said, truth) - best))
    assert math.isclose(costs[0], costs[1], rel_tol=0.1)
    ignored = truth.clone()
    ignored[0, 3][torch.from_numpy(large)] = 0
    said = right.clone()
    said[0, 3:9][:, torch.from_numpy(large)] += 3
    expected = shape_losses.embedding_loss(right, ignored)
    assert torch.isclose(shape_losses.embedding_loss(said, ignored), expected)
