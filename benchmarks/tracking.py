"""`make bench-tracking`: our linkers beside laptrack, btrack, motile and trackastra, one fixed setting each,
and their speed.

    make bench-tracking ARGS="--seeds 2 --frames 10 100 1000"

Peers are installed into `build/peers` when first needed. A peer that does not run is told as such.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator

from benchmarks import rows, tracking_peers
from benchmarks.rows import Row
from benchmarks.tracking_judging import Judged, judge, judge_lineage
from benchmarks.tracking_movies import TrackingMovie, all_movies
from training.engine.linking import movie as linking
from training.engine.linking.base import Options
from training.engine.linking.detections import Detections

OURS = ("exact", "global", "kalman", "lap", "nearest")
MOST_S, MOST_GAP_S, MOST_GIB = 10.0, 60.0, 4.0


def main() -> None:
    """Measure and write `build/bench/tracking.json`."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=1, help="simulated movies of each regime")
    parser.add_argument("--frames", type=int, nargs="+", default=[10, 100, 1000], help="of 1,000 cells each")
    parser.add_argument("--quality", action=argparse.BooleanOptionalAction, default=True)
    given = parser.parse_args()
    found = list(speed(given.frames))
    if given.quality:
        for movie in all_movies(given.seeds):
            found += quality(movie)
            rows.write("tracking", found, keep_others=True)
    rows.write("tracking", found, keep_others=True)


def quality(movie: TrackingMovie) -> Iterator[Row]:
    """LNK and division F1 of every linker on one movie; ours against the best peer."""
    found = movie.detections()
    scores = {name: judge_lineage(movie, linking.link_movie(found, name, Options())) for name in OURS}
    for name, (told, why) in _peers(movie, found).items():
        if told is None:
            yield rows.missing(f"tracking.{movie.name}.{name}", f"{name} on {movie.name}", "", why)
        else:
            scores[name] = told
    peers = {name: told for name, told in scores.items() if name not in OURS}
    for name, told in scores.items():
        for word, value in (("lnk", told.lnk), ("divisions", told.division_f1)):
            if name != OURS[0] or not peers:
                yield rows.row(f"tracking.{movie.name}.{name}.{word}", f"{name}: {word}", value, "")
                continue
            bound, best = max((_value(other, word), peer) for peer, other in peers.items())
            yield rows.row(
                f"tracking.{movie.name}.{name}.{word}",
                f"{name}: {word}; (found, invented, missed) divisions {told.divisions}",
                value,
                "",
                least=bound,
                peer=best,
                peer_value=bound,
            )


def _value(told: Judged, word: str) -> float:
    return told.lnk if word == "lnk" else told.division_f1 or 0.0


def _peers(movie: TrackingMovie, found: Detections) -> dict[str, tuple[Judged | None, str]]:
    """By peer its scores, or None and why there are none."""
    told: dict[str, tuple[Judged | None, str]] = {}
    for name in tracking_peers.LINKERS:
        try:
            said = tracking_peers.ask(name, movie, found, linking.spacing_of(found))
            told[name] = judge(movie, said.t, said.number, said.track, said.parents), ""
        except tracking_peers.PeerFailed as error:
            told[name] = None, str(error)
    return told


def speed(frames: list[int]) -> Iterator[Row]:
    """Seconds of the processor and memory, by how many detections, with and without gaps."""
    for count in frames:
        for lost in (0.0, 0.05):
            told = _cost(count, lost)
            most = MOST_GAP_S if lost else MOST_S
            name = f"tracking.{count}k{'.gaps' if lost else ''}"
            what = f"{told['detections']:,} detections linked, {told['divisions']:,} divisions"
            yield rows.row(f"{name}.cpu_s", what, told["cpu_s"], "s", most=most)
            yield rows.row(f"{name}.rate", "detections a second", told["detections"] / told["cpu_s"], "1/s")
            yield rows.row(f"{name}.peak", "peak memory", told["peak_gib"], "GiB", most=MOST_GIB)


def _cost(frames: int, lost: float) -> dict[str, float]:
    words = [sys.executable, "-m", "benchmarks.tracking_walks", str(frames), str(lost)]
    said = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    told: dict[str, float] = json.loads(said)
    return told


if __name__ == "__main__":
    main()
