"""When an item has answers enough: as soon as one more is not expected to put much right.

Each consensus knows its `gain`: which part of its cells one more answer of a typical worker would put right,
or how much likelier its choice would be, as expected from the chances of what that worker would say (the
value of information of Kamar, Hacker and Horvitz 2012; of one more label, Sheng, Provost and Ipeirotis 2008).
An item is sure when the gain is worth less than what an answer costs.
"""

from dataclasses import dataclass

from annotation.core.crowd.values import AnyConsensus


@dataclass(frozen=True)
class Stopping:
    """At least `least` answers, never more than `most`, and in between while an answer is worth `gain`."""

    least: int = 2
    most: int = 7
    gain: float = 0.08


def sure(consensus: AnyConsensus, rule: Stopping | None = None) -> bool:
    """Whether the item needs no further answer."""
    rule = rule or Stopping()
    if consensus.answers < rule.least:
        return False
    return consensus.answers >= rule.most or consensus.gain < rule.gain
