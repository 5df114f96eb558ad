"""L15: several cards learn and predict as one does. The cards are stand-ins on the processor, each with
weights of its own."""

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Tensor, nn

from training.engine.averaging import WeightAverage
from training.engine.batches_ahead import Batches
from training.engine.checkpoints import TrainingState
from training.engine.decoding.tiles import Reader
from training.engine.devices import Device, choose_device, device_of
from training.engine.gradients import GradientMaker, of_maps
from training.engine.nets.unet import UNet
from training.engine.schedules import Budget, Patience
from training.engine.seeds import Chance

ONE, TWO = ("cpu:0",), ("cpu:0", "cpu:0")


def cards(names: tuple[str, ...], workers: int = 4) -> Device:
    return device_of(names, half=False, workers=workers)


class Noise:
    """Crops of noise, whose mean is to be told; remembers who made them."""

    def __init__(self) -> None:
        self.makers: list[int] = []

    def draw(self, chance: Chance, parts: int) -> Sequence[Tensor]:
        return list(torch.rand(4, 1, 8, 8, generator=chance.generator).chunk(parts))

    def make(self, share: Tensor) -> tuple[Tensor, Tensor]:
        self.makers.append(threading.get_ident())
        return share, share.mean((2, 3), keepdim=True).expand_as(share)

    def steps_per_epoch(self) -> int:
        return 1


def learn(device: Device, steps: int) -> tuple[nn.Module, list[float]]:
    chance = Chance(3)
    net = device.place_net(nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 1, 1)))
    gradients = GradientMaker(net, of_maps(lambda said, wanted: (said - wanted).square().mean()), device)
    batches, optimizer = Batches(Noise(), chance, device), torch.optim.AdamW(net.parameters(), 0.02)
    told = []
    for _ in range(steps):
        told.append(gradients.step(batches.next()))
        optimizer.step()
    return net, told


def test_L15_two_cards_learn_what_one_learns() -> None:
    (one, told_one), (two, told_two) = learn(cards(ONE), 12), learn(cards(TWO), 12)
    assert told_two == pytest.approx(told_one, rel=1e-4)
    assert told_one[-1] < 0.5 * told_one[0]
    for mine, other in zip(one.parameters(), two.parameters(), strict=True):
        assert torch.allclose(mine, other, atol=1e-4)


def test_L15_weights_of_the_second_card_are_its_own_and_thaw_with_the_first() -> None:
    net = nn.Conv2d(1, 1, 3, padding=1)
    net.weight.requires_grad_(False)
    device = cards(TWO)
    gradients = GradientMaker(net, of_maps(lambda said, wanted: (said - wanted).square().mean()), device)
    batches = Batches(Noise(), Chance(0), device)
    assert gradients.nets[1].weight is not net.weight
    gradients.step(batches.next())
    assert (net.weight.grad, net.bias is not None and net.bias.grad is not None) == (None, True)
    net.weight.requires_grad_(True)
    gradients.step(batches.next())
    assert net.weight.grad is not None


def test_L15_batches_made_ahead_are_those_made_in_turn_and_go_on_after_a_checkpoint() -> None:
    ahead, plain = (Batches(Noise(), Chance(5), device) for device in (cards(ONE), choose_device(1)))
    for _ in range(3):
        assert torch.equal(ahead.next()[0].arrays()[0], plain.next()[0].arrays()[0])
    kept = ahead.state_dict()
    expected = [ahead.next()[0].arrays()[0] for _ in range(6)]
    again = Batches(Noise(), Chance(99), cards(ONE, workers=2))
    again.load_state_dict(kept)
    assert all(torch.equal(again.next()[0].arrays()[0], batch) for batch in expected)


def test_L15_cores_make_batches_while_cards_learn_and_no_more_than_they_may() -> None:
    lesson = Noise()
    device = cards(TWO, workers=6)
    batches = Batches(lesson, Chance(0), device)
    batches.next()
    device.begin(int, 0).result()
    assert batches.ahead == 3
    assert len(lesson.makers) <= 2 * (batches.ahead + 1)
    assert threading.get_ident() not in lesson.makers
    assert Batches(lesson, Chance(0), choose_device(2)).ahead == 0


def test_L15_a_checkpoint_of_two_cards_is_read_by_a_processor(tmp_path: Path) -> None:
    device = cards(TWO)
    net = nn.Conv2d(1, 1, 3, padding=1)
    batches = Batches(Noise(), Chance(0), device)
    optimizer = torch.optim.AdamW(net.parameters())
    state = TrainingState(net, WeightAverage(net), optimizer, batches, Patience(None))
    batches.next()
    state.save(tmp_path, Budget(1.0, None))
    expected = batches.next()
    other = Batches(Noise(), Chance(7), choose_device(1))
    restored = TrainingState(net, WeightAverage(net), optimizer, other, Patience(None))
    assert restored.restore(tmp_path)
    assert torch.equal(other.next()[0].arrays()[0][:2], expected[0].arrays()[0])


def test_L15_tiles_read_on_the_second_card_are_those_of_the_first_also_after_the_net_changed() -> None:
    net = UNet(channels=1, outputs=2, widths=(4, 8)).eval()
    frame, two = np.random.default_rng(0).random((1, 96, 200), np.float32), cards(TWO)
    reader = Reader(
        net=net, multiple=net.multiple, device=two, activate=lambda said: said, tile_px=64, overlap_px=16
    )

    def maps() -> list[npt.NDArray[np.float32]]:
        return list(two.side_by_side(lambda _: reader.read(frame), [0, 1]))

    before = maps()
    assert np.allclose(before[0], before[1], atol=1e-5)
    with torch.no_grad():
        for weight in net.parameters():
            weight.mul_(1.5)
    after = maps()
    assert np.allclose(after[0], after[1], atol=1e-5)
    assert not np.allclose(before[1], after[1], atol=1e-3)
    assert set(two._replicas._copies[net]) == {1}
    assert np.allclose(reader.read(frame), after[0], atol=1e-5)
