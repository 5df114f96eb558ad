"""What answers say together: of the items that changed, in background; of a whole campaign, on demand.

An item costs its own answers. What is known of workers is learnt anew from all answers of a kind once there
are a quarter more of them; in between new answers are weighed by what is known.
"""

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.db import connection, transaction

from annotation.core import crowd
from annotation.core.crowd import (
    ChoiceFit,
    Consensus,
    Kind,
    OutlineSkill,
    PointSkill,
    Skills,
    Stopping,
)
from annotation.core.crowd.values import AnyConsensus, Floats, Key
from annotation.models import (
    Campaign,
    CrowdAnswer,
    CrowdFit,
    CrowdItem,
    CrowdWorker,
    ItemKind,
    ItemUse,
)
from annotation.policies import access
from annotation.selectors import crowd_reading
from annotation.services import campaigns, claims, crowd_answers, crowd_workers
from backend.accounts.models import Role, User
from backend.foundation.clock import now

AT_ONCE = 100
GROWTH, FIRST_FIT = 1.25, 20
FITTED_MOST = 20_000

Fit = Skills[OutlineSkill] | Skills[PointSkill] | ChoiceFit | None


@dataclass(frozen=True, slots=True)
class _Said:
    """An item, its answers that count, and what they say together."""

    item: CrowdItem
    answers: Sequence[CrowdAnswer]
    consensus: AnyConsensus

    def scored(self) -> Sequence[CrowdAnswer]:
        """The answers with how far each agrees with what all say."""
        for one in self.answers:
            one.score = crowd.agreement_score(Kind(self.item.kind), one.value, self.consensus)
        return self.answers


def run(*, campaign_id: UUID) -> None:
    """Reckon up the items of a campaign that wait; does nothing when none does or another worker is at it."""
    with claims.alone("campaign", campaign_id) as is_alone:
        if not is_alone:
            return
        Campaign.objects.filter(pk=campaign_id).update(aggregate_asked_at=None)
        campaign = Campaign.objects.filter(pk=campaign_id).first()
        if campaign is not None and _dirty(campaign).exists():
            _work_off(campaign)


def anew(*, campaign: Campaign, by: User) -> Campaign:
    """Everything at once, from all answers: what is known of workers, and every item."""
    access.require(by, campaign.project, Role.MANAGER)
    CrowdFit.objects.filter(campaign=campaign).delete()
    CrowdItem.objects.filter(campaign=campaign, use=ItemUse.WORK, answered__gt=0).update(is_dirty=True)
    run(campaign_id=campaign.pk)
    campaign.refresh_from_db()
    return campaign


def _work_off(campaign: Campaign) -> None:
    """Those that wait now; who comes meanwhile asks again."""
    fits = {kind: _fit(campaign, kind) for kind in _kinds(campaign)}
    waiting = list(_dirty(campaign).order_by("pk").values_list("pk", flat=True))
    touched: set[UUID] = set()
    for first in range(0, len(waiting), AT_ONCE):
        batch = CrowdItem.objects.filter(pk__in=waiting[first : first + AT_ONCE]).defer("shown", "truth")
        touched |= _reckon(campaign, list(batch), fits)
    _weigh(touched)
    Campaign.objects.filter(pk=campaign.pk).update(aggregated_at=now())
    with transaction.atomic():
        campaigns.announce(campaign)


def _kinds(campaign: Campaign) -> list[str]:
    return list(_dirty(campaign).order_by().values_list("kind", flat=True).distinct())


def _dirty(campaign: Campaign) -> Any:
    return CrowdItem.objects.filter(campaign=campaign, is_dirty=True)


# ---------------------------------------------------------------- items


def _reckon(campaign: Campaign, batch: Sequence[CrowdItem], fits: dict[str, Fit]) -> set[UUID]:
    """Reckon up these items; answers their workers."""
    rule = Stopping(campaign.answers_min, campaign.answers_max, campaign.worth)
    answers = crowd_reading.answers_of(batch)
    said = [
        _Said(item, mine, consensus_of(item.kind, mine, fits.get(item.kind)))
        for item in batch
        if (mine := answers.get(item.pk))
    ]
    # Answers before items, as everybody locks them.
    _keep_scores([one for item in said for one in item.scored()])
    _keep(said, rule)
    silent = [item.pk for item in batch if item.pk not in answers]
    CrowdItem.objects.filter(pk__in=silent, answered=0).update(
        is_dirty=False, is_done=False, consensus=None, certainty=None, agreement=None, ambiguity=None,
        wanted=rule.least,
    )  # fmt: skip
    return {one.worker_id for mine in answers.values() for one in mine}


