"""Runs in the environment of motile: `detections.csv` in, `tracks.csv` and `told.json` out."""

import csv
import json
import sys
import time
from pathlib import Path

import ilpy
import motile
import networkx
import numpy as np
from motile.constraints import MaxChildren, MaxParents
from motile.costs import EdgeSelectedCost, NodeAppearCost, NodeDisappearCost, NodeSelectedCost, NodeSplitCost
from scipy.spatial import cKDTree

# Of the usual distance between neighbours; one setting for all movies, chosen by hand, not searched.
REACH = 1.0
NEAREST = 4
# The costs that Trackastra gives it, for links whose score falls from 1 to 0 over the reach; all are cells.
APPEAR, DISAPPEAR, SPLIT, CELL = 0.25, 0.5, 0.25, -10.0
LIMIT_S = 120


def main(work: Path) -> None:
    """One integer programme over the whole movie, solved by SCIP."""
    asked = json.loads((work / "asked.json").read_text(encoding="utf-8"))
    reach = REACH * asked["spacing_px"]
    with (work / "detections.csv").open() as file:
        table = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    graph = possible(table, reach)
    begun = time.process_time()
    solver = motile.Solver(motile.TrackGraph(graph, frame_attribute="t"))
    solver.add_cost(NodeSelectedCost(constant=CELL))
    solver.add_cost(EdgeSelectedCost(weight=1.0, attribute="cost"))
    solver.add_cost(NodeAppearCost(constant=APPEAR))
    solver.add_cost(NodeDisappearCost(constant=DISAPPEAR))
    solver.add_cost(NodeSplitCost(constant=SPLIT))
    solver.add_constraint(MaxParents(1))
    solver.add_constraint(MaxChildren(2))
    solver.solve(timeout=LIMIT_S, backend=ilpy.Preference.Scip)
    spent = time.process_time() - begun
    chosen = list(solver.get_selected_subgraph().edges)
    children: dict[int, list[int]] = {}
    for a, b in chosen:
        children.setdefault(a, []).append(b)
    mother = {b: a for a, b in chosen}
    track: dict[int, int] = {}
    parents: dict[int, int] = {}
    for node in sorted(graph.nodes, key=lambda node: graph.nodes[node]["t"]):
        before = mother.get(node)
        track[node] = track[before] if before is not None and len(children[before]) == 1 else node + 1
        if before is not None and len(children[before]) > 1:
            parents[node + 1] = track[before]
    with (work / "tracks.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("t", "number", "track"))
        rows.writerows((int(row["t"]), int(row["number"]), track[n]) for n, row in enumerate(table))
    (work / "told.json").write_text(json.dumps({"parents": parents, "cpu_s": spent}), encoding="utf-8")


def possible(table: list[dict[str, float]], reach: float) -> networkx.DiGraph:
    """Detections, and links from each to the nearest ones of the frame before."""
    graph = networkx.DiGraph()
    by_frame: dict[int, list[int]] = {}
    for node, row in enumerate(table):
        graph.add_node(node, t=int(row["t"]), y=row["y"], x=row["x"])
        by_frame.setdefault(int(row["t"]), []).append(node)
    for t, nodes in by_frame.items():
        before = by_frame.get(t - 1, [])
        if not before:
            continue
        places = np.array([(table[n]["y"], table[n]["x"]) for n in before])
        tree, count = cKDTree(places), min(NEAREST, len(before))
        for node in nodes:
            far, near = tree.query((table[node]["y"], table[node]["x"]), count)
            for d, i in zip(np.atleast_1d(far), np.atleast_1d(near), strict=True):
                if d < reach:
                    graph.add_edge(before[int(i)], node, cost=float(d / reach - 1.0))
    return graph


main(Path(sys.argv[1]))
