"""Looking: a crowd of masks, the frames of a movie, the largest slide."""

import math
import random
import time
from typing import Any

from benchmarks import chromium, rows
from benchmarks.chromium import Desk
from benchmarks.painting import MOST_MS, both
from benchmarks.rows import Row

PAN_MS = 50.0


def measure_crowd(desk: Desk, image: dict[str, Any]) -> list[Row]:
    """10,000 masks in one view: opening, hovering, picking, panning, changing what colours mean."""
    desk.open(image)
    opened = rows.percentile([desk.open(image) for _ in range(3)], 0.5)
    figures = [
        rows.row(
            "crowd.open",
            "view with 10,000 masks: address to first picture, median of 3",
            opened,
            "s",
            most=3.0,
            peer="Label Studio 1.23 with 25 masks, measured earlier",
            peer_value=33.5,
            setup=chromium.setup(),
        )
    ]
    desk.page.keyboard.press("v")
    figures += both("crowd.hover", "hover over 10,000 masks: input to paint", _hover_ms(desk), most=MOST_MS)
    figures += both("crowd.pick", "pick one of 10,000 masks: input to paint", _pick_ms(desk), most=MOST_MS)
    figures += both(
        "crowd.outline", "outlines off or on at 10,000 masks: key to paint", _key_ms(desk, "o"), most=100.0
    )
    figures += both("crowd.pan", "pan over 10,000 masks: input to paint", pan_ms(desk), most=PAN_MS)
    return figures


def _hover_ms(desk: Desk) -> list[float]:
    left, top, width, height = desk.middle()
    rng = random.Random(7)
    desk.watch("pointermove")
    for _ in range(120):
        desk.page.mouse.move(left + width * rng.uniform(0.3, 0.7), top + height * rng.uniform(0.2, 0.8))
        time.sleep(0.02)
    return desk.times()


def _pick_ms(desk: Desk) -> list[float]:
    left, top, width, height = desk.middle()
    rng = random.Random(9)
    desk.watch("pointerup")
    for _ in range(40):
        desk.page.mouse.click(left + width * rng.uniform(0.3, 0.7), top + height * rng.uniform(0.2, 0.8))
        time.sleep(0.05)
    return desk.times()


def _key_ms(desk: Desk, key: str) -> list[float]:
    desk.watch("keydown")
    for _ in range(20):
        desk.page.keyboard.press(key)
        time.sleep(0.15)
    return desk.times()


def pan_ms(desk: Desk) -> list[float]:
    """Drags of the middle button."""
    left, top, width, height = desk.middle()
    mouse = desk.page.mouse
    desk.watch("pointermove")
    for drag in range(5):
        x, y = left + width * 0.5, top + height * 0.5
        mouse.move(x, y)
        mouse.down(button="middle")
        for step in range(20):
            away = 9 * (step + 1) * (1 if drag % 2 == 0 else -1)
            mouse.move(x + away, y + away / 2)
            time.sleep(0.02)
        mouse.up(button="middle")
    return desk.times()


def measure_frames(desk: Desk, movie: dict[str, Any]) -> list[Row]:
    """Next frame of a movie: key to complete picture."""
    desk.open(movie)
    desk.watch("")
    time.sleep(1)
    spent = []
    for _ in range(movie["size_t"] - 2):
        desk.page.keyboard.press("d")
        pressed = desk.last_input_ms()
        spent.append(desk.wait_for("cytoloop:frame", after_ms=pressed) - pressed)
        time.sleep(0.25)
    what = f"next frame of a {movie['size_x']} px movie: key to complete picture"
    return both("frame.next", what, spent, most=100.0)


def measure_slide(desk: Desk, slide: dict[str, Any]) -> list[Row]:
    """The largest image: panning, zooming and the memory of the tab."""
    opened = desk.open(slide)
    what = f"{slide['size_x']:,} px slide with 1,000,000 cells: address to first picture"
    figures = [rows.row("slide.open", what, opened, "s", setup=chromium.setup())]
    far = pan_ms(desk)
    middle = slide["size_y"] / 2
    desk.open(slide, zoom=0.12, at=(middle, middle))
    figures += both(
        "slide.pan",
        "pan over the slide, about 10,000 of 1,000,000 cells in view: input to paint",
        pan_ms(desk),
        most=PAN_MS,
    )
    figures += both("slide.pan.far", "pan over the whole slide in view: input to paint", far, most=PAN_MS)
    figures += both("slide.zoom", "zoom on the slide: wheel to paint", _zoom_ms(desk), most=33.0)
    return figures + _memory_rows(_wander(desk, slide))


def _memory_rows(memory: dict[str, float]) -> list[Row]:
    tab, graphics = memory.get("renderer", math.nan), memory.get("GPU", math.nan)
    what = "memory of the tab at its largest, wandering over the slide"
    other = "memory of the browser's graphics process, textures in software"
    return [
        rows.row("slide.memory", what, tab, "MB", most=600.0, setup=chromium.setup()),
        rows.row("slide.memory.graphics", other, graphics, "MB", setup=chromium.setup()),
    ]


def _zoom_ms(desk: Desk) -> list[float]:
    left, top, width, height = desk.middle()
    desk.page.mouse.move(left + width / 2, top + height / 2)
    desk.watch("wheel")
    for step in range(60):
        desk.page.mouse.wheel(0, -60 if step % 30 < 15 else 60)
        time.sleep(0.03)
    return desk.times()


def _wander(desk: Desk, slide: dict[str, Any]) -> dict[str, float]:
    rng = random.Random(11)
    most: dict[str, float] = {}
    edge = slide["size_y"]
    for zoom in (0.05, 0.12, 0.25, 0.5, 1.0, 1.0, 0.12, 0.02):
        _go(desk, slide, rng.uniform(0.1, 0.9) * edge, rng.uniform(0.1, 0.9) * edge, zoom)
        pan_ms(desk)
        for kind, size in desk.memory_mb().items():
            most[kind] = max(most.get(kind, 0.0), size)
    return most


def _go(desk: Desk, slide: dict[str, Any], y: float, x: float, zoom: float) -> None:
    """Another place of the slide in the same tab: by hand, with the wheel and the middle button."""
    left, top, width, height = desk.middle()
    mouse = desk.page.mouse
    mouse.move(left + width / 2, top + height / 2)
    for _ in range(40):
        mouse.wheel(0, 240)
    across, down = x / slide["size_x"] - 0.5, y / slide["size_y"] - 0.5
    mouse.move(left + width * (0.5 + 0.4 * across), top + height * (0.5 + 0.8 * down))
    for _ in range(int(max(1, math.log(zoom / 0.008) * 4))):
        mouse.wheel(0, -60)
        time.sleep(0.05)
    time.sleep(1)
