"""Targets against naive twins on pictures that can be seen."""

import numpy as np
import numpy.typing as npt

from tests.engine.conftest import discs
from training.engine.targets import distance, flows, regions

TWO = np.array(
    [
        [0, 0, 0, 0, 0, 0, 0, 0],
        [0, 1, 1, 1, 2, 2, 2, 0],
        [0, 1, 1, 1, 2, 2, 2, 0],
        [0, 1, 1, 1, 2, 2, 2, 0],
        [0, 0, 0, 0, 0, 0, 0, 0],
    ],
    np.uint32,
)


def naive_edge_distance(plane: npt.NDArray[np.uint32]) -> npt.NDArray[np.float64]:
    """One plus the distance to the nearest pixel that touches another label."""
    height, width = plane.shape
    edge = []
    for y in range(height):
        for x in range(width):
            near = [(y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)]
            labels = {int(plane[a, b]) for a, b in near if 0 <= a < height and 0 <= b < width}
            if plane[y, x] == 0 or labels - {int(plane[y, x])}:
                edge.append((y, x))
    result = np.zeros(plane.shape)
    for y, x in np.argwhere(plane > 0):
        result[y, x] = 1 + min(np.hypot(y - a, x - b) for a, b in edge)
    return result


def test_edge_distance_equals_the_naive_one() -> None:
    _, labels = discs(5, size=40, cells=5, radius_px=(4, 8))
    assert np.allclose(distance.edge_distance(labels), naive_edge_distance(labels), atol=1e-5)


def test_energy_is_one_in_the_middle_and_low_between_touching_cells() -> None:
    _, energy, edge, _ = distance.build(TWO[None]) / 255
    assert energy[2, 2] == energy[2, 5] == 1
    assert energy[2, 3] < 0.5
    assert energy[2, 4] < 0.5
    assert edge[2, 3] == edge[2, 4] == edge[0, 1] == 1
    assert edge[2, 2] == 0


def test_small_and_touching_cells_count_more() -> None:
    far = np.zeros((40, 60), np.uint32)
    far[10:30, 5:25], far[14:18, 40:44] = 1, 2
    weight = distance.weigh(far)
    assert weight[20, 15] == weight[0, 0] == 1
    assert weight[16, 42] == 3
    touching = distance.weigh(TWO)
    assert touching[2, 3] == touching[2, 4] == 6
    assert touching[2, 1] == 3


def test_overlapping_planes_take_the_larger_value() -> None:
    other = np.zeros_like(TWO)
    other[1:4, 2:6] = 9
    both = distance.build(np.stack([TWO, other]))
    assert (both == np.maximum(distance.build(TWO[None]), distance.build(other[None]))).all()
    assert flows.build(np.stack([TWO, other])).shape == (5, 5, 8)


def test_empty_labels_give_empty_targets() -> None:
    empty = np.zeros((1, 6, 7), np.uint32)
    assert not distance.build(empty)[:3].any()
    assert (flows.build(empty)[1:3] == 128).all()


def test_a_cell_that_fills_the_frame() -> None:
    full = np.ones((1, 6, 7), np.uint32)
    assert (distance.build(full)[:2] == 255).all()


def test_a_cell_cut_by_the_frame_has_no_edge_there() -> None:
    labels = np.zeros((1, 9, 9), np.uint32)
    labels[0, 3:6, :6] = 1
    assert distance.build(labels)[1, 4, 0] == 255


def test_flows_are_unit_vectors_that_lead_to_the_middle() -> None:
    _, labels = discs(2, cells=4)
    flow = flows.flows_of_plane(labels)
    inside = labels > 0
    length = np.hypot(*flow)
    middles = {int(labels.reshape(-1)[i]): divmod(int(i), labels.shape[1]) for i in flows.middles(labels)}
    assert (flow[:, ~inside] == 0).all()
    for cell, (my, mx) in middles.items():
        ys, xs = np.nonzero(labels == cell)
        to_y, to_x = my - ys, mx - xs
        far = np.hypot(to_y, to_x) > 2
        cosine = (flow[0, ys, xs] * to_y + flow[1, ys, xs] * to_x)[far] / np.hypot(to_y, to_x)[far]
        assert np.allclose(length[ys, xs][far], 1, atol=1e-5)
        assert np.median(cosine) > 0.9


def test_classes_become_planes_and_unknown_ones_stay_empty() -> None:
    built = regions.build(TWO[None], {1: 2}, 2)
    assert built.shape == (3, 5, 8)
    assert (built[2] == 255 * (TWO == 1)).all()
    assert not built[:, TWO == 2].any()
    assert (regions.class_map(TWO[None], {1: 2}, 2)[TWO == 2] == -1).all()


def test_without_classes_all_cells_are_foreground() -> None:
    built = regions.build(TWO[None], {}, 1)
    assert (built[1] == 255 * (TWO > 0)).all()
    assert (built[0] == 255 * (TWO == 0)).all()
