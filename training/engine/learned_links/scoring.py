"""Scores of linked movies against the tracks that people accepted."""

from collections.abc import Sequence

import numpy as np

from annotation.core.tracks import graph, scoring
from annotation.core.tracks.aogm import Matches
from training.contract.linking import Lineage
from training.engine.learned_links.scenes import Truth
from training.engine.linking.detections import Detections

WITHIN = 0
"""Frames by which a division may be off."""


def table_of(found: Detections, truth: Truth, said: Lineage) -> dict[str, float]:
    """What one movie adds to the scores (`scoring.table_of`). The outlines are given, so every true detection
    is matched."""
    real = np.flatnonzero(truth.who > 0)
    named = said.renamed
    cells = dict(
        zip(zip(named.t.tolist(), named.was.tolist(), strict=True), named.cell.tolist(), strict=True)
    )
    cell = np.array(
        [cells[pair] for pair in zip(found.t.tolist(), found.cell.tolist(), strict=True)], np.int64
    )
    mothers = {one.cell: one.mother for one in said.cells if one.mother is not None}
    true_graph = graph.of_cells(found.t[real], truth.who[real], truth.mothers)
    place = np.empty(len(found), np.int64)
    place[np.lexsort((cell, found.t))] = np.arange(len(found))
    right = real[np.lexsort((truth.who[real], found.t[real]))]
    matches = Matches(np.arange(len(real)), place[right])
    return scoring.table_of(scoring.compare(true_graph, graph.of_cells(found.t, cell, mothers), matches))


def scores_of(tables: Sequence[dict[str, float]]) -> dict[str, float]:
    """Scores of several movies together: `tracks` is the mean of LNK and of the F1 of divisions, where there
    are any."""
    told = scoring.of_table(scoring.added(tables))
    divisions = told.branching[WITHIN]
    both = [told.lnk] if divisions is None else [told.lnk, divisions]
    found = {
        "tracks": float(np.mean(both)),
        "lnk": told.lnk,
        "division_f1": divisions,
        "tra": told.tra,
        "det": told.det,
        "whole_tracks": told.stretches,
    }
    return {name: round(value, 4) for name, value in found.items() if value is not None}
