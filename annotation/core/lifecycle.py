"""States of a task and the moves between them: who may do what, without a database."""

from dataclasses import dataclass
from enum import StrEnum


class TaskState(StrEnum):
    """Where a task stands."""

    OPEN = "OPEN"
    ASSIGNED = "ASSIGNED"
    SUBMITTED = "SUBMITTED"
    ACCEPTED = "ACCEPTED"
    RETURNED = "RETURNED"
    CANCELLED = "CANCELLED"


class Move(StrEnum):
    """What a person asks of a task."""

    TAKE = "TAKE"
    ASSIGN = "ASSIGN"
    RELEASE = "RELEASE"
    EXPIRE = "EXPIRE"
    SUBMIT = "SUBMIT"
    WITHDRAW = "WITHDRAW"
    ACCEPT = "ACCEPT"
    RETURN = "RETURN"
    REQUEUE = "REQUEUE"
    PASS = "PASS"
    RECALL = "RECALL"
    CANCEL = "CANCEL"
    REOPEN = "REOPEN"


@dataclass(frozen=True, slots=True)
class Rule:
    """A legal move: from which states, to which, and who may make it.

    `role` is the least role (VIEWER < ANNOTATOR < REVIEWER < MANAGER < OWNER) that may make it on any task;
    `assignee` says that the task's own assignee may make it whatever the role; None as role: only the
    machine, by the clock, by a rule, or because the labels have changed.
    """

    before: frozenset[TaskState]
    after: TaskState
    role: str | None
    assignee: bool = False


ROLES = ("VIEWER", "ANNOTATOR", "REVIEWER", "MANAGER", "OWNER")
_S = TaskState

RULES: dict[Move, Rule] = {
    Move.TAKE: Rule(frozenset({_S.OPEN}), _S.ASSIGNED, "ANNOTATOR"),
    Move.ASSIGN: Rule(frozenset({_S.OPEN, _S.ASSIGNED, _S.RETURNED}), _S.ASSIGNED, "MANAGER"),
    Move.RELEASE: Rule(frozenset({_S.ASSIGNED, _S.RETURNED}), _S.OPEN, "MANAGER", assignee=True),
    Move.EXPIRE: Rule(frozenset({_S.ASSIGNED}), _S.OPEN, None),
    Move.SUBMIT: Rule(frozenset({_S.ASSIGNED, _S.RETURNED}), _S.SUBMITTED, "MANAGER", assignee=True),
    Move.WITHDRAW: Rule(frozenset({_S.SUBMITTED}), _S.ASSIGNED, "MANAGER", assignee=True),
    Move.ACCEPT: Rule(frozenset({_S.SUBMITTED}), _S.ACCEPTED, "REVIEWER"),
    Move.RETURN: Rule(frozenset({_S.SUBMITTED}), _S.RETURNED, "REVIEWER"),
    Move.REQUEUE: Rule(frozenset({_S.SUBMITTED}), _S.OPEN, "REVIEWER"),
    Move.PASS: Rule(frozenset({_S.SUBMITTED}), _S.ACCEPTED, None),
    Move.RECALL: Rule(frozenset({_S.ACCEPTED}), _S.SUBMITTED, None),
    Move.CANCEL: Rule(frozenset({_S.OPEN, _S.ASSIGNED, _S.SUBMITTED, _S.RETURNED}), _S.CANCELLED, "MANAGER"),
    Move.REOPEN: Rule(frozenset({_S.CANCELLED, _S.ACCEPTED}), _S.OPEN, "MANAGER"),
}

FINAL = frozenset({TaskState.ACCEPTED, TaskState.CANCELLED})
WORKED_ON = frozenset({TaskState.ASSIGNED, TaskState.RETURNED})  # states in which the assignee may label


class IllegalMove(ValueError):
    """The task's state does not allow the move."""


class MoveNotYours(ValueError):
    """The person may not make this move on this task."""


def after(state: TaskState | str, move: Move) -> TaskState:
    """The state after a move. Raises IllegalMove."""
    rule = RULES[move]
    if state not in rule.before:
        allowed = " or ".join(sorted(s.lower() for s in rule.before))
        raise IllegalMove(
            f"A task that is {str(state).lower()} cannot be {_PAST[move]}; it must be {allowed}."
        )
    return rule.after


def check(state: TaskState | str, move: Move, *, role: str | None, is_assignee: bool) -> TaskState:
    """The state after a move made by a person with this role in the project (None: the machine).

    Raises IllegalMove or MoveNotYours.
    """
    if not may(move, role=role, is_assignee=is_assignee):
        raise MoveNotYours(f"This task can be {_PAST[move]} only by {_who(RULES[move])}.")
    return after(state, move)


def may(move: Move, *, role: str | None, is_assignee: bool) -> bool:
    """Whether somebody with this role may make the move, whatever the state."""
    rule = RULES[move]
    if rule.role is None or role is None:
        return rule.role is role
    return (rule.assignee and is_assignee) or ROLES.index(role) >= ROLES.index(rule.role)


def moves_from(state: TaskState | str, *, role: str | None, is_assignee: bool) -> list[Move]:
    """Every move that this person can make now, for menus and buttons."""
    return [
        m for m, rule in RULES.items() if state in rule.before and may(m, role=role, is_assignee=is_assignee)
    ]


def _who(rule: Rule) -> str:
    if rule.role is None:
        return "the machine"
    least = f"a {rule.role.lower()} or above"
    return f"its assignee or {least}" if rule.assignee else least


_PAST = {
    Move.TAKE: "taken",
    Move.ASSIGN: "assigned",
    Move.RELEASE: "released",
    Move.EXPIRE: "taken back",
    Move.SUBMIT: "submitted",
    Move.WITHDRAW: "withdrawn",
    Move.ACCEPT: "accepted",
    Move.RETURN: "returned",
    Move.REQUEUE: "put back into the queue",
    Move.PASS: "accepted by rule",
    Move.RECALL: "recalled",
    Move.CANCEL: "cancelled",
    Move.REOPEN: "reopened",
}
