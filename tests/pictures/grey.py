"""Writes grey.json beside this file: grey values, and what numpy says of their percentiles and histograms.

Run `python -m tests.pictures.grey` after a change; tests on both sides compare with the committed file.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).parent
SHARE = 0.001


def samples() -> dict[str, NDArray[Any]]:
    """Pictures of each kind of number, with the tails that make percentiles hard."""
    rng = np.random.default_rng(7)
    hot = rng.poisson(300, (40, 50)).astype(np.uint16)
    hot[3, 4] = hot[20, 30] = 65535
    return {
        "uint8 noise": rng.integers(0, 256, (30, 30), dtype=np.uint8),
        "uint16 with hot pixels": hot,
        "float32 below zero": rng.normal(0, 2, (33, 37)).astype(np.float32),
        "few pixels": np.array([[5, 1, 9]], dtype=np.uint16),
        "one value": np.full((6, 6), 7, dtype=np.uint8),
    }


def cases() -> list[dict[str, Any]]:
    """The window that leaves a share of 0.001 of all pixels out at either end, as order statistics."""
    found = []
    for name, values in samples().items():
        low = np.percentile(values, 100 * SHARE, method="lower")
        high = np.percentile(values, 100 * (1 - SHARE), method="higher")
        counts, _ = np.histogram(values, bins=256)
        found.append(
            {
                "name": name,
                "kind": values.dtype.name,
                "values": values.ravel().tolist(),
                "low": float(low),
                "high": float(high),
                "counts": counts.tolist() if values.min() < values.max() else None,
            }
        )
    return found


if __name__ == "__main__":
    (HERE / "grey.json").write_text(json.dumps(cases()) + "\n")
