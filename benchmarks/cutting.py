"""Two-click watershed, autofit and clicks that segment: from the last input to the edit or proposal."""

import time
from collections.abc import Callable
from contextlib import closing, suppress
from typing import Any

from benchmarks import chromium, painting, rows
from benchmarks.chromium import Desk, NotSaid
from benchmarks.rows import Row

CELLS = 12
EDIT_LIMIT_S = 5.0
TILE_PX = 256


def measure(desk: Desk, images: dict[int, dict[str, Any]]) -> list[Row]:
    """Both tools at every size that is there."""
    figures: list[Row] = []
    for size, image in images.items():
        cells = _cells_in_the_middle(desk, image)
        desk.open(image, zoom=2)
        splits, unsplit = _times(_split_ms, desk, image, cells[:CELLS])
        fits, unfitted = _times(_autofit_ms, desk, image, cells[CELLS : 2 * CELLS])
        split = f"two-click watershed at {size} px: second click to edit{unsplit}"
        fitted = f"autofit at {size} px: key to proposal or edit{unfitted}"
        figures += _row(f"watershed.{size}", split, splits, most=150.0)
        figures += _row(f"autofit.{size}", fitted, fits, most=300.0)
    return figures


def _times(
    measure: Callable[[Desk, dict[str, Any], dict[str, Any]], float],
    desk: Desk,
    image: dict[str, Any],
    cells: list[dict[str, Any]],
) -> tuple[list[float], str]:
    """Of every cell that the tool did not refuse, and how many it refused."""
    spent: list[float] = []
    for cell in cells:
        with suppress(NotSaid):
            spent.append(measure(desk, image, cell))
    refused = len(cells) - len(spent)
    return spent, f" ({refused} of {len(cells)} refused)" if refused else ""


def _row(id: str, what: str, spent: list[float], *, most: float) -> list[Row]:
    return painting.both(id, what, spent, most=most)


def _cells_in_the_middle(desk: Desk, image: dict[str, Any]) -> list[dict[str, Any]]:
    """Cells with their measures, near the middle of the image."""
    ty, tx = image["size_y"] // 2 // TILE_PX, image["size_x"] // 2 // TILE_PX
    around = {"t": 0, "z": 0, "ty0": max(0, ty - 1), "tx0": max(0, tx - 1), "ty1": ty + 1, "tx1": tx + 1}
    middle = image["size_y"] / 2
    return sorted(
        _measured_cells(desk, image, around),
        key=lambda cell: abs(cell["y"] - middle) + abs(cell["x"] - middle),
    )


def _measured_cells(desk: Desk, image: dict[str, Any], where: dict[str, int]) -> list[dict[str, Any]]:
    """z, area_px, y, x and box of the cells of the current branch."""
    with closing(desk.server.api()) as api:
        answer = api.get(f"branches/{image['current_branch']['id']}/cells/", params=where)
        answer.raise_for_status()
        return [measure for cell in answer.json()["results"] for measure in cell["measures"]]


def _look_at(desk: Desk, image: dict[str, Any], cell: dict[str, Any]) -> tuple[float, float]:
    """The cell in the middle of the picture, selected: where it lies in the window."""
    desk.open(image, zoom=2, at=(cell["y"], cell["x"]))
    left, top, width, height = desk.middle()
    place = left + width / 2, top + height / 2
    desk.page.keyboard.press("v")
    desk.page.mouse.click(*place)
    desk.watch("")
    return place


def _split_ms(desk: Desk, image: dict[str, Any], cell: dict[str, Any]) -> float:
    x, y = _look_at(desk, image, cell)
    desk.page.keyboard.press("w")
    reach = cell["area_px"] ** 0.5 * 0.3 * 2
    desk.page.mouse.click(x - reach, y)
    time.sleep(0.3)
    desk.page.mouse.move(x + reach * 0.9, y)
    time.sleep(0.3)
    desk.page.mouse.click(x + reach, y)
    clicked = desk.last_input_ms()
    return desk.wait_for("cytoloop:edit", after_ms=clicked - 50, limit_s=EDIT_LIMIT_S) - clicked


def _autofit_ms(desk: Desk, image: dict[str, Any], cell: dict[str, Any]) -> float:
    _look_at(desk, image, cell)
    desk.page.keyboard.press("m")
    pressed = desk.last_input_ms()
    return desk.wait_for("cytoloop:edit", after_ms=pressed, limit_s=EDIT_LIMIT_S) - pressed


def measure_prompts(desk: Desk, image: dict[str, Any], *, masks: int) -> list[Row]:
    """Clicks on cells of an image without labels: the answer's time at the first masks and after many."""
    places = [(cell["y"], cell["x"]) for cell in _measured_cells(desk, image, {"t": 0})][:masks]
    desk.open(image)
    desk.page.keyboard.press("f")
    desk.watch("")
    spent = []
    for place in places:
        with suppress(NotSaid):
            spent.append(_prompt_ms(desk, image, place))
    early, late = spent[2:12], spent[-10:]
    growth = rows.percentile(late, 0.5) / rows.percentile(early, 0.5)
    grown = f"click prompt: median at mask {len(spent)} over the median at mask 3"
    return [
        *_row(
            "prompt.early",
            "click prompt, embedding here: click to proposal, masks 3 to 12",
            early,
            most=200.0,
        ),
        *_row(
            "prompt.late",
            f"click prompt: click to proposal, the last 10 of {len(spent)} masks",
            late,
            most=200.0,
        ),
        rows.row("prompt.growth", grown, growth, "", most=1.3, setup=chromium.setup()),
    ]


def _prompt_ms(desk: Desk, image: dict[str, Any], place: tuple[float, float]) -> float:
    left, top, width, height = desk.middle()
    zoom = 0.96 * min(width / image["size_x"], height / image["size_y"])
    x = left + width / 2 + (place[1] - image["size_x"] / 2) * zoom
    y = top + height / 2 + (place[0] - image["size_y"] / 2) * zoom
    desk.page.mouse.click(x, y)
    clicked = desk.last_input_ms()
    time.sleep(0.5)
    answered = desk.wait_for("cytoloop:draft", after_ms=clicked, limit_s=EDIT_LIMIT_S)
    desk.page.keyboard.press("Enter")
    time.sleep(0.05)
    return answered - clicked
