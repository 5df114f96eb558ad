"""Our scores of random lineages beside those of py-ctcmetrics and traccuracy, in one process and one clock.

    python -m benchmarks.peers.drive_track_scores '{"lineages": 1000, …}'

Runs in the environment of the peers. What each scorer wants (tables, lists, graphs) is made from the same
arrays within its own clock; the last line of the output is the answer as JSON.
"""

import json
import logging
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import networkx
import numpy as np
from ctc_metrics.scripts import evaluate as ctc
from traccuracy import TrackingGraph
from traccuracy.matchers import Matched
from traccuracy.metrics import CHOTAMetric, CompleteTracks, CTCMetrics, DivisionMetrics

from annotation.core.simulation_lineages import DrawnLineage, draw_lineage
from annotation.core.tracks import graph, scoring
from annotation.core.tracks.aogm import Matches
from annotation.core.tracks.graph import LineageGraph
from annotation.core.tracks.scoring import TrackScores

CTC_SCORES = ["DET", "TRA", "LNK", "CT", "TF", "BC", "CCA", "BIO", "CHOTA", "IDF1"]
SIX = ("NS", "FN", "FP", "ED", "EA", "EC")
MOST_TOLD = 20


@dataclass(frozen=True, eq=False)
class Case:
    """A drawn lineage as graphs, which the peers' inputs are made of, and as arrays, which ours are."""

    drawn: DrawnLineage
    frames: int
    truth: LineageGraph
    said: LineageGraph
    matches: Matches


@dataclass
class Tally:
    """CPU-seconds by scorer, and where two scorers differ."""

    cpu_s: dict[str, float] = field(default_factory=lambda: {"ours": 0.0, "ctc": 0.0, "traccuracy": 0.0})
    compared: int = 0
    differences: list[str] = field(default_factory=list)

    def timed(self, name: str, work: Callable[[], Any]) -> Any:
        start = time.process_time()
        found = work()
        self.cpu_s[name] += time.process_time() - start
        return found

    def same(self, what: str, ours: float | None, theirs: float | None) -> None:
        self.compared += 1
        if ours is None and theirs is None:
            return
        if ours is None or theirs is None or not np.isclose(ours, theirs, rtol=0, atol=1e-9):
            self.differences.append(f"{what}: {ours} and {theirs}")


def case_of(seed: int, *, frames: int, founders: int) -> Case:
    """Every fourth lineage has divisions in three; every second one has neither gaps nor merged cells."""
    most = 3 if seed % 4 == 1 else 2
    drawn = draw_lineage(seed, frames=frames, founders=founders, most_daughters=most, clean=seed % 2 == 0)
    truth, said = (graph_of(*side) for side in sides(drawn))
    return Case(drawn, frames, truth, said, matches_of(drawn, truth, said))


def sides(drawn: DrawnLineage) -> list[tuple[Any, dict[int, int]]]:
    """Detections (n, 2) and mothers, of the truth and of the prediction."""
    told = ((drawn.truth, drawn.mothers), (drawn.said, drawn.said_mothers))
    return [(np.array(sorted(cells), np.int64).reshape(-1, 2), mothers) for cells, mothers in told]


def graph_of(detections: Any, mothers: dict[int, int]) -> LineageGraph:
    return graph.of_cells(detections[:, 0], detections[:, 1], mothers)


def matches_of(drawn: DrawnLineage, truth: LineageGraph, said: LineageGraph) -> Matches:
    places = [
        {at: i for i, at in enumerate(zip(one.t.tolist(), one.cell.tolist(), strict=True))}
        for one in (truth, said)
    ]
    pairs = [(places[0][at], places[1][at[0], cell]) for at, cell in sorted(drawn.stands.items())]
    return Matches(*np.array(pairs, np.int64).reshape(-1, 2).T)


# ---------------------------------------------------------------- the three


def ours(case: Case, arrays: list[tuple[Any, dict[int, int]]]) -> TrackScores:
    truth, said = (graph_of(*side) for side in arrays)
    return scoring.score(truth, said, case.matches)


def by_ctc(case: Case) -> dict[str, Any]:
    rows = {"labels_ref": case.truth, "labels_comp": case.said}
    told: dict[str, list[list[int]]] = {
        name: [[] for _ in range(case.frames)] for name in (*rows, "mapped_ref", "mapped_comp")
    }
    for name, one in rows.items():
        for t, track in zip(one.t.tolist(), one.track.tolist(), strict=True):
            told[name][t].append(track + 1)
    for a, b in zip(case.matches.truth.tolist(), case.matches.predicted.tolist(), strict=True):
        t = int(case.truth.t[a])
        told["mapped_ref"][t].append(int(case.truth.track[a]) + 1)
        told["mapped_comp"][t].append(int(case.said.track[b]) + 1)
    tables = [
        np.stack([np.arange(one.parent.size) + 1, one.first, one.last, one.parent + 1], axis=1)
        for one in (case.said, case.truth)
    ]
    found: dict[str, Any] = ctc.calculate_metrics(*tables, told, {}, list(CTC_SCORES), True)
    return found


