"""A search and a cross-validation from letter to end, with a tiny recipe started as the real ones are."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from backend.accounts.models import Team, User
from backend.foundation import storage
from backend.foundation.queue import Letter
from tests.conftest import Outbox
from tests.factories import training as make
from training.contract.files import RunFolder
from training.contract.manifest import ManifestLine
from training.contract.recipes import complete_settings
from training.contract.specs import RunSpec
from training.models import Job, JobPoint, Search, Snapshot, TrainedModel, Trial
from training.models.jobs import State
from training.models.searches import TrialState
from training.runners import jobs as runner
from training.runners import local_process, suggesting, watch
from training.runners.parts import Parts
from training.selectors import searches as selectors
from training.services import cross_validations, jobs, searches
from training.services.orders import BadSettings, JobNotComplete
from training.services.searches import Wish

pytestmark = pytest.mark.django_db(transaction=True)
THIRDS = {"train": 0.6, "validation": 0.2, "test": 0.2}


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tiny recipe in place of the real one; settings from a list instead of a sampler's head."""
    monkeypatch.setattr(
        local_process.LocalProcessRunner.__init__, "__defaults__", ("tests.background.trial_recipes",)
    )
    monkeypatch.setattr(watch, "POLL_S", 0.02)


@pytest.fixture
def frozen(transactional_db: None, team: Team, mia: User) -> Snapshot:
    dataset = make.dataset(make.project(team))
    make.labelled_images(dataset, 5, pixels=True)
    return make.snapshot(dataset, by=mia, fractions=THIRDS)


def suggest_these(monkeypatch: pytest.MonkeyPatch, rates: list[float]) -> None:
    """The sampler's answers, by how many trials there are."""

    def suggest(*, tried: list[Any], **_: object) -> dict[str, Any] | None:
        place = len(tried) - 1
        return {**tried[0].settings, "learning_rate": rates[place]} if place < len(rates) else None

    monkeypatch.setattr("training.runners.searching.suggest", suggest)


def start(frozen: Snapshot, by: User, **words: Any) -> Search:
    wish = Wish(**{"minutes": 60.0, "trial_minutes": 10.0, "vary": ["learning_rate"], **words})
    return searches.start(project=frozen.project, order=make.order(frozen), wish=wish, by=by)


def states(search: Search) -> list[tuple[int, str]]:
    return list(Trial.objects.filter(search=search).values_list("number", "state"))


