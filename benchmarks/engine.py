"""`make bench-engine`: our recipes beside cellpose 3 and StarDist, for equal CPU-seconds on the same images.

    make bench-engine ARGS="--sets dsb2018_nuclei --budget-s 600 3600 --seeds 3"

Everyone learns from scratch on the training images of a set, as many CPU-seconds (user and system, of the
process and its children) from its first step of training to its last, and is judged by the same scorer on
images that it has not seen. What comes before the first step (reading, targets made ahead) and after the
last (thresholds) is counted for nobody, and told in `setup`. Each run is kept in
`build/bench/engine/RUN.json`: a run that is there is not made again; remove the file to have it made again.
Peers are installed into `build/peers` when they are first needed.
"""

import argparse
import subprocess
from collections.abc import Iterator

from benchmarks import rows
from benchmarks.peers import ours, speed, table
from benchmarks.peers.environments import PEERS
from benchmarks.peers.runs import FOLDER, Asked, Outcome, outcome_of
from benchmarks.peers.sets import SETS, read_set
from benchmarks.rows import Row

ENGINES = (*ours.RECIPES, *PEERS)
USUAL = ["ours", "unet", *PEERS]
SPEED_SET = "dsb2018_nuclei"


def main() -> None:
    """Measure what is not kept yet and write `build/bench/engine.json`."""
    given = arguments()
    figures = []
    if not given.only_table:
        figures += list(run_all(asked_for(given)))
    kept = [Outcome.read(path) for path in sorted(FOLDER.glob("*.json"))]
    figures += table.rows_of([outcome for outcome in kept if outcome.asked.set in SETS])
    if given.speed and not given.only_table:
        figures += measure_speed(given)
    rows.write("engine", figures, keep_others=True)


def arguments() -> argparse.Namespace:
    """What is to be measured."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default=",".join(USUAL), help=f"engines, of {', '.join(ENGINES)}")
    parser.add_argument("--sets", default="dsb2018_nuclei", help=f"sets, of {', '.join(SETS)}")
    parser.add_argument(
        "--budget-s", type=int, nargs="+", default=[600], help="CPU-seconds of training, one or several"
    )
    parser.add_argument("--seeds", type=int, default=1, help="seeds 0, 1, … so many of them")
    parser.add_argument("--threads", type=int, default=1, help="of each process")
    parser.add_argument("--speed", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--only-table", action="store_true", help="engine.json from kept runs alone")
    given = parser.parse_args()
    for word, known, option in ((given.only, ENGINES, "--only"), (given.sets, SETS, "--sets")):
        unknown = [name for name in word.split(",") if name not in known]
        if unknown:
            parser.error(f"{option}: {', '.join(unknown)} is not known; choose of {', '.join(known)}.")
    return given


def asked_for(given: argparse.Namespace) -> Iterator[Asked]:
    """All runs: a set and a budget are finished for a seed before the next seed begins."""
    for budget_s in given.budget_s:
        for seed in range(given.seeds):
            for name in given.sets.split(","):
                for engine in given.only.split(","):
                    yield Asked(engine, name, seed, budget_s, given.threads)


def run_all(asked: Iterator[Asked]) -> Iterator[Row]:
    """Makes the runs that are not kept yet; answers a row for each that broke down."""
    for one in asked:
        print(f"{one.key} …", flush=True)  # noqa: T201
        try:
            outcome = outcome_of(one, read_set(one.set))
        except (OSError, ValueError, subprocess.CalledProcessError) as error:
            why = f"{type(error).__name__}: {error}; its words are in {one.work}"
            yield rows.missing(f"engine.failed.{one.key}", f"{one.engine} on {one.set}", "AP", why)
            continue
        told = ", ".join(f"{at}: {value:.3f}" for at, value in outcome.ap.items())
        print(f"  AP {told} after {outcome.steps} steps, {outcome.train_cpu_s:.0f} CPU-s")  # noqa: T201


def measure_speed(given: argparse.Namespace) -> list[Row]:
    """Seconds a megapixel of the engines asked for, with the models of the longest budget, seed 0."""
    timed = [name for name in given.only.split(",") if name in ("ours", *PEERS)]
    asked = [Asked(name, SPEED_SET, 0, max(given.budget_s), given.threads) for name in timed]
    try:
        busy = speed.busy_percent()
        return table.rows_of_speed(speed.measure(asked, read_set(SPEED_SET)), busy)
    except (OSError, subprocess.CalledProcessError) as error:
        what = "raw image file to labels"
        return [rows.missing("engine.speed.ours", what, "s/Mpx", str(error), asked="<= 0.15")]


if __name__ == "__main__":
    main()
