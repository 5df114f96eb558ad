"""Who is called by name in a text: `@Ben Okafor, look`."""

from collections.abc import Iterable


def mentioned(text: str, names: Iterable[str]) -> set[str]:
    """Those of the names that stand after an @; of `@Ben Okafor` only the longest name that fits."""
    lowered, found = text.lower(), set()
    ordered = sorted({name for name in names if name}, key=len, reverse=True)
    at = lowered.find("@")
    while at >= 0:
        name = next((one for one in ordered if _stands(lowered, at + 1, one.lower())), None)
        if name is not None:
            found.add(name)
        at = lowered.find("@", at + 1)
    return found


def _stands(text: str, start: int, name: str) -> bool:
    end = start + len(name)
    return text.startswith(name, start) and not text[end : end + 1].isalnum()
