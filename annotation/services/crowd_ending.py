"""What a worker is told: why there is no item, the code for the platform, how an answer was."""

from dataclasses import dataclass

from annotation.core.crowd import GoldScore
from annotation.models import CrowdWorker

WAIT_S = 15
PAID = ("FINISHED", "NOTHING_NOW", "CLOSED", "PAUSED")
MESSAGES = {
    "FINISHED": "That was all. Thank you!",
    "NOTHING_NOW": "There is nothing for you just now: others are answering what is left.",
    "PAUSED": "The campaign is paused. Come back later.",
    "CLOSED": "The campaign is over. Thank you!",
    "REFUSED": "The training pictures were too hard this time. Thank you for trying.",
    "EXCLUDED": "You cannot go on here.",
}


@dataclass(frozen=True, slots=True)
class Done:
    """Why there is no item; `code` and `redirect` are empty where no work was done."""

    reason: str
    message: str
    wait_s: int | None
    code: str
    redirect: str


def tell(*, worker: CrowdWorker, why: str) -> Done:
    """The last page, or the page on which to wait."""
    code = completion_code(worker) if why in PAID and worker.answered else ""
    address = worker.campaign.redirect_url
    return Done(
        reason=why,
        message=" ".join(part for part in (MESSAGES[why], worker.reason) if part),
        wait_s=WAIT_S if why == "NOTHING_NOW" else None,
        code=code,
        redirect=address.replace("{code}", code) if code and address else "",
    )


def completion_code(worker: CrowdWorker) -> str:
    """What proves to a platform that the work was done: the campaign's own, or one that only this worker
    has."""
    return worker.campaign.completion_code or worker.code


def say(score: GoldScore) -> str:
    """An answer's score in words."""
    if score.right and not score.regions:
        return "Exactly right."
    percent = round(score.score * 100)
    return f"Right: {percent} %." if score.right else f"Not quite: {percent} %. See where it differs."
