"""What is wrong with a predicted lineage, one entry for each thing that a person would put right.

The harm of an entry is what it costs in AOGM; over all entries it adds up to that. Links of a division that
was missed or invented are told with it and not again.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from annotation.core.tracks import aogm, divisions
from annotation.core.tracks.aogm import Comparison
from annotation.core.tracks.graph import LineageGraph


class TrackFault(StrEnum):
    """What is wrong: three kinds of detections, three of links, two of divisions."""

    MISSED = "MISSED"
    INVENTED = "INVENTED"
    UNSPLIT = "UNSPLIT"
    MISSING_LINK = "MISSING_LINK"
    WRONG_LINK = "WRONG_LINK"
    CHANGED_LINK = "CHANGED_LINK"
    MISSED_DIVISION = "MISSED_DIVISION"
    INVENTED_DIVISION = "INVENTED_DIVISION"


OF_DETECTIONS = frozenset({TrackFault.MISSED, TrackFault.INVENTED, TrackFault.UNSPLIT})


@dataclass(frozen=True, slots=True)
class TrackError:
    """One thing to put right in frame t near (z, y, x): true cells and predicted cells, earlier ones first.

    Of a link t is the later frame, of a division the first frame of a daughter.
    """

    kind: TrackFault
    harm: float
    t: int
    at_zyx: tuple[int, int, int]
    truth: tuple[int, ...]
    predicted: tuple[int, ...]
    size_px: int = 0


def find(comparison: Comparison) -> list[TrackError]:
    """Every error, divisions first, then the most harmful, then in the order of time."""
    found = [*_divisions(comparison), *_links(comparison), *_detections(comparison)]
    return sorted(found, key=lambda e: ("DIVISION" not in e.kind, -e.harm, e.t, e.kind, e.truth, e.predicted))


# ---------------------------------------------------------------- detections


def _detections(comparison: Comparison) -> Iterator[TrackError]:
    truth, predicted = comparison.truth, comparison.predicted
    for i in comparison.missed.tolist():
        yield _at(truth, i, TrackFault.MISSED, aogm.ADD, (int(truth.cell[i]),), ())
    for i in comparison.invented.tolist():
        yield _at(predicted, i, TrackFault.INVENTED, aogm.REMOVE, (), (int(predicted.cell[i]),))
    inside: dict[int, list[int]] = {}
    pairs = comparison.matches.predicted.tolist(), comparison.matches.truth.tolist()
    for i, true in zip(*pairs, strict=True):
        inside.setdefault(i, []).append(true)
    for i in comparison.unsplit.tolist():
        cells = tuple(sorted(truth.cell[inside[i]].tolist()))
        harm = aogm.SPLIT * (len(cells) - 1)
        yield _at(predicted, i, TrackFault.UNSPLIT, harm, cells, (int(predicted.cell[i]),))


def _at(
    graph: LineageGraph, i: int, kind: TrackFault, harm: float, truth: tuple[int, ...], said: tuple[int, ...]
) -> TrackError:
    """An error at a detection of this graph."""
    z, y, x = graph.at_zyx[i].tolist() if len(graph.at_zyx) else (0, 0, 0)
    size_px = int(graph.area_px[i]) if len(graph.area_px) else 0
    return TrackError(kind, harm, int(graph.t[i]), (z, y, x), truth, said, size_px)


# ---------------------------------------------------------------- links


def _links(comparison: Comparison) -> Iterator[TrackError]:
    truth, predicted = comparison.truth, comparison.predicted
    lost, made = _in_divisions(comparison)
    for link in comparison.missing_links.tolist():
        if link not in lost:
            yield _of_true_link(comparison, link, TrackFault.MISSING_LINK, aogm.ADD_LINK)
    for link in comparison.changed_links.tolist():
        if link not in lost and int(comparison.link_of[link]) not in made:
            yield _of_true_link(comparison, link, TrackFault.CHANGED_LINK, aogm.CHANGE_LINK)
    for link in comparison.wrong_links.tolist():
        if link not in made:
            a, b = predicted.links[link].tolist()
            right = truth.cell[comparison.bearer[[a, b]]].tolist()
            said = (int(predicted.cell[a]), int(predicted.cell[b]))
            yield _at(predicted, b, TrackFault.WRONG_LINK, aogm.REMOVE_LINK, tuple(right), said)


def _of_true_link(comparison: Comparison, link: int, kind: TrackFault, harm: float) -> TrackError:
    truth, predicted = comparison.truth, comparison.predicted
    a, b = truth.links[link].tolist()
    partners = [int(comparison.partner[end]) for end in (a, b)]
    said = tuple(int(predicted.cell[one]) for one in partners if one >= 0)
    return _at(truth, b, kind, harm, (int(truth.cell[a]), int(truth.cell[b])), said)


# ---------------------------------------------------------------- divisions


def _divisions(comparison: Comparison) -> Iterator[TrackError]:
    found = divisions.compare(comparison)[0]
    lost, made = _in_divisions(comparison)
    missing = set(comparison.missing_links.tolist())
    cost: dict[int, float] = {}
    for link, mother in lost.items():
        harm = aogm.ADD_LINK if link in missing else aogm.CHANGE_LINK
        cost[mother] = cost.get(mother, 0.0) + harm
    times = Counter(made.values())
    daughters = _daughters(comparison.truth)
    for mother in found.missed:
        yield _missed(comparison, mother, daughters[mother], cost.get(mother, 0.0))
    daughters = _daughters(comparison.predicted)
    for mother in found.invented:
        yield _invented(comparison, mother, daughters[mother], aogm.REMOVE_LINK * times[mother])


def _daughters(graph: LineageGraph) -> dict[int, list[int]]:
    """{track: tracks that come from it, the earliest first}"""
    born = np.flatnonzero(graph.parent >= 0)
    found: dict[int, list[int]] = {}
    for track in born[np.argsort(graph.first[born], kind="stable")].tolist():
        found.setdefault(int(graph.parent[track]), []).append(track)
    return found


def _missed(comparison: Comparison, mother: int, born: list[int], harm: float) -> TrackError:
    truth = comparison.truth
    partners = comparison.partner[[truth.ends[mother], *truth.starts[born]]]
    said = tuple(comparison.predicted.cell[partners[partners >= 0]].tolist())
    cells = tuple(truth.number[[mother, *born]].tolist())
    return _at(truth, int(truth.starts[born[0]]), TrackFault.MISSED_DIVISION, harm, cells, said)


def _invented(comparison: Comparison, mother: int, born: list[int], harm: float) -> TrackError:
    predicted = comparison.predicted
    bearers = comparison.bearer[[predicted.ends[mother], *predicted.starts[born]]]
    right = tuple(comparison.truth.cell[bearers[bearers >= 0]].tolist())
    cells = tuple(predicted.number[[mother, *born]].tolist())
    return _at(predicted, int(predicted.starts[born[0]]), TrackFault.INVENTED_DIVISION, harm, right, cells)


def _in_divisions(comparison: Comparison) -> tuple[dict[int, int], dict[int, int]]:
    """({true link that is missing or changed: true mother whose division was missed},
    {predicted link that is wrong or changed: predicted mother whose division was invented})."""
    found = divisions.compare(comparison)[0]
    truth, predicted = comparison.truth, comparison.predicted
    missed, invented = set(found.missed), set(found.invented)
    broken = [*comparison.missing_links.tolist(), *comparison.changed_links.tolist()]
    lost = {link: mother for link in broken if (mother := _mother(truth, link)) in missed}
    told = [link for link in comparison.changed_links.tolist() if link not in lost]
    wrong = [*comparison.wrong_links.tolist(), *comparison.link_of[told].tolist()]
    made = {link: mother for link in wrong if (mother := _mother(predicted, link)) in invented}
    return lost, made


def _mother(graph: LineageGraph, link: int) -> int:
    """The track that divides by this link, -1 for a link inside of a track."""
    return int(graph.track[graph.links[link, 0]]) if graph.parental[link] else -1
