"""Where people are in the labels, told to the others at once and kept nowhere."""

from collections.abc import Sequence

from annotation.models import Branch
from annotation.policies import access
from annotation.selectors import labels as reading
from backend.accounts.models import Role, User
from backend.foundation import events

MAX_TOLD_CELLS = 50


def tell(
    *,
    branch: Branch,
    by: User,
    t: int,
    z: int,
    y: float | None,
    x: float | None,
    cells: Sequence[int],
    tool: str,
    color: str = "",
) -> None:
    """Tell those who watch the project where `by` is: frame, pointer (px, None when it is outside), selected
    cells and tool. Raises `NoSuchFrame`."""
    access.require(by, branch.image.dataset.project, Role.VIEWER)
    reading.check_frame(image=branch.image, t=t, z=z)
    places = {"t": t, "z": z, "y": y, "x": x, "cells": list(cells[:MAX_TOLD_CELLS])}
    _publish(branch, by, **places, tool=tool, **({"color": color} if color else {}))


def say_gone(*, branch: Branch, by: User) -> None:
    """Tell those who watch the project that `by` has left these labels."""
    access.require(by, branch.image.dataset.project, Role.VIEWER)
    _publish(branch, by, gone=True)


def _publish(branch: Branch, by: User, **facts: object) -> None:
    user = {"id": str(by.pk), "name": by.name}
    events.publish(
        "presence.moved",
        project=branch.image.dataset.project_id,
        branch=branch.pk,
        image=branch.image_id,
        user=user,
        **facts,
    )
