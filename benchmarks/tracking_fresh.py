"""Linkers judged on movies that nobody looked at: 21 fresh seeds, as they are and spoiled, five
crowds, six movies of which only points are known, and six of whole cells.

    python -m benchmarks.tracking_fresh                      all of it, then the rows
    python -m benchmarks.tracking_fresh --part 0 --parts 4   a quarter; the rows when all is there

What was judged is kept by movie in `build/bench/tracking_fresh`, so that it can be made in pieces; `--again`
forgets it. `learned` is the model that `tracking_learned` has trained, `places` looks at distances alone.
"""

import argparse
import itertools
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import rows, tracking_peers, tracking_places
from benchmarks.rows import FOLDER, Row
from benchmarks.tracking_judging import Judged, judge, judge_lineage
from benchmarks.tracking_learned import KEPT as LEARNED
from benchmarks.tracking_learned import judge_of, link_f1, pooled, seen_of
from benchmarks.tracking_movies import (
    FAULTS,
    REGIMES,
    TrackingMovie,
    as_points,
    crowd,
    simulated,
    whole_cells,
)
from training.contract.files import RunFolder
from training.engine.learned_links.scenes import Seen
from training.engine.linking import movie as linking
from training.engine.linking.base import Options

SEEDS = range(7000, 7021)
CROWD_SEEDS = range(7100, 7105)
UNLEARNED = ("points", "cells")
"""Settings of which the linker that learns has seen nothing: it learned on outlined nuclei."""
OTHER_SEEDS = range(7200, 7206)
KEPT = FOLDER / "tracking_fresh"
MODEL = RunFolder(LEARNED).model
OURS = ("exact", "places", "learned")
PEERS = ("laptrack", "btrack", "motile", "trackastra")
SETTINGS = ("clean", "spoiled", "crowd", "points", "cells")
_BROKEN: dict[str, str] = {}
"""Peers that failed, and why: they are not tried again."""
LEAST_LINK, LEAST_DIVISION, PLACES_DIVISION = 0.95, 0.80, 0.37


