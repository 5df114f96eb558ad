"""Runs in the environment of laptrack: `detections.csv` in, `tracks.csv` and `told.json` out."""

import csv
import json
import sys
import time
from pathlib import Path

import pandas as pd
from laptrack import LapTrack

# Of the usual distance between neighbours; one setting for all movies, chosen by hand, not searched.
REACH = 0.6


def main(work: Path) -> None:
    """Links with gap closing over two frames and splitting, cut off at one distance."""
    asked = json.loads((work / "asked.json").read_text(encoding="utf-8"))
    reach = float(asked.get("reach", REACH)) * asked["spacing_px"]
    table = pd.read_csv(work / "detections.csv")
    linker = LapTrack(
        metric="sqeuclidean",
        cutoff=reach**2,
        gap_closing_metric="sqeuclidean",
        gap_closing_cutoff=reach**2,
        gap_closing_max_frame_count=2,
        splitting_metric="sqeuclidean",
        splitting_cutoff=reach**2,
        merging_cutoff=False,
    )
    begun = time.process_time()
    said, splits, _ = linker.predict_dataframe(table, ["y", "x"], frame_col="t", only_coordinate_cols=False)
    spent = time.process_time() - begun
    said = said.reset_index()
    frame = "frame_y" if "frame_y" in said.columns else "t"
    with (work / "tracks.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("t", "number", "track"))
        times = said["t"] if "t" in said.columns else said[frame]
        rows.writerows(
            zip(times.astype(int), said["number"].astype(int), said["track_id"].astype(int) + 1, strict=True)
        )
    parents = {
        int(child) + 1: int(parent) + 1
        for parent, child in zip(
            splits.get("parent_track_id", []), splits.get("child_track_id", []), strict=True
        )
    }
    (work / "told.json").write_text(json.dumps({"parents": parents, "cpu_s": spent}), encoding="utf-8")


main(Path(sys.argv[1]))
