"""Nets that reckon in eight bits say nearly what they say in float32, up to the picture's edge."""

from dataclasses import replace

import pytest
import torch

from training.engine.devices import choose_device
from training.engine.instance_kinds import KINDS
from training.engine.nets import eight_bit
from training.engine.nets.eight_bit import EightBitUNet
from training.engine.nets.fused import FusedUNet, fuse
from training.engine.nets.trial_pictures import LEAST, MOST, trial_pictures
from training.engine.nets.unet import UNet
from training.engine.recipes import instances

quick_only = pytest.mark.skipif(not eight_bit.is_quick(), reason="needs a processor quick at eight bits")


def net_of(channels: int, widths: tuple[int, ...] = (8, 16, 24, 32)) -> UNet:
    """A net with statistics as after learning."""
    torch.manual_seed(3)
    net = UNet(channels=channels, outputs=3, widths=widths)
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.running_mean, -0.2, 0.2)  # type: ignore[arg-type]
            torch.nn.init.uniform_(module.running_var, 0.5, 2.0)  # type: ignore[arg-type]
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.uniform_(module.bias, -0.3, 0.3)
    return net.eval()


def far(said: torch.Tensor, plain: torch.Tensor) -> float:
    """How far from the truth, as a share of how far the truth is from its own mean."""
    return float((said - plain).norm() / (plain - plain.mean((2, 3), keepdim=True)).norm())


@quick_only
@pytest.mark.parametrize("channels", [1, 2, 3])
def test_L18_a_net_of_eight_bits_says_nearly_what_the_net_says(channels: int) -> None:
    net, pixels = net_of(channels), trial_pictures(channels)[5:6, :, :96, :128]
    with torch.no_grad():
        said, plain = EightBitUNet(net)(pixels), net(pixels)
        half = FusedUNet(net)(pixels).float()
    assert said.shape == plain.shape
    assert said.dtype == torch.float32
    assert said.is_contiguous()
    assert far(half, plain) < far(said, plain) < 0.06
    for edge in (said[..., :4, :] - plain[..., :4, :], said[..., -4:] - plain[..., -4:]):
        assert edge.abs().mean() < 2 * (said - plain).abs().mean()


@quick_only
def test_L18_levels_depend_on_the_net_alone() -> None:
    net = net_of(1)
    before = EightBitUNet(net)
    pixels = torch.rand(1, 1, 64, 64)
    with torch.no_grad():
        # The same however often it is asked, of whatever else, in whatever order of memory.
        first = before(pixels)
        before(100 * pixels)
        again = EightBitUNet(net)(pixels.to(memory_format=torch.channels_last))
    assert torch.equal(first, again)
    assert not any(module._forward_hooks for module in net.modules())


@quick_only
def test_L18_what_is_farther_out_than_any_trial_picture_is_cut_and_not_wrapped() -> None:
    net = net_of(1)
    pixels = torch.full((1, 1, 64, 64), MOST)
    pixels[..., 20:40, 20:40] = LEAST
    with torch.no_grad():
        assert far(EightBitUNet(net)(pixels), net(pixels)) < 0.15


def test_L18_only_quick_reading_is_of_eight_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    device, net = replace(choose_device(1), half=True), net_of(1, (4, 8, 8))
    monkeypatch.setattr(eight_bit, "is_quick", lambda: True)
    kind = KINDS["distance"]
    assert isinstance(instances.make_reader(net, kind, device, flips=False).net, EightBitUNet)
    assert isinstance(instances.make_reader(net, kind, device, flips=True).net, FusedUNet)
    assert instances.make_reader(net, kind, device, flips=False, learning=True).net is net
    assert fuse(net, replace(device, half=False), quickly=True) is net
    monkeypatch.setattr(eight_bit, "is_quick", lambda: False)
    assert isinstance(instances.make_reader(net, kind, device, flips=False).net, FusedUNet)


def test_L18_large_frames_have_wide_tiles_and_small_ones_enough_for_two_cores() -> None:
    reader = instances.make_reader(net_of(1, (4, 8, 8)), KINDS["distance"], choose_device(1), flips=False)

    def read_px(side: int) -> float:
        rows, columns = reader.shares((side, side))
        both = [sum(len(tile.share) for tile in tiles) for tiles in (rows, columns)]
        return both[0] * both[1] / side**2

    rows, columns = reader.shares((1024, 1024))
    assert len(rows) * len(columns) == 2
    assert read_px(1024) < 1.08
    assert read_px(20_000) < 1.16
    for tiles in reader.shares((5000, 3000)):
        assert max(len(tile.share) for tile in tiles) <= 2048


def test_L18_trial_pictures_are_always_the_same_and_as_normalised() -> None:
    pictures = trial_pictures(2)
    assert torch.equal(pictures, trial_pictures(2))
    assert pictures.shape == (12, 2, 160, 160)
    assert pictures.min() >= LEAST
    assert pictures.max() <= MOST
    assert (pictures.amax((2, 3)) > 0.5).all()
