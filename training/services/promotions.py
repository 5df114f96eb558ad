"""The gate: a model goes live only if it is not worse than the present one on the frozen test images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import transaction

from annotation.core import resampling
from annotation.core.bootstrap import Difference
from annotation.core.resampling import Judge
from annotation.models import Project
from annotation.policies import access
from backend.accounts.models import Role, User
from backend.foundation import clock, events
from backend.foundation.errors import Conflict, Invalid
from training.contract.errors import InvalidSettings
from training.contract.recipes import Makes, recipe_named
from training.models import Evaluation, EvaluationItem, Promotion, PromotionRule, Snapshot, TrainedModel
from training.models.snapshots import Split
from training.policies import projects as project_policies
from training.selectors import evaluations as evaluation_selectors
from training.selectors import promotions as selectors
from training.services import score_families

CONFIDENCE = 0.95
SCORES: Mapping[str, str] = {
    "ap50": "AP at IoU 0.5", "ap75": "AP at IoU 0.75", "mean_ap": "mean AP", "f1": "F1",
    "pq": "panoptic quality", "seg": "SEG", "mean_iou": "mean IoU of the classes",
    "mean_dice": "mean Dice of the classes",
    "foreground_dice": "Dice of the foreground", "macro_f1": "macro F1 of the classes",
    "balanced_accuracy": "balanced accuracy", "map": "mAP at IoU 0.5 to 0.95", "map50": "mAP at IoU 0.5",
    "ece": "expected calibration error", "mean_r": "mean correlation", "mean_ssim": "mean SSIM",
    "mean_mae": "mean error",
}  # fmt: skip
"""The scores that may decide, in words; of the two errors less is better."""


_OF_CHANNELS = frozenset({"mean_r", "mean_ssim", "mean_mae"})


def scores_for(recipe: str) -> dict[str, str]:
    """The scores that may decide on models of a recipe, in words: of channels those of pictures, else the
    others."""
    of_channels = recipe_named(recipe).makes is Makes.IMAGES
    return {name: words for name, words in SCORES.items() if (name in _OF_CHANNELS) == of_channels}


class PromotionRefused(Conflict):
    """The gate keeps the model out; the figures travel along."""


class AlreadyPromoted(Conflict):
    """The model is the present one already."""


class UnknownScore(Invalid):
    """A rule of promotion names a score that there is not, or a margin beyond it."""


class ReasonMissing(Invalid):
    """Overruling the gate takes a reason that others can read."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the gate says of a candidate, in a sentence and in figures.

    `code`: FIRST (nothing to be worse than), NOT_WORSE, WORSE, NOT_EVALUATED, PRESENT_NOT_EVALUATED,
    NO_TEST_IMAGES, IS_PRESENT. `difference` is candidate less present over the shared test images.
    """

    code: str
    may_pass: bool
    sentence: str
    snapshot: Snapshot
    present: Promotion | None = None
    score: str = "ap50"
    margin: float = 0.0
    confidence: float = CONFIDENCE
    images: int = 0
    left_out: int = 0
    difference: Difference | None = None
    figures: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As kept with a promotion and told in a refusal."""
        return {
            "code": self.code,
            "may_pass": self.may_pass,
            "sentence": self.sentence,
            "score": self.score,
            "margin": self.margin,
            "confidence": self.confidence,
            "images": self.images,
            "left_out": self.left_out,
            "snapshot": str(self.snapshot.pk),
            "present": str(self.present.trained_model_id) if self.present else None,
            "difference": asdict(self.difference) if self.difference else None,
        }


