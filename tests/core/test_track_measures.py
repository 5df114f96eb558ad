"""Measurements per cell and frame against values that can be counted by hand, and against scikit-image."""

import numpy as np
import pytest
from skimage.measure import regionprops

from annotation.core.simulation import simulate_movie
from annotation.core.tracks import measuring
from annotation.core.tracks.measuring import Calibration, CellStory
from tests.core.drawing import draw

FRAME = draw(
    """
    aa....bbb
    aa....bbb
    .........
    cc.......
    """
)


def test_T11_sizes_places_and_light_can_be_counted() -> None:
    light = np.stack([np.full((1, 4, 9), 3.0), np.arange(36.0).reshape(1, 4, 9)])
    told = measuring.measure_frame(
        FRAME[:, None], light, ["dapi", "dapi"], Calibration((None, 0.5, 0.5), 60.0)
    )
    assert told["cell"].tolist() == [1, 2, 3]
    assert told["area_px"].tolist() == [4, 6, 2]
    assert told["area_um2"].tolist() == [1.0, 1.5, 0.5]
    assert told["x_px"].tolist() == [0.5, 7.0, 0.5]
    assert told["mean_dapi"].tolist() == [3.0, 3.0, 3.0]
    assert told["sum_dapi (1)"].tolist() == [0 + 1 + 9 + 10, 6 + 7 + 8 + 15 + 16 + 17, 27 + 28]
    assert told["neighbours"].tolist() == [2, 1, 1]


def test_T11_shapes_are_those_of_scikit_image() -> None:
    movie = simulate_movie(seed=2, frames=1)
    labels = movie.labels[0, 0].astype(int)
    told = measuring.measure_frame(labels[None, None], movie.image[0], movie.channel_names, Calibration())
    for k, region in enumerate(regionprops(labels, movie.image[0, 0, 0])):
        assert told["cell"][k] == region.label
        assert told["major_px"][k] == pytest.approx(region.axis_major_length)
        assert told["minor_px"][k] == pytest.approx(region.axis_minor_length)
        assert told["eccentricity"][k] == pytest.approx(region.eccentricity)
        assert told[f"mean_{movie.channel_names[0]}"][k] == pytest.approx(region.intensity_mean)


def test_T11_speed_age_generation_and_cycle_come_from_the_frames_before() -> None:
    def at(cell: int, x: float) -> dict[str, np.ndarray]:
        place = {"z_px": [0.0], "y_px": [0.0], "x_px": [x]}
        return {"cell": np.array([cell]), **{name: np.array(value) for name, value in place.items()}}

    frames = [(0, at(1, 0.0)), (1, at(2, 3.0)), (3, at(2, 9.0)), (4, at(3, 9.0))]
    story = CellStory({2: 1, 3: 2}, {2: "round"}, {1: 0, 2: 1, 3: 4})
    told = list(measuring.follow(frames, story, Calibration((None, 2.0, 2.0), 10.0)))
    assert [next(iter(one)) for one in told] == ["t"] * 4
    assert np.isnan(told[1]["speed_px"][0])
    assert told[2]["speed_px"][0] == 3.0
    assert told[2]["speed_um_s"][0] == pytest.approx(0.6)
    assert [one["age_frames"][0] for one in told] == [0, 0, 2, 0]
    assert [one["generation"][0] for one in told] == [0, 1, 1, 2]
    assert told[2]["cycle_frames"][0] == 3
    assert np.isnan(told[3]["cycle_frames"][0])
    assert (told[2]["mother"][0], told[2]["class"][0]) == (1, "round")


def test_T11_an_empty_frame_has_every_column_and_no_row() -> None:
    empty = np.zeros((1, 1, 4, 9), np.uint32)
    full = measuring.measure_frame(FRAME[:, None], np.zeros((1, 1, 4, 9)), ["a"], Calibration())
    told = measuring.measure_frame(empty, np.zeros((1, 1, 4, 9)), ["a"], Calibration())
    assert list(told) == list(full)
    assert {len(column) for column in told.values()} == {0}
