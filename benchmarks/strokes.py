"""Brush strokes as the editor sends them, without the editor: for measuring the server alone."""

import uuid
from dataclasses import dataclass
from typing import Any

import numpy as np

from annotation.core import edits


@dataclass
class Painter:
    """Draws strokes of a round brush, each a new cell, where nothing has been drawn yet."""

    first_cell: int
    height_px: int
    width_px: int
    brush_px: int = 20
    length_px: int = 60
    drawn: int = 0

    def stroke(self) -> dict[str, Any]:
        """The next stroke as an edit: a new cell, a capsule `length_px` long, at a place of its own."""
        mask, top, left = self._capsule()
        runs = edits.runs_of_mask(mask, y=top, x=left)
        cell = self.first_cell + self.drawn
        self.drawn += 1
        return {
            "id": str(uuid.uuid4()),
            "tool": "brush",
            "pixels": [{"t": 0, "z": 0, "cell": cell, "add": list(runs), "remove": []}],
            "cells": [
                {"cell": cell, "before": None, "after": {"class": None, "mother": None, "quality": None}}
            ],
        }

    def erase(self, edit: dict[str, Any]) -> dict[str, Any]:
        """The edit that takes a stroke back, so that thousands of strokes fit on one image."""
        pixels = [{**p, "add": p["remove"], "remove": p["add"]} for p in edit["pixels"]]
        cells = [{**c, "before": c["after"], "after": c["before"]} for c in edit["cells"]]
        return {"id": str(uuid.uuid4()), "tool": "eraser", "pixels": pixels, "cells": cells}

    def _capsule(self) -> tuple["np.ndarray[Any, np.dtype[np.bool_]]", int, int]:
        radius = self.brush_px / 2
        columns = (self.width_px - self.brush_px) // (self.length_px + self.brush_px)
        rows = (self.height_px - self.brush_px) // self.brush_px
        place = self.drawn % (columns * rows)
        top, left = (place // columns) * self.brush_px, (place % columns) * (self.length_px + self.brush_px)
        y, x = np.mgrid[: self.brush_px, : self.length_px + self.brush_px] + 0.5
        along = np.clip(x, radius, radius + self.length_px)
        return (x - along) ** 2 + (y - radius) ** 2 <= radius**2, top, left
