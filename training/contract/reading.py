"""How a prediction reads images: which of their channels are shown to the model, and how large cells are.

Both may be left to themselves. A model says how many channels its training images had; an image of another
number is read by those of its channels that are called like what the model has learned from.
"""

import math
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from training.contract.errors import InvalidSettings
from training.contract.fields import JsonObject
from training.contract.recipes import Makes, recipe_named

CHANNELS, CELL_PX = "channels", "cell_px"
AUTO, LEARNED = "auto", "learned"
DEFAULT_CELL_PX = AUTO
"""Where nothing is said of the size of cells."""
LEAST_CELL_PX, MOST_CELL_PX = 2.0, 2000.0
MOST_ZOOM = 8.0
"""Images are enlarged and reduced for a model at most so many times."""
COLOURS = ("red", "green", "blue")
_BY_PLACE = (Makes.LABELS, Makes.BOXES, Makes.CLASSES)
"""What models make that see channels by their place; others find theirs by name, or see none."""
_OUTLINES = "instances"

NUCLEI = re.compile(
    r"nucle|dapi|hoechst|histone|h2b|\bh3\b|\bh4\b|draq|sytox|sytogreen|to-?pro|propidium|\bpi\b|7-?aad"
    r"|\bdna\d*\b|\b(?:191|193)ir|\bir(?:191|193)|\bnls\b|nuc(?:blue|red|green|spot)",
    re.IGNORECASE,
)
"""Stains and marks of nuclei, as channels are called."""
UNSTAINED = re.compile(
    r"phase|\bdic\b|bright.?field|unstained|label.?free|transmitted|\bbf\b|\btl\b|\bph\d?\b", re.IGNORECASE
)
"""Light that needs no stain."""
_NOT_NUCLEI = re.compile(r"(?:non|peri|extra).?nucle|nucle(?:ar)?.?(?:membrane|envelope|pore)", re.IGNORECASE)
_ELSE = re.compile(
    UNSTAINED.pattern + r"|membran|actin|phalloidin|tubulin|cyto|golgi|mito|\bwga\b|lamin|cadherin",
    re.IGNORECASE,
)
"""Channels that surely do not show nuclei."""
_UNNAMED = re.compile(r"\s*(?:channel|ch|c)?[ _#-]*\d+\s*", re.IGNORECASE)


def sees_channels(recipe: str, known: Collection[int]) -> bool:
    """Whether the channels that a model reads can be chosen; `known` as for `choose`."""
    return recipe_named(recipe).makes in _BY_PLACE and bool(known)


def sees_sizes(recipe: str, *, volumes: bool, learned_px: float | None) -> bool:
    """Whether a model can be told how large the cells of an image are: it outlines cells, frame by frame, and
    knows how large those were that it learned from, `learned_px`."""
    return recipe == _OUTLINES and not volumes and bool(learned_px)


def places(
    names: Sequence[str],
    words: Sequence[str | int] | None,
    *,
    known: Collection[int],
    learned: Sequence[str],
    model: str = "the model",
) -> tuple[int, ...] | None:
    """Which channels, called `names`, a model is shown: those that `words` name, without words those that it
    chooses by itself; None: all, as they stand. Raises InvalidSettings where it reads no such number."""
    if words is None:
        return choose(names, known=known, learned=learned)
    found = find(names, words)
    if set(known) != {1} and len(found) not in {1, *known}:
        counts = " or ".join(map(str, sorted({1, *known})))
        raise InvalidSettings(f"it names {len(found)}, but {model} reads pictures of {counts} channels.")
    return None if found == tuple(range(len(names))) else found


def zoom_for(cell_px: float, *, learned_px: float) -> float:
    """By how much an image is enlarged for a model, that its cells of one diameter look as large as those
    that the model learned from."""
    return min(max(learned_px / cell_px, 1 / MOST_ZOOM), MOST_ZOOM)


def find(names: Sequence[str], words: Sequence[str | int]) -> tuple[int, ...]:
    """Places, from 0, of the channels that `words` name: each by its name, or by its number from 1.

    Raises InvalidSettings for a word that is none of these.
    """
    return tuple(_find(names, word) for word in words)


