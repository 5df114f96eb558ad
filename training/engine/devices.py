"""Where a net runs, and how the work is shared out: the graphics card when there is one, else the
processor's cores.

On a processor each core works alone on its own part of a batch and they meet once a step. The usual way, in
which all cores share each layer and meet after it some 300 times a step, was measured here to be six times
slower as soon as one other process is busy, for each meeting then waits for whichever core is taken away.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import torch
from torch import Tensor, nn

Item = TypeVar("Item")
Made = TypeVar("Made")
Net = TypeVar("Net", bound=nn.Module)


@dataclass(frozen=True)
class Device:
    """`name` as torch calls it; `half` whether convolutions run in bfloat16; `parts` how many work at a
    time.
    """

    name: str
    half: bool
    parts: int
    _pool: ThreadPoolExecutor = field(repr=False, compare=False)

    def autocast(self) -> AbstractContextManager[object]:
        """The context in which a net's forward pass runs; it counts for the thread that enters it."""
        return torch.autocast(self.name, torch.bfloat16) if self.half else nullcontext()

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

    def map(self, make: Callable[[Item], Made], items: Iterable[Item]) -> Iterator[Made]:
        """`make` of every item, in order, `parts` of them at a time; one after the other within a part."""
        if self.parts == 1 or getattr(_at_work, "part", False):
            return map(make, items)
        return self._pool.map(partial(_work, make), items)

    def ahead(self, make: Callable[[Item], Made], items: Iterable[Item]) -> Iterator[Made]:
        """As `map`, but no more than `parts` are begun beyond what has been asked for: for much, or large."""
        if self.parts == 1 or getattr(_at_work, "part", False):
            yield from map(make, items)
            return
        begun: deque[Future[Made]] = deque()
        for item in items:
            begun.append(self._pool.submit(_work, make, item))
            if len(begun) > self.parts:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()


_at_work = threading.local()


def _work(make: Callable[[Item], Made], item: Item) -> Made:
    """`make`, in a thread that knows that it is a part: what it shares out in turn it does itself, for all
    others may be waiting for it."""
    _at_work.part = True
    return make(item)


def choose_device(threads: int) -> Device:
    """Picks the device and shares the process's threads out: on a processor one for each part, on a card
    one part.
    """
    if torch.cuda.is_available():
        torch.set_num_threads(threads)
        return Device("cuda", half=True, parts=1, _pool=ThreadPoolExecutor(1))
    torch.set_num_threads(1)
    return Device("cpu", half=_bfloat16_is_fast(), parts=threads, _pool=ThreadPoolExecutor(threads))


def _bfloat16_is_fast() -> bool:
    """Processors without AVX-512 bf16 or AMX imitate bfloat16 slowly."""
    supported = getattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", None)
    return bool(supported()) if supported is not None else False
