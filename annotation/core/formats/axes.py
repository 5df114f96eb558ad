"""From the axes a file has to t, c, z, y, x, with a sentence for whatever had to be guessed."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from annotation.core.formats.base import Shape

MOST_CHANNELS = 4  # an unnamed axis of up to this length is taken for channels
NOTHING_ELSE = "nothing says otherwise"
WORDS = {"T": "time", "C": "channels", "Z": "z"}
Z_NAME = re.compile(r"(?<![a-z])(3d|z|stack|zstack|volume|vol|xyz|zyx)(?![a-z])|3d|zstack|z-stack")


class UnclearAxes(ValueError):
    """The axes cannot be brought into t, c, z, y, x."""


@dataclass(frozen=True, slots=True)
class AxisPlan:
    """How the axes of a file serve t, c, z, y, x.

    `meaning` has one of T, C, Z, Y, X for each axis of the file; several axes may mean C (channels of colour
    pictures) and are then counted in the file's order, the last fastest. `guessed`: what unnamed axes were
    taken for although nothing said so.
    """

    meaning: str
    shape: tuple[int, ...]
    note: str
    guessed: str = ""

    @property
    def shape_tczyx(self) -> Shape:
        """Sizes of t, c, z, y, x."""
        t, c, z, y, x = (self._size(letter) for letter in "TCZYX")
        return t, c, z, y, x

    def _size(self, letter: str) -> int:
        return math.prod(n for n, m in zip(self.shape, self.meaning, strict=True) if m == letter)

    def index(self, t: int, c: int, z: int) -> tuple[int | slice, ...]:
        """Index into the file's array that gives one plane; y and x are full slices."""
        left = {"T": t, "C": c, "Z": z}
        result: list[int | slice] = []
        for size, meaning in zip(reversed(self.shape), reversed(self.meaning), strict=True):
            if meaning in "YX":
                result.append(slice(None))
            else:
                left[meaning], here = divmod(left[meaning], size)
                result.append(here)
        return tuple(reversed(result))


def plan(axes: str, shape: Sequence[int], *, name: str = "", stated: str | None = None) -> AxisPlan:
    """How to read an array with these axes letters (T, C, Z, Y, X; S: samples; others: unknown).

    `stated` overrides the file: one letter an axis, as a person said it; a single letter tells only what an
    unnamed axis is. Raises UnclearAxes.
    """
    asked = (stated or "").upper()
    if len(asked) > 1 or (asked and asked not in WORDS):
        return _stated(asked, shape)
    known = axes.upper().replace("S", "C")
    unknown = [i for i, letter in enumerate(known) if letter not in "TCZYX" and shape[i] != 1]
    letters, notes, guessed = list(known), [], ""
    for i in unknown:
        letters[i], why = _guess(letters, shape[i], name, last=i == unknown[-1], asked=asked)
        notes.append(said_of_unnamed(shape[i], letters[i], why))
        guessed += letters[i] if why == NOTHING_ELSE else ""
    meaning = "".join(letter if letter in "TCZYX" else "T" for letter in letters)
    return _checked(AxisPlan(meaning, tuple(shape), " ".join(notes), guessed))


def said_of_unnamed(size: int, letter: str, why: str) -> str:
    """The sentence that owns up to the meaning of an unnamed axis."""
    return f"An unnamed axis of length {size} was taken for {WORDS[letter]}, because {why}."


def _guess(letters: list[str], size: int, name: str, *, last: bool, asked: str) -> tuple[str, str]:
    """The meaning of an unnamed axis, and why."""
    free = [letter for letter in "TZC" if letter not in letters]
    if not free:
        raise UnclearAxes("the file has more axes than t, c, z, y, x")
    if asked in free and last:
        return asked, "it was to be read so"
    if "C" in free and size <= MOST_CHANNELS:
        return "C", "it is short"
    if "Z" in free and last and (Z_NAME.search(name.lower()) or "T" not in free):
        return "Z", "the name or the other axes suggest it"
    return free[0], NOTHING_ELSE


def _stated(axes: str, shape: Sequence[int]) -> AxisPlan:
    if len(axes) != len(shape) or set(axes) - set("TCZYX"):
        raise UnclearAxes(f"the axes {axes} do not describe an array of {len(shape)} axes; use T, C, Z, Y, X")
    return _checked(AxisPlan(axes, tuple(shape), ""))


def _checked(result: AxisPlan) -> AxisPlan:
    if result.meaning.count("Y") != 1 or result.meaning.count("X") != 1:
        raise UnclearAxes("the file has no plane of y and x")
    if result.meaning.index("Y") > result.meaning.index("X"):
        raise UnclearAxes("x comes before y in the file; turn the image first")
    long = [m for n, m in zip(result.shape, result.meaning, strict=True) if n > 1 and m in "TZ"]
    if len(set(long)) != len(long):
        raise UnclearAxes("an axis is named twice")
    return result


def of_bare_array(shape: Sequence[int]) -> str:
    """Axes letters of an array without any description: colours last when the last axis is 2 to 4 long."""
    colours = len(shape) > 2 and shape[-1] <= MOST_CHANNELS < min(shape[-3:-1])
    letters = "YXS" if colours else "YX"
    return (
        "TCZQQ"[: len(shape) - len(letters)] + letters
        if len(shape) == 5
        else ("Q" * (len(shape) - len(letters)) + letters)
    )
