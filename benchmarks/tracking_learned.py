"""The linker that learns: trained on simulated movies with appearance, judged on others and on real ones.

    python -m benchmarks.tracking_learned                     ten CPU-minutes of training, one core
    python -m benchmarks.tracking_learned --cpu-minutes 0.5   shorter
    python -m benchmarks.tracking_learned --real              first halves of the real movies mixed in
    python -m benchmarks.tracking_learned --kept              the model that was trained last, if there is one
    python -m benchmarks.tracking_learned --model FOLDER      a model that was trained before

`tracking_lessons` says what is learned from; judged are the simulated movies of `tracking_movies`, and of the
real ones the halves of which nothing is ever learned.
"""

import argparse
import itertools
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from annotation.core.tracks import divisions
from benchmarks import rows
from benchmarks.rows import FOLDER, Row
from benchmarks.tracking_judging import Judged, judge_lineage
from benchmarks.tracking_lessons import second_halves, train
from benchmarks.tracking_movies import REGIMES, TrackingMovie, all_movies
from training.contract.files import MODEL_CARD, RunFolder, read_model_card
from training.contract.linking import Lineage
from training.engine import trained
from training.engine.devices import choose_device
from training.engine.learned_links.judging import Calibration, LearnedJudge
from training.engine.learned_links.net import LinkNet
from training.engine.learned_links.scenes import Pair, Seen, see_frames
from training.engine.linking import movie
from training.engine.linking.base import Options
from training.engine.recipes.learn_links import RECIPE

KEPT = FOLDER / "tracking_learned"
"""The run that trained, with its model."""
CPU_MINUTES = 10.0
LEAST_LINK, LEAST_DIVISION, GEOMETRY_DIVISION = 0.95, 0.80, 0.37


@dataclass(frozen=True)
class Outcome:
    """What was judged of one movie: with the net, and with geometry and looks alone."""

    name: str
    link_f1: float
    learned: Judged
    plain: Judged


def main() -> None:
    """Train, judge, and write the rows into `build/bench/tracking.json`."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cpu-minutes", type=float, default=CPU_MINUTES)
    parser.add_argument("--real", action=argparse.BooleanOptionalAction, default=False)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--kept", action="store_true", help="the model of the last training, if there is one")
    asked = parser.parse_args()
    kept = RunFolder(KEPT).model
    model = kept if asked.kept and (kept / MODEL_CARD).exists() else asked.model
    if model is None:
        shutil.rmtree(KEPT, ignore_errors=True)
        KEPT.mkdir(parents=True)
        model = train(KEPT, asked.cpu_minutes, real=asked.real)
    rows.write("tracking", measure(model), keep_others=True)


def outcomes(model: Path) -> Iterator[Outcome]:
    """Every simulated movie of the benchmark and half a real one each, linked with the model and without."""
    simulated = (one for one in all_movies() if one.name.split("-")[0] in REGIMES)
    for one in itertools.chain(simulated, second_halves()):
        seen = seen_of(one)
        judge = judge_of(model, seen)
        said = movie.link_movie(seen.found, "exact", Options(), judge=judge)
        plain = movie.link_movie(seen.found, "exact", Options())
        yield Outcome(one.name, link_f1(one, said), judge_lineage(one, said), judge_lineage(one, plain))


def judge_of(model: Path, seen: Seen) -> LearnedJudge:
    """The trained model in a folder, as the judge of a movie."""
    net, card = trained.load_as(model, recipe=RECIPE, build=LinkNet.build)
    device = choose_device(1)
    return LearnedJudge(device.place_net(net), seen, device, Calibration.from_json(card.decoding))


def seen_of(one: TrackingMovie) -> Seen:
    """A movie as the net sees it."""

    def read(t: int) -> Pair:
        return one.labels[t][None, None], one.pixels[t][None, None]

    return see_frames(read, len(one.labels))


def link_f1(one: TrackingMovie, said: Lineage) -> float:
    """F1 of links between neighbouring frames, of one cell or to a daughter."""
    named = said.renamed
    true = {pair: cell for pair, cell in one.truth.items() if cell}
    now = dict(zip(zip(named.t.tolist(), named.was.tolist(), strict=True), named.cell.tolist(), strict=True))
    mothers = {cell.cell: cell.mother for cell in said.cells if cell.mother}
    wanted, found = _links(true, one.mothers), _links(now, mothers)
    return 2 * len(wanted & found) / max(len(wanted) + len(found), 1)


Place = tuple[int, int]


def _links(cells: dict[Place, int], mothers: dict[int, int]) -> set[tuple[Place, Place]]:
    """Pairs of detections in neighbouring frames."""
    at = {(t, cell): (t, number) for (t, number), cell in cells.items()}
    pairs = set()
    for (t, cell), here in at.items():
        before = at.get((t - 1, cell)) or at.get((t - 1, mothers.get(cell, 0)))
        if before:
            pairs.add((before, here))
    return pairs


def measure(model: Path) -> list[Row]:
    """Rows of the simulated movies together, and of each real one."""
    card = read_model_card(model)
    cpu_s = card.training.get("cpu_s", 0.0)
    setup = f"{cpu_s:.0f} CPU-s of training on {card.training.get('movies')} movies; {rows.machine()}"
    found = list(outcomes(model))
    made = []
    for word, spoiled in (("clean", False), ("spoiled", True)):
        some = [
            one for one in found if one.name.split("-")[0] in REGIMES and ("spoiled" in one.name) is spoiled
        ]
        learned, plain = (pooled([getattr(one, side) for one in some]) for side in ("learned", "plain"))
        links = float(np.mean([one.link_f1 for one in some]))
        made.append(
            rows.row(
                f"L6.learned.links.{word}", f"F1 of links, simulated movies, {word}", links, "",
                least=LEAST_LINK, setup=setup,
            )
        )  # fmt: skip
        made.append(
            rows.row(
                f"L6.learned.divisions.{word}",
                f"F1 of divisions, simulated movies, {word} (geometry alone: {GEOMETRY_DIVISION})",
                learned or 0.0, "", least=LEAST_DIVISION, peer="exact, with looks", peer_value=plain,
                setup=setup,
            )
        )  # fmt: skip
    for one in found:
        made.append(
            rows.row(
                f"L6.learned.lnk.{one.name}", f"LNK of {one.name}; divisions {one.learned.divisions}",
                one.learned.lnk, "", peer="exact, with looks", peer_value=one.plain.lnk, setup=setup,
            )
        )  # fmt: skip
    return made


def pooled(judged: Sequence[Judged]) -> float | None:
    """F1 of the divisions of several movies."""
    hit, invented, missed = (sum(one.divisions[i] for one in judged) for i in range(3))
    return divisions.f1((hit, invented, missed))


if __name__ == "__main__":
    main()
