"""Runs in the environment of trackastra: `movie.npz` in, `tracks.csv` and `told.json` out.

Its weights come from the network when they are first asked for; where that cannot be reached, it says so and
ends."""

import csv
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from trackastra.model import Trackastra

MODEL = "general_2d"


def main(work: Path) -> None:
    """Its published model, greedy linking with divisions, one thread."""
    torch.set_num_threads(1)
    model = Trackastra.from_pretrained(MODEL, device="cpu")
    movie = np.load(work / "movie.npz")
    begun = time.process_time()
    graph = model.track(movie["pixels"], movie["labels"].astype(np.int32), mode="greedy")[0]
    spent = time.process_time() - begun
    nodes = sorted(graph.nodes, key=lambda node: graph.nodes[node]["time"])
    track: dict[Any, int] = {}
    parents: dict[int, int] = {}
    for number, node in enumerate(nodes, 1):
        before = next(iter(graph.predecessors(node)), None)
        alone = before is not None and graph.out_degree(before) == 1
        track[node] = track[before] if alone else number
        if before is not None and not alone:
            parents[number] = track[before]
    said = {(int(graph.nodes[n]["time"]), int(graph.nodes[n]["label"])): track[n] for n in nodes}
    own = len(nodes)
    with (work / "detections.csv").open() as file, (work / "tracks.csv").open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(("t", "number", "track"))
        for place, row in enumerate(csv.DictReader(file), 1):
            here = int(row["t"]), int(row["number"])
            rows.writerow((*here, said.get(here, own + place)))
    (work / "told.json").write_text(json.dumps({"parents": parents, "cpu_s": spent}), encoding="utf-8")


main(Path(sys.argv[1]))
