"""`make bench-editor`: the editor in Chromium against the running server.

Asked for: a 20 px brush painted within 33 ms (p95) at 1k, 4k and 16k px, growing less than 1.5 ×;
10,000 masks opened within 3 s, hovered and picked within 33 ms; the next frame of a movie within 100 ms;
two-click watershed within 150 ms and autofit within 300 ms at any size; a click prompt within 200 ms, at mask
1 as at mask 300; undo, offline work and crashes lose nothing; the tab below 600 MB on a 100,000 px slide.
"""

import argparse
import tempfile
import traceback
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from annotation.core import simulation
from benchmarks import chromium, cutting, looking, painting, rows, safety, undoing
from benchmarks.rows import Row
from tests.running import Running, running

PARTS = ("painting", "crowd", "frames", "cutting", "prompts", "slide", "undo", "safety")
FRAMES = 24
SLIDE_PX, SLIDE_CELLS = 100_000, 1_000_000


def main() -> None:
    """Measure and write `build/bench/editor.json`."""
    arguments = _arguments()
    with (
        tempfile.TemporaryDirectory(prefix="cytoloop-bench-") as folder,
        running(Path(folder) / "home", demonstration=True) as server,
    ):
        parts = _parts(server, Path(folder), arguments)
        parts["undo"] = undoing.measure
        parts["safety"] = lambda: safety.measure(kills=arguments.kills)
        for number, name in enumerate(name for name in PARTS if name in (arguments.only or PARTS)):
            keep = number > 0 or bool(arguments.only)
            rows.write("editor", _measured(name, parts[name]), keep_others=keep)


def _measured(name: str, measure: Callable[[], list[Row]]) -> list[Row]:
    """A part that breaks is a row that was not measured; the other parts go on."""
    try:
        return measure()
    except Exception as error:
        traceback.print_exc()
        return [rows.missing(name, f"the whole part {name}", "", f"{type(error).__name__}: {error}")]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--only", nargs="*", choices=PARTS, help="parts to measure; all of them when left out"
    )
    parser.add_argument("--slide-px", type=int, default=SLIDE_PX, help="edge of the largest slide")
    parser.add_argument("--slide-cells", type=int, default=SLIDE_CELLS, help="cells on it")
    parser.add_argument("--kills", type=int, default=100, help="how often something is killed")
    parser.add_argument("--masks", type=int, default=300, help="how many masks are made by clicks")
    return parser.parse_args()


def _parts(
    server: Running, folder: Path, arguments: argparse.Namespace
) -> dict[str, Callable[[], list[Row]]]:
    def paint() -> list[Row]:
        pairs = [(size, crowd) for size in painting.SIZES_PX for crowd in painting.CROWDS]
        images = {(size, crowd): _slide(server, size, crowd) for size, crowd in pairs if _fits(size, crowd)}
        with chromium.desk(server) as desk:
            return painting.measure(desk, images)

    def crowd() -> list[Row]:
        with chromium.desk(server) as desk:
            return looking.measure_crowd(desk, _slide(server, 4096, 10_000))

    def frames() -> list[Row]:
        with chromium.desk(server) as desk:
            return looking.measure_frames(desk, _movie(server, folder / "movie"))

    def cut() -> list[Row]:
        with chromium.desk(server) as desk:
            sizes = {size: _slide(server, size, size * size // 4000) for size in painting.SIZES_PX}
            return cutting.measure(desk, sizes)

    def prompts() -> list[Row]:
        with chromium.desk(server) as desk:
            return cutting.measure_prompts(desk, _slide(server, 2048, 1000), masks=arguments.masks)

    def slide() -> list[Row]:
        with chromium.desk(server) as desk:
            return looking.measure_slide(desk, _slide(server, arguments.slide_px, arguments.slide_cells))

    return {
        "painting": paint,
        "crowd": crowd,
        "frames": frames,
        "cutting": cut,
        "prompts": prompts,
        "slide": slide,
    }


def _fits(size_px: int, cells: int) -> bool:
    """A cell needs about 20 × 20 px."""
    return size_px * size_px / cells > 20**2


def _slide(server: Running, size_px: int, cells: int) -> dict[str, Any]:
    """A simulated slide, made once."""
    name = f"Slide {size_px} px, {cells} cells"
    with closing(server.api()) as api:
        found = _images(api, name)
        if not found:
            server.command("simulate-slide", "--size", str(size_px), "--cells", str(cells), "--dataset", name)
            found = _images(api, name)
    return found[0]


def _images(api: Any, dataset: str) -> list[dict[str, Any]]:
    datasets = api.get("datasets/", params={"limit": 100}).json()["results"]
    ids = [entry["id"] for entry in datasets if entry["name"] == dataset]
    return list(api.get("images/", params={"dataset": ids[0]}).json()["results"]) if ids else []


def _movie(server: Running, folder: Path) -> dict[str, Any]:
    movie = simulation.simulate_movie(seed=4, frames=FRAMES, height=1024, width=1024, cells=200)
    folder.mkdir()
    picture = np.asarray(movie.image)[:, :, 0]
    tifffile.imwrite(folder / "movie.tif", picture, imagej=True, metadata={"axes": "TCYX"})
    tifffile.imwrite(
        folder / "movie_masks.tif",
        np.asarray(movie.labels)[:, 0].astype(np.uint16),
        imagej=True,
        metadata={"axes": "TYX"},
    )
    server.command("ingest", str(folder), "--dataset", "Movie")
    with closing(server.api()) as api:
        return _images(api, "Movie")[0]


if __name__ == "__main__":
    main()
