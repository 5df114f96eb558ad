"""Peers that link detections, each driven in an environment of its own by a script of a few lines.

Each gets a CSV of detections (t, number, y, x, area) of the movies and one fixed setting: its own defaults,
and a largest step that follows the movie, a multiple of the usual distance between neighbours. Ours look at
the pixels too, through the areas, lights and shapes of the cells; these peers look at places alone.
"""

import csv
import json
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.environments import FOLDER, Peer, python_of
from training.engine.linking.detections import Detections

LINKERS = {
    "laptrack": Peer("laptrack", "drive_laptrack", ("laptrack==0.17.0",)),
    "btrack": Peer("btrack", "drive_btrack", ("btrack==0.6.5", "pydantic<2", "numpy<2")),
}
SCRIPTS = Path(__file__).resolve().parent / "peers"
LIMIT_S = 600


@dataclass(frozen=True, eq=False)
class Answer:
    """What a peer said of every detection (t, number): its track; tracks' parents; CPU-seconds of the linking
    alone."""

    t: NDArray[np.int64]
    number: NDArray[np.int64]
    track: NDArray[np.int64]
    parents: dict[int, int]
    cpu_s: float


class PeerFailed(RuntimeError):
    """A peer could not be installed, or broke down."""


def ask(name: str, movie: str, found: Detections, spacing_px: float) -> Answer:
    """A peer's tracks of a movie's detections. Raises PeerFailed."""
    peer = LINKERS[name]
    try:
        python = python_of(peer)
        work = FOLDER / "tracking" / f"{name}-{movie}-{time.time_ns()}"
        work.mkdir(parents=True)
        _write(work / "detections.csv", found)
        given = {"spacing_px": spacing_px, "size": found.size, "frames": found.frames}
        (work / "asked.json").write_text(json.dumps(given), encoding="utf-8")
        with (work / "words.txt").open("w") as words:
            subprocess.run(
                [str(python), str(SCRIPTS / f"{peer.driver}.py"), str(work)],
                check=True,
                timeout=LIMIT_S,
                stdout=words,
                stderr=words,
            )
    except (subprocess.SubprocessError, OSError) as error:
        raise PeerFailed(f"{name}: {error}") from error
    return _read(work)


def _write(path: Path, found: Detections) -> None:
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(("t", "number", "y", "x", "area"))
        columns = (found.t, found.cell, found.place[:, 1].round(3), found.place[:, 2].round(3), found.area)
        table.writerows(zip(*(column.tolist() for column in columns), strict=True))


def _read(work: Path) -> Answer:
    rows = np.loadtxt(work / "tracks.csv", delimiter=",", skiprows=1, ndmin=2, dtype=np.int64)
    told = json.loads((work / "told.json").read_text(encoding="utf-8"))
    parents = {int(track): int(parent) for track, parent in told["parents"].items()}
    return Answer(rows[:, 0], rows[:, 1], rows[:, 2], parents, float(told["cpu_s"]))
