"""Weights of `division.features`, in its order: with an image, and of labels alone; of outlined nuclei, of
outlined whole cells, and of points that were drawn as discs. Made by `python -m benchmarks.tracking_fit`."""

import numpy as np

NUCLEI = {
    True: np.array(
        [
            -0.21,
            0.43,
            0.51,
            -1.16,
            -0.01,
            -0.82,
            -0.49,
            0.05,
            -1.66,
            -2.47,
            -3.72,
            -0.02,
            -0.05,
            -0.2,
            0.65,
            0.62,
            0.25,
        ]
    ),
    False: np.array(
        [
            -0.4,
            0.27,
            0.0,
            -1.16,
            -0.07,
            -0.96,
            -0.96,
            0.0,
            0.0,
            -2.25,
            -3.42,
            -0.27,
            0.12,
            -0.3,
            0.33,
            0.49,
            0.1,
        ]
    ),
}
CELLS = {
    True: np.array(
        [
            3.64,
            -1.6,
            0.9,
            0.51,
            1.68,
            -1.55,
            -1.08,
            -0.62,
            -0.66,
            -1.08,
            -3.28,
            -0.3,
            -2.68,
            -1.98,
            -1.92,
            0.26,
            0.64,
        ]
    ),
    False: np.array(
        [
            3.29,
            -1.51,
            0.0,
            0.59,
            1.49,
            -1.29,
            -1.21,
            0.0,
            0.0,
            -1.09,
            -2.95,
            -0.31,
            -2.61,
            -2.03,
            -2.05,
            0.36,
            0.6,
        ]
    ),
}
POINTS = {
    True: np.array(
        [
            2.01,
            0.0,
            2.33,
            0.0,
            0.0,
            0.0,
            0.0,
            -1.7,
            -2.27,
            0.0,
            -3.34,
            2.36,
            -1.83,
            -0.12,
            -0.49,
            0.0,
            0.6,
        ]
    ),
    False: np.array(
        [
            1.77,
            0.0,
            0.0,
            0.0,
            0.0,
            0.0,
            0.0,
            0.0,
            0.0,
            0.0,
            -3.32,
            2.41,
            -1.75,
            -0.31,
            -0.57,
            0.0,
            0.52,
        ]
    ),
}
