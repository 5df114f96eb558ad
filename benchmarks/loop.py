"""`make bench-loop`: opening a large frame, saving strokes early and late, and the trained model's score.

The figures asked for: first picture of a 2048 × 2048 px frame with 1,000 cells under 1 s; a stroke
acknowledged within 150 ms (p95) and under 20 kB, the same after 5,000 revisions as after 5; a second start in
under 10 s; pooled AP at IoU 0.5 of at least 0.81 on `dsb2018_nuclei/val` after 15 minutes of training.
"""

import argparse
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from annotation.core import simulation
from benchmarks import learning, opening, rows, saving
from tests.running import Running, running

SIDE_PX, CELLS = 2048, 1000


def main() -> None:
    """Measure and write `build/bench/loop.json`."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="cytoloop-bench-") as folder:
        home = Path(folder) / "home"
        with running(home) as server:
            figures = [rows.row("up.first", "first start, demonstration included", server.ready_after_s, "s")]
            image = _bring_in_large_image(server, Path(folder) / "large")
            figures += opening.measure(server, image)
            figures += saving.measure(server, image, revisions=arguments.revisions)
        with running(home) as server:
            figures.append(
                rows.row("up.again", "second start until it answers", server.ready_after_s, "s", most=10)
            )
        figures += learning.measure(home, Path(folder) / "out", minutes=arguments.minutes)
    rows.write("loop", figures)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--revisions", type=int, default=5000, help="revisions between early and late")
    parser.add_argument("--minutes", type=float, default=15.0, help="training time; 0 leaves it out")
    return parser.parse_args()


def _bring_in_large_image(server: Running, folder: Path) -> dict[str, Any]:
    movie = simulation.simulate_movie(seed=3, frames=1, height=SIDE_PX, width=SIDE_PX, cells=CELLS)
    folder.mkdir()
    picture = np.asarray(movie.image)[0, :, 0]
    tifffile.imwrite(folder / "frame.tif", picture, imagej=True, metadata={"axes": "CYX"})
    tifffile.imwrite(folder / "frame_masks.tif", np.asarray(movie.labels)[0, 0].astype(np.uint16))
    server.command("ingest", str(folder), "--dataset", "Large frame")
    with closing(server.api()) as api:
        found: list[dict[str, Any]] = api.get("images/", params={"search": "frame"}).json()["results"]
    return next(image for image in found if image["size_y"] == SIDE_PX)


if __name__ == "__main__":
    main()
