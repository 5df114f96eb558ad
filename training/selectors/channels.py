"""Finding an image's recorded channels by the words of a recipe's settings."""

from __future__ import annotations

from collections.abc import Sequence

from annotation.models import Image


def places(*, image: Image, words: Sequence[str]) -> list[int]:
    """Places of the channels that `words` name, by name or by number from 1, as the engine finds them; empty
    where one of them was not recorded.
    """
    found = [_place(image, word) for word in words]
    return [place for place in found if place is not None] if None not in found else []


def _place(image: Image, word: str) -> int | None:
    wanted = word.strip().casefold()
    for place, name in enumerate(image.channel_names):
        if str(name).strip().casefold() == wanted:
            return place
    return int(wanted) - 1 if wanted.isdigit() and 1 <= int(wanted) <= image.size_c else None
