"""Speed of linking: cells that walk at random, 1,000 a frame, in a process of its own that tells its cost.

    python -m benchmarks.tracking_walks FRAMES LOST [PROCESSES]

Cells lie at a density of one per 30 px squared, steps have a spread of 5 px, one in a hundred divides in a
frame and as many leave; a daughter is as large as half of her mother.
"""

import json
import resource
import sys
import time

import numpy as np

from training.engine.linking import movie
from training.engine.linking.base import Options
from training.engine.linking.detections import Detections

CELLS, SPACING_PX, STEP_PX, DIVIDING, AREA = 1000, 30.0, 5.0, 0.01, 300.0


def walk(frames: int, lost: float, seed: int = 0) -> Detections:
    """Detections of which the part `lost` is missing."""
    chance = np.random.default_rng(seed)
    side = SPACING_PX * np.sqrt(CELLS)
    place, area = chance.random((CELLS, 2)) * side, np.full(CELLS, AREA)
    rows = []
    for t in range(frames):
        seen = chance.random(len(place)) >= lost
        rows.append(np.column_stack([np.full(int(seen.sum()), t), place[seen], area[seen]]))
        place = np.clip(place + chance.normal(0, STEP_PX, place.shape), 0, side)
        area = np.minimum(area * 1.1, AREA)
        dividing = chance.random(len(place)) < DIVIDING
        turn = chance.random(int(dividing.sum())) * 2 * np.pi
        apart = 9.0 * np.stack([np.cos(turn), np.sin(turn)], 1)
        place = np.concatenate([place[~dividing], place[dividing] + apart, place[dividing] - apart])
        area = np.concatenate([area[~dividing], np.full(2 * int(dividing.sum()), AREA / 2)])
        stay = np.sort(chance.permutation(len(place))[:CELLS])
        place, area = place[stay], area[stay]
    table = np.concatenate(rows)
    frame = table[:, 0].astype(np.int64)
    border = np.minimum(table[:, 1:3], side - table[:, 1:3]).min(1)
    count = len(frame)
    noisy = table[:, 3] * chance.normal(1, 0.05, count)
    places = np.insert(table[:, 1:3], 0, 0, axis=1)
    flat = np.full(count, 0.85) + chance.normal(0, 0.03, count)
    numbers = np.arange(1, count + 1)
    light = np.full(count, np.nan)
    return Detections(frame, numbers, places, noisy, light, flat, border, frames, (1.0, side, side))


def main(frames: int, lost: float, workers: int = 1) -> None:
    """Link, and print what it cost; of memory, all processes together, shared pages counted in each."""
    found = walk(frames, lost)
    options = Options(max_gap_frames=2 if lost else 0)
    begun, cpu = time.perf_counter(), _cpu_s()
    said = movie.link_movie(found, "exact", options, workers=workers)
    own, others = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    told = {
        "detections": len(found),
        "cpu_s": _cpu_s() - cpu,
        "wall_s": time.perf_counter() - begun,
        "peak_gib": (own.ru_maxrss + (workers if workers > 1 else 0) * others.ru_maxrss) / 2**20,
        "links": len(said.links),
        "divisions": len({cell.mother for cell in said.cells if cell.mother}),
    }
    print(json.dumps(told))  # noqa: T201


def _cpu_s() -> float:
    """Of this process and those that it started and that have ended."""
    every = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in every)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), *map(int, sys.argv[3:]))
