"""Reading jobs: lists, one job, what it told, how long it may take."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db.models import F, Q, QuerySet, Sum

from annotation.models import Image
from backend.accounts.models import User
from backend.foundation import storage
from backend.foundation.errors import Invalid, NotFound
from training.contract.errors import InvalidSettings
from training.contract.reading import CELL_PX, check_cell_px, zoom_for
from training.models import Job, JobPicture, JobPoint
from training.models.jobs import JobQuerySet, Kind, State
from training.policies import jobs as policies
from training.selectors import orders, reading
from training.selectors.orders import Order
from training.selectors.reading import ChannelsRead

LOG_TAIL_BYTES = 64 * 1024
# A guess for the first prediction on a machine, on two cores; later ones are measured.
PREDICT_GUESS_S_PER_MEGAPIXEL = 1.0
START_UP_S = 15.0
SCORING_S_PER_MEGAPIXEL = 1.0
EARLIER_JOBS = 20


class JobMissing(NotFound):
    """There is no such job, or not for this person."""


class CannotBeRead(Invalid):
    """The model cannot read the images in the way that is asked for."""


class PictureMissing(NotFound):
    """The job has drawn no such picture."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What a job will have to do; `movies` are the images with more than one time point. `basis` says how
    the minutes were found. `channels` tells what a trained model is shown of the images, and `learned_px` how
    large the cells were that it learned from, where it can be told how large those of the images are."""

    images: int
    movies: int
    frames: int
    megapixels: float
    minutes: float
    basis: str
    channels: Sequence[ChannelsRead] = ()
    learned_px: float | None = None


@dataclass(frozen=True, kw_only=True)
class News:
    """What a job told since a reader last asked; `next` is the position to ask from next time."""

    state: State
    fraction: float
    eta_s: float | None
    message: str
    points: Sequence[JobPoint]
    next: int


def list_jobs(
    *, user: User | AnonymousUser, project: uuid.UUID | None = None, kind: str = "", state: str = ""
) -> JobQuerySet:
    """Jobs that this person may see, newest first; `state` may name several, with commas between."""
    found = policies.visible_to(user).select_related(
        "project", "snapshot", "trained_model", "init_from", "created_by", "result"
    )
    wanted = Q()
    if project:
        wanted &= Q(project_id=project)
    if kind:
        wanted &= Q(kind__in=kind.split(","))
    if state:
        wanted &= Q(state__in=state.split(","))
    return found.filter(wanted)


def get_job(*, user: User | AnonymousUser, job_id: uuid.UUID | str) -> Job:
    """Raises JobMissing."""
    job = list_jobs(user=user).filter(pk=job_id).first()
    if job is None:
        raise JobMissing("There is no such job that you may see.")
    return job


def list_points(*, job: Job, after: int = 0) -> QuerySet[JobPoint]:
    """Points told or amended since position `after`, by step."""
    return JobPoint.objects.filter(job=job, position__gt=after).order_by("step")


def progress(*, job: Job, after: int) -> News:
    """Where the job stands, and the points told or amended since position `after`."""
    points = list(list_points(job=job, after=after))
    return News(
        state=State(job.state),
        fraction=job.fraction,
        eta_s=job.eta_s,
        message=job.message,
        points=points,
        next=max((point.position for point in points), default=after),
    )


def list_pictures(*, job: Job) -> QuerySet[JobPicture]:
    """The pictures drawn so far, oldest step first."""
    return JobPicture.objects.filter(job=job)


def read_picture(*, job: Job, name: str) -> bytes:
    """The PNG of one picture. Raises PictureMissing."""
    picture = JobPicture.objects.filter(job=job, name=name).first()
    if picture is None:
        raise PictureMissing("The job has drawn no such picture.")
    return storage.get(picture.key)


def read_log(*, job: Job) -> str:
    """The end of the engine's log; empty while there is none."""
    key = f"jobs/{job.pk}/log.txt"
    return storage.get(key)[-LOG_TAIL_BYTES:].decode(errors="replace") if storage.exists(key) else ""


def estimate(*, order: Order) -> Estimate:
    """How much there is to do and how long it may take, before anything starts."""
    images = orders.images_of(order=order)
    megapixels = _megapixels(images)
    minutes, basis = _minutes(order, megapixels)
    return Estimate(
        images=len(images),
        movies=sum(image.size_t > 1 for image in images),
        frames=sum(image.size_t * image.size_z for image in images),
        megapixels=round(megapixels, 2),
        minutes=round(minutes, 1),
        basis=basis,
        channels=_channels(order, images),
        learned_px=_learned_px(order),
    )


def _channels(order: Order, images: Sequence[Image]) -> Sequence[ChannelsRead]:
    """What a trained model would be shown of the images. Raises CannotBeRead."""
    model = order.trained_model
    if order.kind is not Kind.PREDICT or model is None or not reading.sees_channels(model):
        return ()
    try:
        return reading.told(model=model, images=images, asked=order.settings)
    except InvalidSettings as error:
        raise CannotBeRead(f"settings: {error}") from error


def _learned_px(order: Order) -> float | None:
    model = order.trained_model
    return model.summary["object_size_px"] if model is not None and reading.sees_sizes(model) else None


def _minutes(order: Order, megapixels: float) -> tuple[float, str]:
    if order.kind is Kind.TRAIN:
        around = (START_UP_S + SCORING_S_PER_MEGAPIXEL * megapixels) / 60
        return (order.minutes or 0.0) + around, "The minutes you give, and a guess for starting and scoring."
    if order.kind is Kind.PREVIEW:
        return START_UP_S / 60, "Starting the engine takes most of it."
    rate, basis = _prediction_rate(fast=order.settings.get("flips") is False)
    return (START_UP_S + rate * megapixels * _zoom(order) ** 2) / 60, basis


def _zoom(order: Order) -> float:
    """By how much images are enlarged for a model that is told how large their cells are. Raises
    CannotBeRead."""
    learned_px, asked = _learned_px(order), order.settings.get(CELL_PX)
    if not learned_px or asked is None:
        return 1.0
    try:
        told_px = check_cell_px(asked)
    except InvalidSettings as error:
        raise CannotBeRead(f"settings: {error}") from error
    return 1.0 if isinstance(told_px, str) else zoom_for(told_px, learned_px=learned_px)


def _megapixels(images: Iterable[Image]) -> float:
    return sum(image.size_t * image.size_z * image.size_y * image.size_x for image in images) / 1e6


def _prediction_rate(*, fast: bool) -> tuple[float, str]:
    """Seconds a megapixel, from the newest predictions on this installation that ended well and read as this
    one will: `fast` is once."""
    alike = Q(settings__flips=False) if fast else ~Q(settings__has_key="flips") | Q(settings__flips=True)
    pixels = F("targets__size_t") * F("targets__size_z") * F("targets__size_y") * F("targets__size_x")
    earlier = (
        Job.objects.filter(kind=Kind.PREDICT, state=State.SUCCEEDED, attempt=1, started_at__isnull=False)
        .annotate(pixels=Sum(pixels), took=F("finished_at") - F("started_at"))
        .filter(alike, pixels__gt=0)
        .order_by("-finished_at")
        .values_list("took", "pixels")[:EARLIER_JOBS]
    )
    times = [(max(took.total_seconds() - START_UP_S, 1.0), pixels / 1e6) for took, pixels in earlier]
    if not times:
        return PREDICT_GUESS_S_PER_MEGAPIXEL, "A guess: nothing was predicted on this installation yet."
    rate = sum(seconds for seconds, _ in times) / sum(megapixels for _, megapixels in times)
    return rate, f"Measured on the last {len(times)} predictions of this installation."
