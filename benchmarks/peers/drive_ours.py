"""Times our own engine in a warm process: raw file → reader of the project → net → labels.

    python -m benchmarks.peers.drive_ours MODEL_FOLDER THREADS ROUNDS READING FILE…

READING is `fast`, each picture once, or `careful`, averaged with an enlarged copy. Prints as JSON the seconds
of each file in each round, one file after the other.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from annotation.core.formats import sources
from benchmarks.peers.exchange import timed
from training.engine import trained
from training.engine.devices import choose_device
from training.engine.instance_kinds import KINDS
from training.engine.predicting import read_maps
from training.engine.recipes import instances


def main(model: Path, threads: int, rounds: int, reading: str, files: list[str]) -> None:
    """Reads the model once, then every file."""
    find = finder(model, threads, careful=reading == "careful")
    print(json.dumps(timed(read, find, files, rounds)))  # noqa: T201


def read(path: str) -> npt.NDArray[Any]:
    """Pixels (c, y, x) of a raw file."""
    source = sources.open_image(Path(path))
    return np.stack([source.read_plane(0, c, 0) for c in range(source.shape_tczyx[1])])


def finder(folder: Path, threads: int, *, careful: bool) -> Callable[[npt.NDArray[Any]], npt.NDArray[Any]]:
    """The model as pixels (c, y, x) → labels, exactly as the recipe predicts."""
    net, card = trained.load(folder, recipe=instances.RECIPE)
    kind, device = KINDS[card.settings["target"]], choose_device(threads)
    reader = instances.make_reader(device.place_net(net), kind, device, flips=careful)

    def find(frame: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return instances.find_cells(read_maps(reader, frame, net.channels), kind, card.decoding).labels

    return find


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5:])
