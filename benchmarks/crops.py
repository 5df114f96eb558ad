"""5,000 crops in a grid (C2): how smoothly they scroll in the page, pictures and all.

Run with `make bench-crops`; writes `build/bench/crops.json`. The cells are points of a map of one image of
noise; what is timed is every frame that the browser draws while the grid moves from top to bottom and back.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import django
import numpy as np

from benchmarks import atlas, chromium, rows
from benchmarks.rows import Row
from tests.running import running

CELLS, SIDE_PX = 5_000, 2_048
SPEEDS_PX_S = (1_500, 6_000)
MOST_MS = 1000 / 30

# Moves the grid by its speed for each frame that was drawn, and keeps how long every frame took.
SCROLL = """async (speed) => {
  const box = document.querySelector('[aria-label="Crops of cells"]');
  const times = [];
  let [last, way] = [await new Promise(requestAnimationFrame), 1];
  const until = last + 8000;
  while (last < until) {
    const now = await new Promise(requestAnimationFrame);
    times.push(now - last);
    if (box.scrollTop + box.clientHeight >= box.scrollHeight - 1) way = -1;
    else if (box.scrollTop <= 0) way = 1;
    box.scrollTop += way * speed * (now - last) / 1000;
    last = now;
  }
  return times.slice(2);
}"""


# How many sheets of pictures were fetched while it moved.
MOVED = (
    """() => performance.getEntriesByType('resource').filter((one) => one.name.includes('/crops/')).length"""
)


def main() -> None:
    if len(sys.argv) > 1:
        fill(Path(sys.argv[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        filled = subprocess.run(
            [sys.executable, "-m", "benchmarks.crops", folder], check=True, capture_output=True, text=True
        )
        project, known = filled.stdout.split()[-2:]
        with running(home, demonstration=False) as server, chromium.desk(server) as desk:
            rows.write("crops", measure(desk, f"projects/{project}/explore/{known}?plane=grid"))


def measure(desk: chromium.Desk, address: str) -> list[Row]:
    """A figure for each speed: the frame that 95 of 100 do not exceed, and frames a second in all."""
    setup = f"{chromium.setup()}, {CELLS} crops"
    page = desk.page
    page.goto(f"{desk.server.address}/{address}")
    page.get_by_role("listbox", name="Crops of cells").wait_for()
    crops = page.locator("[data-place]")
    crops.first.wait_for()
    page.get_by_text(f"{CELLS:,} cells", exact=True).wait_for()
    figures = []
    for speed in SPEEDS_PX_S:
        times: list[float] = page.evaluate(SCROLL, speed)
        what, id = f"at {speed} px a second", f"crops.scroll.{speed}"
        p95, rate = rows.percentile(times, 0.95), 1000 * len(times) / sum(times)
        figures += [
            rows.row(f"{id}.rate", f"frames a second, {what}", rate, "1/s", least=30, setup=setup),
            rows.row(f"{id}.p95", f"a frame (p95), {what}", p95, "ms", most=MOST_MS, setup=setup),
        ]
    shown, moved = crops.count(), page.evaluate(MOVED)
    return [
        *figures,
        rows.row("crops.drawn", "crops in the page at once", shown, "crops", least=1, setup=setup),
        rows.row("crops.sheets", "sheets of pictures that came", moved, "sheets", least=1, setup=setup),
    ]


def fill(home: Path) -> None:
    """A map of one image of noise in a new data folder; prints the project and the map."""
    os.environ["CYTOLOOP_HOME"] = str(home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "backend.settings"
    os.environ["CYTOLOOP_ADMIN_EMAIL"], os.environ["CYTOLOOP_ADMIN_PASSWORD"] = "ana@lab.example", PASSWORD
    django.setup()
    atlas.IMAGES = 1
    made = atlas.keep(atlas.planted(CELLS))
    _draw(made)
    sys.stdout.write(f"{made.project_id} {made.pk}\n")


PASSWORD = "nuclei-and-cytoplasm"


def _draw(made: Any) -> None:
    from annotation.core.edits import CellFacts  # noqa: PLC0415
    from annotation.core.formats import base, ome_zarr  # noqa: PLC0415
    from annotation.models import Image, Revision  # noqa: PLC0415
    from annotation.services import revisions  # noqa: PLC0415
    from backend.foundation import storage  # noqa: PLC0415

    image = Image.objects.get(dataset__project=made.project_id)
    noise = np.random.default_rng(0).integers(0, 4000, (1, 1, 1, SIDE_PX, SIDE_PX), np.uint16)
    ome_zarr.write(storage.zarr_store(image.store_key), base.of_array(noise))
    cells = range(1, CELLS + 1)
    revisions.write_cells(
        revision=Revision.objects.get(image=image),
        states={cell: (CellFacts(), CellFacts()) for cell in cells},
        pixel_counts=dict.fromkeys(cells, 1),
    )


if __name__ == "__main__":
    main()
