"""What answers say together: of the items that changed, in background; of a whole campaign, on demand.

An item costs its own answers. What is known of workers is learnt anew from all answers of a kind once there
are a quarter more of them; in between new answers are weighed by what is known.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.db import transaction
from django.db.models import F

from annotation.core import crowd
from annotation.core.crowd import (
    ChoiceAnswer,
    ChoiceFit,
    Consensus,
    Kind,
    MaskAnswer,
    OutlineSkill,
    PointAnswer,
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
    WorkerState,
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


def run(*, campaign_id: UUID) -> None:
    """Reckon up all items of a campaign that wait; does nothing when none does or another worker is at it."""
    while CrowdItem.objects.filter(campaign=campaign_id, is_dirty=True).exists():
        with claims.alone("campaign", campaign_id) as is_alone:
            if not is_alone:
                return
            Campaign.objects.filter(pk=campaign_id).update(aggregate_asked_at=None)
            _work_off(Campaign.objects.get(pk=campaign_id))


def anew(*, campaign: Campaign, by: User) -> Campaign:
    """Everything at once, from all answers: what is known of workers, and every item."""
    access.require(by, campaign.project, Role.MANAGER)
    CrowdFit.objects.filter(campaign=campaign).delete()
    CrowdItem.objects.filter(campaign=campaign, use=ItemUse.WORK, answered__gt=0).update(is_dirty=True)
    run(campaign_id=campaign.pk)
    campaign.refresh_from_db()
    return campaign


def _work_off(campaign: Campaign) -> None:
    fits = {kind: _fit(campaign, kind) for kind in _kinds(campaign)}
    touched: set[UUID] = set()
    while batch := list(_dirty(campaign).select_related("campaign").order_by("pk")[:AT_ONCE]):
        touched |= _reckon(campaign, batch, fits)
    for worker in CrowdWorker.objects.filter(pk__in=touched).exclude(state=WorkerState.EXCLUDED):
        _weigh(worker)
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
    workers = set()
    for item in batch:
        mine = answers.get(item.pk, [])
        workers |= {one.worker_id for one in mine}
        said = _Said(item, mine, consensus_of(item.kind, mine, fits.get(item.kind))) if mine else None
        with transaction.atomic():
            _keep(item, said, rule)
    return workers


def consensus_of(kind: str, answers: Sequence[CrowdAnswer], fit: Fit) -> AnyConsensus:
    """What these answers to one item say together."""
    if kind == ItemKind.CENTRES:
        clicked = [crowd.point_answer(str(one.worker_id), one.value) for one in answers]
        return crowd.consensus_points(clicked, cast("Skills[PointSkill] | None", fit))
    if Kind(kind).of_masks:
        drawn = [crowd.mask_answer(str(one.worker_id), one.value) for one in answers]
        return crowd.consensus_masks(drawn, cast("Skills[OutlineSkill] | None", fit))
    assert isinstance(fit, ChoiceFit)
    return crowd.consensus_choice([_choice(one) for one in answers], fit)


def _choice(answer: CrowdAnswer) -> ChoiceAnswer:
    return ChoiceAnswer(str(answer.worker_id), answer.value["choice"])


def _keep(item: CrowdItem, said: _Said | None, rule: Stopping) -> None:
    """What was reckoned, unless an answer came meanwhile: then the item stays to be reckoned again."""
    same = CrowdItem.objects.filter(pk=item.pk, answered=item.answered)
    if said is None:
        same.update(
            is_dirty=False, is_done=False, consensus=None, certainty=None, agreement=None, ambiguity=None,
            wanted=rule.least,
        )  # fmt: skip
        return
    scores = [crowd.agreement_score(Kind(item.kind), one.value, said.consensus) for one in said.answers]
    is_done = item.use == ItemUse.WORK and crowd.sure(said.consensus, rule)
    wanted = min(max(rule.least, len(said.answers) + (0 if is_done else 1)), rule.most)
    kept = same.update(
        is_dirty=False,
        is_done=is_done,
        wanted=wanted,
        consensus=said.consensus.as_value(),
        certainty=said.consensus.certainty,
        ambiguity=crowd.ambiguity(said.consensus),
        agreement=sum(scores) / len(scores),
    )
    if kept:
        for one, score in zip(said.answers, scores, strict=True):
            one.score = score
        CrowdAnswer.objects.bulk_update(said.answers, ["score"])


# ---------------------------------------------------------------- workers


def _fit(campaign: Campaign, kind: str) -> Fit:
    """What is known of the campaign's workers, learnt anew where there are enough new answers."""
    known = CrowdFit.objects.filter(campaign=campaign, kind=kind).first()
    count = crowd_reading.answer_count(campaign, kind)
    if known is not None and count < max(FIRST_FIT, known.answer_count * GROWTH):
        return _READ[kind](known.content)
    if count < FIRST_FIT and not Kind(kind).of_choices:
        return None
    fit = _learn(campaign, kind)
    content = fit.as_json()
    CrowdFit.objects.update_or_create(
        campaign=campaign, kind=kind, defaults={"content": content, "answer_count": count}
    )
    unfinished = CrowdItem.objects.filter(campaign=campaign, kind=kind, use=ItemUse.WORK, is_done=False)
    unfinished.filter(answered__gt=0).update(is_dirty=True)
    return fit


