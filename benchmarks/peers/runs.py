"""One run of one engine on one set with one seed: learned, predicted, scored, and kept as JSON.

What is kept is not run again, so a benchmark that was broken off goes on where it stopped.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from annotation.core import matching
from benchmarks import rows
from benchmarks.peers import ours
from benchmarks.peers.environments import PEERS, Peer, python_of
from benchmarks.peers.exchange import Task, TaskFolder, limited
from benchmarks.peers.sets import REPOSITORY, Picture, PictureSet

FOLDER = rows.FOLDER / "engine"
THRESHOLDS = (0.5, 0.75, 0.9)
HEAVY = ("train", "validation", "held_out", "found", "pilot", "models")


@dataclass(frozen=True)
class Asked:
    """What one run is: everything that its figures hang on."""

    engine: str
    set: str
    seed: int
    budget_s: int
    threads: int

    @property
    def key(self) -> str:
        """Name of its file and folder."""
        return f"{self.engine}-{self.set}-{self.budget_s}s-{self.seed}"

    @property
    def kept(self) -> Path:
        """Where the figures are kept."""
        return FOLDER / f"{self.key}.json"

    @property
    def work(self) -> Path:
        """Where it works and keeps its model."""
        return FOLDER / "work" / self.key


@dataclass(frozen=True)
class Outcome:
    """Figures of a run: pooled AP and the mean of the images' AP by threshold, and what was spent."""

    asked: Asked
    ap: dict[str, float]
    ap_of_images: dict[str, float]
    steps: int
    train_cpu_s: float
    predict_cpu_s: float
    whole_cpu_s: float
    given: str

    @staticmethod
    def read(path: Path) -> "Outcome":
        """Reads what `keep` wrote."""
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return Outcome(**{**data, "asked": Asked(**data["asked"])})

    def keep(self) -> None:
        """Writes the figures."""
        self.asked.kept.parent.mkdir(parents=True, exist_ok=True)
        self.asked.kept.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")


def outcome_of(asked: Asked, pictures: PictureSet) -> Outcome:
    """The kept figures of a run, or those of a new one. Raises subprocess.CalledProcessError."""
    if asked.kept.exists():
        return Outcome.read(asked.kept)
    shutil.rmtree(asked.work, ignore_errors=True)
    facts, found = _by_peer(asked, pictures) if asked.engine in PEERS else _by_us(asked, pictures)
    # Cores shared with others make a CPU-second worth less, so whoever reads the figures has to know.
    facts["given"] += f"; load average {os.getloadavg()[2]:.1f} at its end"
    pooled, of_images = score([picture.truth() for picture in pictures.held_out], found)
    outcome = Outcome(asked=asked, ap=pooled, ap_of_images=of_images, **facts)
    outcome.keep()
    for name in HEAVY:
        shutil.rmtree(asked.work / name, ignore_errors=True)
    return outcome


def score(
    truths: Sequence[npt.NDArray[Any]], found: Iterable[npt.NDArray[Any]]
) -> tuple[dict[str, float], dict[str, float]]:
    """(AP with counts pooled over images, mean of the images' AP) by threshold; labels (y, x) or (p, y, x).

    Raises ValueError where an image has no answer.
    """
    pairs = [(_planes(truth), _planes(said)) for truth, said in zip(truths, found, strict=True)]
    pooled, each = matching.score(pairs, THRESHOLDS)
    mean = {str(at): float(np.mean([one.ap[at] for one in each])) for at in THRESHOLDS}
    return {str(at): pooled.ap[at] for at in THRESHOLDS}, mean


def _planes(labels: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return labels[None] if labels.ndim == 2 else labels


# ---------------------------------------------------------------- who is asked


def _by_us(asked: Asked, pictures: PictureSet) -> tuple[dict[str, Any], Iterator[npt.NDArray[Any]]]:
    return ours.learn_and_predict(
        asked.engine, pictures, asked.work, seed=asked.seed, budget_s=asked.budget_s, threads=asked.threads
    )


def _by_peer(asked: Asked, pictures: PictureSet) -> tuple[dict[str, Any], Iterator[npt.NDArray[Any]]]:
    folder, colours = TaskFolder(asked.work), pictures.colours()
    folder.write_task(Task(seed=asked.seed, budget_s=asked.budget_s, threads=asked.threads, colours=colours))
    for part, members in (("train", pictures.train), ("validation", pictures.validation)):
        folder.write_pictures(part, ((laid_out(one, colours), one.truth()) for one in members))
    folder.write_pictures("held_out", ((laid_out(one, colours), None) for one in pictures.held_out))
    facts = drive(PEERS[asked.engine], folder, asked.threads)
    return facts, folder.found()


def drive(peer: Peer, folder: TaskFolder, threads: int) -> dict[str, Any]:
    """The peer's answer to the task in the folder; its words are in log.txt there.

    Raises subprocess.CalledProcessError.
    """
    words = [str(python_of(peer)), "-m", peer.driver, str(folder.path)]
    with (folder.path / "log.txt").open("ab") as log:
        subprocess.run(
            words, cwd=REPOSITORY, env={**os.environ, **limited(threads)}, stdout=log, stderr=log, check=True
        )
    return folder.read_result()


def laid_out(picture: Picture, colours: int) -> npt.NDArray[Any]:
    """Pixels as the peers like them: (y, x), or (y, x, 3) where the set has colours."""
    channels = picture.channels()
    if colours == 1:
        return np.asarray(channels[0])
    return np.ascontiguousarray(np.moveaxis(np.broadcast_to(channels, (3, *channels.shape[1:])), 0, -1))
