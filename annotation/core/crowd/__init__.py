"""The craft of a crowd: what many answers say together, how far each worker can be believed, when to stop.

    value = read_answer(kind, json, height=96, width=96, choices=())     refuses what is no answer
    skills = fit_outlines(answers by item, truths of gold items)         of the whole campaign, in background
    consensus = consensus_masks(answers of one item, skills)             milliseconds, after each answer
    sure(consensus)                                                      is one more answer worth asking?

The same with `fit_points`, `consensus_points` for centres and `fit_choices`, `consensus_choice` for choices.
Decision note 0023 tells the method and the papers.
"""

from annotation.core.crowd.agreement import (
    Agreement,
    agreement_of_choices,
    agreement_of_lineages,
    agreement_of_masks,
    agreement_of_points,
)
from annotation.core.crowd.ambiguity import ambiguity, ambiguity_map, training_weight
from annotation.core.crowd.choices import ChoiceFit, consensus_choice, consensus_choices, fit_choices
from annotation.core.crowd.clear_gold import CLEAR, clarity, expected, is_trusted, share_now
from annotation.core.crowd.gold import GoldScore, Region, agreement_score, gold_score
from annotation.core.crowd.masks import consensus_masks, fit_outlines
from annotation.core.crowd.points import consensus_points, fit_points
from annotation.core.crowd.reading import BadAnswer, choice_answer, mask_answer, point_answer, read_answer
from annotation.core.crowd.reliability import Reliability, reliability
from annotation.core.crowd.sizes import DrawnAnswer, is_spammer_of_any_size
from annotation.core.crowd.spam import Evidence, Verdict, is_spammer
from annotation.core.crowd.stopping import Stopping, sure
from annotation.core.crowd.values import (
    UNSURE,
    YES_NO,
    ChoiceAnswer,
    ChoiceConsensus,
    Consensus,
    Kind,
    MaskAnswer,
    ObjectConsensus,
    OutlineSkill,
    PointAnswer,
    PointConsensus,
    PointSkill,
    Skills,
)

__all__ = [
    "CLEAR",
    "UNSURE",
    "YES_NO",
    "Agreement",
    "BadAnswer",
    "ChoiceAnswer",
    "ChoiceConsensus",
    "ChoiceFit",
    "Consensus",
    "DrawnAnswer",
    "Evidence",
    "GoldScore",
    "Kind",
    "MaskAnswer",
    "ObjectConsensus",
    "OutlineSkill",
    "PointAnswer",
    "PointConsensus",
    "PointSkill",
    "Region",
    "Reliability",
    "Skills",
    "Stopping",
    "Verdict",
    "agreement_of_choices",
    "agreement_of_lineages",
    "agreement_of_masks",
    "agreement_of_points",
    "agreement_score",
    "ambiguity",
    "ambiguity_map",
    "choice_answer",
    "clarity",
    "consensus_choice",
    "consensus_choices",
    "consensus_masks",
    "consensus_points",
    "expected",
    "fit_choices",
    "fit_outlines",
    "fit_points",
    "gold_score",
    "is_spammer",
    "is_spammer_of_any_size",
    "is_trusted",
    "mask_answer",
    "point_answer",
    "read_answer",
    "reliability",
    "share_now",
    "sure",
    "training_weight",
]
