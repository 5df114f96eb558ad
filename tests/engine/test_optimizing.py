"""What moves the weights: orthogonal steps for wide convolutions, AdamW for the rest."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from training.engine.nets.unet import UNet
from training.engine.optimizing import Together, adamw, orthogonal

RATE = 1e-2


def moved_once(net: nn.Module, move: Together, shape: tuple[int, ...]) -> dict[str, Tensor]:
    """How far each weight went in one step."""
    before = {name: weight.detach().clone() for name, weight in net.named_parameters()}
    for group in move.param_groups:
        group["lr"] = RATE
    net(torch.rand(shape, generator=torch.Generator().manual_seed(1))).square().mean().backward()
    move.step()
    return {name: weight.detach() - before[name] for name, weight in net.named_parameters()}


@pytest.mark.parametrize(
    ("layer", "shape", "order"),
    [
        (nn.Conv2d(32, 24, 3), (2, 32, 6, 6), torch.channels_last),
        (nn.Conv2d(32, 24, 3), (2, 32, 6, 6), torch.contiguous_format),
        (nn.Conv3d(16, 20, 3), (2, 16, 5, 5, 5), torch.channels_last_3d),
        (nn.Conv2d(32, 40, 1), (2, 32, 6, 6), torch.channels_last),
    ],
)
def test_a_wide_convolution_goes_as_far_in_every_direction(
    layer: nn.Module, shape: tuple[int, ...], order: torch.memory_format
) -> None:
    torch.manual_seed(0)
    layer.to(memory_format=order)
    step = moved_once(layer, orthogonal([{"params": list(layer.parameters())}]), shape)
    rows = step["weight"].flatten(1)
    lengths = torch.linalg.svdvals(rows / (RATE * 0.2 * max(rows.shape) ** 0.5))
    # The iteration brings singular values near 1, not to it.
    assert 0.6 < float(lengths.median()) < 1.3
    assert float(lengths.max()) < 1.4
    assert float(lengths.max() / lengths.min()) < 6
    # The gradient itself, and with it a plain step, has nothing of the kind.
    gradient = dict(layer.named_parameters())["weight"].grad
    assert gradient is not None
    plain = torch.linalg.svdvals(gradient.flatten(1))
    assert float(plain.max() / plain.min()) > 10
    assert float(step["bias"].abs().max()) == pytest.approx(RATE, rel=0.01)  # AdamW's first step


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
    step = moved_once(net, move, (1, 16, 8, 8))
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
