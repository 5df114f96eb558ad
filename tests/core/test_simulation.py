"""The simulated movie: deterministic, exact, and with everything that real movies do."""

import numpy as np
import pytest
from scipy import ndimage

from annotation.core import lineage, simulation
from annotation.core.lineage import Span
from annotation.core.simulation import Movie


@pytest.fixture(scope="module")
def movie() -> Movie:
    return simulation.simulate_movie(seed=5, frames=12)


def spans(movie: Movie) -> dict[int, Span]:
    seen: dict[int, list[int]] = {}
    for t, frame in enumerate(movie.labels):
        for cell in set(np.unique(frame).tolist()) - {0}:
            seen.setdefault(cell, []).append(t)
    return {cell: Span(times[0], times[-1]) for cell, times in seen.items()}


def test_the_same_seed_gives_the_same_movie() -> None:
    first, again, other = (simulation.simulate_movie(seed=s, frames=2) for s in (1, 1, 2))
    assert np.array_equal(first.image, again.image)
    assert np.array_equal(first.labels, again.labels)
    assert not np.array_equal(first.labels, other.labels)


def test_axes_and_types(movie: Movie) -> None:
    assert (*movie.image.shape, str(movie.image.dtype)) == (12, 2, 1, 256, 256, "uint16")
    assert (*movie.labels.shape, str(movie.labels.dtype)) == (12, 1, 256, 256, "uint32")
    assert movie.source("x").channel_names == ("Nuclei", "Membrane")


def test_about_as_many_cells_as_asked(movie: Movie) -> None:
    assert 18 <= len(np.unique(movie.labels[0])) - 1 <= 36


def test_the_lineage_is_in_order_and_has_divisions(movie: Movie) -> None:
    known = spans(movie)
    assert lineage.check(movie.mothers, cells=known, spans=known, most_daughters=2) == []
    assert any(len(several) == 2 for several in lineage.daughters(movie.mothers).values())


def test_a_daughter_appears_right_after_its_mother(movie: Movie) -> None:
    known = spans(movie)
    for daughter, mother in movie.mothers.items():
        assert known[daughter].first >= known[mother].last + 1


def test_cells_are_numbered_as_they_appear_and_stay_until_they_leave(movie: Movie) -> None:
    first = [span.first for _, span in sorted(spans(movie).items())]
    assert sorted(spans(movie)) == list(range(1, len(first) + 1))
    assert first == sorted(first)
    for cell, span in spans(movie).items():
        assert all((movie.labels[t] == cell).any() for t in range(span.first, span.last + 1))


def test_some_cells_come_and_some_leave(movie: Movie) -> None:
    known, mothers = spans(movie), set(movie.mothers.values())
    assert any(span.first > 0 and cell not in movie.mothers for cell, span in known.items())
    assert any(span.last < 11 and cell not in mothers for cell, span in known.items())


def test_every_cell_is_one_piece_and_some_touch(movie: Movie) -> None:
    frame = movie.labels[3, 0]
    for cell in set(np.unique(frame).tolist()) - {0}:
        assert ndimage.label(frame == cell)[1] == 1
    beside = (frame[:, 1:] != frame[:, :-1]) & (frame[:, 1:] > 0) & (frame[:, :-1] > 0)
    assert beside.any()


def test_cells_are_brighter_than_the_background(movie: Movie) -> None:
    inside = movie.labels[0, 0] > 0
    for channel in movie.image[0, :, 0]:
        assert channel[inside].mean() > 1.3 * channel[~inside].mean()


def test_a_dividing_cell_is_bright(movie: Movie) -> None:
    known = spans(movie)
    nuclei = movie.image[:, 0, 0].astype(float)
    ratios = []
    for mother in set(movie.mothers.values()):
        last = known[mother].last
        now = nuclei[last][movie.labels[last, 0] == mother].max()
        ratios.append(now / nuclei[last][movie.labels[last, 0] > 0].mean())
    assert np.median(ratios) > 2.5


def test_the_light_fades(movie: Movie) -> None:
    still = simulation.simulate_movie(seed=5, frames=12, bleaching=0.0)
    assert np.array_equal(still.labels, movie.labels)
    assert movie.image[-1].mean() < still.image[-1].mean()


def test_nuclei_lie_inside_cells_and_are_separate() -> None:
    cells = simulation.simulate_movie(seed=2, frames=1).labels
    nuclei = simulation.simulate_movie(seed=2, frames=1, labelled="nuclei").labels
    assert (cells[nuclei > 0] > 0).all()
    assert 0 < (nuclei > 0).sum() < 0.5 * (cells > 0).sum()


@pytest.mark.slow
def test_a_large_field_has_a_thousand_cells() -> None:
    assert 850 <= len(np.unique(simulation.simulate_field(seed=1).labels)) <= 1150


@pytest.mark.parametrize(("frames", "height", "cells"), [(0, 64, 5), (2, 0, 5), (2, 64, 0)])
def test_an_empty_movie_is_refused(frames: int, height: int, cells: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        simulation.simulate_movie(seed=0, frames=frames, height=height, cells=cells)
