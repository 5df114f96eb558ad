"""Schedules, chance, averages, checkpoints, nets, losses, gradients, scores, pictures: each by itself."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from training.contract.results import ModelCard
from training.engine import losses, pictures, scoring, trained
from training.engine.averaging import WeightAverage
from training.engine.batches_ahead import MadeShare
from training.engine.checkpoints import Repeatable, TrainingState
from training.engine.data.batches import Share
from training.engine.data.images import Truth
from training.engine.devices import choose_device
from training.engine.errors import WrongModel
from training.engine.gradients import GradientMaker, of_maps
from training.engine.nets.fused import FusedUNet
from training.engine.nets.unet import UNet
from training.engine.schedules import Budget, Cadence, Patience, learning_rate
from training.engine.seeds import Chance


def bias_of(net: UNet) -> torch.Tensor:
    bias = net.head.bias
    assert isinstance(bias, torch.Tensor)
    return bias


def small_net(**words: int) -> UNet:
    return UNet(channels=words.get("channels", 1), outputs=words.get("outputs", 3), widths=(4, 8, 8))


def test_budget_ends_with_time_or_steps_whichever_is_first() -> None:
    assert Budget(None, 10).fraction(5) == 0.5
    assert Budget(1.0, None, spent_s=30).fraction(0) == pytest.approx(0.5, abs=0.01)
    assert Budget(None, None, cpu_minutes=1.0, spent_cpu_s=30).fraction(0) == pytest.approx(0.5, abs=0.02)
    assert Budget(1.0, 10, spent_s=45).fraction(5) == pytest.approx(0.75, abs=0.01)
    assert Budget(1.0, None, spent_s=120).fraction(0) == 1
    assert Budget(1.0, None, spent_s=30).eta_s(0) == pytest.approx(30, abs=1)
    assert Budget(1.0, None).eta_s(0) is None


def test_cadence() -> None:
    cadence = Cadence(10)
    assert [cadence.due(s) for s in (0, 5, 11, 12, 21)] == [True, False, True, False, True]
    cadence.at_least(60)
    assert not cadence.due(80)
    assert cadence.due(81)


def test_learning_rate_warms_up_and_falls_to_a_hundredth() -> None:
    assert learning_rate(1.0, step=0, fraction=0) == pytest.approx(0.01)
    assert learning_rate(1.0, step=500, fraction=0) == pytest.approx(1)
    assert learning_rate(1.0, step=3, fraction=0.05) > 0.9
    assert learning_rate(1.0, step=500, fraction=1) == pytest.approx(0.01)


def test_patience() -> None:
    patience = Patience(2)
    assert [patience.note(score) for score in (0.5, 0.4, 0.6, 0.6, 0.1)] == [True, False, True, False, False]
    assert patience.exhausted
    assert not Patience(None, waited=99).exhausted


def test_average_follows() -> None:
    net = small_net()
    average = WeightAverage(net)
    with torch.no_grad():
        bias_of(net).fill_(1.0)
    average.follow(net, step=10_000)
    start = bias_of(average.net)
    assert not average.net.training
    assert (start < 1).all()
    for _ in range(5000):
        average.follow(net, step=10_000)
    assert torch.allclose(start, torch.ones(3), atol=1e-3)


def state_of(net: nn.Module) -> TrainingState:
    return TrainingState(
        net, WeightAverage(net), torch.optim.AdamW(net.parameters()), Chance(0), Patience(None)
    )


def drawn_from(chance: Repeatable) -> tuple[float, float]:
    assert isinstance(chance, Chance)
    return chance.rng.random(), float(torch.rand(1, generator=chance.generator))


def test_checkpoint_brings_everything_back(tmp_path: Path) -> None:
    state = state_of(small_net())
    assert not state.restore(tmp_path)
    state.net(torch.rand(2, 1, 8, 8)).sum().backward()
    state.optimizer.step()
    state.count(0.5)
    state.save(tmp_path, Budget(None, 10, spent_s=12.5, spent_cpu_s=20.0))
    expected = drawn_from(state.chance)
    again = state_of(small_net())
    assert again.restore(tmp_path)
    assert (again.step, again.mean_loss()) == (1, 0.5)
    assert again.elapsed_s == pytest.approx(12.5, abs=1)
    assert again.cpu_s == pytest.approx(20, abs=1)
    assert drawn_from(again.chance) == expected
    for mine, its in zip(state.net.state_dict().values(), again.net.state_dict().values(), strict=True):
        assert torch.equal(mine, its)
    assert [path.name for path in tmp_path.iterdir()] == ["state.pt"]


def test_best_weights_are_kept_only_with_patience() -> None:
    state = state_of(small_net())
    state.keep_if_best(0.5)
    assert state.best is None
    state.patience.limit = 3
    state.keep_if_best(0.7)
    with torch.no_grad():
        state.average.net.head.bias.fill_(9.0)
    assert not (state.best_net().head.bias == 9).any()


@pytest.mark.parametrize("channels", [1, 2, 3, 7])
def test_net_keeps_the_size(channels: int) -> None:
    net = small_net(channels=channels).eval()
    assert net(torch.rand(1, channels, 16, 3 * net.multiple)).shape == (1, 3, 16, 3 * net.multiple)


def test_losses_are_low_for_what_was_wanted() -> None:
    wanted = (torch.rand(2, 4, 16, 16) > 0.5).float()
    right, wrong = (wanted[:, :3] * 2 - 1) * 12, (1 - wanted[:, :3] * 2) * 12
    assert losses.distance_loss(right, wanted) < 0.01 < losses.distance_loss(wrong, wanted)
    flow = torch.cat([wanted[:, :1], torch.rand(2, 2, 16, 16), wanted[:, 1:2], wanted[:, 3:]], 1)
    said = torch.cat([right[:, :1], flow[:, 1:3], right[:, 1:2]], 1)
    assert losses.flow_loss(said, flow) < 0.01 < losses.flow_loss(-said, flow)


def test_unknown_classes_are_not_learned_from() -> None:
    said = torch.randn(1, 3, 8, 8, requires_grad=True)
    wanted = torch.zeros(1, 3, 8, 8)
    wanted[:, 1, :, :4] = 1
    losses.region_loss(said, wanted, torch.ones(3)).backward()  # type: ignore[no-untyped-call]
    assert said.grad is not None
    assert (said.grad[..., 4:] == 0).all()
    assert (said.grad[..., :4] != 0).any()


@pytest.mark.parametrize("threads", [1, 2])
def test_shared_gradients_are_those_of_the_whole(threads: int) -> None:
    pictures_, wanted = torch.rand(4, 1, 8, 8), torch.rand(4, 1, 8, 8)
    net = nn.Conv2d(1, 1, 3, padding=1)

    def make(share: Share) -> tuple[torch.Tensor, torch.Tensor]:
        return pictures_[share.crops], wanted[share.crops]  # type: ignore[index]

    device = choose_device(threads)
    maker = GradientMaker(net, of_maps(lambda said, target: (said - target).square().mean()), device)
    shares = [Share([0, 1, 2], 0), Share([3], 0)] if threads == 2 else [Share([0, 1, 2, 3], 0)]  # type: ignore[list-item]
    loss = maker.step([MadeShare(share, partial(make, share)) for share in shares])
    expected = (net(pictures_) - wanted).square().mean()
    (gradient,) = torch.autograd.grad(expected, [net.weight])
    assert loss == pytest.approx(float(expected.detach()), rel=0.02)
    assert net.weight.grad is not None
    assert torch.allclose(net.weight.grad, gradient, rtol=0.05, atol=2e-3)


def test_scores_of_two_frames_are_pooled() -> None:
    truth = np.zeros((1, 6, 12), np.uint32)
    truth[0, :3, :3], truth[0, :3, 6:9] = 4, 9
    said = np.zeros((6, 12), np.uint32)
    said[:3, :3] = 1
    matches = [scoring.match(Truth.of(labels), said) for labels in (truth, np.zeros_like(truth))]
    assert matches[0].ious.tolist() == [1.0]
    assert scoring.average_precision(matches) == pytest.approx(1 / 3)
    assert scoring.instance_scores([scoring.count(Truth.of(truth), said)])["ap50"] == 0.5
    assert scoring.average_precision([matches[1].kept(np.array([False]))]) == 1


def test_region_scores_leave_the_unknown_out() -> None:
    truth, said = np.array([[0, 1, 1, -1]]), np.array([[0, 1, 0, 1]])
    scores = scoring.region_scores(scoring.region_table(truth, said, 2), ["background", "foreground"])
    assert scores["iou_foreground"] == 0.5
    assert scores["accuracy"] == pytest.approx(2 / 3, abs=1e-4)


def test_pictures() -> None:
    grey = pictures.show(np.linspace(0, 1, 20, dtype=np.float32).reshape(1, 4, 5))
    assert grey.shape == (4, 5, 3)
    labels = np.zeros((4, 5), np.uint32)
    labels[1:3, 1:4] = 1
    assert (pictures.outline(grey, labels, (9, 8, 7))[1, 1] == (9, 8, 7)).all()
    assert (pictures.outline(grey, labels, (9, 8, 7))[0] == grey[0]).all()
    assert pictures.grid([grey, grey, grey], 2).shape == (12, 14, 3)


CARD = ModelCard(
    recipe="instances",
    net=small_net().describe(),
    settings={"target": "distance"},
    channels=[1],
    object_size_px=None,
    decoding={},
    scores={},
    seed=0,
    code_version="",
    versions={},
    data_digest="",
    training={},
)


def test_a_trained_model_reads_back_equal(tmp_path: Path) -> None:
    net = small_net()
    trained.save(tmp_path, net, CARD)
    again, card = trained.load(tmp_path, recipe="instances")
    assert card == CARD
    assert torch.equal(again.head.weight, net.head.weight)
    assert not again.training


def test_models_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongModel, match="cannot be read"):
        trained.load(tmp_path / "nowhere", recipe="instances")
    trained.save(tmp_path, small_net(), CARD)
    with pytest.raises(WrongModel, match="made by the recipe instances"):
        trained.load(tmp_path, recipe="semantic")
    with pytest.raises(WrongModel, match="target"):
        trained.refuse_other_setting(CARD, "target", "flows")
    (tmp_path / "weights.safetensors").write_bytes(b"no weights")
    with pytest.raises(WrongModel, match="cannot be read"):
        trained.load(tmp_path, recipe="instances")
    with pytest.raises(WrongModel, match="kind"):
        trained.build_net({"kind": "magic"})


def test_L18_a_fused_net_says_what_the_net_says() -> None:
    torch.manual_seed(3)
    net = UNet(channels=2, outputs=3, widths=(8, 16, 24))
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.running_mean, -0.2, 0.2)  # type: ignore[arg-type]
            torch.nn.init.uniform_(module.running_var, 0.5, 2.0)  # type: ignore[arg-type]
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
    net.eval()
    pixels = torch.rand(1, 2, 64, 96).to(memory_format=torch.channels_last)
    with torch.no_grad():
        said, plain = FusedUNet(net)(pixels).float(), net(pixels)
        with torch.autocast("cpu", torch.bfloat16):
            half = net(pixels).float()
    # As far from the whole truth as bfloat16 is anyhow, and no farther.
    assert (said - plain).abs().max() < 2 * (half - plain).abs().max() + 1e-3
    assert (said - plain).abs().mean() < 0.02 * plain.abs().mean()


def test_L18_work_shared_out_within_a_share_waits_for_nobody() -> None:
    device = choose_device(2)
    asked: list[int] = []

    def items() -> Iterator[int]:
        for n in range(6):
            asked.append(n)
            yield n

    told = device.ahead(lambda n: sum(device.map(lambda k: k * n, range(4))), items())
    assert next(told) == 0
    assert len(asked) <= 3
    assert list(told) == [6, 12, 18, 24, 30]
