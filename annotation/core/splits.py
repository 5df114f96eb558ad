"""Train, validation and test parts that never share a group (a movie, a well, a patient)."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

SPLITS = ("train", "validation", "test")


class InvalidFractions(ValueError):
    """Fractions that are no parts of a whole."""


def check_fractions(fractions: Mapping[str, float]) -> dict[str, float]:
    """Fractions of train, validation and test, the missing ones 0. Raises InvalidFractions."""
    unknown = set(fractions) - set(SPLITS)
    if unknown:
        raise InvalidFractions(
            f"Unknown part {', '.join(sorted(unknown))}; the parts are {', '.join(SPLITS)}."
        )
    parts = {name: float(fractions.get(name, 0.0)) for name in SPLITS}
    if any(part < 0 or part > 1 for part in parts.values()) or abs(sum(parts.values()) - 1) > 1e-6:
        shown = ", ".join(f"{name} {part:g}" for name, part in parts.items())
        raise InvalidFractions(f"The fractions must lie between 0 and 1 and add up to 1: {shown}.")
    return parts


def assign(
    groups: Sequence[str],
    fractions: Mapping[str, float],
    seed: int,
    *,
    fixed: Mapping[str, str] | None = None,
) -> list[str]:
    """The part of each item, given each item's group: equal groups always land on one side.

    The same groups, fractions and seed give the same parts whatever the order of the items. Large groups are
    placed first, each where most is missing; a wanted part is never empty while there are groups enough.
    `fixed` keeps groups where an earlier split put them (a test image stays one). Raises InvalidFractions.
    """
    parts = check_fractions(fractions)
    sizes = Counter(groups)
    placed = {group: part for group, part in (fixed or {}).items() if group in sizes}
    free = [group for group in _shuffled(sizes, seed) if group not in placed]
    free.sort(key=lambda group: -sizes[group])
    missing = {name: part * len(groups) for name, part in parts.items()}
    for group, part in placed.items():
        missing[part] -= sizes[group]
    for group in free:
        part = max((name for name in SPLITS if parts[name] > 0), key=lambda name: missing[name])
        placed[group] = part
        missing[part] -= sizes[group]
    _fill_empty(placed, free, sizes, parts)
    return [placed[group] for group in groups]


def _shuffled(sizes: Counter[str], seed: int) -> list[str]:
    names = sorted(sizes)
    order = np.random.default_rng(seed).permutation(len(names))
    return [names[i] for i in order]


def _fill_empty(
    placed: dict[str, str], free: list[str], sizes: Counter[str], parts: Mapping[str, float]
) -> None:
    """Give each wanted part that got nothing the smallest group of the part with most groups."""
    for name in SPLITS:
        if parts[name] == 0 or name in placed.values():
            continue
        crowd = Counter(placed[group] for group in placed)
        givers = [group for group in free if crowd[placed[group]] > 1]
        if givers:
            placed[min(givers, key=lambda group: (-crowd[placed[group]], sizes[group]))] = name
