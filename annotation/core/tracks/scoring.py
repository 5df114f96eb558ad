"""All scores of a predicted lineage against the true one, from counts that can be added over movies."""

from dataclasses import dataclass, fields

import numpy as np

from annotation.core.tracks import aogm, divisions, whole_tracks
from annotation.core.tracks.aogm import Comparison, Matches
from annotation.core.tracks.graph import LineageGraph

FRAMES_OF_TOLERANCE = (0, 1, 2, 3)


@dataclass(frozen=True)
class TrackScores:
    """Scores from 0 to 1, None where the truth has nothing to be right about.

    `seg` needs pixels; `branching` is F1 of divisions by frames of tolerance; `counts` are the six errors and
    the sizes; `stretches` and `families` are shares that are right in every detection and link.
    """

    det: float
    lnk: float
    tra: float
    aogm: float
    seg: float | None
    ct: float | None
    tf: float
    cca: float | None
    branching: dict[int, float | None]
    idf1: float
    chota: float
    stretches: float | None
    families: float | None
    counts: dict[str, int]
    divisions: dict[int, tuple[int, int, int]]

    def bio(self, within: int = 0) -> float | None:
        """The mean of CT, TF, BC and CCA, of those that there are."""
        known = [x for x in (self.ct, self.tf, self.branching[within], self.cca) if x is not None]
        return sum(known) / len(known) if known else None

    def as_table(self) -> dict[str, float | None]:
        """Scores by the names that people know."""
        plain = {"seg": "SEG", "det": "DET", "lnk": "LNK", "tra": "TRA", "ct": "CT", "tf": "TF", "cca": "CCA"}
        table = {plain[f.name]: getattr(self, f.name) for f in fields(self) if f.name in plain}
        table |= {f"BC({i})": value for i, value in self.branching.items()}
        table |= {"BIO(0)": self.bio(0), "IDF1": self.idf1, "CHOTA": self.chota}
        return table | {"tracks complete": self.stretches, "families complete": self.families}


def score(
    truth: LineageGraph, predicted: LineageGraph, matches: Matches, seg: float | None = None
) -> TrackScores:
    """Every score of a prediction. Raises ValueError for matches that name a true detection twice."""
    return of_comparison(compare(truth, predicted, matches), seg)


def compare(truth: LineageGraph, predicted: LineageGraph, matches: Matches) -> Comparison:
    """The two side by side. Raises ValueError for matches that name a true detection twice."""
    if np.bincount(matches.truth, minlength=1).max() > 1:
        raise ValueError("A true detection is matched to more than one predicted detection.")
    return Comparison(truth, predicted, matches)


def of_comparison(comparison: Comparison, seg: float | None = None) -> TrackScores:
    """Every score of two graphs side by side."""
    truth, predicted = comparison.truth, comparison.predicted
    divided = divisions.compare(comparison, FRAMES_OF_TOLERANCE)
    found = {i: one.counts for i, one in divided.items()}
    seen = whole_tracks.Association(comparison)
    stretches, families = whole_tracks.right_stretches(comparison)
    technical = aogm.scores(comparison.counts)
    return TrackScores(
        det=technical["DET"],
        lnk=technical["LNK"],
        tra=technical["TRA"],
        aogm=technical["AOGM"],
        seg=seg,
        ct=whole_tracks.complete_tracks(comparison),
        tf=whole_tracks.track_fractions(comparison),
        cca=whole_tracks.cell_cycle_accuracy(truth, predicted),
        branching={i: divisions.f1(counts) for i, counts in found.items()},
        idf1=whole_tracks.idf1(seen),
        chota=whole_tracks.chota(seen),
        stretches=_share(stretches),
        families=_share(families),
        counts=comparison.counts,
        divisions=found,
    )


def _share(flags: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> float | None:
    return float(flags.mean()) if flags.size else None