def choose(names: Sequence[str], *, known: Collection[int], learned: Sequence[str]) -> tuple[int, ...] | None:
    """Which channels, called `names`, a model reads of an image by itself; None: all of them, as they stand.

    `known`: the numbers of channels that its training images had. `learned`: words for what it has learned
    from, such as its name and the names of its training images' channels. An image of a number that the model
    knows is read as it stands, but for one of named stains where the model has learned from single channels
    as well: three stains are no colours. Of any other image the one channel is read that is called like what
    was learned from; where none is, the first whose name does not say that it shows something else.
    """
    count = len(names)
    if count < 2 or not known:
        return None
    like = alike(names, learned)
    fits = count in known or (set(known) == {1} and count == len(COLOURS) and _are_colours(names))
    stains = 1 in known and like is not None and not _are_colours(names)
    if fits and not stains:
        return None
    return (like if like is not None else _first(names, learned),)


def alike(names: Sequence[str], learned: Sequence[str]) -> int | None:
    """The first channel that is called as what was learned from, else one of the same kind of light, from 0;
    None where the names do not tell."""
    said = {word.strip().casefold() for word in learned if not _UNNAMED.fullmatch(word)}
    for place, name in enumerate(names):
        if name.strip().casefold() in said:
            return place
    for tells in (shows_nuclei, shows_unstained):
        if any(map(tells, said)):
            return next((place for place, name in enumerate(names) if tells(name)), None)
    return None


def _first(names: Sequence[str], learned: Sequence[str]) -> int:
    """Where no name is known, the first channel, unless it shows what was not learned from."""
    if not any(map(shows_nuclei, learned)):
        return 0
    return next((place for place, name in enumerate(names) if not _ELSE.search(name)), 0)


def shows_nuclei(name: str) -> bool:
    """Whether a channel of this name shows nuclei."""
    return bool(NUCLEI.search(name)) and not _NOT_NUCLEI.search(name)


def shows_unstained(name: str) -> bool:
    """Whether a channel of this name was taken without any stain."""
    return bool(UNSTAINED.search(name))


def of_words(channels: str, cell_px: str) -> JsonObject:
    """The reading settings, not checked yet, of what a form or a command line says: channels with commas
    between, and “auto”, “learned” or a number; an empty word says nothing."""
    words = [word.strip() for word in channels.split(",") if word.strip()]
    try:
        size: float | str = float(cell_px)
    except ValueError:
        size = cell_px.strip()
    return {**({CHANNELS: words} if words else {}), **({CELL_PX: size} if size != "" else {})}


def check(asked: Mapping[str, Any]) -> JsonObject:
    """The reading settings among those of a prediction, as they were asked for. Raises InvalidSettings."""
    reading: JsonObject = {}
    if asked.get(CHANNELS) is not None:
        reading[CHANNELS] = _check_channels(asked[CHANNELS])
    if asked.get(CELL_PX) is not None:
        reading[CELL_PX] = check_cell_px(asked[CELL_PX])
    return reading


def check_cell_px(value: object) -> float | str:
    """“auto”, “learned” or a diameter in px. Raises InvalidSettings."""
    if value in (AUTO, LEARNED):
        return str(value)
    number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not number or not LEAST_CELL_PX <= value <= MOST_CELL_PX:  # type: ignore[operator]
        raise InvalidSettings(
            f"Setting “{CELL_PX}” is {value!r}; it must be “{AUTO}”, “{LEARNED}” or a diameter from "
            f"{LEAST_CELL_PX:g} to {MOST_CELL_PX:g} px."
        )
    return float(value)  # type: ignore[arg-type]


def _check_channels(value: object) -> list[str | int]:
    words = value if isinstance(value, list | tuple) else None
    plain = words and all(isinstance(one, str | int) and not isinstance(one, bool) for one in words)
    if not words or not plain:
        raise InvalidSettings(
            f"Setting “{CHANNELS}” is {value!r}; it must be a list of names of channels or of their numbers "
            "from 1."
        )
    return list(words)


def _find(names: Sequence[str], word: str | int) -> int:
    wanted = str(word).strip().casefold()
    for place, name in enumerate(names):
        if isinstance(word, str) and name.strip().casefold() == wanted:
            return place
    if wanted.isdigit() and 1 <= int(wanted) <= len(names):
        return int(wanted) - 1
    told = ", ".join(f"“{one}”" for one in names)
    raise InvalidSettings(f"there is no channel “{word}”; there are {told}.")


def _are_colours(names: Sequence[str]) -> bool:
    """Whether three channels may be a colour picture: so called, or without names."""
    said = tuple(name.strip().casefold() for name in names)
    return len(said) == len(COLOURS) and (
        said == COLOURS or said == tuple("rgb") or all(_UNNAMED.fullmatch(name) for name in said)
    )
