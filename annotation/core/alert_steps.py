"""Rules about one step of a cell, from a frame to the next: jumps and changes of area."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotation.core.alert_values import Alert, AlertKind, Known, Rules
from annotation.core.observations import Floats, Observations

MAD = 1.4826  # a median deviation is this part of a normal distribution's standard deviation

# ---------------------------------------------------------------- steps


@dataclass(frozen=True, eq=False)
class Steps:
    """From each row to the next of the same cell: rows i and i + 1, px a frame, log of the ratio of areas."""

    row: NDArray[np.int64]
    speed_px: Floats
    growth: Floats


def steps_of(seen: Observations) -> Steps:
    """Every step of every cell."""
    row = np.flatnonzero(seen.cell[1:] == seen.cell[:-1])
    apart = np.hypot(seen.y[row + 1] - seen.y[row], seen.x[row + 1] - seen.x[row])
    growth = np.log(seen.area_px[row + 1] / seen.area_px[row])
    return Steps(row, apart / (seen.t[row + 1] - seen.t[row]), growth)


def unusual(values: Floats, spread: float) -> float:
    """So large is a value that lies `spread` deviations above the median; deviations as of a normal
    distribution."""
    if values.size == 0:
        return 0.0
    middle = float(np.median(values))
    return middle + spread * MAD * float(np.median(np.abs(values - middle)))


def steps(known: Known, rules: Rules) -> Iterator[Alert]:
    seen = known.movie.seen
    made = steps_of(seen)
    width = np.minimum(seen.size_px[made.row], seen.size_px[made.row + 1])
    far = np.maximum(unusual(made.speed_px, rules.jump_spread), rules.jump_sizes * width)
    for i in np.flatnonzero(made.speed_px > far).tolist():
        row, speed = int(made.row[i]), float(made.speed_px[i])
        cell, t = int(seen.cell[row + 1]), int(seen.t[row + 1])
        text = f"Cell {cell} jumps {speed:.0f} px into frame {t}."
        yield known.alert(AlertKind.JUMP, cell, t, text, (), speed / max(float(far[i]), 1e-9))
    border = known.movie.touches_border(rules.border_px)
    change = np.abs(made.growth)
    much = max(unusual(change, rules.area_spread), float(np.log(rules.area_ratio)))
    inside = ~border[made.row] & ~border[made.row + 1]
    for i in np.flatnonzero((change > much) & inside).tolist():
        row, times = int(made.row[i]), float(np.exp(made.growth[i]))
        cell, t = int(seen.cell[row + 1]), int(seen.t[row + 1])
        word = f"grows {times:.1f} times" if times > 1 else f"shrinks to {100 * times:.0f} %"
        text = f"Cell {cell} {word} in frame {t}."
        yield known.alert(AlertKind.AREA_CHANGE, cell, t, text, (), float(change[i]) / much)
