"""Which settings to try next: Optuna's TPE sampler, told of every trial that has ended.

No state of Optuna's is kept: a study is made anew from the rows for each question, and the sampler's seed
comes of the search's seed and the trial's number, so a worker that was killed between question and answer
asks the same again and gets the same answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution
from optuna.trial import TrialState, create_trial

from training.contract.searching import Tried, Values

FIRST_AT_RANDOM = 5
ASKED_AT_MOST = 20
"""Questions until a choice of settings comes up that was not tried."""


def suggest(*, space: Values, tried: Sequence[Tried], seed: int) -> dict[str, Any] | None:
    """Settings that were not tried yet, one for each name in `space`; None where nothing new comes up."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.TPESampler(n_startup_trials=FIRST_AT_RANDOM, seed=seed + len(tried))
    study = optuna.create_study(direction="maximize", sampler=sampler)
    distributions = {name: _distribution(says) for name, says in space.items()}
    study.add_trials([_told(trial, distributions) for trial in tried])
    known = [dict(trial.settings) for trial in tried]
    for _ in range(ASKED_AT_MOST):
        asked = study.ask(distributions)
        settings = {name: _rounded(value) for name, value in asked.params.items()}
        if settings not in known:
            return settings
        study.tell(asked, state=TrialState.FAIL)
    return None


def _told(trial: Tried, distributions: dict[str, BaseDistribution]) -> optuna.trial.FrozenTrial:
    pruned = trial.score is None and bool(trial.rungs) and not trial.failed
    state = (
        TrialState.COMPLETE if trial.score is not None else TrialState.PRUNED if pruned else TrialState.FAIL
    )
    return create_trial(
        state=state,
        value=trial.score if trial.score is not None else (trial.rungs[max(trial.rungs)] if pruned else None),
        params=dict(trial.settings),
        distributions=distributions,
        intermediate_values={round(share * 10_000): score for share, score in trial.rungs.items()},
    )


def _distribution(says: Values) -> BaseDistribution:
    if "values" in says:
        return CategoricalDistribution(list(says["values"]))
    return FloatDistribution(float(says["low"]), float(says["high"]), log=bool(says.get("log")))


def _rounded(value: Any) -> Any:
    """Four figures are all that a setting needs, and a person can read them."""
    return float(f"{value:.4g}") if isinstance(value, float) else value