def main() -> None:
    """Judge what is not yet judged; with everything there, write the rows."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", type=int, default=0)
    parser.add_argument("--parts", type=int, default=1)
    parser.add_argument("--linkers", nargs="+", default=[*OURS, *PEERS])
    parser.add_argument("--model", type=Path, default=MODEL, help="the linker that learned")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--new", type=int, help="judge at most so many movies more, a crowd among them")
    asked = parser.parse_args()
    if asked.again:
        shutil.rmtree(KEPT, ignore_errors=True)
    KEPT.mkdir(parents=True, exist_ok=True)
    waiting = [
        name for name in mixed()[asked.part :: asked.parts] if not set(known_of(name)) >= set(asked.linkers)
    ]
    for name in waiting[: asked.new]:
        known = known_of(name)
        missing = [linker for linker in asked.linkers if linker not in known]
        known |= judged(movie_of(name), missing, asked.model)
        (KEPT / f"{name}.json").write_text(json.dumps(known), encoding="utf-8")
    if asked.new is not None or all(_is_whole(name) for name in names()):
        rows.write("tracking", list(told()), keep_others=True)


def mixed() -> list[str]:
    """All movies, so that the first few are of each setting."""
    by_setting = [[name for name in names() if _setting(name) == one] for one in SETTINGS]
    return [name for row in itertools.zip_longest(*by_setting) for name in row if name is not None]


def _is_whole(name: str) -> bool:
    return set(known_of(name)) >= {*OURS, *PEERS}


def known_of(name: str) -> dict[str, dict[str, Any]]:
    """What was judged of a movie before, by linker."""
    path = KEPT / f"{name}.json"
    known: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return known


def names() -> list[str]:
    """All movies; seeds go round the regimes."""
    regimes = list(REGIMES)
    plain = [f"{regimes[seed % len(regimes)]}-{seed}" for seed in SEEDS]
    others = [
        f"{regimes[seed % len(regimes)]}-{seed}-{kind}"
        for kind in ("points", "cells")
        for seed in OTHER_SEEDS
    ]
    crowds = [f"crowd-{seed}" for seed in CROWD_SEEDS]
    return [*plain, *(f"{name}-spoiled" for name in plain), *crowds, *others]


def movie_of(name: str) -> TrackingMovie:
    """The movie of that name."""
    regime, seed, *kind = name.split("-")
    if regime == "crowd":
        return crowd(int(seed))
    if kind == ["points"]:
        return as_points(simulated(regime, int(seed)), int(seed))
    if kind == ["cells"]:
        return whole_cells(regime, int(seed))
    return simulated(regime, int(seed), faults=FAULTS if kind else 0.0)


def judged(movie: TrackingMovie, linkers: Sequence[str], model: Path) -> dict[str, dict[str, Any]]:
    """By linker its scores and the F1 of its links, or why there are none."""
    seen = seen_of(movie)
    return {
        name: _of_peer(movie, name) if name in PEERS else _of_ours(movie, seen, name, model)
        for name in linkers
    }


def _of_ours(movie: TrackingMovie, seen: Seen, name: str, model: Path) -> dict[str, Any]:
    if name == "places":
        said = tracking_places.link(seen.found)
    else:
        judge_links = judge_of(model, seen) if name == "learned" else None
        said = linking.link_movie(seen.found, "exact", Options(), judge=judge_links)
    return {**asdict(judge_lineage(movie, said)), "links": link_f1(movie, said)}


def _of_peer(movie: TrackingMovie, name: str) -> dict[str, Any]:
    if name in _BROKEN:
        return {"why": _BROKEN[name]}
    found = movie.detections()
    try:
        said = tracking_peers.ask(name, movie, found, linking.spacing_of(found))
    except tracking_peers.PeerFailed as error:
        _BROKEN[name] = str(error)
        return {"why": str(error)}
    return asdict(judge(movie, said.t, said.number, said.track, said.parents))


def told() -> Iterator[Row]:
    """Rows by setting: all regimes as they are, spoiled, and the crowd."""
    everything = {name: known_of(name) for name in names() if _is_whole(name)}
    for setting in SETTINGS:
        some = [scores for name, scores in everything.items() if _setting(name) == setting]
        if some:
            yield from _rows(setting, some)


def _setting(name: str) -> str:
    if name.startswith("crowd"):
        return "crowd"
    return next((kind for kind in ("spoiled", "points", "cells") if name.endswith(kind)), "clean")


def _rows(setting: str, some: Sequence[dict[str, dict[str, Any]]]) -> Iterator[Row]:
    linkers = [name for name in (*OURS, *PEERS) if not any("why" in scores[name] for scores in some)]
    lnk = {name: float(np.mean([scores[name]["lnk"] for scores in some])) for name in linkers}
    division = {name: pooled([_judged(scores[name]) for scores in some]) or 0.0 for name in linkers}
    setup = f"{len(some)} simulated movies of fresh seeds; {rows.machine()}"
    for word, values in (("lnk", lnk), ("divisions", division)):
        bound, best = max((values[name], name) for name in linkers if name in PEERS)
        for name in linkers:
            ours = name == "exact" or (name == "learned" and setting not in UNLEARNED)
            yield rows.row(
                f"fresh.{setting}.{name}.{word}", f"{name}: {_word(word)}, {setting}", values[name], "",
                least=bound if ours else None, peer=best if ours else None,
                peer_value=bound if ours else None, setup=setup,
            )  # fmt: skip
    for name in PEERS:
        why = [scores[name]["why"] for scores in some if "why" in scores[name]]
        if why:
            yield rows.missing(f"fresh.{setting}.{name}", f"{name}, {setting}", "", why[0])
    ahead = sum(scores["exact"]["lnk"] >= max(_lnk(scores[peer]) for peer in PEERS) for scores in some)
    yield rows.row(
        f"fresh.{setting}.ahead", f"movies in which exact has the best LNK, of {len(some)}, {setting}",
        ahead, "", setup=setup,
    )  # fmt: skip
    if setting == "crowd":
        yield from _learned(some, division, setup)


def _learned(
    some: Sequence[dict[str, dict[str, Any]]], division: dict[str, float], setup: str
) -> Iterator[Row]:
    """What was asked of the linker that learns, where places alone say little."""
    yield rows.row(
        "L6.crowd.places", f"F1 of divisions by places alone (asked for a setting of {PLACES_DIVISION})",
        division["places"], "", setup=setup,
    )  # fmt: skip
    yield rows.row(
        "L6.crowd.divisions", "F1 of divisions, the linker that learns, where places say little",
        division["learned"], "", least=LEAST_DIVISION, peer="places alone", peer_value=division["places"],
        setup=setup,
    )  # fmt: skip
    links = float(np.mean([scores["learned"]["links"] for scores in some]))
    places = float(np.mean([scores["places"]["links"] for scores in some]))
    yield rows.row(
        "L6.crowd.links", "F1 of links, the linker that learns, where places say little", links, "",
        least=LEAST_LINK, peer="places alone", peer_value=places, setup=setup,
    )  # fmt: skip


def _word(word: str) -> str:
    return "mean LNK" if word == "lnk" else "F1 of divisions, pooled"


def _lnk(scores: dict[str, Any]) -> float:
    return float(scores.get("lnk", 0.0))


def _judged(scores: dict[str, Any]) -> Judged:
    names = ("lnk", "division_f1", "divisions", "complete", "wrong_links")
    return Judged(*(scores[name] for name in names))


if __name__ == "__main__":
    main()
