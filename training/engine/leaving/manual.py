"""What those who get a model must know to use it: as numbers for programs, and as a card for people."""

from typing import Any

from training.contract.fields import JsonObject
from training.contract.leaving import Facts
from training.contract.results import ModelCard, Scores
from training.engine.data.normalising import HIGH_PERCENTILE, LOW_PERCENTILE
from training.engine.leaving.graphs import LeavingNet

CLIP = (-0.25, 1.5)
TRANSLATE_CLIP = (-0.5, 2.0)
WORDS = {
    "instances": "finds every cell and draws its outline",
    "semantic": "tells which class each pixel belongs to",
    "classify": "tells the class of outlined cells",
    "detect": "finds cells with their boxes",
    "translate": "predicts channels that were not recorded",
}
PAPERS: tuple[tuple[str, str], ...] = (
    ("Ronneberger et al., U-Net: Convolutional Networks for Biomedical Image Segmentation (2015)",
     "10.1007/978-3-319-24574-4_28"),
    ("He et al., Deep Residual Learning for Image Recognition (2016)", "10.1109/CVPR.2016.90"),
)  # fmt: skip
MORE_PAPERS: dict[str, tuple[str, str]] = {
    "flows": ("Stringer et al., Cellpose: a generalist algorithm for cellular segmentation (2021)",
              "10.1038/s41592-020-01018-x"),
    "stars": ("Schmidt et al., Cell Detection with Star-Convex Polygons (2018)",
              "10.1007/978-3-030-00934-2_30"),
    "embedding": ("Neven et al., Instance Segmentation by Jointly Optimizing Spatial Embeddings (2019)",
                  "10.1109/CVPR.2019.00904"),
    "translate": ("Christiansen et al., In Silico Labeling (2018)", "10.1016/j.cell.2018.03.040"),
}  # fmt: skip


def describe(leaving: LeavingNet, facts: Facts) -> JsonObject:
    """All that using the graph needs, as it stands in the graph's metadata and in the package's config."""
    card = leaving.card
    return {
        "recipe": card.recipe,
        "name": facts.name,
        "version": facts.version,
        "licence": facts.licence,
        "author": facts.author,
        "channels_in": leaving.channels,
        "channels_out": list(leaving.channels_out),
        "multiple_px": leaving.multiple,
        "multiple_slices": leaving.deep,
        "crop_px": leaving.side,
        "normalisation": normalisation(card),
        "decoding": card.decoding,
        "settings": card.settings,
        "object_size_px": card.object_size_px,
        "scores": card.scores,
        "data_digest": card.data_digest,
        "identity": facts.identity,
    }


def normalisation(card: ModelCard) -> JsonObject:
    """From raw pixels to what the net sees, for those who do it themselves."""
    low, high = CLIP if card.recipe != "translate" else TRANSLATE_CLIP
    return {
        "of": "each channel of the whole picture or volume, never of a tile",
        "low_percentile": LOW_PERCENTILE,
        "high_percentile": HIGH_PERCENTILE,
        "clip": [low, high],
        "invert_where_median_above": None if card.recipe == "translate" else 0.5,
    }


def citations(card: ModelCard) -> list[dict[str, str]]:
    """Papers of the net and of the method."""
    method = MORE_PAPERS.get(str(card.settings.get("target"))) or MORE_PAPERS.get(card.recipe)
    return [{"text": text, "doi": doi} for text, doi in (*PAPERS, *([method] if method else []))]


def write_card(card: ModelCard, facts: Facts, use: str) -> str:
    """The card for people, in Markdown: data, scores, use, limits, licence. `use` is a part of its own."""
    when = f" on {facts.made_at}" if facts.made_at else ""
    parts = [
        f"# {facts.name} v{facts.version}",
        f"This model {WORDS.get(card.recipe, card.recipe)}. {facts.description}".strip(),
        f"## Data\n\n{_data(card, facts)}",
        f"## Validation\n\n{_score_table(card.scores)}",
        use,
        f"## Limits\n\n{_limits(card)}",
        f"## Licence\n\n{facts.licence}. The code that reads and decodes is BSD-3-Clause.",
        f"## Origin\n\nTrained by {facts.author or 'unknown'}{when} with Cytoloop, recipe {card.recipe}, "
        f"seed {card.seed}, code {card.code_version}.",
    ]
    return "\n\n".join(parts) + "\n"


def _data(card: ModelCard, facts: Facts) -> str:
    size = "" if card.object_size_px is None else f" Cells are {card.object_size_px:g} px across (median)."
    told = facts.learned_from or "The data are not described."
    digest = f" Digest of pixels and labels: `{card.data_digest}`." if card.data_digest else ""
    return f"{told}{size}{digest}"


def _score_table(scores: Scores) -> str:
    if not scores:
        return "The model was not scored: there were no validation or test images."
    names = list(dict.fromkeys(name for values in scores.values() for name in values))
    head = f"| score | {' | '.join(scores)} |\n| --- |{' --- |' * len(scores)}"
    lines = [
        f"| {name} | {' | '.join(_number(values.get(name)) for values in scores.values())} |"
        for name in names
    ]
    return "\n".join(["Scores on images that were not learned from:", "", head, *lines])


def _number(value: Any) -> str:
    return "" if value is None else f"{value:.4g}"


def _limits(card: ModelCard) -> str:
    size = (
        ""
        if card.object_size_px is None
        else f" Cells much smaller or larger than {card.object_size_px:g} px are found less well; resize."
    )
    channels = ", ".join(map(str, card.channels)) or "unknown"
    return (
        f"It learned from pictures of {channels} channel(s); other stains, modalities and magnifications are "
        f"outside of what its scores say.{size} Check on your own images before you measure."
    )
