"""Who moves the weights: AdamW, or for nets that learn from scratch two together.

A convolution's weights are a matrix, from what it sees to what it says. Muon (Jordan et al. 2024; Liu et al.
2025, arXiv 2502.16982) moves such a matrix by an orthogonal step, as far in every direction that its gradient
has: rare patterns are learned as fast as common ones, and a net needs far fewer steps (see
`docs/decisions/0032-orthogonal-steps.md` for what that gained here). All else, of which there is little
(scales, shifts, the first and the last layer), is moved by AdamW (Loshchilov & Hutter 2019, arXiv
1711.05101).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import torch
from torch import Tensor, nn

WEIGHT_DECAY = 1e-2
NARROWEST = 16
"""Convolutions with fewer channels on either side are no matrices worth the trouble."""
MOMENTUM = 0.95

Groups = Sequence[Mapping[str, Any]]
"""Parameters that learn alike: {"params": …, "scale": share of the learning rate}."""


class Moves(Protocol):
    """What moves the weights by their `grad`; the learning rate of each group is set in `param_groups`."""

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        """The groups as they are now: `load_state_dict` makes others."""

    def step(self) -> Any:
        """One step."""

    def state_dict(self) -> dict[str, Any]:
        """What it remembers of the steps before."""

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Goes on where `state_dict` was taken."""


class Together:
    """Several optimizers as one.

    `matrices` are weights (o, i, …) and parameters (o, …) in the same memory, which an optimizer moves in
    their place.
    """

    def __init__(
        self,
        optimizers: Sequence[torch.optim.Optimizer],
        matrices: Sequence[tuple[nn.Parameter, nn.Parameter]],
    ) -> None:
        self.optimizers, self.matrices = optimizers, matrices

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        """The groups of all of them."""
        return [group for each in self.optimizers for group in each.param_groups]

    def step(self) -> None:
        """One step of each by the weights' `grad`; what has none stands still."""
        for weight, matrix in self.matrices:
            matrix.grad = None if weight.grad is None else _as_matrix(weight.grad, like=weight)
        for each in self.optimizers:
            each.step()

    def state_dict(self) -> dict[str, Any]:
        """What the optimizers remember."""
        return {"optimizers": [each.state_dict() for each in self.optimizers]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Goes on where `state_dict` was taken. What other optimizers remembered is of no use: these then
        begin without memory."""
        states = state_dict.get("optimizers", [])
        for each, its in zip(self.optimizers, states, strict=False):
            each.load_state_dict(its)


def adamw(groups: Groups) -> torch.optim.Optimizer:
    """AdamW for all; for nets that others have trained, and those without wide convolutions."""
    return torch.optim.AdamW([dict(group) for group in groups], weight_decay=WEIGHT_DECAY, fused=True)


def orthogonal(groups: Groups) -> Together:
    """Muon for the weights of wide convolutions, AdamW for the rest.

    The size of a step is brought to AdamW's, so that one learning rate serves both.
    """
    plain, moved, matrices = list[dict[str, Any]](), list[dict[str, Any]](), []
    for group in groups:
        wide = [weight for weight in group["params"] if _is_wide(weight)]
        pairs = [(weight, nn.Parameter(_as_matrix(weight.detach(), like=weight))) for weight in wide]
        chosen = {id(weight) for weight in wide}
        plain.append({**group, "params": [one for one in group["params"] if id(one) not in chosen]})
        moved.append({**group, "params": [matrix for _, matrix in pairs]})
        matrices += pairs
    settings: dict[str, Any] = {"weight_decay": WEIGHT_DECAY, "momentum": MOMENTUM}
    with_any = [[group for group in each if group["params"]] for each in (plain, moved)]
    optimizers: list[torch.optim.Optimizer] = []
    if with_any[0]:
        optimizers.append(adamw(with_any[0]))
    if with_any[1]:
        optimizers.append(torch.optim.Muon(with_any[1], adjust_lr_fn="match_rms_adamw", **settings))
    return Together(optimizers, matrices)


def _is_wide(weight: Tensor) -> bool:
    return weight.ndim > 2 and min(weight.shape[:2]) >= NARROWEST


def _as_matrix(values: Tensor, *, like: Tensor) -> Tensor:
    """Values (o, i, …) as (o, …), in the order in which the memory of `like` holds them; the same memory
    where theirs does too."""
    inner = (0, *range(2, like.ndim), 1)
    return (values.permute(inner) if like.permute(inner).is_contiguous() else values).flatten(1)
