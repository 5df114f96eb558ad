"""Scores of tracks pooled over movies, with how sure they are; see `annotation.core.resampling`."""

from collections.abc import Sequence

import numpy as np

from annotation.core.resampling import Floats, Judge, Key, ratio
from annotation.core.tracks import aogm
from annotation.core.tracks.scoring import FRAMES_OF_TOLERANCE, Table, division_columns

NAMES = (
    "det", "lnk", "tra", "ct", "tf", "idf1", "chota", "whole_tracks", "whole_families",
    *(f"division_f1_{i}" for i in FRAMES_OF_TOLERANCE),
)  # fmt: skip


def judge(movies: Sequence[Table]) -> Judge:
    """Scores of movies, each a table of `scoring.table_of`: DET, LNK, TRA, CT, TF, IDF1, CHOTA, the shares of
    tracks and families without a fault, and F1 of divisions by frames of tolerance, where there are any."""
    columns = list(movies[0])
    rows = np.asarray([[movie[name] for name in columns] for movie in movies], np.float64)

    def scores(weights: Floats) -> dict[Key, Floats]:
        sums = dict(zip(columns, (weights @ rows).T, strict=True))
        found = _technical(sums)
        found["ct"] = ratio(2 * sums["followed"], sums["tracks"] + sums["said_tracks"])
        found["tf"] = ratio(sums["fractions"], sums["found_tracks"], empty=0.0)
        found["idf1"] = ratio(sums["kept"], sums["identities"])
        found["chota"] = np.sqrt(ratio(sums["associated"], sums["everything"]))
        found["whole_tracks"] = ratio(sums["stretches_right"], sums["stretches"])
        found["whole_families"] = ratio(sums["families_right"], sums["families"])
        for within in FRAMES_OF_TOLERANCE:
            hit, invented, missed = (sums[name] for name in division_columns(within))
            if rows[:, [columns.index(name) for name in division_columns(within)]].any():
                found[f"division_f1_{within}"] = ratio(2 * hit, 2 * hit + invented + missed)
        return {("", name): value for name, value in found.items()}

    return scores


def _technical(sums: dict[str, Floats]) -> dict[str, Floats]:
    """DET, LNK and TRA as `aogm.scores` has them, for each draw."""
    nodes, edges = aogm.cost_of_detections(sums), aogm.cost_of_links(sums)
    all_nodes, all_edges = aogm.ADD * sums["detections"], aogm.ADD_LINK * sums["links"]
    return {
        "det": 1 - np.minimum(ratio(nodes, all_nodes, empty=0.0), 1),
        "lnk": 1 - np.minimum(ratio(edges, all_edges, empty=0.0), 1),
        "tra": 1 - np.minimum(ratio(nodes + edges, all_nodes + all_edges, empty=0.0), 1),
    }
