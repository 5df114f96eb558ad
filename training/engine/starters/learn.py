"""Trains a starter model and writes the folder that is shipped, with its card.

    python -m training.engine.starters.learn nuclei --data DATA --cpu-minutes 60 [--resume]

DATA holds the folders of the sets. The recipe `instances` does the training in WORK/NAME; killed or stopped
(Ctrl-C, SIGTERM), it goes on with `--resume`, also to a larger number of minutes than before. The val parts
of the sets are read for scores alone. OUT/NAME gets `weights.safetensors` in float16, `model.json`,
`starter.json`, `README.md` and `picture.png`.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from skimage.io import imsave

from training.contract.files import (
    MODEL_CARD,
    WEIGHTS,
    ExitCode,
    RunFolder,
    read_model_card,
    write_atomically,
    write_json,
)
from training.contract.manifest import Split
from training.contract.results import ModelCard
from training.contract.specs import Action, RunSpec
from training.contract.starters import FACTS, PICTURE, README, SHIPPED, StarterFacts
from training.engine.devices import choose_device
from training.engine.process import run_recipe
from training.engine.recipes import instances
from training.engine.starters import judging
from training.engine.starters.card import credit_of, write_card
from training.engine.starters.laying import lay_out, name_of
from training.engine.starters.sets import STARTERS, Shot, StarterPlan, first_of_each_kind, split

MOST_LOST = 0.002
"""How much AP float16 may cost before the weights are refused."""
MOST_PARAMETERS = 2_500_000
LICENCE = "BSD-3-Clause"
QUICK_TRY = "A quick try: learned from and scored on a few pictures of each kind alone, for a short time."


class NotFit(Exception):
    """A trained net may not be shipped."""


def main(arguments: Sequence[str]) -> int:
    """Reads the command line, trains, scores and writes."""
    given = read_arguments(arguments)
    plan, work = STARTERS[given.name], RunFolder((given.work / given.name).resolve())
    missing = [name for name in plan.sets if not (given.data / name).is_dir()]
    if missing:
        sys.stderr.write(
            f"{given.data} has no {', '.join(missing)}; name the folder of the sets by --data.\n"
        )
        return ExitCode.REFUSED
    code = train(plan, work, given)
    if code != ExitCode.DONE:
        sys.stderr.write(f"Training has not ended (code {code}); give the same command with --resume.\n")
        return code
    try:
        write_starter(given.name, plan, work, given)
    except NotFit as reason:
        sys.stderr.write(f"{reason}\n")
        return ExitCode.REFUSED
    return ExitCode.DONE


def read_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m training.engine.starters.learn",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", choices=sorted(STARTERS))
    parser.add_argument("--data", type=Path, required=True, help="the folder of the sets")
    parser.add_argument("--out", type=Path, default=SHIPPED, help="where the model's folder is put")
    parser.add_argument("--work", type=Path, default=Path("build/starters"), help="run folders")
    parser.add_argument("--cpu-minutes", type=float, default=4.0, help="processor time, all threads together")
    parser.add_argument(
        "--most", type=int, help="pictures of each kind, to learn from and to score on: a quick try"
    )
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--setting", action="append", default=[], metavar="KEY=VALUE", help="of the recipe")
    parser.add_argument("--resume", action="store_true", help="go on where an earlier start stopped")
    return parser.parse_args(arguments)


def train(plan: StarterPlan, work: RunFolder, given: argparse.Namespace) -> int:
    """Runs the recipe until its time is spent; answers its exit code."""
    if not given.resume and work.path.exists():
        shutil.rmtree(work.path)
    if not work.manifest.exists():
        lay_out(work, split(read(plan, given, "train"), given.seed))
    result = work.read_result()
    spec = spec_of(plan, given)
    if result is not None and result.ok and work.read_spec().cpu_minutes != spec.cpu_minutes:
        work.result.unlink()
    work.write_spec(spec)
    return run_recipe(instances.RECIPE, instances.ACTIONS, [str(work.path)])


def spec_of(plan: StarterPlan, given: argparse.Namespace) -> RunSpec:
    """The recipe's order: the plan's settings, overruled by the command line's."""
    settings = dict(plan.settings)
    for text in given.setting:
        key, _, value = text.partition("=")
        try:
            settings[key] = json.loads(value)
        except ValueError:
            settings[key] = value
    return RunSpec(
        action=Action.TRAIN,
        recipe=instances.RECIPE,
        settings=settings,
        seed=given.seed,
        cpu_minutes=given.cpu_minutes,
        threads=given.threads,
    )


