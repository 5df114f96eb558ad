"""A search of settings as plain data: what may vary, what a trial came to, when one is not worth going on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from training.contract.errors import InvalidSettings
from training.contract.fields import JsonObject
from training.contract.recipes import recipe_named

ETA = 3
"""Of the trials that reach a rung, one in so many goes on."""
LEAST_RUNG_S = 20.0
"""Less learning than this tells nothing."""

Values = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Tried:
    """A trial that has ended. `score` is None where it failed or was pruned; `rungs`: share → score."""

    number: int
    settings: Values
    score: float | None
    rungs: Mapping[float, float] = field(default_factory=dict)
    failed: bool = False


def space_of(recipe: str, base: Values, wanted: Sequence[str] | None = None) -> JsonObject:
    """What the recipe says of each setting that is to vary: those `wanted`, or those chosen beforehand.

    Each range is widened to hold the value of `base`, the complete settings that a search begins with. Raises
    InvalidSettings for a setting that cannot be searched, and where nothing is left to vary.
    """
    properties: JsonObject = recipe_named(recipe).settings_schema["properties"]
    known = {name: schema["search"] for name, schema in properties.items() if "search" in schema}
    unknown = [name for name in wanted or () if name not in known]
    if unknown:
        raise InvalidSettings(
            f"The setting “{unknown[0]}” of {recipe} cannot be searched; these can: "
            f"{', '.join(known) or 'none'}."
        )
    names = [name for name, search in known.items() if (name in wanted if wanted else search["chosen"])]
    if not names:
        raise InvalidSettings(f"Choose at least one setting of {recipe} that the search may vary.")
    return {name: _holding(known[name], base[name]) for name in names}


def _holding(search: JsonObject, value: Any) -> JsonObject:
    kept = {key: part for key, part in search.items() if key != "chosen"}
    if "values" in kept:
        return {"values": kept["values"] if value in kept["values"] else [value, *kept["values"]]}
    if "step" in kept:
        # A step must lead from the lowest to the highest value, and the default need not lie on it.
        return {"values": sorted({*range(kept["low"], kept["high"] + 1, kept["step"]), value})}
    return {**kept, "low": min(kept["low"], value), "high": max(kept["high"], value)}


def rungs_of(trial_s: float) -> list[float]:
    """Shares of a trial's budget at which it is judged: thirds of thirds, as far as they tell anything."""
    shares = [ETA**-power for power in (3, 2, 1)]
    return [round(share, 4) for share in shares if share * trial_s >= LEAST_RUNG_S]


def worth_going_on(mine: float, others: Sequence[float]) -> bool:
    """Asynchronous successive halving, the stopping kind (Li et al. 2020): whether a trial with the score
    `mine` at a rung is among the best third of those that have reached it, or the best. Equal ones go on.
    """
    places = max(1, (len(others) + 1) // ETA)
    return sum(other > mine for other in others) < places


def winner(trials: Sequence[Tried]) -> Tried | None:
    """The best score of those that learned to the end; of equal ones the earlier, so the default first."""
    ended = [trial for trial in trials if trial.score is not None]
    return max(ended, key=lambda trial: (trial.score, -trial.number), default=None)


def importance(space: Values, trials: Sequence[Tried]) -> dict[str, float]:
    """Share of the scores' variance that goes with each setting alone, 0 … 1 (eta squared, less what chance
    would give).

    The scores are those at the lowest rung, which all trials reached, or final ones where there are no rungs.
    Numbers are put into three groups of equal count. Empty with fewer than six trials or equal scores.
    """
    scored = [(trial.settings, score) for trial in trials if (score := _common_score(trial)) is not None]
    scores = [score for _, score in scored]
    mean = sum(scores) / max(len(scores), 1)
    total = sum((score - mean) ** 2 for score in scores)
    if len(scored) < 6 or total == 0:
        return {}
    return {
        name: round(_explained([(settings[name], score) for settings, score in scored], says, mean, total), 4)
        for name, says in space.items()
    }


def _common_score(trial: Tried) -> float | None:
    return trial.rungs[min(trial.rungs)] if trial.rungs else trial.score


def _explained(pairs: Sequence[tuple[Any, float]], says: Values, mean: float, total: float) -> float:
    groups: dict[Any, list[float]] = {}
    if "values" in says:
        for value, score in pairs:
            groups.setdefault(value, []).append(score)
    else:
        ordered = sorted(pairs, key=lambda pair: pair[0])
        for place, (_, score) in enumerate(ordered):
            groups.setdefault(3 * place // len(ordered), []).append(score)
    between = sum(len(group) * (sum(group) / len(group) - mean) ** 2 for group in groups.values())
    by_chance = (len(groups) - 1) / (len(pairs) - 1)
    return max(0.0, (between / total - by_chance) / (1 - by_chance)) if by_chance < 1 else 0.0
