"""The queue of repairs beside the order of time, on simulated movies with planted errors of a linker.

    python -m benchmarks.tracking_repairs --seeds 20

A person who goes through the movie mends what is wrong where it is met; one who follows the queue takes what
it proposes first. Every look counts on the side of the queue; on the other only edits that are needed.
"""

import argparse
from collections.abc import Iterator
from statistics import mean

from annotation.core import simulation_repairs as repairing
from annotation.core import simulation_tracks as tracking
from annotation.core.simulation_repairs import Walk
from benchmarks import rows
from benchmarks.rows import Row

FIRST_SEED, SEEDS = 9000, 12
FRAMES, CELLS, SIDE_PX, SHARE = 24, 40, 500, 0.2
SPEEDS_PX = {"calm": 1.9, "fast": 6.0}
HALF, ENOUGH = 0.5, 0.95

Pair = tuple[Walk, Walk]


def main() -> None:
    """Repair, and write the rows into `build/bench/tracking.json`."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=SEEDS, help="movies of each speed")
    seeds = range(FIRST_SEED, FIRST_SEED + parser.parse_args().seeds)
    found = []
    for name, speed_px in SPEEDS_PX.items():
        found += list(rows_of(name, [both(seed, speed_px) for seed in seeds]))
    rows.write("tracking", found, keep_others=True)


def both(seed: int, speed_px: float) -> Pair:
    """(by the queue, in the order of time) of one movie."""
    truth = tracking.simulate(
        seed=seed, frames=FRAMES, cells=CELLS, side_px=SIDE_PX, speed_px=speed_px, slips=1
    )
    broken = repairing.plant(truth, seed=seed, share=SHARE)
    return repairing.by_queue(broken, truth), repairing.by_time(broken, truth)


def rows_of(name: str, pairs: list[Pair]) -> Iterator[Row]:
    """How many edits, and how right the links are before and after."""
    setup = (
        f"{len(pairs)} movies of {FRAMES} frames and some {CELLS} cells, {SPEEDS_PX[name]} px a frame; edge "
        f"accuracy {mean(queue.before for queue, _ in pairs):.3f} before; {rows.machine()}"
    )
    shares = [queue.steps / max(time.edits, 1) for queue, time in pairs]
    yield rows.row(
        f"T7.{name}.share", "looks by the queue for each edit in the order of time, all movies",
        sum(queue.steps for queue, _ in pairs) / sum(time.edits for _, time in pairs), "",
        most=HALF, setup=setup,
    )  # fmt: skip
    yield rows.row(f"T7.{name}.worst", "the same, the worst movie", max(shares), "", most=HALF, setup=setup)
    yield rows.row(
        f"T7.{name}.accuracy", "edge accuracy reached by the queue, the worst movie",
        min(queue.after for queue, _ in pairs), "", least=ENOUGH, setup=setup,
    )  # fmt: skip


if __name__ == "__main__":
    main()
