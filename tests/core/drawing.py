"""Small pictures typed in the test: letters are cells, `a` is cell 1, a dot is background."""

import numpy as np
from numpy.typing import NDArray


def draw(*layers: str) -> NDArray[np.uint32]:
    """Planes (p, y, x), one text picture a plane."""
    return np.stack([_plane(layer) for layer in layers])


def _plane(text: str) -> NDArray[np.uint32]:
    rows = [line.strip() for line in text.strip().splitlines()]
    values = [[0 if letter == "." else ord(letter) - ord("a") + 1 for letter in row] for row in rows]
    return np.asarray(values, np.uint32)


def members(planes: NDArray[np.uint32]) -> set[tuple[int, int, int]]:
    """Every (cell, y, x), the slow and obvious way to hold labels."""
    return {
        (int(plane[y, x]), y, x)
        for plane in planes
        for y in range(plane.shape[0])
        for x in range(plane.shape[1])
        if plane[y, x]
    }
