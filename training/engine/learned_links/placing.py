"""Bringing windows to where the net runs."""

from dataclasses import fields
from typing import TypeVar

from training.engine.devices import Device
from training.engine.learned_links.lesson import Wanted
from training.engine.learned_links.windows import Window

Tensors = TypeVar("Tensors", Window, Wanted)


def placed(one: Tensors, device: Device) -> Tensors:
    """Each of its tensors on the device."""
    return type(one)(*(device.place_plain(getattr(one, column.name)) for column in fields(one)))