def _learn(campaign: Campaign, kind: str) -> Skills[OutlineSkill] | Skills[PointSkill] | ChoiceFit:
    items, truths = crowd_reading.answers_of_kind(campaign, kind, most=FITTED_MOST)
    if kind == ItemKind.CENTRES:
        points: dict[Key, list[PointAnswer]] = {
            key: [crowd.point_answer(str(a.worker_id), a.value) for a in row] for key, row in items.items()
        }
        known: dict[Key, Floats] = {key: crowd.point_answer("", t).points for key, t in truths.items()}
        return crowd.fit_points(points, known)
    if Kind(kind).of_masks:
        masks: dict[Key, list[MaskAnswer]] = {
            key: [crowd.mask_answer(str(a.worker_id), a.value) for a in row] for key, row in items.items()
        }
        return crowd.fit_outlines(masks, {key: crowd.mask_answer("", t).masks for key, t in truths.items()})
    choices: dict[Key, list[ChoiceAnswer]] = {
        key: [_choice(one) for one in row] for key, row in items.items()
    }
    right: dict[Key, str] = {key: truth["choice"] for key, truth in truths.items()}
    return crowd.fit_choices(choices, classes_of(campaign, kind), right)


def classes_of(campaign: Campaign, kind: str) -> list[str]:
    """What may be said of items of this kind, `unsure` left out."""
    if kind != ItemKind.CLASS:
        return [*crowd.YES_NO]
    return [str(pk) for pk in campaign.project.classes.order_by("pk").values_list("pk", flat=True)]


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


@transaction.atomic
def _weigh(worker: CrowdWorker) -> None:
    """One number for a worker from gold and agreement; who does not look is excluded."""
    locked = crowd_workers.lock(worker)
    judged = CrowdAnswer.objects.filter(worker=locked, score__isnull=False).exclude(
        item__use=ItemUse.TRAINING
    )
    rows = list(judged.annotate(use=F("item__use"), kind=F("item__kind")).values_list("use", "kind", "score"))
    gold = [score or 0.0 for use, _, score in rows if use == ItemUse.GOLD]
    others = [score or 0.0 for use, _, score in rows if use == ItemUse.WORK]
    locked.reliability = crowd.reliability(gold, others).value
    locked.save(update_fields=["reliability"])
    for kind in sorted({kind for _, kind, _ in rows}):
        if crowd_answers.look_for_spam(locked, kind):
            return


def masks_consensus(item: CrowdItem, answers: Iterable[CrowdAnswer], fit: Fit) -> Consensus:
    """The consensus of an OUTLINE or FIX item with its chances of pixels."""
    found = consensus_of(item.kind, list(answers), fit)
    assert isinstance(found, Consensus)
    return found
