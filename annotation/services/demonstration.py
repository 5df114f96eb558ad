"""The demonstration project: six short simulated movies, four with their exact truth, two to try."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from annotation.core import simulation
from annotation.core.formats.base import LabelFrame
from annotation.core.formats.folder import OpenedItem
from annotation.core.simulation import Movie
from annotation.models import Dataset, Image, Project, Task, TaskKind
from annotation.services import claims, datasets, ingestion, projects, tasks
from backend.accounts.models import Team, User

PROJECT = "Demonstration"
DATASET = "Simulated movies"
SEEDS_WITH_TRUTH = (11, 12, 13, 14)
SEEDS_TO_TRY = (15, 16)
FRAMES, HEIGHT_PX, WIDTH_PX = 12, 256, 256
ABOUT = "Simulated cells that crawl, touch, divide and leave. Four movies have exact truth, two wait for you."


@dataclass(frozen=True, slots=True)
class _Truth:
    """The simulator's labels, as labels of an import."""

    movie: Movie
    note: str = "Exact truth of the simulator."

    def __iter__(self) -> Iterator[LabelFrame]:
        return self.movie.stack("truth").frames()


def create(*, team: Team, author: User) -> Project:
    """The team's demonstration project, made or completed; what is there already stays as it is.

    Killed half-way it can be called again. Takes seconds for each movie that is not there yet.
    """
    project = Project.objects.filter(team=team, name=PROJECT).first()
    if project is None:
        project = projects.create(team=team, name=PROJECT, description=ABOUT, by=author)
    dataset = Dataset.objects.filter(project=project, name=DATASET).first()
    if dataset is None:
        dataset = datasets.create(project=project, name=DATASET, description=ABOUT, by=author)
    with claims.alone("import", dataset.pk) as is_alone:
        if is_alone:
            ingestion.clear_leftovers(dataset)
            _fill(dataset, author)
    return project


def _fill(dataset: Dataset, author: User) -> None:
    for number, seed in enumerate((*SEEDS_WITH_TRUTH, *SEEDS_TO_TRY), start=1):
        image = _movie(dataset, author, number, seed)
        if seed in SEEDS_TO_TRY and not Task.objects.filter(image=image).exists():
            tasks.create(
                project=dataset.project,
                image=image,
                kind=TaskKind.LABEL,
                title=f"Label {image.name}",
                by=author,
            )


def _movie(dataset: Dataset, author: User, number: int, seed: int) -> Image:
    digest = hashlib.sha256(f"simulated movie {seed} {FRAMES} {HEIGHT_PX} {WIDTH_PX}".encode()).hexdigest()
    there = Image.objects.filter(dataset=dataset, content_sha256=digest).first()
    if there is not None:
        return there
    movie = simulation.simulate_movie(seed=seed, frames=FRAMES, height=HEIGHT_PX, width=WIDTH_PX)
    name = f"movie-{number}"
    source = movie.source(name)
    image = ingestion.keep_image(
        dataset=dataset, source=source, digest=digest, name=name, group=name, upload=None,
        source_path=f"simulator, seed {seed}",
    )  # fmt: skip
    ingestion.write_pixels(image=image, source=source)
    with_truth = seed in SEEDS_WITH_TRUTH
    opened = OpenedItem(source, _Truth(movie), movie.mothers) if with_truth else OpenedItem(source, None, {})
    ingestion.make_ready(image=image, opened=opened, by=author, labels_accepted=with_truth)
    return image
