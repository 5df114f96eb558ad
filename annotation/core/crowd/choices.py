"""Consensus of choices: Dawid and Skene 1979 with priors, gold and answers that say "unsure".

Each worker has a table of what is said when each class is true. With few answers such a table cannot be
counted, so it is drawn towards that of all workers (Paun et al. 2018: pooling among workers is what makes
small data work), and that towards saying what is true. Gold items are known from the start. "Unsure" is no
class but a thing to say, and is taken to be as likely whatever is true: two who are unsure tell nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from annotation.core.crowd.values import (
    UNSURE,
    ChoiceAnswer,
    ChoiceConsensus,
    ChoiceItems,
    Floats,
    Ints,
    Key,
)

STRENGTH = 8.0  # answers to each class that the table of all workers weighs
ROUNDS, SETTLED = 60, 1e-4
RIGHT_AT_FIRST = 0.8
UNSURE_AT_FIRST = 0.05


@dataclass(frozen=True, eq=False)
class ChoiceFit:
    """`confusion` (classes, classes + 1) of each worker: row the true class, column what is said, `UNSURE`
    last; `typical` that of a worker of whom nothing is known; `shares` (classes,) how common each class
    is."""

    classes: tuple[str, ...]
    shares: Floats
    typical: Floats
    confusion: Mapping[str, Floats]

    def of(self, worker: str) -> Floats:
        """The table of a worker, the typical one for a new one."""
        return self.confusion.get(worker, self.typical)

    def as_json(self) -> dict[str, Any]:
        """For keeping; `of_json` reads it."""
        workers = {worker: table.tolist() for worker, table in self.confusion.items()}
        typical, shares = self.typical.tolist(), self.shares.tolist()
        return {"classes": list(self.classes), "shares": shares, "typical": typical, "workers": workers}

    @classmethod
    def of_json(cls, told: Mapping[str, Any]) -> Self:
        """The fit as `as_json` told it."""
        workers = {worker: np.asarray(table, np.float64) for worker, table in told["workers"].items()}
        shares, typical = (np.asarray(told[name], np.float64) for name in ("shares", "typical"))
        return cls(tuple(told["classes"]), shares, typical, workers)


@dataclass(frozen=True, eq=False)
class _Said:
    """Every answer of a campaign: its item, worker and column of the table; of each item its known class, or
    -1."""

    item: Ints
    worker: Ints
    column: Ints
    known: Ints


def fit_choices(
    items: ChoiceItems, classes: Sequence[str], truths: Mapping[Key, str] | None = None
) -> ChoiceFit:
    """What the answers of a whole campaign tell of its workers; `truths` are the gold items' classes.

    Raises ValueError for a choice that is no class, or for no class.
    """
    return _fitted(items, tuple(classes), truths or {})[0]


def consensus_choice(answers: Sequence[ChoiceAnswer], fit: ChoiceFit) -> ChoiceConsensus:
    """What the answers of one item say together."""
    column = _columns(fit.classes)
    weight = np.log(fit.shares)
    for answer in answers:
        weight = weight + np.log(fit.of(answer.worker)[:, column[answer.choice]])
    chances = np.exp(weight - weight.max())
    return _told(chances / chances.sum(), fit, len(answers))


def consensus_choices(
    items: ChoiceItems, classes: Sequence[str], truths: Mapping[Key, str] | None = None
) -> tuple[dict[Key, ChoiceConsensus], ChoiceFit]:
    """Fit and consensus of all items at once; gold items have their truth with certainty 1.

    Raises ValueError for a choice that is no class, or for no class.
    """
    fit, chances = _fitted(items, tuple(classes), truths or {})
    rows = zip(items.items(), chances, strict=True)
    return {key: _told(row, fit, len(answers)) for (key, answers), row in rows}, fit


def _told(chances: Floats, fit: ChoiceFit, answers: int) -> ChoiceConsensus:
    by_class = dict(zip(fit.classes, chances.tolist(), strict=True))
    return ChoiceConsensus(fit.classes[int(chances.argmax())], by_class, _gain(chances, fit.typical), answers)


def _gain(chances: Floats, typical: Floats) -> float:
    """Fall of the Gini index by one more answer of a typical worker; see `worth`."""
    both = chances[:, None] * typical
    said = both.sum(axis=0)
    after = 1 - (both**2).sum(axis=0) / said**2
    return float(max(0.0, 1 - (chances**2).sum() - said @ after))


def _columns(classes: Sequence[str]) -> dict[str, int]:
    return {**{name: i for i, name in enumerate(classes)}, UNSURE: len(classes)}


# ---------------------------------------------------------------- fitting


def _fitted(
    items: ChoiceItems, classes: tuple[str, ...], truths: Mapping[Key, str]
) -> tuple[ChoiceFit, Floats]:
    if not classes:
        raise ValueError("A choice needs at least one class.")
    number = {answer.worker: 0 for answers in items.values() for answer in answers}
    number = {worker: i for i, worker in enumerate(number)}
    said = _tabled(items, classes, truths, number)
    typical = _at_first(len(classes))
    tables = np.tile(typical, (len(number), 1, 1))
    shares = np.full(len(classes), 1 / len(classes))
    chances = _chances(said, tables, shares)
    for _ in range(ROUNDS):
        tables, typical, shares = _learnt(said, chances, tables.shape, _at_first(len(classes)))
        after = _chances(said, tables, shares)
        moved = np.abs(after - chances).max(initial=0.0)
        chances = after
        if moved < SETTLED:
            break
    confusion = {worker: tables[i] for worker, i in number.items()}
    return ChoiceFit(classes, shares, typical, confusion), chances


def _tabled(
    items: ChoiceItems, classes: tuple[str, ...], truths: Mapping[Key, str], number: Mapping[str, int]
) -> _Said:
    column = _columns(classes)
    rows = [(i, number[a.worker], a.choice) for i, answers in enumerate(items.values()) for a in answers]
    strange = {choice for *_, choice in rows} - set(column) | {truths[k] for k in items if k in truths} - set(
        classes
    )
    if strange:
        raise ValueError(f"{', '.join(sorted(strange))} is none of the classes {', '.join(classes)}.")
    item, worker = (np.asarray([row[k] for row in rows], np.int64) for k in (0, 1))
    known = [column[truths[key]] if key in truths else -1 for key in items]
    return _Said(
        item, worker, np.asarray([column[row[2]] for row in rows], np.int64), np.asarray(known, np.int64)
    )


def _at_first(classes: int) -> Floats:
    """(classes, classes + 1): mostly right, sometimes unsure, all mistakes alike."""
    wrong = (1 - RIGHT_AT_FIRST - UNSURE_AT_FIRST) / max(classes - 1, 1)
    table = np.full((classes, classes + 1), wrong)
    np.fill_diagonal(table, RIGHT_AT_FIRST)
    table[:, -1] = UNSURE_AT_FIRST
    return np.asarray(table / table.sum(axis=1, keepdims=True))


def _chances(said: _Said, tables: Floats, shares: Floats) -> Floats:
    """(items, classes)."""
    weight = np.tile(np.log(shares), (said.known.size, 1))
    told = np.log(tables)[said.worker, :, said.column]
    for c in range(shares.size):
        weight[:, c] += np.bincount(said.item, told[:, c], said.known.size)
    chances = np.exp(weight - weight.max(axis=1, keepdims=True))
    chances /= chances.sum(axis=1, keepdims=True)
    gold = np.flatnonzero(said.known >= 0)
    chances[gold] = 0
    chances[gold, said.known[gold]] = 1
    return np.asarray(chances)


def _learnt(
    said: _Said, chances: Floats, shape: tuple[int, ...], first: Floats
) -> tuple[Floats, Floats, Floats]:
    """(tables of the workers, that of all, shares of the classes)."""
    workers, classes, columns = shape
    counts = np.empty(shape)
    cell = said.worker * columns + said.column
    for c in range(classes):
        counted = np.bincount(cell, chances[said.item, c], workers * columns)
        counts[:, c] = counted.reshape(workers, columns)
    typical = _rows(counts.sum(axis=0) + 5 * STRENGTH * first)
    tables = _rows(counts + STRENGTH * typical)
    open_items = said.known < 0
    shares = chances[open_items].sum(axis=0) + 1
    return tables, typical, shares / shares.sum()


def _rows(counts: Floats) -> Floats:
    """Tables (…, classes, classes + 1) of counts as shares of each row, unsure as often in all rows."""
    unsure = counts[..., -1].sum(axis=-1) / counts.sum(axis=(-1, -2))
    sure = counts[..., :-1] / counts[..., :-1].sum(axis=-1, keepdims=True)
    unsure = np.broadcast_to(unsure[..., None, None], (*sure.shape[:-1], 1))
    return np.concatenate((sure * (1 - unsure), unsure), axis=-1)
