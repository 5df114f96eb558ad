"""Writes prompting.json beside this file: questions of click-to-segment that Python and TypeScript answer
alike.

Run `python -m tests.pictures.generate_prompting` after a change; a test compares the committed file with what
this code says. The net is a formula (`decode`), written again in the other language.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from training.engine.data.normalising import Look
from training.engine.prompting import answering
from training.engine.prompting.answering import Answer, Floats, PlacedMask, Prompt
from training.engine.prompting.embedding import from_bytes, look_of, see
from training.engine.prompting.zooming import ZoomedAnswer, answer_zoomed, enlarge_pixels
from training.engine.resident import runs_of

HERE = Path(__file__).parent
SIZE = (151, 170)
FEATURES = 2

CASES: list[dict[str, Any]] = [
    {"name": "one click", "radius": 6.3, "clicks": [[70.5, 80.5, 1]]},
    {"name": "then beside it", "radius": 9.1, "clicks": [[70.5, 80.5, 1], [82.5, 90.5, -1]]},
    {"name": "at the picture's corner", "radius": 7.7, "clicks": [[2.5, 165.5, 1]]},
    {"name": "a box", "radius": 5.0, "clicks": [], "box": [20.0, 30.0, 61.0, 52.0]},
    {"name": "box, click", "radius": 5.2, "clicks": [[40.5, 40.5, 1]], "box": [20.0, 30.0, 61.0, 52.0]},
    {"name": "larger than the window", "radius": 27.4, "clicks": [[75.5, 85.5, 1], [20.5, 85.5, 1]]},
    {"name": "two clicks far apart", "radius": 5.9, "clicks": [[20.5, 20.5, 1], [130.5, 150.5, 1]]},
]


def embedding(zoom: int = 1) -> Floats:
    """(2, 76, 85) by a formula, or of the picture enlarged."""
    f, y, x = np.indices((FEATURES, -(-SIZE[0] * zoom // 2), -(-SIZE[1] * zoom // 2)))
    return from_bytes(((f * 31 + y * 7 + x * 13 + (y * x) % 17) % 256).astype(np.uint8))


def decode_with(radius: float) -> answering.Decode:
    """A net by a formula: near a click on the cell and far from one beside it, roughened by the embedding."""

    def decode(
        embedded: Floats, inside: Floats, points: Floats, box: Floats, before: Floats
    ) -> tuple[Floats, float]:
        side = 2 * embedded.shape[1]
        middles = (np.arange(side) + 0.5) / 2
        y, x = middles[:, None], middles[None]
        away = [np.hypot(y - p[0], x - p[1]) for p in points if p[2] > 0]
        logits = radius - np.min(away, 0) if away else np.full((side, side), -9.0)
        if box[4] > 0:
            slack = np.minimum(np.minimum(y - box[0], box[2] - y), np.minimum(x - box[1], box[3] - x))
            logits = np.maximum(logits, slack)
        for p in points:
            if p[2] < 0:
                logits = np.minimum(logits, np.hypot(y - p[0], x - p[1]) - 2.5)
        near = np.repeat(np.repeat(embedded[0], 2, 0), 2, 1)
        seen = np.repeat(np.repeat(inside[0], 2, 0), 2, 1)
        logits = np.where(seen > 0.4, logits + 0.7 * near + 0.05 * before[0], -5)
        return logits.astype(np.float32), 0.5

    return decode


def answers(case: dict[str, Any]) -> list[dict[str, Any]]:
    """What is found after each click of a case."""
    box = None if case.get("box") is None else tuple(case["box"])
    turns = range(1, len(case["clicks"]) + 1) if case["clicks"] else [0]
    found: Answer | None = None
    told = []
    for turn in turns:
        prompt = Prompt([(y, x, sign) for y, x, sign in case["clicks"][:turn]], box)
        found = answering.answer(decode_with(case["radius"]), embedding(), SIZE, prompt, found)
        placed = answering.place_mask(found, prompt, SIZE)
        window = [found.window.top, found.window.left, found.window.scale]
        told.append(
            {"window": window, "sum": round(float(found.logits.sum()), 1), "runs": placed_runs(placed)}
        )
    return told


def grey() -> np.ndarray:
    """Two channels (2, 24, 31) by a formula; the second mostly bright."""
    c, y, x = np.indices((2, 24, 31))
    return np.asarray(np.where(c == 0, (y * 91 + x * 57) % 211, 900 - (y * x) % 300), np.uint16)


def looks() -> list[dict[str, Any]]:
    """Looks of one and of two channels, and what the net sees of them."""
    told = []
    for channels in ([0], [1], [0, 1]):
        frame = grey()[channels]
        look: Look = look_of(frame)
        seen = see(frame, look)
        told.append(
            {
                "channels": channels,
                "low": list(look.low),
                "high": list(look.high),
                "inverted": look.inverted,
                "sums": [round(float(plane.sum()), 3) for plane in seen],
                "corner": [round(float(v), 5) for v in seen[:, 3, 4]],
                "enlarged": [round(float(v), 3) for v in enlarge_pixels(frame, 2)[0, 7, 8:12]],
            }
        )
    return told


ZOOMED: list[dict[str, Any]] = [
    {"name": "small", "radius": 6.3, "zoom": 1, "clicks": [[70.5, 80.5, 1], [78.5, 83.5, -1]]},
    {"name": "large", "radius": 13.1, "zoom": 1, "clicks": [[70.5, 80.5, 1]]},
    {"name": "begun enlarged", "radius": 5.2, "zoom": 2, "clicks": [[149.5, 3.5, 1]]},
    {"name": "begun enlarged, but large", "radius": 33.0, "zoom": 2, "clicks": [[75.5, 85.5, 1]]},
]


def zoomed() -> list[dict[str, Any]]:
    """What is found after each click where small cells are asked in an enlarged picture."""
    told = []
    for case in ZOOMED:
        before: ZoomedAnswer | None = None
        answers = []
        for turn in range(1, len(case["clicks"]) + 1):
            prompt = Prompt([(y, x, sign) for y, x, sign in case["clicks"][:turn]])
            before, placed = answer_zoomed(
                decode_with(case["radius"]), embedding, SIZE, prompt, before, zoom=case["zoom"]
            )
            answers.append({"zoom": before.zoom, "runs": placed_runs(placed)})
        told.append({**case, "answers": answers})
    return told


def placed_runs(placed: PlacedMask) -> list[int]:
    """Runs of a mask in the picture."""
    whole = np.zeros(SIZE, bool)
    height, width = placed.mask.shape
    whole[placed.top : placed.top + height, placed.left : placed.left + width] = placed.mask
    return runs_of(whole)


SPLITS = [
    [[20, 18, 1], [20, 36, -1]],
    [[20, 18, 1], [20, 44, -1]],
    [[20, 18, 1], [22, 33, 1], [20, 8, -1]],
    [[20, 18, 1], [2, 2, -1]],
]


def splits() -> list[dict[str, Any]]:
    """Two discs that meet, and clicks on them: what is kept."""
    y, x = np.indices((40, 56))
    mask = ((y - 20) ** 2 + (x - 18) ** 2 < 11.3**2) | ((y - 20) ** 2 + (x - 35) ** 2 < 10.2**2)
    return [
        {"clicks": said, "runs": runs_of(answering.without_beside(mask, [(y, x, s) for y, x, s in said]))}
        for said in SPLITS
    ]


def make() -> dict[str, Any]:
    """All of it."""
    return {
        "size": SIZE,
        "cases": [{"box": None, **case, "answers": answers(case)} for case in CASES],
        "looks": looks(),
        "splits": splits(),
        "zoomed": zoomed(),
    }


if __name__ == "__main__":
    (HERE / "prompting.json").write_text(json.dumps(make()) + "\n", encoding="utf-8")
