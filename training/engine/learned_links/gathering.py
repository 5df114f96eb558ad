"""The movies of a run that the linker that learns can learn from."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from training.engine.data.images import LabelledImage
from training.engine.errors import NothingToLearn
from training.engine.learned_links import spoiling
from training.engine.learned_links.lesson import Scene
from training.engine.learned_links.scenes import Seen, Truth, see
from training.engine.linking import movie
from training.engine.linking.base import Options
from training.engine.process import Run
from training.engine.seeds import Chance

DETECTIONS = 60_000
LEAST_SPOILED, MOST_SPOILED = 1, 12
"""So many spoiled copies of each movie, by how many detections there are in all."""
LEAST_LINKS = 20


@dataclass(frozen=True, eq=False)
class Tracked:
    """A movie whose cells are known over time."""

    image: LabelledImage
    seen: Seen
    truth: Truth

    @property
    def links(self) -> int:
        """How many pairs of detections are one cell in neighbouring frames."""
        found = self.seen.found
        base = int(found.cell.max(initial=0)) + 1
        key = found.t * base + found.cell
        return int(np.isin(key + base, key).sum())


def tracked(run: Run, images: Sequence[LabelledImage], *, told: str) -> list[Tracked]:
    """Those of the images that are movies with tracks. Raises UnreadableImage, RunCancelled, RunStopped."""
    movies = []
    for image in images:
        if image.pixels.shape[0] < 2:
            continue
        run.report.status(f"{told} {image.line.name}.")
        seen = see(image, lambda _: run.raise_if_asked_to_stop())
        one = Tracked(image, seen, Truth(seen.found.cell, dict(image.mothers)))
        if one.links:
            movies.append(one)
    return movies


def refuse_without_tracks(images: Sequence[LabelledImage], movies: Sequence[Tracked]) -> None:
    """Raises NothingToLearn where there is no movie, or none in which cells are known over time."""
    if all(image.pixels.shape[0] < 2 for image in images):
        raise NothingToLearn(
            "None of the training images is a movie: each has one frame. A linker learns from movies whose "
            "cells are followed over time."
        )
    links = sum(one.links for one in movies)
    if links < LEAST_LINKS:
        raise NothingToLearn(
            f"The training movies have {links} links from one frame to the next; to learn to link, at least "
            f"{LEAST_LINKS} are needed. Link the cells of a movie (New job, Tracks), put the links right, "
            "and accept them."
        )


def scenes(run: Run, movies: Sequence[Tracked], options: Options, chance: Chance) -> list[Scene]:
    """Every movie as it is, and copies that are spoiled."""
    count = sum(len(one.seen.found) for one in movies)
    copies = int(np.clip(round(DETECTIONS / max(count, 1)), LEAST_SPOILED, MOST_SPOILED))
    made, most = [], run.spec.settings["faults"]
    for one in movies:
        run.report.status(f"Weighing links of {one.image.line.name}.")
        made.append(scene_of(one.seen, one.truth, options))
        for _ in range(copies):
            run.raise_if_asked_to_stop()
            faults = spoiling.draw(chance, one.seen.found.frames, most)
            made.append(scene_of(*spoiling.spoil(one.seen, one.truth, faults, chance), options))
    return [scene for scene in made if len(scene.whole.ways)]


def scene_of(seen: Seen, truth: Truth, options: Options) -> Scene:
    """A movie, weighed as it is when it is linked."""
    return Scene.of(seen, movie.weights_of(seen.found, options), truth)


def digest_of(movies: Sequence[Tracked]) -> str:
    """SHA-256 over which movies were learned from and what they hold."""
    digest = hashlib.sha256()
    for one in movies:
        found = one.seen.found
        digest.update(f"{one.image.line.image_id} {sorted(one.truth.mothers.items())}\n".encode())
        for part in (found.t, found.cell, found.place, found.area, one.seen.pictures):
            digest.update(np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()


def size_px(movies: Sequence[Tracked]) -> float:
    """Median diameter of the cells, px."""
    found = [one.seen.found for one in movies]
    sizes = [2 * (np.sqrt(f.area / np.pi) if f.axes == 2 else np.cbrt(f.area / 4.19)) for f in found]
    return round(float(np.median(np.concatenate(sizes))), 2)