def by_traccuracy(case: Case) -> dict[str, Any]:
    pairs = list(zip(case.matches.truth.tolist(), case.matches.predicted.tolist(), strict=True))

    def matched() -> Any:
        return Matched(_network(case.truth), _network(case.said), pairs, {"name": "given"})

    both = matched()
    found: dict[str, Any] = {}
    for metric in (CTCMetrics(), CHOTAMetric(), CompleteTracks(error_type="ctc")):
        found |= metric.compute(both).results
    if both.matching_type == "one-to-one":
        found["divisions"] = DivisionMetrics(0).compute(matched()).results["Frame Buffer 0"]
    return found


def _network(one: LineageGraph) -> Any:
    network: Any = networkx.DiGraph()
    for i, (t, track) in enumerate(zip(one.t.tolist(), one.track.tolist(), strict=True)):
        network.add_node(i, t=t, y=0, x=0, label=track)
    network.add_edges_from(one.links.tolist())
    return TrackingGraph(network, label_key="label", location_keys=("y", "x"))


# ---------------------------------------------------------------- side by side


def compare(seed: int, case: Case, tally: Tally) -> None:
    arrays = sides(case.drawn)
    mine: TrackScores = tally.timed("ours", lambda: ours(case, arrays))
    _against_ctc(f"{seed} py-ctcmetrics", mine, tally.timed("ctc", lambda: by_ctc(case)), tally)
    theirs = tally.timed("traccuracy", lambda: by_traccuracy(case))
    _against_traccuracy(f"{seed} traccuracy", mine, theirs, case, tally)


def _against_ctc(who: str, mine: TrackScores, theirs: dict[str, Any], tally: Tally) -> None:
    pairs = {"DET": mine.det, "TRA": mine.tra, "AOGM": mine.aogm, "CT": mine.ct, "TF": mine.tf}
    pairs |= {"CCA": mine.cca, "IDF1": mine.idf1, "CHOTA": mine.chota}
    pairs |= {"LNK": mine.lnk} if mine.counts["links"] else {}
    pairs |= {f"AOGM_{name}": mine.counts[name] for name in SIX}
    for i, (found, invented, missed) in mine.divisions.items():
        pairs |= {f"BC({i})": mine.branching[i], f"BIO({i})": mine.bio(i)}
        pairs |= {f"tp_div({i})": found, f"fp_div({i})": invented, f"fn_div({i})": missed}
    for name, value in pairs.items():
        tally.same(f"{who} {name}", value, theirs[name])


def _against_traccuracy(
    who: str, mine: TrackScores, theirs: dict[str, Any], case: Case, tally: Tally
) -> None:
    """Where the two define alike: it counts a merged cell once, however many it holds, calls a link parental
    at divisions only, and takes divisions in two for the end of a tracklet, and no others."""
    names = {"FN": "fn_nodes", "FP": "fp_nodes", "EA": "fn_edges", "ED": "fp_edges"}
    for name, other in names.items():
        tally.same(f"{who} {other}", mine.counts[name], theirs[other])
    tally.same(f"{who} CHOTA", mine.chota, theirs["CHOTA"])
    twos = all(one.children.max(initial=0) <= 2 for one in (case.truth, case.said))
    if twos and _only_divisions(case):
        tally.same(f"{who} ws_edges", mine.counts["EC"], theirs["ws_edges"])
        tally.same(f"{who} complete tracklets", mine.stretches, theirs["complete_tracklets"])
        tally.same(f"{who} complete lineages", mine.families, theirs["complete_lineages"])
        if np.bincount(case.matches.predicted, minlength=1).max() <= 2:
            tally.same(f"{who} DET", mine.det, theirs["DET"])
            tally.same(f"{who} TRA", mine.tra, theirs["TRA"])
    if "divisions" in theirs and twos:
        told = theirs["divisions"]
        tally.same(f"{who} divisions", mine.divisions[0][0], told["True Positive Divisions"])
        if mine.divisions[0][0]:
            tally.same(f"{who} F1 of divisions", mine.branching[0], told["Division F1"])


def _only_divisions(case: Case) -> bool:
    """Whether every link from track to track is one of a division, on both sides."""
    both = (case.truth, case.said)
    return all(bool(one.divides[one.parent[one.parent >= 0]].all()) for one in both)


def main() -> None:
    """Compare as many lineages as were asked for."""
    asked = json.loads(sys.argv[1])
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    compare(0, case_of(0, frames=6, founders=3), Tally())  # what is imported late is not anybody's time
    tally, detections = Tally(), 0
    for seed in range(asked["lineages"]):
        case = case_of(seed, frames=asked["frames"], founders=asked["founders"])
        detections += case.truth.t.size
        compare(seed, case, tally)
    told = {"cpu_s": tally.cpu_s, "compared": tally.compared, "detections": detections}
    told |= {"differences": len(tally.differences), "first": tally.differences[:MOST_TOLD]}
    print(json.dumps(told))  # noqa: T201


if __name__ == "__main__":
    main()
