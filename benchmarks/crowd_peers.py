"""Majority votes and STAPLE on the answers of a simulated campaign."""

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotation.core.crowd.values import Runs
from benchmarks.peers.environments import Peer, python_of
from benchmarks.peers.sets import REPOSITORY
from tests.crowd import campaign, rivals
from tests.crowd.campaign import Campaign
from tests.crowd.crops import runs_of_mask

PEER = Peer("staple", "benchmarks.peers.drive_staple", ("SimpleITK==2.5.*", "numpy>=2"))
TWIN = "plain twin of STAPLE"
Stacks = dict[str, NDArray[np.bool_]]


def masks(made: Campaign) -> tuple[dict[str, dict[int, Sequence[Runs]]], str]:
    """({method: masks by item}, whose STAPLE it is)."""
    found = {
        name: campaign.by(made, method)
        for name, method in rivals.METHODS.items()
        if name.startswith("majority")
    }
    try:
        return {**found, **_simpleitk(made)}, "SimpleITK 2.5"
    except (OSError, subprocess.CalledProcessError) as error:
        twins = {n: campaign.by(made, m) for n, m in rivals.METHODS.items() if n.startswith("STAPLE")}
        return {**found, **twins}, f"{TWIN}; SimpleITK: {type(error).__name__}"


def _simpleitk(made: Campaign) -> dict[str, dict[int, Sequence[Runs]]]:
    pixels: Stacks = {}
    cells: Stacks = {}
    for item, answers in made.answers.items():
        if item not in made.gold:
            shape = made.crops[item].shape
            pixels[f"p{item}"] = rivals.stack_of(answers, shape)
            kept = rivals.kept(answers, shape)
            cells |= {f"c{item}-{i}": stack[rivals.near(stack)] for i, stack in enumerate(kept)}
    chances = _asked({**pixels, **cells})
    found: dict[str, dict[int, Sequence[Runs]]] = {"STAPLE of pixels": {}, "STAPLE of cells": {}}
    for item, answers in made.answers.items():
        if item in made.gold:
            continue
        shape = made.crops[item].shape
        found["STAPLE of pixels"][item] = rivals.pieces(chances[f"p{item}"] >= 0.5)
        whole = []
        for i, stack in enumerate(rivals.kept(answers, shape)):
            mask = np.zeros(shape, bool)
            mask[rivals.near(stack)[1:]] = chances[f"c{item}-{i}"] >= 0.5
            if mask.any():
                whole.append(runs_of_mask(mask))
        found["STAPLE of cells"][item] = whole
    return found


def _asked(stacks: Stacks) -> dict[str, NDArray[np.float32]]:
    """What SimpleITK answers; a stack in which nobody or everybody saw something has nothing to ask."""
    plain = {name: stack for name, stack in stacks.items() if stack.any() and not stack.all()}
    with tempfile.TemporaryDirectory(prefix="cytoloop-staple-") as folder:
        source, target = Path(folder) / "in.npz", Path(folder) / "out.npz"
        np.savez(source, **plain)  # type: ignore[arg-type]
        subprocess.run(
            [str(python_of(PEER)), "-m", PEER.driver, str(source), str(target)], cwd=REPOSITORY, check=True
        )
        with np.load(target) as found:
            told = {name: np.nan_to_num(found[name]) for name in plain}
    return {name: told.get(name, stack.all(0).astype(np.float32)) for name, stack in stacks.items()}