def read(plan: StarterPlan, given: argparse.Namespace, part: str) -> list[Shot]:
    """The pictures of one part, "train" or "val", of all of a plan's sets; `most` of each kind."""
    return [
        shot
        for name, pictures in plan.sets.items()
        for shot in first_of_each_kind(pictures(given.data / name, part), given.most)
    ]


def write_starter(name: str, plan: StarterPlan, work: RunFolder, given: argparse.Namespace) -> None:
    """Halves the weights, scores them as they are shipped, and writes the folder. Raises NotFit."""
    halved, device = work.path / "shipped", choose_device(given.threads)
    parameters = halve(work.model, halved)
    shots = read(plan, given, "val")
    judged = judging.judge(halved, shots, device)
    scores = judging.pooled(judged)
    refuse_if_worse(scores, judging.pooled(judging.judge(work.model, shots, device)))
    card = read_model_card(halved)
    facts = StarterFacts(
        name=name,
        title=plan.title,
        purpose=plan.purpose,
        data=learned_from(plan, given, work),
        scores=scores,
        kinds=judging.by_kind(judged),
        elsewhere=[
            {"name": other.folder, "what": other.what, "caveat": other.caveat}
            | judging.elsewhere(halved, other.read(given.data / other.folder), device)
            for other in plan.elsewhere
            if (given.data / other.folder).is_dir()
        ],
        limits=[*([QUICK_TRY] if given.most else []), *plan.limits],
        licence=LICENCE,
        cpu_minutes=round(float(card.training["cpu_s"]) / 60, 1),
        parameters=parameters,
    )
    put_together(given.out / name, halved, card, facts, judged, command_of(name, given))


def halve(model: Path, halved: Path) -> int:
    """The same model with float16 weights; answers how many parameters it has. Raises NotFit."""
    weights = load_file(model / WEIGHTS)
    learned = sum(value.numel() for value in weights.values() if value.is_floating_point())
    if learned > MOST_PARAMETERS:
        raise NotFit(f"The net has {learned} parameters; a starter model has {MOST_PARAMETERS} at most.")
    halved.mkdir(exist_ok=True)
    floats = {key: value.half() if value.is_floating_point() else value for key, value in weights.items()}
    if not all(torch.isfinite(value).all() for value in floats.values() if value.is_floating_point()):
        raise NotFit("A weight is too large for float16.")
    save_file(floats, halved / WEIGHTS)
    shutil.copyfile(model / MODEL_CARD, halved / MODEL_CARD)
    return learned


def refuse_if_worse(halved: dict[str, dict[str, float]], whole: dict[str, dict[str, float]]) -> None:
    """Raises NotFit where float16 costs AP."""
    for name in judging.SHOWN:
        lost = whole[name]["value"] - halved[name]["value"]
        if lost > MOST_LOST:
            raise NotFit(f"float16 costs {lost:.4f} {name}; at most {MOST_LOST} may be lost.")


def learned_from(plan: StarterPlan, given: argparse.Namespace, work: RunFolder) -> list[dict[str, object]]:
    """Each set with its credit and how many of its pictures and cells were learned from."""
    learned = {line.name for line in work.read_manifest() if line.split is Split.TRAIN}
    shots_read = [shot for shot in read(plan, given, "train") if name_of(shot) in learned]
    rows: list[dict[str, object]] = []
    for name in plan.sets:
        shots = [shot for shot in shots_read if shot.origin == name]
        counts = {"images": len(shots), "cells": sum(shot.cells for shot in shots)}
        rows.append({"name": name, **counts, **credit_of(given.data / name)})
    return rows


def put_together(
    folder: Path,
    halved: Path,
    card: ModelCard,
    facts: StarterFacts,
    judged: Sequence[judging.Judged],
    command: str,
) -> None:
    """Writes the folder that is shipped."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(halved / WEIGHTS, folder / WEIGHTS)
    pooled = {key: float(told["value"]) for key, told in facts.scores.items()}
    shipped = replace(card, scores={**card.scores, "test": pooled}, code_version="shipped")
    write_json(folder / MODEL_CARD, shipped.to_json())
    imsave(folder / PICTURE, judging.picture_of(judged), check_contrast=False)
    write_atomically(folder / README, write_card(facts, command=command).encode())
    write_json(folder / FACTS, facts.to_json())


def command_of(name: str, given: argparse.Namespace) -> str:
    """The command that makes the model again, without paths of one machine."""
    settings = "".join(f" --setting {text}" for text in given.setting)
    most = f" --most {given.most}" if given.most else ""
    seed = f" --seed {given.seed}" if given.seed else ""
    minutes = f" --cpu-minutes {given.cpu_minutes:g}"
    return f"python -m training.engine.starters.learn {name} --data DATA{minutes}{most}{seed}{settings}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
