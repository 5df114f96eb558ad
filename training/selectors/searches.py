"""Reading searches: lists, one with its trials, what each setting is worth."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import AnonymousUser

from backend.accounts.models import User
from backend.foundation.errors import NotFound
from training.contract import searching
from training.contract.recipes import complete_settings
from training.contract.searching import Tried
from training.models import Search, Trial
from training.models.searches import SearchQuerySet, TrialState
from training.policies import searches as policies


class SearchMissing(NotFound):
    """There is no such search, or not for this person."""


def list_searches(*, user: User | AnonymousUser, project: uuid.UUID | None = None) -> SearchQuerySet:
    """Searches that this person may see, newest first."""
    found = policies.visible_to(user).select_related(
        "job", "job__project", "job__created_by", "job__result", "best"
    )
    return found.filter(job__project_id=project) if project else found


def get_search(*, user: User | AnonymousUser, search_id: uuid.UUID | str) -> Search:
    """By its own id or its job's. Raises SearchMissing."""
    visible = list_searches(user=user)
    found = visible.filter(pk=search_id).first() or visible.filter(job_id=search_id).first()
    if found is None:
        raise SearchMissing("There is no such search that you may see.")
    return found


def tried(*, search: Search) -> list[Tried]:
    """The trials that have ended, the default first, as plain data; each with all that the search varies."""
    base = complete_settings(search.job.recipe, search.job.settings)
    first = {name: base[name] for name in search.space}
    return [
        Tried(
            number=trial.number,
            settings={**first, **trial.settings},
            score=trial.score if trial.state == TrialState.DONE else None,
            rungs={float(share): score for share, score in trial.rungs.items()},
            failed=trial.state in (TrialState.FAILED, TrialState.STOPPED),
        )
        for trial in search.trials.exclude(state=TrialState.RUNNING)
    ]


def spent_minutes(*, search: Search, trial: Trial) -> float:
    """What a trial has used of the budget, in the budget's minutes."""
    return (trial.spent_cpu_s if search.counts_cpu else trial.spent_s) / 60


def importance(*, search: Search) -> dict[str, float]:
    """Setting → share of the scores' variance that goes with it; empty before six trials."""
    return searching.importance(search.space, tried(search=search))