def judge(*, trained_model: TrainedModel, snapshot: Snapshot | None = None) -> Verdict:
    """Compare a model with the present one of its project and recipe, image by image.

    On the test images of the present promotion's snapshot, or of `snapshot`; images that either model learned
    from, or a model it continues, are left out. It is worse when it is by more than the margin, and at least
    the share `CONFIDENCE` of the paired bootstrap draws says so too; with fewer than two images the former
    decides. Score and margin are the project's rule for the recipe.
    """
    present = selectors.present_of(project_id=trained_model.project_id, recipe=trained_model.recipe)
    chosen = snapshot or selectors.frozen_test_set(trained_model=trained_model, present=present)
    rule = selectors.rule_of(project_id=trained_model.project_id, recipe=trained_model.recipe)
    facts: dict[str, Any] = {
        "snapshot": chosen, "present": present, "score": rule.score, "margin": rule.margin,
    }  # fmt: skip
    if present is not None and present.trained_model_id == trained_model.pk:
        return Verdict(
            code="IS_PRESENT", may_pass=False, sentence=f"{trained_model} is live already.", **facts
        )
    scored = selectors.scored_on_test(trained_model=trained_model, snapshot=chosen)
    if scored is None:
        return Verdict(
            code="NOT_EVALUATED", may_pass=False, sentence=_unscored(trained_model, chosen), **facts
        )
    seen = selectors.learned_from(trained_model=trained_model)
    if present is None:
        return _first(trained_model, _fair(scored, seen), facts)
    return _against(trained_model, present, scored, seen, facts)


@transaction.atomic
def promote(
    *, trained_model: TrainedModel, by: User, snapshot: Snapshot | None = None, reason: str = ""
) -> Promotion:
    """Make a model the present one. What the gate refuses, an owner may overrule with a reason.

    Raises NotAllowed, AlreadyPromoted, PromotionRefused with the figures, ReasonMissing.
    """
    project_policies.require_manager(user=by, project=trained_model.project)
    Project.objects.select_for_update(of=("self",)).get(pk=trained_model.project_id)
    if snapshot is not None and snapshot.project_id != trained_model.project_id:
        raise Invalid("snapshot: it belongs to another project.")
    verdict = judge(trained_model=trained_model, snapshot=snapshot)
    if verdict.code == "IS_PRESENT":
        raise AlreadyPromoted(verdict.sentence)
    if not verdict.may_pass:
        _check_overruling(verdict, trained_model, by, reason)
    promotion = Promotion.objects.create(
        project_id=trained_model.project_id,
        recipe=trained_model.recipe,
        number=verdict.present.number + 1 if verdict.present else 1,
        trained_model=trained_model,
        snapshot=verdict.snapshot,
        replaced=verdict.present,
        verdict=verdict.to_json(),
        reason="" if verdict.may_pass else reason.strip(),
        promoted_by=by,
        promoted_at=clock.now(),
    )
    events.publish("promotion.created", project=promotion.project_id, id=promotion.pk)
    return promotion


@transaction.atomic
def set_rule(*, project: Project, recipe: str, score: str, margin: float, by: User) -> PromotionRule:
    """Choose the score that decides for a recipe and how much of it may be lost. An owner's choice.

    Raises RoleTooLow, UnknownScore.
    """
    access.require(by, project, Role.OWNER)
    try:
        known = scores_for(recipe)
    except InvalidSettings as error:
        raise UnknownScore(f"recipe: {error}") from error
    if score not in known:
        raise UnknownScore(f"score: there is no {score!r}; there are {', '.join(known)}.")
    if not 0 <= margin <= 1:
        raise UnknownScore("margin: it lies between 0 and 1.")
    rule, _ = PromotionRule.objects.update_or_create(
        project=project,
        recipe=recipe,
        defaults={"score": score, "margin": margin, "set_by": by, "set_at": clock.now()},
    )
    return rule


def _check_overruling(verdict: Verdict, trained_model: TrainedModel, by: User, reason: str) -> None:
    if not reason.strip():
        raise PromotionRefused(
            f"{verdict.sentence} An owner may overrule this with a reason.", verdict=verdict.to_json()
        )
    access.require(by, trained_model.project, Role.OWNER)
    if len(reason.strip()) < 10:
        raise ReasonMissing(
            "reason: say in at least ten letters why the gate is overruled; others will read it."
        )


# ---------------------------------------------------------------- the verdict


def _first(model: TrainedModel, items: Sequence[EvaluationItem], facts: Mapping[str, Any]) -> Verdict:
    if not items:
        return _no_images(facts, 0)
    judges = score_families.judges_of([(item, item) for item in items], facts["score"])
    if judges is None:
        return _unknown(model, facts)
    value = resampling.values(judges[0], judges[2])["", facts["score"]]
    said = (
        f"{model} would be the first for “{recipe_named(model.recipe).title}” to go live: there is none it "
        f"could be worse than. Its {SCORES[facts['score']]} is {value:.3f} on {_images(len(items))}."
    )
    return Verdict(code="FIRST", may_pass=True, sentence=said, images=len(items), **facts)


