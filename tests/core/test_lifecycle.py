"""The moves of a task, each tried from each state by each role."""

import pytest

from annotation.core import lifecycle
from annotation.core.lifecycle import ROLES, Move, TaskState


def test_the_way_of_a_returned_task() -> None:
    state = TaskState.OPEN
    for move, wanted in [
        (Move.TAKE, "ASSIGNED"),
        (Move.SUBMIT, "SUBMITTED"),
        (Move.RETURN, "RETURNED"),
        (Move.SUBMIT, "SUBMITTED"),
        (Move.ACCEPT, "ACCEPTED"),
    ]:
        state = lifecycle.after(state, move)
        assert state == wanted


@pytest.mark.parametrize(
    ("state", "move"),
    [
        ("OPEN", Move.SUBMIT),
        ("ACCEPTED", Move.SUBMIT),
        ("ASSIGNED", Move.ACCEPT),
        ("ASSIGNED", Move.TAKE),
        ("CANCELLED", Move.TAKE),
        ("SUBMITTED", Move.EXPIRE),
        ("ACCEPTED", Move.CANCEL),
    ],
)
def test_illegal_moves_say_what_is_allowed(state: str, move: Move) -> None:
    with pytest.raises(lifecycle.IllegalMove, match=rf"is {state.lower()} cannot be .* must be "):
        lifecycle.after(state, move)


def test_every_move_ends_where_it_says_and_final_states_only_reopen() -> None:
    for state in TaskState:
        for move, rule in lifecycle.RULES.items():
            if state in rule.before:
                assert lifecycle.after(state, move) is rule.after
            else:
                with pytest.raises(lifecycle.IllegalMove):
                    lifecycle.after(state, move)
    leaving = {move for move in Move if lifecycle.RULES[move].before & lifecycle.FINAL}
    assert leaving == {Move.REOPEN, Move.RECALL}


@pytest.mark.parametrize(
    ("move", "role", "mine", "allowed"),
    [
        (Move.SUBMIT, "ANNOTATOR", True, True),
        (Move.SUBMIT, "ANNOTATOR", False, False),
        (Move.SUBMIT, "REVIEWER", False, False),
        (Move.SUBMIT, "MANAGER", False, True),
        (Move.ACCEPT, "ANNOTATOR", True, False),
        (Move.ACCEPT, "REVIEWER", False, True),
        (Move.TAKE, "VIEWER", False, False),
        (Move.CANCEL, "REVIEWER", True, False),
        (Move.EXPIRE, "OWNER", True, False),
        (Move.EXPIRE, None, False, True),
        (Move.ACCEPT, None, False, False),
        (Move.PASS, None, False, True),
        (Move.PASS, "OWNER", True, False),
        (Move.RECALL, "OWNER", True, False),
    ],
)
def test_who_may(move: Move, role: str | None, mine: bool, allowed: bool) -> None:
    assert lifecycle.may(move, role=role, is_assignee=mine) is allowed


def test_a_higher_role_never_may_less() -> None:
    for move in Move:
        given = [lifecycle.may(move, role=role, is_assignee=False) for role in ROLES]
        assert given == sorted(given)


def test_a_move_that_is_not_yours_is_refused_with_who_may() -> None:
    with pytest.raises(lifecycle.MoveNotYours, match="a reviewer or above"):
        lifecycle.check("SUBMITTED", Move.ACCEPT, role="ANNOTATOR", is_assignee=True)
    assert lifecycle.check("SUBMITTED", Move.ACCEPT, role="OWNER", is_assignee=False) == "ACCEPTED"


def test_moves_from_lists_the_buttons() -> None:
    assert lifecycle.moves_from("SUBMITTED", role="REVIEWER", is_assignee=False) == [
        Move.ACCEPT,
        Move.RETURN,
        Move.REQUEUE,
    ]
    assert lifecycle.moves_from("OPEN", role="VIEWER", is_assignee=False) == []
