"""Runs in the environment of btrack: `detections.csv` in, `tracks.csv` and `told.json` out."""

import csv
import json
import sys
import time
from pathlib import Path

import btrack
import numpy as np

# Of the usual distance between neighbours: the largest step that its Bayesian updates look at.
REACH = 1.0
MODEL = {
    "name": "cell_motion",
    "dt": 1.0,
    "measurements": 3,
    "states": 6,
    "accuracy": 7.5,
    "prob_not_assign": 0.001,
    "max_lost": 3,
    "A": np.array(
        [
            [1, 0, 0, 1, 0, 0],
            [0, 1, 0, 0, 1, 0],
            [0, 0, 1, 0, 0, 1],
            [0, 0, 0, 1, 0, 0],
            [0, 0, 0, 0, 1, 0],
            [0, 0, 0, 0, 0, 1],
        ],
        dtype=float,
    ),
    "H": np.eye(3, 6),
    "P": np.diag([15.0, 15, 15, 150, 150, 150]) * 0.1,
    "R": np.eye(3) * 5.0,
    "G": np.array([[7.5, 7.5, 7.5, 15, 15, 15]]),
}
HYPOTHESES = {
    "name": "cell_hypothesis",
    "hypotheses": ["P_FP", "P_init", "P_term", "P_link", "P_branch", "P_dead"],
    "lambda_time": 5.0,
    "lambda_dist": 3.0,
    "lambda_link": 10.0,
    "lambda_branch": 50.0,
    "eta": 1e-10,
    "theta_dist": 20.0,
    "theta_time": 5.0,
    "dist_thresh": 40.0,
    "time_thresh": 2.0,
    "apop_thresh": 5,
    "segmentation_miss_rate": 0.1,
    "apoptosis_rate": 0.001,
    "relax": True,
}
# The model and the hypotheses of btrack's own example for cells (cell_config.json); lengths follow the movie.


def main(work: Path) -> None:
    """Bayesian updates, then the global optimisation over hypotheses."""
    asked = json.loads((work / "asked.json").read_text(encoding="utf-8"))
    with (work / "detections.csv").open() as file:
        table = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    objects = []
    for number, row in enumerate(table):
        found = btrack.btypes.PyTrackObject()
        found.ID, found.t, found.x, found.y, found.z = number, int(row["t"]), row["x"], row["y"], 0.0
        found.dummy, found.label = False, 0
        objects.append(found)
    reach = REACH * asked["spacing_px"]
    begun = time.process_time()
    with btrack.BayesianTracker(verbose=False) as tracker:
        tracker.configure(
            {
                "motion_model": btrack.models.MotionModel(**MODEL),
                "hypothesis_model": btrack.models.HypothesisModel(**{**HYPOTHESES, "dist_thresh": reach}),
            }
        )
        tracker.max_search_radius = reach
        tracker.append(objects)
        tracker.volume = ((0, asked["size"][2]), (0, asked["size"][1]), (-1e5, 1e5))
        tracker.track(step_size=100)
        tracker.optimize()
        tracks = tracker.tracks
        spent = time.process_time() - begun
    parents, said = {}, {}
    for track in tracks:
        if track.parent not in (track.ID, None) and not track.is_root:
            parents[int(track.ID)] = int(track.parent)
        for number in track.refs:
            if number >= 0:
                said[int(number)] = int(track.ID)
    own = max([0, *said.values()]) + 1
    with (work / "tracks.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("t", "number", "track"))
        for number, row in enumerate(table):
            rows.writerow((int(row["t"]), int(row["number"]), said.get(number, own + number)))
    (work / "told.json").write_text(json.dumps({"parents": parents, "cpu_s": spent}), encoding="utf-8")


main(Path(sys.argv[1]))
