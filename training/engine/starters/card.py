"""The model card of a starter model as text, made from the numbers alone (Mitchell et al. 2019)."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from training.contract.fields import JsonObject
from training.contract.reading import AUTO
from training.contract.starters import PICTURE, StarterFacts

_LINES = {"source": "Source repository", "licence": "(?:Data l|L)icence(?: of the source)?", "cite": "Cite"}


def credit_of(folder: Path) -> dict[str, str]:
    """Source, licence and citation of a set out of the README in its folder; what it does not tell is
    empty."""
    text = (folder / "README.md").read_text(encoding="utf-8")
    found = {key: re.search(rf"^- {label}: (.+)$", text, re.M) for key, label in _LINES.items()}
    return {key: match.group(1).strip() if match else "" for key, match in found.items()}


def write_card(facts: StarterFacts, *, command: str) -> str:
    """README.md of a starter model."""
    return "\n".join(
        [
            f"# Starter model: {facts.title}",
            "",
            facts.purpose,
            "",
            f"![Proposals on held-out pictures]({PICTURE})",
            "",
            f"A residual U-Net of {facts.parameters / 1e6:.1f} M parameters, weights in float16, trained for "
            f"{facts.cpu_minutes:g} minutes of one processor core from chance, without other weights.",
            f"Licence of the weights: {facts.licence}, like the rest of this repository.",
            "",
            "## Learned from",
            "",
            *_table(("name", "images", "cells", "licence", "source", "cite"), facts.data),
            "",
            "## Scores",
            "",
            "On pictures that were kept out of training and of the choice of thresholds. AP is TP / "
            "(TP + FP + FN), counts pooled over pictures; the interval is 95 %, by drawing pictures again.",
            "",
            *_pooled(facts.scores),
            "",
            *_table(("kind", "pictures", "cells", "ap50", "ap75", "ap90"), facts.kinds),
            "",
            "### Pictures of other origin",
            "",
            "Nothing of these was learned or chosen. This is what to expect of pictures unlike those above.",
            "",
            *_elsewhere(facts.elsewhere),
            "",
            "## Limits",
            "",
            *(f"* {limit}" for limit in facts.limits),
            "",
            "## Made again",
            "",
            f"`{command}` trains it and writes this folder.",
            "",
        ]
    )


def _elsewhere(rows: Sequence[JsonObject]) -> list[str]:
    """As they stand, and where it was tried with the size of the cells found by itself."""
    scores = ("ap50", "ap75", "ap90")
    sized = tuple(f"{name}_{AUTO}" for name in scores) if any(f"ap50_{AUTO}" in row for row in rows) else ()
    table = _table(("name", "what", "pictures", "cells", *scores, *sized, "caveat"), rows)
    if not sized:
        return table
    return [
        *table,
        "",
        f"`_{AUTO}`: the size of the cells found by itself, as predictions do it unless told.",
    ]


def _pooled(scores: JsonObject) -> list[str]:
    rows = [
        {
            "score": name,
            "value": told["value"],
            "from": "" if told["low"] is None else told["low"],
            "to": "" if told["high"] is None else told["high"],
        }
        for name, told in scores.items()
    ]
    return _table(("score", "value", "from", "to"), rows)


def _table(columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> list[str]:
    lines = [" | ".join(str(row.get(column, "")).replace("|", "\\|") for column in columns) for row in rows]
    body = [f"| {line} |" for line in lines]
    return [f"| {' | '.join(columns)} |", f"|{' --- |' * len(columns)}", *body]