def _against(
    model: TrainedModel, present: Promotion, scored: Evaluation, seen: set[Any], facts: Mapping[str, Any]
) -> Verdict:
    live = present.trained_model
    other = selectors.scored_on_test(trained_model=live, snapshot=facts["snapshot"])
    if other is None:
        said = _unscored(live, facts["snapshot"])
        return Verdict(code="PRESENT_NOT_EVALUATED", may_pass=False, sentence=said, **facts)
    known = seen | selectors.learned_from(trained_model=live)
    ours = {item.right: item for item in _fair(scored, known)}
    theirs = {item.right: item for item in _fair(other, known)}
    shared = [truth for truth in ours if truth in theirs]
    left_out = _test_items(scored).count() - len(shared)
    if not shared:
        return _no_images(facts, left_out)
    judges = score_families.judges_of([(theirs[truth], ours[truth]) for truth in shared], facts["score"])
    if judges is None:
        return _unknown(model, facts)
    found, worse = _compared(judges, facts["score"], facts["margin"])
    return Verdict(
        code="WORSE" if worse else "NOT_WORSE",
        may_pass=not worse,
        sentence=_sentence(model, live, found, facts, len(shared), worse),
        images=len(shared),
        left_out=left_out,
        difference=found,
        **facts,
    )


def _compared(judges: tuple[Judge, Judge, int], score: str, margin: float) -> tuple[Difference, bool]:
    """Candidate less present, and whether it is worse by more than the margin."""
    key = ("", score)
    found = resampling.differences(*judges)[key]
    better = score not in score_families.LOWER_IS_BETTER
    lost = -found.value if better else found.value
    share = resampling.share_worse(*judges, key, margin=margin, higher_is_better=better)
    return found, lost > margin and share >= CONFIDENCE


def _unknown(model: TrainedModel, facts: Mapping[str, Any]) -> Verdict:
    said = (
        f"The evaluation of {model} has no {SCORES[facts['score']]}, by which the project decides for "
        f"“{recipe_named(model.recipe).title}”. Evaluate it anew, or choose another score."
    )
    return Verdict(code="NOT_EVALUATED", may_pass=False, sentence=said, **facts)


def _fair(scored: Evaluation, seen: set[Any]) -> list[EvaluationItem]:
    """The test images of an evaluation that no model in question has learned from."""
    return [item for item in _test_items(scored) if item.image_id not in seen]


def _test_items(scored: Evaluation) -> Any:
    return evaluation_selectors.list_items(evaluation=scored).filter(split=Split.TEST, counts__isnull=False)


def _no_images(facts: Mapping[str, Any], left_out: int) -> Verdict:
    said = f"The snapshot {facts['snapshot'].name} has no test image that both models were scored on fairly"
    why = f"; {_images(left_out)} left out, because a model learned from them." if left_out else "."
    return Verdict(code="NO_TEST_IMAGES", may_pass=False, sentence=said + why, left_out=left_out, **facts)


def _unscored(model: TrainedModel, snapshot: Snapshot) -> str:
    return f"{model} has no evaluation on the test images of {snapshot.name}. Evaluate it there first."


def _sentence(
    model: TrainedModel,
    live: TrainedModel,
    found: Difference,
    facts: Mapping[str, Any],
    images: int,
    worse: bool,
) -> str:
    between = f" (95 % interval {found.low:+.3f} to {found.high:+.3f})" if found.low is not None else ""
    figures = (
        f"{SCORES[facts['score']]} is {found.second:.3f} against {found.first:.3f} of {live}, "
        f"a difference of {found.value:+.3f}{between} on {_images(images)}"
    )
    allowed = f"; {facts['margin']:g} may be lost" if facts["margin"] else ""
    if worse:
        return f"{model} is worse than the live {live}: its {figures}{allowed}."
    return f"{model} is not worse than the live {live}: its {figures}{allowed}."


def _images(count: int) -> str:
    return "1 test image" if count == 1 else f"{count} test images"
