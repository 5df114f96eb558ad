"""Rules about one step of a cell, from a frame to the next: jumps and changes of area."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotation.core.alert_values import Alert, AlertKind, Known, Rules
from annotation.core.observations import Floats, Observations

FEW = 20  # of fewer values nobody can say what is usual
FEW_IN_FRAME = 7  # of fewer steps nobody can say how the whole picture moved
MAD = 1.4826  # a median deviation is this part of a normal distribution's standard deviation

# ---------------------------------------------------------------- steps


@dataclass(frozen=True, eq=False)
class Steps:
    """From each row to the next of the same cell: rows i and i + 1, px a frame less the movement of the whole
    picture, log of the ratio of areas."""

    row: NDArray[np.int64]
    speed_px: Floats
    growth: Floats


def steps_of(seen: Observations) -> Steps:
    """Every step of every cell."""
    row = np.flatnonzero(seen.cell[1:] == seen.cell[:-1])
    dy, dx = np.diff(steady(seen, row), axis=0)[row].T
    growth = np.log(seen.area_px[row + 1] / seen.area_px[row])
    return Steps(row, np.hypot(dy, dx) / (seen.t[row + 1] - seen.t[row]), growth)


def steady(seen: Observations, row: NDArray[np.int64]) -> Floats:
    """Places (n, 2) without the movement of the whole picture: the median step of the cells of each frame,
    where `row` are rows that are followed by one of the same cell. Frames with few steps are left."""
    places = np.column_stack((seen.y, seen.x))
    next_frame = row[seen.t[row + 1] == seen.t[row] + 1] if row.size else row
    moved = np.zeros((int(seen.t.max(initial=-1)) + 1, 2))
    into = seen.t[next_frame + 1]
    order = np.argsort(into, kind="stable")
    step = (places[next_frame + 1] - places[next_frame])[order]
    frames, begin = np.unique(into[order], return_index=True)
    for t, steps_in in zip(frames.tolist(), np.split(step, begin[1:]), strict=True) if frames.size else ():
        if len(steps_in) >= FEW_IN_FRAME:
            moved[t] = np.median(steps_in, axis=0)
    return np.asarray(places - np.cumsum(moved, axis=0)[seen.t])


def unusual(values: Floats, spread: float) -> float:
    """So large is a value that lies `spread` deviations above the median; deviations as of a normal
    distribution. 0 where there are too few values to say."""
    if values.size < FEW:
        return 0.0
    middle = float(np.median(values))
    return middle + spread * MAD * float(np.median(np.abs(values - middle)))


def steps(known: Known, rules: Rules) -> Iterator[Alert]:
    seen = known.movie.seen
    made = steps_of(seen)
    width = np.minimum(seen.size_px[made.row], seen.size_px[made.row + 1])
    border = known.movie.touches_border(rules.border_px)
    cut = border[made.row] | border[made.row + 1]
    # The middle of a cell that the border cuts moves as more or less of it is seen.
    sizes = rules.jump_sizes * np.where(cut, rules.border_factor, 1.0)
    far = np.maximum(unusual(made.speed_px, rules.jump_spread), sizes * width)
    for i in np.flatnonzero(made.speed_px > far).tolist():
        row, speed = int(made.row[i]), float(made.speed_px[i])
        cell, t = int(seen.cell[row + 1]), int(seen.t[row + 1])
        text = f"Cell {cell} jumps {speed:.0f} px into frame {t}."
        yield known.alert(AlertKind.JUMP, cell, t, text, (), speed / max(float(far[i]), 1e-9))
    change = np.abs(made.growth)
    much = max(unusual(change, rules.area_spread), float(np.log(rules.area_ratio)))
    for i in np.flatnonzero((change > much) & ~cut).tolist():
        row, times = int(made.row[i]), float(np.exp(made.growth[i]))
        cell, t = int(seen.cell[row + 1]), int(seen.t[row + 1])
        word = f"grows {times:.1f} times" if times > 1 else f"shrinks to {100 * times:.0f} %"
        text = f"Cell {cell} {word} in frame {t}."
        yield known.alert(AlertKind.AREA_CHANGE, cell, t, text, (), float(change[i]) / much)
