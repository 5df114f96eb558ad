"""What moves the weights: orthogonal steps for wide convolutions, AdamW for the rest."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from training.engine.nets.unet import UNet
from training.engine.optimizing import Together, adamw, orthogonal

RATE = 1e-2


def moved(net: nn.Module, move: Together) -> dict[str, Tensor]:
    """How far each weight goes in one step by the gradient that it has."""
    before = {name: weight.detach().clone() for name, weight in net.named_parameters()}
    for group in move.param_groups:
        group["lr"] = RATE
    move.step()
    return {name: weight.detach() - before[name] for name, weight in net.named_parameters()}


def falling(shape: torch.Size) -> Tensor:
    """A gradient (o, i, …) whose singular values fall from 1 to .1, each by the same share."""
    drawn = torch.randn(shape, generator=torch.Generator().manual_seed(1)).flatten(1)
    left, values, right = torch.linalg.svd(drawn, full_matrices=False)
    uneven: Tensor = left * torch.logspace(0, -1, len(values)) @ right
    return uneven.reshape(shape)


@pytest.mark.parametrize(
    ("layer", "order"),
    [
        (nn.Conv2d(32, 24, 3), torch.channels_last),
        (nn.Conv2d(32, 24, 3), torch.contiguous_format),
        (nn.Conv3d(16, 20, 3), torch.channels_last_3d),
        (nn.Conv2d(32, 40, 1), torch.channels_last),
    ],
)
def test_a_wide_convolution_goes_as_far_in_every_direction(
    layer: nn.Conv2d | nn.Conv3d, order: torch.memory_format
) -> None:
    layer.to(memory_format=order)
    gradient = falling(layer.weight.shape)
    layer.weight.grad = gradient.to(memory_format=order)
    assert layer.bias is not None
    layer.bias.grad = torch.rand(layer.bias.shape) + 0.1
    step = moved(layer, orthogonal([{"params": list(layer.parameters())}]))
    rows = step["weight"].flatten(1)
    lengths = torch.linalg.svdvals(rows / (RATE * 0.2 * max(rows.shape) ** 0.5))
    # The iteration brings singular values near 1, not to it.
    assert 0.5 < float(lengths.min()) < float(lengths.max()) < 1.4
    # Each direction is gone against, none turned.
    left, _, right = torch.linalg.svd(gradient.flatten(1), full_matrices=False)
    ways = torch.diagonal(left.T @ rows @ right.T) / (RATE * 0.2 * max(rows.shape) ** 0.5)
    assert -1.4 < float(ways.min()) < float(ways.max()) < -0.5
    assert float(step["bias"].max()) == pytest.approx(-RATE, rel=0.01)  # AdamW's first step
    assert float(step["bias"].min()) == pytest.approx(-RATE, rel=0.01)


def test_first_and_last_layers_of_a_u_net_are_moved_by_adamw() -> None:
    net = UNet(channels=1, outputs=4, widths=(16, 32, 64)).to(memory_format=torch.channels_last)
    move = orthogonal([{"params": list(net.parameters())}])
    wide = {id(weight) for weight, _ in move.matrices}
    names = {name for name, weight in net.named_parameters() if id(weight) in wide}
    assert {"down.0.first.weight", "up.0.second.weight", "unfold.weight"} <= names
    assert not names & {"stem.first.weight", "head.weight", "last_norm.weight", "unfold.bias"}
    counted = sum(len(group["params"]) for group in move.param_groups)
    assert counted == len(list(net.parameters()))


def test_groups_keep_their_share_of_the_rate_and_what_is_frozen_stands_still() -> None:
    slow, fast = nn.Conv2d(16, 16, 3), nn.Conv2d(16, 16, 3)
    slow.requires_grad_(False)
    net = nn.Sequential(slow, fast)
    groups: list[dict[str, Any]] = [{"params": list(slow.parameters()), "scale": 0.1}]
    groups += [{"params": list(fast.parameters())}]
    move = orthogonal(groups)
    assert sorted(group.get("scale", 1.0) for group in move.param_groups) == [0.1, 0.1, 1.0, 1.0]
    net(torch.rand((1, 16, 8, 8))).sum().backward()
    step = moved(net, move)
    assert not step["0.weight"].any()
    assert step["1.weight"].any()


def test_it_goes_on_where_it_was_kept() -> None:
    def steps(net: nn.Module, move: Any, first: int, last: int) -> None:
        for number in range(first, last):
            for group in move.param_groups:
                group["lr"] = RATE / (1 + number)
            net.zero_grad()
            drawn = torch.Generator().manual_seed(number)
            net(torch.rand((1, 16, 8, 8), generator=drawn)).square().mean().backward()
            move.step()

    torch.manual_seed(3)
    whole = nn.Conv2d(16, 16, 3)
    broken = nn.Conv2d(16, 16, 3)
    broken.load_state_dict(whole.state_dict())
    move = orthogonal([{"params": list(whole.parameters())}])
    steps(whole, move, 0, 6)
    before = orthogonal([{"params": list(broken.parameters())}])
    steps(broken, before, 0, 3)
    after = orthogonal([{"params": list(broken.parameters())}])
    after.load_state_dict(before.state_dict())
    steps(broken, after, 3, 6)
    assert torch.equal(whole.weight, broken.weight)


def test_what_another_optimizer_remembered_is_no_hindrance() -> None:
    layer = nn.Conv2d(16, 16, 3)
    plain = adamw([{"params": list(layer.parameters())}])
    layer(torch.rand(1, 16, 8, 8)).sum().backward()
    plain.step()
    orthogonal([{"params": list(layer.parameters())}]).load_state_dict(plain.state_dict())
