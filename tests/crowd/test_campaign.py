"""K3, K4, K8 on a simulated crowd: better than votes, with fewer answers, and knowing where it is hard."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from annotation.core import crowd, matching
from annotation.core.crowd.values import OutlineSkill, Skills
from tests.crowd import campaign, crops, rivals
from tests.crowd.campaign import Campaign
from tests.crowd.crops import Crop
from tests.crowd.workers import BAD, SPAMMERS
from tests.crowd.workers import crowd as workers_of

GOLD = 12


@pytest.fixture(scope="module")
def items() -> list[Crop]:
    return crops.simulated(seed=5, count=92)


@pytest.fixture(scope="module")
def fixed(items: list[Crop]) -> Campaign:
    return campaign.fixed(items, workers_of(seed=5, workers=24), seed=5, redundancy=5, gold=GOLD)


@pytest.fixture(scope="module")
def skills(fixed: Campaign) -> Skills[OutlineSkill]:
    return crowd.fit_outlines(fixed.answers, fixed.truths())


def test_K4_a_third_of_bad_workers_is_seen_through(fixed: Campaign, skills: Skills[OutlineSkill]) -> None:
    ours = campaign.f1(campaign.count(fixed, campaign.consensus(fixed, skills)))
    theirs = {
        name: campaign.f1(campaign.count(fixed, campaign.by(fixed, method)))
        for name, method in rivals.METHODS.items()
    }
    assert ours >= 0.94
    assert ours > max(theirs.values()) + 0.02, theirs


def test_K4_workers_are_ranked_as_they_are(fixed: Campaign, skills: Skills[OutlineSkill]) -> None:
    finds = {w.name: skills.of(w.name).finds - skills.of(w.name).invents for w in fixed.workers}
    honest = [finds[w.name] for w in fixed.workers if w.kind == "honest"]
    spam = [finds[w.name] for w in fixed.workers if w.kind in SPAMMERS]
    assert max(spam) < min(honest)
    large = next(w.name for w in fixed.workers if w.kind == "large")
    assert skills.of(large).spares < 0.4 < skills.typical.spares


def test_K8_ambiguity_is_where_the_pictures_are_hard(fixed: Campaign, skills: Skills[OutlineSkill]) -> None:
    said = {i: crowd.consensus_masks(fixed.answers[i], skills) for i in range(GOLD, len(fixed.crops))}
    hard = [fixed.crops[i].hard for i in said]
    assert spearmanr([crowd.ambiguity(one) for one in said.values()], hard).statistic > 0.4
    item = next(iter(said))
    seen = crowd.ambiguity_map(said[item], height=72, width=72)
    assert seen.shape == (72, 72)
    assert 0 <= seen.min() <= seen.max() <= 1
    weight = crowd.training_weight(seen, least=0.2)
    assert weight[seen == 0] == pytest.approx(1)
    assert (weight >= 0.2).all()


def test_K8_certainty_can_be_believed(fixed: Campaign, skills: Skills[OutlineSkill]) -> None:
    said = {i: crowd.consensus_masks(fixed.answers[i], skills) for i in range(GOLD, len(fixed.crops))}
    counts = campaign.count(fixed, {i: one.masks for i, one in said.items()})
    exists = [one.exists for c in said.values() for one in c.objects]
    precision = sum(c.tp[0] for c in counts) / sum(c.tp[0] + c.fp[0] for c in counts)
    assert np.mean(exists) == pytest.approx(precision, abs=0.05)
    sure = [c for c, one in zip(counts, said.values(), strict=True) if one.certainty > 0.85]
    doubtful = [c for c, one in zip(counts, said.values(), strict=True) if one.certainty <= 0.85]
    assert campaign.f1(sure) > campaign.f1(doubtful) + 0.01


def test_K3_answers_are_asked_where_they_are_needed(items: list[Crop]) -> None:
    some = items[:50]
    made, skills = campaign.adaptive(
        some, workers_of(seed=6, workers=16), seed=6, rule=crowd.Stopping(most=7), gold=GOLD
    )
    counted = [len(made.answers[i]) for i in range(GOLD, len(some))]
    assert min(counted) >= 2
    assert max(counted) <= 7
    assert len(set(counted)) > 3
    hard = [some[i].hard for i in range(GOLD, len(some))]
    assert spearmanr(counted, hard).statistic > 0.1
    assert campaign.f1(campaign.count(made, campaign.consensus(made, skills))) > 0.93


def test_the_simulated_workers_err_as_they_are_named(items: list[Crop]) -> None:
    random = np.random.default_rng(1)
    workers = {w.kind: w for w in workers_of(seed=2, workers=40, bad=0.5)}
    assert set(workers) == {"honest", *BAD}
    scores = {}
    for kind, worker in workers.items():
        made = Campaign(items, [worker])
        made.answers = {i: [worker.outline(crop, random)] for i, crop in enumerate(items)}
        counts = campaign.count(made, {i: row[0].masks for i, row in made.answers.items()})
        scores[kind] = matching.pool(counts)
    spam = max(scores[kind].f1[0.5] for kind in SPAMMERS)
    assert scores["honest"].f1[0.5] > 0.85 > scores["sloppy"].f1[0.5] > 0.5 > spam
    assert scores["merging"].merges > 2 * scores["honest"].merges
    assert scores["large"].f1[0.75] < 0.6 < scores["large"].f1[0.5]
    assert scores["empty"].predicted_cells == 0


@pytest.mark.real_data
@pytest.mark.skipif(
    not crops.DATA.is_dir(), reason="the real images are not beside the project (../shared/data)"
)
def test_K4_crops_of_real_images_are_seen_through_too() -> None:
    real = crops.real(seed=1, count=50)
    made = campaign.fixed(real, workers_of(seed=1, workers=20), seed=1, redundancy=5, gold=12)
    skills = crowd.fit_outlines(made.answers, made.truths())
    ours = campaign.f1(campaign.count(made, campaign.consensus(made, skills)))
    theirs = [campaign.f1(campaign.count(made, campaign.by(made, m))) for m in rivals.METHODS.values()]
    assert ours > max(theirs)
