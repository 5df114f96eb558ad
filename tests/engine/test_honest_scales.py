"""Intervals that cover what they say, also where bright pixels are fewer than in the calibration images."""

import json

import numpy as np
import numpy.typing as npt

from training.engine.honest_scales import HonestScales
from training.engine.translation_scoring import normal_quantile

LEVEL = 0.9
Planes = npt.NDArray[np.float32]


def pixels(rng: np.random.Generator, count: int, bright: float) -> tuple[Planes, Planes, Planes]:
    """Predicted, scale and truth (1, n): too sure where it is bright, too unsure where dark."""
    place = np.where(rng.random(count) < bright, rng.uniform(1, 2, count), rng.uniform(0, 0.2, count))
    true_scale = np.where(place > 0.5, 0.4, 0.01)
    truth = place + rng.normal(0, 1, count) * true_scale
    columns = (place, np.full(count, 0.1), truth)
    return tuple(column[None].astype(np.float32) for column in columns)  # type: ignore[return-value]


def covered(place: Planes, scale: Planes, truth: Planes) -> float:
    return float((np.abs(truth - place) <= normal_quantile(LEVEL) * scale).mean())


def test_L7_intervals_hold_where_the_share_of_bright_pixels_is_another() -> None:
    rng = np.random.default_rng(5)
    place, scale, truth = pixels(rng, 40_000, bright=0.5)
    honest = HonestScales.fit(place, np.abs(truth - place) / scale, LEVEL)
    one = HonestScales([np.empty(0, np.float32)], [np.ones(1, np.float32)])
    for bright in (0.02, 0.5, 0.9):
        place, scale, truth = pixels(rng, 40_000, bright)
        shape = (1, 200, 200)
        place, scale, truth = (column.reshape(shape) for column in (place, scale, truth))
        assert abs(covered(place, honest.apply(place, scale), truth) - LEVEL) < 0.015
        assert abs(covered(place, one.apply(place, scale), truth) - LEVEL) > 0.03 or bright == 0.5


def test_L7_a_trace_of_light_on_the_background_changes_no_factor_of_it() -> None:
    rng = np.random.default_rng(7)
    place = np.concatenate([rng.normal(0, 0.01, 38_000), rng.uniform(0.3, 1, 2_000)])[None].astype(np.float32)
    scale = np.full_like(place, 0.1)
    # A net that has seen little says dark where it is sure: errors grow within the noise of its background.
    truth = place + rng.normal(0, 1, place.shape) * np.where(place < 0, 0.01, 0.03)
    honest = HonestScales.fit(place, (np.abs(truth - place) / scale).astype(np.float32), LEVEL)
    shape = (1, 200, 200)
    before, after = (
        honest.apply((place + trace).reshape(shape), scale.reshape(shape)) for trace in (0, 0.02)
    )
    dark = (place < 0.05).reshape(shape)
    np.testing.assert_allclose(after[dark], before[dark])
    assert not np.allclose(before[~dark].mean(), before[dark].mean(), rtol=0.05)


def test_scales_are_read_back_equal_and_older_models_still_have_one_factor_a_channel() -> None:
    rng = np.random.default_rng(6)
    place, scale, truth = pixels(rng, 5_000, bright=0.3)
    honest = HonestScales.fit(place, np.abs(truth - place) / scale, LEVEL)
    again = HonestScales.from_json(json.loads(json.dumps(honest.to_json())))
    square = (1, 50, 100)
    assert np.array_equal(
        again.apply(place.reshape(square), scale.reshape(square)),
        honest.apply(place.reshape(square), scale.reshape(square)),
    )
    older = HonestScales.from_json({"factors": [2.0]})
    assert np.allclose(older.apply(place.reshape(square), scale.reshape(square)), 0.2)


def test_pictures_of_one_grey_and_of_few_pixels_have_one_band() -> None:
    flat = np.zeros((1, 1_000), np.float32)
    errors = np.linspace(0, 1, 1_000, dtype=np.float32)[None]
    assert len(HonestScales.fit(flat, errors, LEVEL).factors[0]) <= 2
    few = HonestScales.fit(flat[:, :30], errors[:, :30], LEVEL)
    assert few.factors[0].shape == (1,)
