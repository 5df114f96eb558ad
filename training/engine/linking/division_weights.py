"""Weights of `division.features`, in its order: with an image, and of labels alone. Made by
`python -m benchmarks.tracking_fit`."""

import numpy as np

WEIGHTS = {
    True: np.array(
        [
            -0.18,
            0.11,
            0.58,
            -0.97,
            -0.63,
            -0.95,
            -0.7,
            0.0,
            -1.6,
            -2.38,
            -3.64,
            0.16,
            0.15,
            -0.5,
            0.57,
            0.86,
            -0.19,
        ]
    ),
    False: np.array(
        [
            -0.34,
            -0.08,
            0.0,
            -0.96,
            -0.68,
            -1.04,
            -1.15,
            0.0,
            0.0,
            -2.13,
            -3.29,
            -0.06,
            0.31,
            -0.62,
            0.26,
            0.72,
            -0.28,
        ]
    ),
}
