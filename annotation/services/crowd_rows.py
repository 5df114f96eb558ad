"""The statements behind a worker's `next` and `answer`: one each for what many people wait for at once."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from annotation.core import crowd
from annotation.models import Campaign, CrowdAnswer, CrowdItem, CrowdWorker
from annotation.models.statements import Statement

WORKER = Statement(
    """
    SELECT {w}, {c} FROM annotation_crowdworker w JOIN annotation_campaign c ON c.id = w.campaign_id
    WHERE w.id = %s FOR UPDATE OF w
    """,
    w=CrowdWorker,
    c=Campaign,
)
LEASES = Statement(
    """
    SELECT {a}, {i} FROM annotation_crowdanswer a JOIN annotation_crowditem i ON i.id = a.item_id
    WHERE a.worker_id = %s AND a.lease_until > %s ORDER BY a.given_at, a.id
    """,
    a=CrowdAnswer,
    i=CrowdItem,
)
HELD = Statement(
    """
    SELECT {a}, {i} FROM annotation_crowdanswer a JOIN annotation_crowditem i ON i.id = a.item_id
    WHERE a.worker_id = %s AND a.item_id = %s FOR UPDATE OF a
    """,
    a=CrowdAnswer,
    i=CrowdItem,
)
# Chosen, counted and written down in one go. Nobody waits for another: a locked item is passed over.
_HAND_OUT = """
    WITH i AS (
      SELECT * FROM annotation_crowditem i
      WHERE i.campaign_id = %s AND {which} AND NOT EXISTS (
        SELECT 1 FROM annotation_crowdanswer a WHERE a.item_id = i.id AND a.worker_id = %s)
      ORDER BY {order} LIMIT 1 FOR UPDATE OF i SKIP LOCKED
    ), counted AS (
      UPDATE annotation_crowditem n SET given = n.given + 1 FROM i WHERE n.id = i.id
    ), leased AS (
      INSERT INTO annotation_crowdanswer (id, item_id, worker_id, given_at, lease_until, is_fast, counts)
      SELECT gen_random_uuid(), i.id, %s, %s, %s, false, false FROM i
    )
    SELECT {columns} FROM i
"""
CLEAR_GOLD = "CLEAR_GOLD"
_OPEN = "i.use = 'WORK' AND NOT i.is_done AND i.given < i.wanted"
HAND_OUT = {
    "WORK": Statement(
        _HAND_OUT.format(which=_OPEN, order="i.priority DESC, i.id", columns="{i}"), i=CrowdItem
    ),
    # What is known goes round: the least shown comes first. New workers meet what is clear to all who look.
    **{
        name: Statement(
            _HAND_OUT.format(which=f"i.use = '{use}'", order=f"{first}i.given, random()", columns="{i}"),
            i=CrowdItem,
        )
        for name, use, first in (
            ("GOLD", "GOLD", ""),
            (CLEAR_GOLD, "GOLD", f"coalesce(i.certainty < {crowd.CLEAR}, false), "),
            ("TRAINING", "TRAINING", ""),
        )
    },
}
SPENT = "UPDATE annotation_crowdworker SET budget = %s, budget_at = %s, seen_at = %s WHERE id = %s"
KEEP = """
    WITH kept AS (
      UPDATE annotation_crowdanswer SET value = %s::jsonb, seconds = %s, answered_at = %s, lease_until = NULL,
        is_fast = %s, score = %s, counts = %s WHERE id = %s
    ), counted AS (
      UPDATE annotation_crowditem SET given = given - %s, answered = answered + %s, is_dirty = is_dirty OR %s
      WHERE id = %s AND use = 'WORK'
    )
    UPDATE annotation_crowdworker SET budget = %s, budget_at = %s, seen_at = %s, answered = %s, fast = %s,
      gold_answered = %s, gold_score = %s WHERE id = %s
"""


def lock_worker(worker: CrowdWorker) -> CrowdWorker:
    """The worker as it is now, locked until the transaction ends, the campaign beside; or DoesNotExist."""
    found = WORKER.first(worker.pk)
    if found is None:
        raise CrowdWorker.DoesNotExist("The worker was forgotten meanwhile.")
    locked, campaign = found
    locked.campaign = campaign
    assert isinstance(locked, CrowdWorker)
    return locked


def leases(worker: CrowdWorker, at: datetime) -> list[CrowdAnswer]:
    """What a worker holds, the oldest first, with the items."""
    return [_with(answer, item, worker) for answer, item in LEASES.rows(worker.pk, at)]


def held(worker: CrowdWorker, item: object) -> CrowdAnswer | None:
    """What a worker was given, locked, with the item."""
    found = HELD.first(worker.pk, item)
    return None if found is None else _with(found[0], found[1], worker)


def _with(answer: CrowdAnswer, item: CrowdItem, worker: CrowdWorker) -> CrowdAnswer:
    item.campaign = worker.campaign
    answer.item = item
    return answer


def hand_out(worker: CrowdWorker, uses: Sequence[str], at: datetime) -> tuple[CrowdItem, datetime] | None:
    """(an item that the worker never had, until when it is the worker's): of the first of these uses of which
    there is one."""
    until = at + timedelta(seconds=worker.campaign.lease_s)
    for use in uses:
        found = HAND_OUT[use].first(worker.campaign_id, worker.pk, worker.pk, at, until)
        if found is not None:
            found[0].campaign = worker.campaign
            return found[0], until
    return None


def keep_spent(worker: CrowdWorker) -> None:
    """What a request cost."""
    _execute(SPENT, worker.budget, worker.budget_at, worker.seen_at, worker.pk)


def keep_answer(answer: CrowdAnswer, worker: CrowdWorker) -> None:
    """An answer, what it is in the counts of its item, and the counts of its worker."""
    _execute(
        KEEP,
        json.dumps(answer.value), answer.seconds, answer.answered_at, answer.is_fast, answer.score,
        answer.counts, answer.pk,
        int(not answer.counts), int(answer.counts), answer.counts, answer.item_id,
        worker.budget, worker.budget_at, worker.seen_at, worker.answered, worker.fast, worker.gold_answered,
        worker.gold_score, worker.pk,
    )  # fmt: skip


def _execute(sql: str, *given: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
