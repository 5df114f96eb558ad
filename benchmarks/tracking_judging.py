"""Scores of links that someone made of a movie's detections: as the Cell Tracking Challenge counts them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotation.core.tracks import graph, scoring
from annotation.core.tracks.aogm import Matches
from benchmarks.tracking_movies import TrackingMovie
from training.contract.linking import Lineage


@dataclass(frozen=True)
class Judged:
    """LNK, F1 of divisions (exactly in their frame), the same as counts, complete tracks, wrong links."""

    lnk: float
    division_f1: float | None
    divisions: tuple[int, int, int]
    complete: float | None
    wrong_links: int


def judge(
    movie: TrackingMovie,
    t: NDArray[np.int64],
    number: NDArray[np.int64],
    cell: NDArray[np.int64],
    mothers: Mapping[int, int],
) -> Judged:
    """`number` names detections in their frame t, `cell` says who they are said to be, all (n,).

    The truth is the true cells' detections that are there: what is missing is nobody's fault here, but a link
    over it is asked for.
    """
    true_cell = np.array([movie.truth[pair] for pair in zip(t.tolist(), number.tolist(), strict=True)])
    real = np.flatnonzero(true_cell > 0)
    truth = graph.of_cells(t[real], true_cell[real], movie.mothers)
    said = graph.of_cells(t, cell, mothers)
    order, right = np.lexsort((cell, t)), np.lexsort((true_cell[real], t[real]))
    place = np.empty(len(t), np.int64)
    place[order] = np.arange(len(t))
    scores = scoring.score(truth, said, Matches(np.arange(len(real)), place[real[right]]))
    counts = scores.counts
    return Judged(
        scores.lnk,
        scores.branching[0],
        scores.divisions[0],
        scores.ct,
        counts["ED"] + counts["EA"] + counts["EC"],
    )


def judge_lineage(movie: TrackingMovie, said: Lineage) -> Judged:
    """Of what one of our linkers made."""
    named = said.renamed
    mothers = {cell.cell: cell.mother for cell in said.cells if cell.mother}
    return judge(movie, named.t.astype(np.int64), named.was, named.cell, mothers)