def consensus_of(kind: str, answers: Sequence[CrowdAnswer], fit: Fit) -> AnyConsensus:
    """What these answers to one item say together."""
    if kind == ItemKind.CENTRES:
        clicked = [crowd.point_answer(str(one.worker_id), one.value) for one in answers]
        return crowd.consensus_points(clicked, cast("Skills[PointSkill] | None", fit))
    if Kind(kind).of_masks:
        drawn = [crowd.mask_answer(str(one.worker_id), one.value) for one in answers]
        return crowd.consensus_masks(drawn, cast("Skills[OutlineSkill] | None", fit))
    assert isinstance(fit, ChoiceFit)
    chosen = [crowd.choice_answer(str(one.worker_id), one.value) for one in answers]
    return crowd.consensus_choice(chosen, fit)


def _keep(said: Sequence[_Said], rule: Stopping) -> None:
    """What was reckoned, in one statement; where an answer came meanwhile the item stays to be reckoned
    again."""
    columns = zip(*(_row(one, rule) for one in said), strict=True)
    if said:
        with connection.cursor() as cursor:
            cursor.execute(KEEP_SQL, [list(column) for column in columns])


def _row(said: _Said, rule: Stopping) -> tuple[Any, ...]:
    """(key, answers as it was read, done, wanted, consensus, certainty, ambiguity, agreement)."""
    item, count = said.item, len(said.answers)
    is_done = item.use == ItemUse.WORK and crowd.sure(said.consensus, rule)
    return (
        item.pk,
        item.answered,
        is_done,
        min(max(rule.least, count + (not is_done)), rule.most),
        json.dumps(said.consensus.as_value()),
        said.consensus.certainty,
        crowd.ambiguity(said.consensus),
        sum(one.score or 0.0 for one in said.answers) / count,
    )


# Items are locked by key, as everybody does who locks several.
KEEP_SQL = """
WITH n AS (
  SELECT * FROM unnest(%s::uuid[], %s::int[], %s::bool[], %s::int[], %s::text[], %s::float8[], %s::float8[],
    %s::float8[]) AS n(id, answered, is_done, wanted, consensus, certainty, ambiguity, agreement)
), locked AS (
  SELECT i.id FROM annotation_crowditem i JOIN n ON n.id = i.id AND n.answered = i.answered
  ORDER BY i.id FOR UPDATE OF i
)
UPDATE annotation_crowditem i SET is_dirty = false, is_done = n.is_done, wanted = n.wanted,
  consensus = n.consensus::jsonb, certainty = n.certainty, ambiguity = n.ambiguity, agreement = n.agreement
FROM n JOIN locked ON locked.id = n.id WHERE i.id = n.id AND i.answered = n.answered
"""


def _keep_scores(answers: Sequence[CrowdAnswer]) -> None:
    """How far each answer agrees with the others, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(SCORES_SQL, [[one.pk for one in answers], [one.score for one in answers]])


SCORES_SQL = """
UPDATE annotation_crowdanswer a SET score = n.score FROM unnest(%s::uuid[], %s::float8[]) AS n(id, score)
WHERE a.id = n.id AND a.score IS DISTINCT FROM n.score
"""


# ---------------------------------------------------------------- workers


def _fit(campaign: Campaign, kind: str) -> Fit:
    """What is known of the campaign's workers, learnt anew where there are enough new answers."""
    known = CrowdFit.objects.filter(campaign=campaign, kind=kind).first()
    count = crowd_reading.answer_count(campaign, kind)
    if known is not None and count < max(FIRST_FIT, known.answer_count * GROWTH):
        read = _READ[kind](known.content)
        if not isinstance(read, ChoiceFit) or {*read.classes} >= {*crowd_reading.choices_of(campaign, kind)}:
            return read
    if count < FIRST_FIT and not Kind(kind).of_choices:
        return None
    fit = _learn(campaign, kind)
    content = fit.as_json()
    CrowdFit.objects.update_or_create(
        campaign=campaign, kind=kind, defaults={"content": content, "answer_count": count}
    )
    if Kind(kind).of_choices:
        _keep_clarity(campaign, kind)
    unfinished = CrowdItem.objects.filter(campaign=campaign, kind=kind, use=ItemUse.WORK, is_done=False)
    unfinished.filter(answered__gt=0).update(is_dirty=True)
    return fit


