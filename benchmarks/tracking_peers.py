"""Peers that link detections, each driven in an environment of its own by a script of a few lines.

Each gets a CSV of detections (t, number, y, x, area) of the movies and one fixed setting: its own defaults,
and a largest step that follows the movie, a multiple of the usual distance between neighbours. Ours look at
the pixels too, through the areas, lights and shapes of the cells; these peers look at places alone, but for
trackastra, which gets outlines and pixels, and whose weights must be fetched from the network.
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
from benchmarks.tracking_movies import TrackingMovie
from training.engine.linking.detections import Detections

LINKERS = {
    "laptrack": Peer("laptrack", "drive_laptrack", ("laptrack==0.17.0",)),
    "btrack": Peer("btrack", "drive_btrack", ("btrack==0.6.5", "pydantic<2", "numpy<2")),
    "motile": Peer("motile", "drive_motile", ("motile[scip]==1.0.1", "scipy")),
    "trackastra": Peer("trackastra", "drive_trackastra", ("trackastra==0.5.6",)),
}
NEEDS_PICTURES = ("trackastra",)
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


def ask(name: str, movie: TrackingMovie | str, found: Detections, spacing_px: float) -> Answer:
    """A peer's tracks of a movie's detections; of a movie without pictures its name alone is given. Raises
    PeerFailed."""
    peer = LINKERS[name]
    try:
        python = python_of(peer)
        work = FOLDER / "tracking" / f"{name}-{_name_of(movie)}-{time.time_ns()}"
        work.mkdir(parents=True)
        _write(work / "detections.csv", found)
        if name in NEEDS_PICTURES and not isinstance(movie, str):
            np.savez(work / "movie.npz", labels=movie.labels, pixels=movie.pixels)
        given = {"spacing_px": spacing_px, "size": found.size, "frames": found.frames}
        (work / "asked.json").write_text(json.dumps(given), encoding="utf-8")
        _run([str(python), str(SCRIPTS / f"{peer.driver}.py"), str(work)], work / "words.txt")
    except (subprocess.SubprocessError, OSError) as error:
        raise PeerFailed(f"{name}: {error}") from error
    return _read(work)


def _name_of(movie: TrackingMovie | str) -> str:
    return movie if isinstance(movie, str) else movie.name


def _run(command: list[str], words: Path) -> None:
    """Raises PeerFailed with the last line that was said."""
    with words.open("w") as file:
        code = subprocess.run(command, check=False, timeout=LIMIT_S, stdout=file, stderr=file).returncode
    if code:
        said = words.read_text(encoding="utf-8", errors="replace").strip().split("\n")[-1]
        raise PeerFailed(f"{command[1].rsplit('/', 1)[-1]} ended with {code}: {said[:200]}")


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
