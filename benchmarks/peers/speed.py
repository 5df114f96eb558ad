"""Raw image file to labels, in seconds a megapixel: warm processes, the same files, one after the other.

The files are the held-out images of a set as they came, and mosaics of at least 1024² of its four most
frequent kinds, made of whole held-out images side by side (mirrored where one comes again). Models are those
that the comparison has trained; a run that is not kept here cannot be timed.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import psutil
from PIL import Image

from benchmarks.peers import ours, runs
from benchmarks.peers.environments import PEERS
from benchmarks.peers.exchange import Task, TaskFolder, limited
from benchmarks.peers.runs import Asked, drive
from benchmarks.peers.sets import REPOSITORY, Picture, PictureSet

LEAST_PX, KINDS = 1024, 4
CORES, ROUNDS = 2, {"cellpose": 1}
FEW = {"cellpose": 1}
"""An engine that takes a minute a megapixel is timed on so many mosaics and files."""
MOST_ROUNDS = 3
FAST, CAREFUL = "ours", "ours-careful"
"""Our engine reading each picture once, and as its scores are measured."""
IDLE_PERCENT = 10.0


@dataclass(frozen=True)
class Speed:
    """Seconds a megapixel of one engine: the median of the rounds, on mosaics and on the set's own files."""

    engine: str
    mosaics: float
    files: float
    rounds: int


def measure(asked: Sequence[Asked], pictures: PictureSet) -> list[Speed]:
    """Every engine whose run is kept, in the order asked. Raises subprocess.CalledProcessError."""
    mosaics = list(make_mosaics(pictures, runs.FOLDER / "work" / f"mosaics-{pictures.name}"))
    own = [picture.path for picture in pictures.held_out]
    kept = [one for one in asked if one.kept.exists()]
    engines = [
        (name, one) for one in kept for name in ((FAST, CAREFUL) if one.engine == FAST else (one.engine,))
    ]
    return [_of(name, one, mosaics, own, pictures.colours()) for name, one in engines]


def busy_percent() -> float:
    """How busy all cores together are before anything is timed, in percent."""
    return float(psutil.cpu_percent(interval=2.0))


def _of(name: str, asked: Asked, mosaics: list[Path], own: list[Path], colours: int) -> Speed:
    rounds, few = ROUNDS.get(asked.engine, MOST_ROUNDS), FEW.get(asked.engine)
    mosaics, own = mosaics[:few], own[:few]
    files = [str(path) for path in (*mosaics, *own)]
    told = (
        _timed_peer(asked, files, rounds, colours)
        if asked.engine in PEERS
        else _timed_ours(asked, files, rounds, "careful" if name == CAREFUL else "fast")
    )
    seconds = np.array(told)
    megapixels = np.array([_megapixels(Path(path)) for path in files])

    def median(part: slice) -> float:
        return float(np.median(seconds[:, part].sum(1) / megapixels[part].sum()))

    large, small = slice(len(mosaics)), slice(len(mosaics), None)
    return Speed(name, median(large), median(small), rounds)


def _timed_peer(asked: Asked, files: list[str], rounds: int, colours: int) -> list[list[float]]:
    folder = TaskFolder(asked.work)
    folder.write_task(
        Task(seed=0, budget_s=0, threads=CORES, colours=colours, raw_files=files, rounds=rounds)
    )
    seconds: list[list[float]] = drive(PEERS[asked.engine], folder, CORES)["seconds"]
    return seconds


def _timed_ours(asked: Asked, files: list[str], rounds: int, reading: str) -> list[list[float]]:
    words = [str(ours.model_of(asked.work)), str(CORES), str(rounds), reading, *files]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.peers.drive_ours", *words],
        cwd=REPOSITORY, env={**os.environ, **limited(CORES)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    seconds: list[list[float]] = json.loads(done.stdout.splitlines()[-1])
    return seconds


def _megapixels(path: Path) -> float:
    with Image.open(path) as picture:
        return picture.width * picture.height / 1e6


# ---------------------------------------------------------------- mosaics


def make_mosaics(pictures: PictureSet, folder: Path) -> Iterator[Path]:
    """Mosaics of the most frequent kinds of held-out image, as PNG; a large image stays alone."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind, _ in Counter(picture.kind for picture in pictures.held_out).most_common(KINDS):
        members = [picture for picture in pictures.held_out if picture.kind == kind]
        path = folder / f"{kind}.png"
        if not path.exists():
            Image.fromarray(mosaic(members)).save(path)
        yield path


def mosaic(members: Sequence[Picture]) -> npt.NDArray[np.uint8]:
    """Pictures of one size side by side, uint8 (y, x) or (y, x, 3), each side at least 1024 px."""
    tiles = [runs.laid_out(one, 3 if len(one.channels()) > 1 else 1) for one in members]
    height, width = tiles[0].shape[:2]
    down, across = -(-LEAST_PX // height), -(-LEAST_PX // width)
    chosen = [_again(tiles[n % len(tiles)], n // len(tiles)) for n in range(down * across)]
    lines = [np.concatenate(chosen[n * across : (n + 1) * across], 1) for n in range(down)]
    return _eight_bit(np.concatenate(lines, 0))


def _again(tile: npt.NDArray[np.uint8], turn: int) -> npt.NDArray[np.uint8]:
    """The tile as it is, then mirrored in x, in y, in both."""
    return tile[:: -1 if turn & 2 else 1, :: -1 if turn & 1 else 1]


def _eight_bit(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    if pixels.dtype == np.uint8:
        return pixels
    return (pixels / max(int(pixels.max()), 1) * 255).astype(np.uint8)