def test_L10_the_default_first_worse_ones_pruned_and_the_best_becomes_a_model(
    frozen: Snapshot, mia: User, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    suggest_these(monkeypatch, [1e-4, 4e-3, 5e-4])
    search = start(frozen, mia)
    outbox.deliver(Letter.RUN_JOB)
    job = Job.objects.get(pk=search.job_id)
    assert (job.state, job.error) == (State.SUCCEEDED, "")
    assert states(search) == [(0, "DONE"), (1, "PRUNED"), (2, "DONE"), (3, "PRUNED")]
    search.refresh_from_db()
    assert search.best is not None
    assert search.best.number == 2
    of_default = search.trials.get(number=0).score
    assert search.best.score is not None
    assert of_default is not None
    assert search.best.score >= of_default
    model = TrainedModel.objects.get(job=job)
    assert model.settings["learning_rate"] == 4e-3
    assert b'"learning_rate": 0.004' in storage.get(f"{model.weights_key}/weights.safetensors")
    assert search.confirmed["held"] is True
    assert model.summary["search"]["trials"] == 4
    assert all(trial.spent_s > 0 for trial in search.trials.all())
    assert Job.objects.get(pk=job.pk).fraction == 1.0


def test_L10_a_budget_of_processor_time_is_one_for_every_trial(
    frozen: Snapshot, mia: User, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    suggest_these(monkeypatch, [4e-3])
    begun: list[tuple[float | None, float | None]] = []
    lay_out = Parts.lay_out

    def listen(self: Parts, name: str, *, spec: RunSpec, lines: Iterable[ManifestLine]) -> RunFolder:
        begun.append((spec.minutes, spec.cpu_minutes))
        return lay_out(self, name, spec=spec, lines=lines)

    monkeypatch.setattr(Parts, "lay_out", listen)
    search = start(frozen, mia, counts_cpu=True)
    outbox.deliver(Letter.RUN_JOB)
    job = Job.objects.get(pk=search.job_id)
    assert (job.state, job.error) == (State.SUCCEEDED, "")
    assert begun == [(None, 10.0), (None, 10.0)]


def test_L10_without_anything_better_the_default_wins(
    frozen: Snapshot, mia: User, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    default = complete_settings("instances", {})["learning_rate"]
    suggest_these(monkeypatch, [default])
    search = start(frozen, mia, trial_minutes=0.2)
    outbox.deliver(Letter.RUN_JOB)
    search.refresh_from_db()
    assert states(search) == [(0, "DONE"), (1, "DONE")]
    assert search.best is not None
    assert search.best.number == 0


def test_L10_kills_of_engine_and_worker_leave_the_same_trials(
    frozen: Snapshot, mia: User, outbox: Outbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    suggest_these(monkeypatch, [4e-3])
    (tmp_path / "die").mkdir()
    for number in range(2):
        (tmp_path / "die" / str(number)).touch()
    monkeypatch.setenv("CYTOLOOP_TEST_DIE", str(tmp_path / "die"))
    real, calls = searches.end_trial, iter(range(100))

    def die_once(**words: Any) -> None:
        if next(calls) == 0:
            raise KeyboardInterrupt  # as sudden as a kill of the worker, between result and row
        real(**words)

    monkeypatch.setattr(searches, "end_trial", die_once)
    search = start(frozen, mia, trial_minutes=0.2)
    with pytest.raises(KeyboardInterrupt):
        outbox.deliver(Letter.RUN_JOB)
    assert states(search) == [(0, "RUNNING")]
    Job.objects.filter(pk=search.job_id).update(state=State.QUEUED, claimed_by="", heartbeat_at=None)
    runner.run(job_id=str(search.job_id))
    job = Job.objects.get(pk=search.job_id)
    assert (job.state, job.error) == (State.SUCCEEDED, "")
    assert states(search) == [(0, "DONE"), (1, "DONE")]
    assert TrainedModel.objects.count() == 1
    assert not list((tmp_path / "die").iterdir())


def test_L10_a_stopped_search_keeps_the_best_so_far(
    frozen: Snapshot, mia: User, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = searches.begin_trial

    def begin(**words: Any) -> Trial:
        trial = real(**words)
        if trial.number == 1:
            searches.stop(search=trial.search, by=mia)
        return trial

    suggest_these(monkeypatch, [4e-3])
    monkeypatch.setattr(searches, "begin_trial", begin)
    search = start(frozen, mia)
    outbox.deliver(Letter.RUN_JOB)
    assert states(search) == [(0, TrialState.DONE), (1, TrialState.STOPPED)]
    assert TrainedModel.objects.get(job_id=search.job_id).scores["validation"]
    with pytest.raises(searches.SearchIsOver):
        searches.stop(search=search, by=mia)


def test_L10_the_budget_ends_a_search(frozen: Snapshot, mia: User, outbox: Outbox) -> None:
    search = start(frozen, mia, minutes=20.0, trial_minutes=10.0)
    outbox.letters.clear()
    assert jobs.claim(job_id=search.job_id, worker="w") is not None
    first = searches.begin_trial(search=search, worker="w", settings={})
    Trial.objects.filter(pk=first.pk).update(spent_s=590.0, state=TrialState.DONE, score=0.5)
    assert searches.has_room(search=search)
    second = searches.begin_trial(search=search, worker="w", settings={"learning_rate": 1e-3})
    Trial.objects.filter(pk=second.pk).update(spent_s=20.0, state=TrialState.PRUNED)
    assert not searches.has_room(search=search)


@pytest.mark.parametrize(
    ("words", "error", "said"),
    [
        ({"vary": ["classes"]}, BadSettings, "cannot be searched"),
        ({"trial_minutes": 40.0}, JobNotComplete, "room for two trials"),
        ({"minutes": 0.0}, JobNotComplete, "minutes"),
    ],
)
def test_L10_a_search_that_cannot_be_is_refused(
    frozen: Snapshot, mia: User, outbox: Outbox, words: dict[str, Any], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        start(frozen, mia, **words)
    assert not Job.objects.exists()


def test_L10_optuna_is_told_of_the_rows_and_repeats_itself(
    frozen: Snapshot, mia: User, outbox: Outbox
) -> None:
    search = start(frozen, mia, vary=["learning_rate", "width"])
    jobs.claim(job_id=search.job_id, worker="w")
    for number in range(8):
        tried = selectors.tried(search=search)
        answer = suggesting.suggest(space=search.space, tried=tried, seed=3) if number else {}
        assert not number or answer == suggesting.suggest(space=search.space, tried=tried, seed=3)
        assert answer is not None
        trial = searches.begin_trial(search=search, worker="w", settings=answer)
        state = TrialState.PRUNED if number % 3 == 2 else TrialState.DONE
        score = None if state == TrialState.PRUNED else 0.1 * number
        Trial.objects.filter(pk=trial.pk).update(state=state, rungs={"0.1111": 0.1 * number}, score=score)
    tried = selectors.tried(search=search)
    assert len({str(sorted(trial.settings.items())) for trial in tried}) == 8
    assert all(3e-4 <= trial.settings["learning_rate"] <= 8e-3 for trial in tried)
    assert set(selectors.importance(search=search)) == {"learning_rate", "width"}


def test_L9_five_small_pictures_are_each_judged_by_a_net_that_had_not_seen_them(
    frozen: Snapshot, mia: User, outbox: Outbox
) -> None:
    frozen = make.snapshot(frozen.project.datasets.get(), by=mia, name="all", fractions={"train": 1.0})
    job = cross_validations.start(project=frozen.project, order=make.order(frozen), folds=3, by=mia)
    outbox.deliver(Letter.RUN_JOB)
    job.refresh_from_db()
    assert (job.state, job.error) == (State.SUCCEEDED, "")
    told = TrainedModel.objects.get(job=job).summary["cross_validation"]
    assert sorted(image["fold"] for image in told["images"]) == [1, 1, 2, 2, 3]
    assert {image["image"] for image in told["images"]} == {str(i.image_id) for i in frozen.items.all()}
    mean = sum(image["scores"]["ap50"] for image in told["images"]) / 5
    assert told["summary"]["ap50"]["mean"] == pytest.approx(mean, abs=1e-4)
    assert set(told["summary"]) == {"ap50"}
    names = set().union(*(point.values for point in JobPoint.objects.filter(job=job)))
    assert {"loss, fold 1 of 3", "loss, all images"} <= names
    outbox.deliver_again()
    assert TrainedModel.objects.count() == 1


def test_L9_one_image_or_one_fold_is_refused(frozen: Snapshot, mia: User, outbox: Outbox) -> None:
    with pytest.raises(JobNotComplete, match="folds"):
        cross_validations.start(project=frozen.project, order=make.order(frozen), folds=1, by=mia)
    assert not Job.objects.exists()
