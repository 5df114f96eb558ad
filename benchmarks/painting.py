"""Painting with a 20 px brush: from the input to the paint, at three sizes and three crowds."""

import math
import random
import time
from typing import Any

from benchmarks import chromium, rows
from benchmarks.chromium import Desk
from benchmarks.rows import Row

SIZES_PX = (1024, 4096, 16384)
CROWDS = (100, 1000, 10_000)
STROKES, SAMPLES = 8, 16
MOST_MS = 33.0


def measure(desk: Desk, images: dict[tuple[int, int], dict[str, Any]]) -> list[Row]:
    """Brush rows of every image that is there, and how they grow with its size."""
    figures: list[Row] = []
    for crowd in CROWDS:
        times = {size: _brush_ms(desk, images[size, crowd]) for size in SIZES_PX if (size, crowd) in images}
        for size, spent in times.items():
            what = f"20 px brush at {size} px with {crowd:,} cells: input to paint"
            figures += both(f"brush.{size}.{crowd}", what, spent, most=MOST_MS)
        if {SIZES_PX[0], SIZES_PX[-1]} <= times.keys():
            figures.append(_growth(crowd, times))
    return figures


def _growth(crowd: int, times: dict[int, list[float]]) -> Row:
    small, large = (rows.percentile(times[size], 0.95) for size in (SIZES_PX[0], SIZES_PX[-1]))
    what = f"20 px brush with {crowd:,} cells: p95 at 16k px over p95 at 1k px"
    return rows.row(f"brush.growth.{crowd}", what, large / small, "", most=1.5, setup=chromium.setup())


def both(id: str, what: str, spent: list[float], *, most: float) -> list[Row]:
    setup = f"{chromium.setup()}; {len(spent)} inputs"
    if not spent:
        return [rows.missing(id, what, "ms", f"no input was drawn; {setup}", asked=f"<= {most:g}")]
    return [
        rows.row(f"{id}.p50", f"{what}, median", rows.percentile(spent, 0.5), "ms", setup=setup),
        rows.row(f"{id}.p95", f"{what}, p95", rows.percentile(spent, 0.95), "ms", most=most, setup=setup),
    ]


def _brush_ms(desk: Desk, image: dict[str, Any]) -> list[float]:
    desk.open(image, zoom=1)
    desk.page.keyboard.press("b")
    rng = random.Random(5)
    _stroke(desk, rng)
    desk.watch("pointermove")
    for _ in range(STROKES):
        desk.page.keyboard.press("n")
        _stroke(desk, rng)
    return desk.times()


def _stroke(desk: Desk, rng: random.Random) -> None:
    left, top, width, height = desk.middle()
    x, y = left + width * rng.uniform(0.3, 0.6), top + height * rng.uniform(0.3, 0.6)
    heading = rng.uniform(0, 2 * math.pi)
    mouse = desk.page.mouse
    mouse.move(x, y)
    mouse.down()
    for _ in range(SAMPLES):
        heading += rng.uniform(-0.5, 0.5)
        x, y = x + 7 * math.cos(heading), y + 7 * math.sin(heading)
        mouse.move(x, y)
        time.sleep(0.02)
    mouse.up()
