"""Scores the shipped click-to-segment model, or one in a folder, as it is used: exported nets, tiles, bytes.

    python -m training.engine.prompting.judge_shipped --data DATA --set dsb2018_nuclei [--model FOLDER]

Prints one JSON line: mean IoU after 1, 2, 3 clicks over all cells of the set's validation images, by image
and by kind of image.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import torch

from training.contract.prompting import SHIPPED, read_model
from training.engine.prompting import judging
from training.engine.prompting.embedding import embed_frame
from training.engine.prompting.pictures import READERS, prepare
from training.engine.prompting.sessions import open_decoder, open_encoder

CLICKS = 3


def main(arguments: Sequence[str]) -> int:
    """Reads the command line and scores."""
    parser = argparse.ArgumentParser(
        prog="python -m training.engine.prompting.judge_shipped", description=__doc__
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--set", choices=sorted(READERS), required=True)
    parser.add_argument("--model", type=Path, default=SHIPPED)
    parser.add_argument("--first", choices=("deepest", "random"), default="deepest")
    given = parser.parse_args(arguments)
    torch.set_num_threads(1)
    model = read_model(given.model)
    encode, decode = open_encoder(given.model), open_decoder(given.model)
    rng = np.random.default_rng(0)
    by_kind: dict[str, list[list[float]]] = {}
    by_image: list[list[float]] = []
    for name, kind, frame, labels in READERS[given.set](given.data / given.set, "val"):
        picture = prepare(name=name, origin=given.set, kind=kind, frame=frame, labels=labels)
        embedding_at = lru_cache(maxsize=None)(partial(embed_frame, encode, model, frame))
        found = [
            judging.click_on(decode, embedding_at, picture, int(cell), CLICKS, given.first, rng)[0]
            for cell in picture.cells[:, 0]
        ]
        if found:
            by_kind.setdefault(kind, []).extend(found)
            by_image.append(np.mean(found, 0).tolist())
    table = np.concatenate([np.array(rows) for rows in by_kind.values()])
    told = {
        "cells": len(table),
        "first": given.first,
        "iou": _round(table.mean(0)),
        "by_image": _round(np.mean(by_image, 0)),
        "by_kind": {kind: _round(np.mean(rows, 0)) for kind, rows in by_kind.items()},
    }
    sys.stdout.write(json.dumps(told) + "\n")
    return 0


def _round(values: np.ndarray) -> list[float]:
    return [round(float(value), 4) for value in values]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
