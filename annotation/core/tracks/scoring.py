"""All scores of a predicted lineage against the true one, from a table that can be added over movies."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np

from annotation.core.tracks import aogm, divisions, whole_tracks
from annotation.core.tracks.aogm import Comparison, Matches
from annotation.core.tracks.graph import LineageGraph

FRAMES_OF_TOLERANCE = (0, 1, 2, 3)
NAMES = {"seg": "SEG", "det": "DET", "lnk": "LNK", "tra": "TRA", "ct": "CT", "tf": "TF", "cca": "CCA"}

Table = Mapping[str, float]


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
        table = {NAMES[f.name]: getattr(self, f.name) for f in fields(self) if f.name in NAMES}
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
    cca = whole_tracks.cell_cycle_accuracy(comparison.truth, comparison.predicted)
    return of_table(table_of(comparison), seg=seg, cca=cca)


# ---------------------------------------------------------------- tables


def table_of(comparison: Comparison) -> dict[str, float]:
    """What a movie adds to pooled scores: counts and sums, by plain names."""
    seen = whole_tracks.Association(comparison)
    stretches, families = whole_tracks.right_stretches(comparison)
    fractions = whole_tracks.track_fractions(comparison)
    kept, identities = whole_tracks.identities(seen)
    associated, everything = whole_tracks.association(seen)
    table: dict[str, float] = {
        **comparison.counts,
        "followed": int(np.count_nonzero(whole_tracks.followed(comparison))),
        "tracks": comparison.truth.parent.size,
        "said_tracks": comparison.predicted.parent.size,
        "fractions": float(fractions.sum()),
        "found_tracks": fractions.size,
        "kept": kept,
        "identities": identities,
        "associated": associated,
        "everything": everything,
        "stretches_right": int(np.count_nonzero(stretches)),
        "stretches": stretches.size,
        "families_right": int(np.count_nonzero(families)),
        "families": families.size,
    }
    for within, one in divisions.compare(comparison, FRAMES_OF_TOLERANCE).items():
        table |= dict(zip(division_columns(within), one.counts, strict=True))
    return table


def division_columns(within: int) -> tuple[str, str, str]:
    """The names of divisions found, invented and missed in a table."""
    return f"divisions_found_{within}", f"divisions_invented_{within}", f"divisions_missed_{within}"


def of_table(table: Table, *, seg: float | None = None, cca: float | None = None) -> TrackScores:
    """The scores of a table, or of a sum of tables."""
    counts = {name: int(table[name]) for name in aogm.COUNTS}
    technical = aogm.scores(counts)
    found = {i: _counts(table, i) for i in FRAMES_OF_TOLERANCE}
    return TrackScores(
        det=technical["DET"],
        lnk=technical["LNK"],
        tra=technical["TRA"],
        aogm=technical["AOGM"],
        seg=seg,
        ct=_ratio(2 * table["followed"], table["tracks"] + table["said_tracks"]),
        tf=_ratio(table["fractions"], table["found_tracks"]) or 0.0,
        cca=cca,
        branching={i: divisions.f1(one) for i, one in found.items()},
        idf1=1.0 if not table["identities"] else table["kept"] / table["identities"],
        chota=1.0 if not table["everything"] else math.sqrt(table["associated"] / table["everything"]),
        stretches=_ratio(table["stretches_right"], table["stretches"]),
        families=_ratio(table["families_right"], table["families"]),
        counts=counts,
        divisions=found,
    )


def added(tables: Sequence[Table]) -> dict[str, float]:
    """The tables of several movies as one."""
    return {name: sum(table[name] for table in tables) for name in tables[0]} if tables else {}


def _counts(table: Table, within: int) -> tuple[int, int, int]:
    found, invented, missed = (int(table[name]) for name in division_columns(within))
    return found, invented, missed


def _ratio(above: float, below: float) -> float | None:
    return above / below if below else None
