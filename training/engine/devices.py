"""Where a net runs, and how the work is shared out: graphics cards when there are some, else the processor's
cores.

On a processor each core works alone on its own part of a batch and they meet once a step. The usual way, in
which all cores share each layer and meet after it some 300 times a step, was measured here to be six times
slower as soon as one other process is busy, for each meeting then waits for whichever core is taken away.
Cards share a batch out in the same way; the cores make the next batches meanwhile. A thread works on one
card, so recipes say “the device” and never which.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import TypeVar

import torch
from torch import Tensor, nn

from training.engine.replicas import Replicas

Item = TypeVar("Item")
Made = TypeVar("Made")
Net = TypeVar("Net", bound=nn.Module)

PROCESSOR = ("cpu",)


@dataclass(frozen=True)
class Device:
    """`cards`: what nets run on, as torch calls them; `half` whether convolutions run in bfloat16; `workers`
    how many threads share out what the processor does.
    """

    cards: tuple[str, ...]
    half: bool
    workers: int
    _pool: ThreadPoolExecutor = field(repr=False, compare=False)
    _sides: ThreadPoolExecutor = field(repr=False, compare=False)
    _replicas: Replicas = field(default_factory=Replicas, repr=False, compare=False)

    @property
    def name(self) -> str:
        """What the thread that asks works on, as torch calls it."""
        return self.cards[self.card]

    @property
    def card(self) -> int:
        """The card of the thread that asks, by its place in `cards`."""
        return getattr(_at_work, "card", 0) % len(self.cards)

    @property
    def on_cards(self) -> bool:
        """Whether nets run beside the processor and not on it."""
        return self.cards != PROCESSOR

    @property
    def parts(self) -> int:
        """Into how many shares a batch is cut: one for each card, or for each core."""
        return len(self.cards) if self.on_cards else self.workers

    @property
    def words(self) -> str:
        """What people read: "2 cores, bfloat16"."""
        kind = self._card_kind() if self.on_cards else ("core" if self.workers == 1 else "cores")
        return f"{self.parts} {kind}, {'bfloat16' if self.half else 'float32'}"

    def _card_kind(self) -> str:
        return f"x {torch.cuda.get_device_name(self.cards[0])}" if torch.cuda.is_available() else "cards"

    def autocast(self) -> AbstractContextManager[object]:
        """The context in which a net's forward pass runs; it counts for the thread that enters it."""
        return torch.autocast(torch.device(self.name).type, torch.bfloat16) if self.half else nullcontext()

    def place(self, x: Tensor) -> Tensor:
        """Brings pictures (b, c, y, x) or volumes (b, c, z, y, x) to the device, channels innermost, which
        convolutions here like best.
        """
        innermost = torch.channels_last if x.ndim == 4 else torch.channels_last_3d
        return x.to(self.name, memory_format=innermost, non_blocking=True)

    def place_plain(self, x: Tensor) -> Tensor:
        """Brings numbers of any shape to the device."""
        return x.to(self.name)

    def place_net(self, net: Net) -> Net:
        """Brings a net to the device in the same order of memory."""
        volume = any(weight.ndim == 5 for weight in net.parameters())
        innermost = torch.channels_last_3d if volume else torch.channels_last
        net.to(self.name, memory_format=innermost)  # type: ignore[call-overload]
        return net

    def own(self, net: Item) -> Item:
        """The net on the card of the thread that asks: itself on the first, elsewhere a copy that follows
        it."""
        if self.card == 0:
            return net
        assert isinstance(net, nn.Module)
        return self._replicas.on(self.card, self.name, net)

    def side_by_side(self, make: Callable[[Item], Made], items: Sequence[Item]) -> Iterator[Made]:
        """`make` of every item, in order, one on each card or core; no more items than `parts`."""
        if len(items) == 1:
            return map(make, items)
        places = range(len(items)) if self.on_cards else [0] * len(items)
        return self._sides.map(partial(_work_on, make), places, items)

    def begin(self, make: Callable[[Item], Made], item: Item) -> "Future[Made]":
        """`make` of an item as soon as a thread is free; its result is asked for later."""
        return self._pool.submit(_work, make, item)

    def map(self, make: Callable[[Item], Made], items: Iterable[Item]) -> Iterator[Made]:
        """`make` of every item, in order, as many at a time as there are workers; one after the other within
        a part."""
        if self.workers == 1 or getattr(_at_work, "part", False):
            return map(make, items)
        return self._pool.map(partial(_work, make), items)

    def ahead(self, make: Callable[[Item], Made], items: Iterable[Item]) -> Iterator[Made]:
        """As `map`, but no more than there are workers are begun beyond what has been asked for: for much, or
        large."""
        if self.workers == 1 or getattr(_at_work, "part", False):
            yield from map(make, items)
            return
        begun: deque[Future[Made]] = deque()
        for item in items:
            begun.append(self._pool.submit(_work, make, item))
            if len(begun) > self.workers:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()


_at_work = threading.local()


def _work(make: Callable[[Item], Made], item: Item) -> Made:
    """`make`, in a thread that knows that it is a part: what it shares out in turn it does itself, for all
    others may be waiting for it."""
    _at_work.part = True
    return make(item)


def _work_on(make: Callable[[Item], Made], card: int, item: Item) -> Made:
    """`make` in a thread that works on another card meanwhile."""
    before = getattr(_at_work, "card", 0)
    _at_work.card = card
    try:
        return _work(make, item)
    finally:
        _at_work.card = before


def device_of(cards: tuple[str, ...], *, half: bool, workers: int) -> Device:
    """A device with threads of its own: workers, each at one of the cards for good, and on cards one more for
    each of them, so that learning waits for no batch that is being made.
    """
    numbers = count()

    def arrive() -> None:
        _at_work.card = next(numbers)

    pool = ThreadPoolExecutor(workers, initializer=arrive)
    sides = pool if cards == PROCESSOR else ThreadPoolExecutor(len(cards))
    return Device(cards, half=half, workers=workers, _pool=pool, _sides=sides)


def choose_device(threads: int) -> Device:
    """Picks what nets run on, all cards or the processor, and shares the process's threads out: on a
    processor one for each part.
    """
    if torch.cuda.is_available():
        cards = tuple(f"cuda:{number}" for number in range(torch.cuda.device_count()))
        half = torch.cuda.is_bf16_supported(including_emulation=False)
        torch.set_num_threads(threads)
        torch.set_float32_matmul_precision("high")
        torch.backends.cudnn.benchmark = True
        return device_of(cards, half=half, workers=max(threads, len(cards)))
    torch.set_num_threads(1)
    return device_of(PROCESSOR, half=_bfloat16_is_fast(), workers=threads)


def _bfloat16_is_fast() -> bool:
    """Processors without AVX-512 bf16 or AMX imitate bfloat16 slowly."""
    supported = getattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", None)
    return bool(supported()) if supported is not None else False
