"""Copies of a net on other cards, which follow the net as it changes."""

import copy
import threading
import weakref
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

Net = TypeVar("Net", bound=nn.Module)


class Replicas:
    """Copies of nets on further cards, made when they are first asked for and gone with their net.

    Several threads may ask at once, but not while the net is being changed.
    """

    def __init__(self) -> None:
        self._copies: weakref.WeakKeyDictionary[nn.Module, dict[int, tuple[Any, int]]]
        self._copies = weakref.WeakKeyDictionary()
        self._turn = threading.Lock()

    def on(self, card: int, name: str, net: Net) -> Net:
        """The copy of `net` as it is now on a card, by its place among the cards and as torch calls it."""
        now = sum(number._version for number in numbers_of(net))
        with self._turn:
            copies = self._copies.setdefault(net, {})
            twin, known = copies.get(card, (None, now))
            if twin is None:
                twin = twin_on(name, net)
            elif known != now:
                follow(list(numbers_of(twin)), list(numbers_of(net)))
            copies[card] = (twin, now)
        return twin  # type: ignore[no-any-return]


@torch.inference_mode(False)
def twin_on(name: str, net: Net) -> Net:
    """A copy of a net, with weights of its own, on the card that torch calls by `name`."""
    return copy.deepcopy(net).to(name)


@torch.inference_mode(False)
@torch.no_grad()
def follow(mine: Sequence[Tensor], theirs: Sequence[Tensor]) -> None:
    """Takes over all values, from whatever card they are on."""
    for own, other in zip(mine, theirs, strict=True):
        own.copy_(other)


def numbers_of(net: nn.Module) -> Iterator[Tensor]:
    """All weights and statistics of a net."""
    yield from net.parameters()
    yield from net.buffers()