def _keep_clarity(campaign: Campaign, kind: str) -> None:
    """How often those who look are right at each gold item: the certainty of gold."""
    guess = 1 / max(len(crowd_reading.choices_of(campaign, kind)), 2)
    for item, share in crowd.clarity(crowd_reading.gold_choices(campaign, kind), guess=guess).items():
        CrowdItem.objects.filter(pk=item).update(certainty=share)


def _learn(campaign: Campaign, kind: str) -> Skills[OutlineSkill] | Skills[PointSkill] | ChoiceFit:
    asked: dict[str, Any] = {"campaign": campaign, "kind": kind, "most": FITTED_MOST}
    if kind == ItemKind.CENTRES:
        points, truths = crowd_reading.answers_of_kind(**asked, read=crowd.point_answer)
        known: dict[Key, Floats] = {key: crowd.point_answer("", t).points for key, t in truths.items()}
        return crowd.fit_points(points, known)
    if Kind(kind).of_masks:
        masks, truths = crowd_reading.answers_of_kind(**asked, read=crowd.mask_answer)
        return crowd.fit_outlines(masks, {key: crowd.mask_answer("", t).masks for key, t in truths.items()})
    choices, truths = crowd_reading.answers_of_kind(**asked, read=crowd.choice_answer)
    right: dict[Key, str] = {key: truth["choice"] for key, truth in truths.items()}
    return crowd.fit_choices(choices, crowd_reading.choices_of(campaign, kind), right)


_READ: dict[str, Callable[[Any], Fit]] = {
    ItemKind.OUTLINE: lambda told: Skills.of_json(OutlineSkill, told),
    ItemKind.FIX: lambda told: Skills.of_json(OutlineSkill, told),
    ItemKind.CENTRES: lambda told: Skills.of_json(PointSkill, told),
    **dict.fromkeys(
        (ItemKind.CELL, ItemKind.SAME, ItemKind.DIVIDED, ItemKind.CLASS), lambda told: ChoiceFit.of_json(told)
    ),
}


def known_fit(campaign: Campaign, kind: str) -> Fit:
    """What was last learnt of the workers; None where nothing was."""
    known = CrowdFit.objects.filter(campaign=campaign, kind=kind).first()
    return None if known is None else _READ[kind](known.content)


def _weigh(workers: Collection[UUID]) -> None:
    """One number for each worker from gold and agreement; who does not look is excluded."""
    for pk, judged in crowd_reading.judged_of(workers).items():
        gold = [one.score for one in judged if one.use == ItemUse.GOLD]
        others = [one.score for one in judged if one.use == ItemUse.WORK]
        worker = CrowdWorker.objects.filter(pk=pk)
        worker.update(reliability=crowd.reliability(gold, others).value)
        for kind in sorted({one.kind for one in judged}):
            if crowd_answers.verdict_of(judged, kind).spammer:
                _shut_out(pk, kind)


@transaction.atomic
def _shut_out(pk: UUID, kind: str) -> None:
    """Look once more, with the worker locked."""
    worker = CrowdWorker.objects.select_related("campaign").filter(pk=pk).first()
    if worker is not None:
        crowd_answers.look_for_spam(crowd_workers.lock(worker), kind)


def masks_consensus(item: CrowdItem, answers: Iterable[CrowdAnswer], fit: Fit) -> Consensus:
    """The consensus of an OUTLINE or FIX item with its chances of pixels."""
    found = consensus_of(item.kind, list(answers), fit)
    assert isinstance(found, Consensus)
    return found
