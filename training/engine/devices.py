"""Where a net runs, and how the work is shared out: the graphics card when there is one, else the
processor's cores.

On a processor each core works alone on its own part of a batch and they meet once a step. The usual way, in
which all cores share each layer and meet after it some 300 times a step, was measured here to be six times
slower as soon as one other process is busy, for each meeting then waits for whichever core is taken away.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
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
        """`make` of every item, in order, `parts` of them at a time."""
        return self._pool.map(make, items)


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
