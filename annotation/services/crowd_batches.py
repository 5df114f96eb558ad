"""Tables for paid platforms: addresses to hand out, and finished work to be checked. And all answers as one.

Generic on purpose: every platform can show an address with its name for the worker in it, and tells
afterwards which worker gave which code.
"""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from annotation.models import Campaign, CrowdWorker, WorkerState
from annotation.policies import access
from annotation.selectors import campaigns as reading
from annotation.services import crowd_ending, crowd_workers
from backend.accounts.models import Role, User
from backend.foundation.errors import Invalid

ROWS_MOST = 10_000
WORKER_COLUMNS = ("worker", "worker_id", "workerid", "participant_id", "participant id", "platform_worker")
CODE_COLUMNS = (
    "code", "completion_code", "completion code", "answer.code", "answer.surveycode", "entered code",
)  # fmt: skip
BATCH = ("batch", "title", "instruction", "address")
# What a spreadsheet would take for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class BadTable(Invalid):
    """The platform's table has no such columns, or is no table."""


@dataclass(frozen=True, slots=True)
class BatchRow:
    """What to tell the platform of one worker."""

    worker: str
    code: str
    verdict: str
    reason: str
    answered: int
    gold_score: float | None


@dataclass(frozen=True, slots=True)
class Checked:
    """The verdicts, and the platform's table with `verdict` and `reason` added."""

    rows: list[BatchRow]
    table: str


def batch(*, campaign: Campaign, site: str, rows: int, by: User) -> str:
    """CSV of addresses, one line a worker that is wanted. The platform puts its name for the worker in the
    place of {worker}."""
    access.require(by, campaign.project, Role.MANAGER)
    address = f"{site}/crowd/{campaign.token}?worker={{worker}}"
    title = campaign.title or campaign.name
    lines = ((number, title, campaign.instruction, address) for number in range(1, min(rows, ROWS_MOST) + 1))
    return table_of(BATCH, lines)


def check(
    *, campaign: Campaign, table: str, worker_column: str = "", code_column: str = "", by: User
) -> Checked:
    """Who of the platform's workers really did the work: the code must be the one that this worker got.

    Excluded workers are rejected with the reason. Nothing of the table is kept.
    """
    access.require(by, campaign.project, Role.MANAGER)
    header, lines = _read(table)
    workers = _column(header, worker_column, WORKER_COLUMNS, "worker")
    codes = _column(header, code_column, CODE_COLUMNS, "code")
    hashes = [crowd_workers.platform_hash(campaign, line[workers]) for line in lines]
    known = CrowdWorker.objects.filter(campaign=campaign, platform_hash__in={one for one in hashes if one})
    by_hash = {row.platform_hash: row for row in known.select_related("campaign")}
    rows = [
        _judge(line[workers], line[codes].strip(), by_hash.get(one))
        for line, one in zip(lines, hashes, strict=True)
    ]
    judged = ([*line, row.verdict, row.reason] for line, row in zip(lines, rows, strict=True))
    return Checked(rows, _written([[*header, "verdict", "reason"], *judged]))


def _judge(name: str, code: str, worker: CrowdWorker | None) -> BatchRow:
    if worker is None:
        return BatchRow(name, code, "UNKNOWN", "This worker never joined the campaign.", 0, None)
    facts = (worker.answered, worker.gold_score)
    if worker.state in (WorkerState.EXCLUDED, WorkerState.REFUSED):
        return BatchRow(name, code, "REJECT", worker.reason, *facts)
    if code != crowd_ending.completion_code(worker):
        return BatchRow(name, code, "REJECT", "The code is not the one that this worker was given.", *facts)
    if not worker.answered:
        return BatchRow(name, code, "REJECT", "This worker answered nothing.", *facts)
    return BatchRow(name, code, "APPROVE", "", *facts)


def _read(table: str) -> tuple[list[str], list[list[str]]]:
    try:
        rows = [row for row in csv.reader(io.StringIO(table.lstrip("\ufeff"))) if row]
    except csv.Error as error:
        raise BadTable(f"This is no table in CSV form: {error}.") from error
    if len(rows) < 2:
        raise BadTable("The table needs a line of names and at least one line below it.")
    header = rows[0]
    short = next((i for i, row in enumerate(rows[1:], 2) if len(row) != len(header)), None)
    if short is not None:
        raise BadTable(f"Line {short} has {len(rows[short - 1])} columns where the first has {len(header)}.")
    return header, rows[1:]


def _column(header: Sequence[str], told: str, usual: Sequence[str], what: str) -> int:
    names = [name.strip().lower() for name in header]
    for wanted in (told.strip().lower(),) if told else usual:
        if wanted in names:
            return names.index(wanted)
    raise BadTable(f"Which column holds the {what}? The table has {', '.join(header)}.")


def answer_table(*, campaign: Campaign) -> str:
    """CSV of all answers, the value as JSON."""
    names = ("item", "kind", "use", "worker", "value", "seconds", "score", "counts", "is_fast", "answered_at")
    rows = (
        (
            one.item_id, one.item.kind, one.item.use, one.worker_id, json.dumps(one.value), one.seconds,
            one.score, one.counts, one.is_fast, one.answered_at.isoformat() if one.answered_at else "",
        )
        for one in reading.list_answers(campaign=campaign).iterator(1000)
    )  # fmt: skip
    return table_of(names, rows)


def table_of(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """CSV; cells that a spreadsheet would run as formulas are made plain text."""
    return _written([[*header], *([_plain(cell) for cell in row] for row in rows)])


def _written(rows: Iterable[Iterable[object]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


def _plain(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
