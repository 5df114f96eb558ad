"""What may be ordered: a job's parts, its settings, the classes it tells and the weights it begins with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from annotation.models import Image, ImageState, LabelClass, Project
from backend.foundation.errors import Invalid
from training.contract import reading
from training.contract.errors import InvalidSettings
from training.contract.recipes import Makes, complete_settings, learn_links, recipe_named
from training.models import TrainedModel
from training.models.jobs import Kind
from training.models.snapshots import Include, Split
from training.selectors import published_weights, snapshots
from training.selectors import reading as selectors
from training.selectors.orders import LINKS, Order

MINUTES_MAX = 7 * 24 * 60.0
LEARNED = learn_links.RECIPE.name
READING = ("flips", *learn_links.DECIDING)
"""Settings of a trained model that each prediction may choose anew; `contract.reading` has those that are of
the images and not of the model."""


class BadSettings(Invalid):
    """A setting of a recipe is unknown or out of range."""


class JobNotComplete(Invalid):
    """The request lacks something that this kind of job needs, or has something that does not fit it."""


class NotOfThisProject(Invalid):
    """A snapshot, trained model or image of another project was named."""


def check(*, project: Project, order: Order) -> None:
    """Raise what is wrong with an order: JobNotComplete, NotOfThisProject, BadSettings."""
    _check_parts(order)
    _check_project(project, order)
    if order.minutes is not None and not 0 < order.minutes <= MINUTES_MAX:
        raise JobNotComplete(f"minutes: give more than 0 and at most {MINUTES_MAX:.0f}.")
    if order.kind is Kind.TRAIN and not order.name.strip():
        raise JobNotComplete("name: a trained model needs a name.")
    if order.init_from is not None and order.init_from.recipe != order.recipe:
        raise JobNotComplete(
            f"init_from: {order.init_from} was made by the recipe {order.init_from.recipe}, "
            f"so only that recipe can continue from it."
        )
    chosen = settings_of(order)
    _check_channels(order)
    _check_classes(project, chosen)
    _check_weights(chosen)
    _check_labels(order)
    _check_cells(order)
    _check_tracks(order)


def needs_cells(model: TrainedModel) -> bool:
    """Whether a trained model judges outlined cells; one that learned images as a whole needs none."""
    return recipe_named(model.recipe).reads_cells and not model.summary.get("whole_images")


def reads_volumes(model: TrainedModel) -> bool:
    """Whether a trained model reads all slices of a stack together and not slice by slice."""
    return bool(model.summary.get("volumes") or model.settings.get("z_stack"))


def recipe_of(order: Order) -> str:
    """The recipe that a job runs: what is used says it, but for maps, which several kinds of model make."""
    used = order.trained_model if order.kind in (Kind.PREDICT, Kind.EVALUATE) else None
    return used.recipe if used is not None and not maps(order) else order.recipe


def maps(order: Order) -> bool:
    """Whether a prediction is to be a map of cells; it takes a model that looks at cells, or none at all."""
    model = order.trained_model
    return order.kind is Kind.PREDICT and Makes.VECTORS in (
        _says_of(order.recipe)[0],
        _says_of(model.recipe)[0] if model else None,
    )


def tracks(order: Order) -> bool:
    """Whether a prediction links cells that are outlined already, with a linker that learned nothing."""
    return order.kind is Kind.PREDICT and order.recipe == LINKS and order.trained_model is None


def settings_of(order: Order) -> dict[str, Any]:
    """The settings a job will run with, defaults filled in. Raises BadSettings."""
    if order.kind is Kind.PREDICT and not maps(order) and not tracks(order):
        link = {} if order.link is None else {"link": _link_settings(order.link, order.link_model)}
        return {**_reading_of(order), **link}
    if order.kind is Kind.EVALUATE:
        split = order.settings.get("split", Split.TEST.value)
        if split not in Split.values or set(order.settings) - {"split"}:
            raise BadSettings(f"settings: an evaluation takes only “split”: {', '.join(Split.values)}.")
        return {"split": split}
    try:
        return complete_settings(order.recipe, order.settings)
    except InvalidSettings as error:
        raise BadSettings(str(error)) from error


def _reading_of(order: Order) -> dict[str, Any]:
    """What a prediction says of how a trained model reads; without a word it reads as it was scored."""
    asked = {name: value for name, value in order.settings.items() if name != "link"}
    if order.trained_model is not None and order.trained_model.recipe == LEARNED:
        return _decided(order.trained_model, asked)
    known = _reading_settings(order.trained_model) if order.trained_model else []
    unknown = sorted(set(asked) - set(known))
    if unknown:
        told = "only " + ", ".join(f"“{name}”" for name in known) if known else "no settings"
        raise BadSettings(f"settings: a prediction with this model takes {told}, not “{unknown[0]}”.")
    if not isinstance(asked.get("flips", True), bool):
        raise BadSettings("settings: “flips” is true or false.")
    try:
        seen = reading.check(asked)
    except InvalidSettings as error:
        raise BadSettings(f"settings: {error}") from error
    return {**{name: value for name, value in asked.items() if name in READING}, **seen}


def _reading_settings(model: TrainedModel) -> list[str]:
    """What a prediction with a model may say of how it reads."""
    own = ["flips"] if "flips" in model.settings else []
    channels = [reading.CHANNELS] if selectors.sees_channels(model) else []
    return [*own, *channels, *([reading.CELL_PX] if selectors.sees_sizes(model) else [])]


def _link_settings(settings: Mapping[str, Any], model: TrainedModel | None) -> dict[str, Any]:
    """The settings of the linker; of a trained one those that it was trained with, but for what is asked."""
    try:
        if model is not None:
            return {name: model.settings.get(name) for name in learn_links.DECIDING} | _decided(
                model, settings
            )
        return complete_settings(LINKS, settings)
    except InvalidSettings as error:
        raise BadSettings(f"link: {error}") from error


def _decided(linker: TrainedModel, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What a prediction says of how a trained linker decides. Raises BadSettings."""
    unknown = sorted(set(asked) - set(learn_links.DECIDING))
    if unknown:
        raise BadSettings(
            f"settings: {linker} was trained and decides by {', '.join(learn_links.DECIDING)}; "
            f"“{unknown[0]}” cannot be chosen for it."
        )
    try:
        whole = complete_settings(LEARNED, asked)
    except InvalidSettings as error:
        raise BadSettings(str(error)) from error
    return {name: whole[name] for name in asked}


def with_classes(*, order: Order) -> Order:
    """A recipe that can tell classes, and is told none, learns those that the labelled cells carry.

    Raises BadSettings where it can tell nothing else and there are fewer than two.
    """
    if order.kind not in (Kind.TRAIN, Kind.PREVIEW) or order.settings.get("classes"):
        return order
    makes, known = _says_of(order.recipe)
    if "classes" not in known or order.settings.get("tell_classes") is False:
        return order
    level = _level(order.settings.get("class_level"))
    names = snapshots.carried_classes(snapshot=order.snapshot, level=level) if order.snapshot else []
    if makes is Makes.CLASSES and len(names) < 2:
        told = f"all labelled cells are “{names[0]}”" if names else "no labelled cell has a class"
        raise BadSettings(
            f"settings: to tell classes apart, cells of at least two are needed, but {told}; give classes to "
            "cells, or choose other images."
        )
    return replace(order, settings={**order.settings, "classes": names})


def _level(asked: Any) -> int | None:
    """The level of the tree of classes that is told apart; None: each cell's own class."""
    return int(asked) if isinstance(asked, str) and asked.isdigit() else None


def _says_of(recipe: str) -> tuple[Makes | None, Mapping[str, Any]]:
    """(what it makes, its settings); nothing of a recipe that is not there."""
    try:
        found = recipe_named(recipe)
    except InvalidSettings:
        return None, {}
    return found.makes, found.settings_schema["properties"]


def _check_parts(order: Order) -> None:
    """Which parts each kind needs, in the words of the request."""
    alone = maps(order) or tracks(order)
    if order.kind is not Kind.PREDICT and order.snapshot is None:
        raise JobNotComplete(f"snapshot: a {order.kind} job needs the snapshot it works on.")
    if order.kind in (Kind.PREDICT, Kind.EVALUATE) and order.trained_model is None and not alone:
        raise JobNotComplete(f"trained_model: a {order.kind} job needs a trained model.")
    if order.kind is Kind.PREDICT and not order.images:
        raise JobNotComplete("image_ids: choose at least one image that is ready to be predicted.")
    if order.kind is not Kind.PREDICT and order.images:
        raise JobNotComplete("image_ids: only a PREDICT job takes images; others work on their snapshot.")
    if order.init_from is not None and order.kind is not Kind.TRAIN:
        raise JobNotComplete("init_from: only a TRAIN job continues from a trained model.")


def _check_project(project: Project, order: Order) -> None:
    for name, part in (
        ("snapshot", order.snapshot),
        ("trained_model", order.trained_model),
        ("init_from", order.init_from),
        ("link_model", order.link_model),
    ):
        if part is not None and part.project_id != project.pk:
            raise NotOfThisProject(f"{name}: it belongs to another project.")
    if any(image.dataset.project_id != project.pk for image in order.images):
        raise NotOfThisProject("image_ids: an image belongs to another project.")
    unready = [image.name for image in order.images if image.state != ImageState.READY]
    if unready:
        raise JobNotComplete(f"image_ids: {unready[0]} is still being imported; wait until it is ready.")


def _check_channels(order: Order) -> None:
    """Channels that are asked for are there in every image, as many as the model reads."""
    if order.kind is not Kind.PREDICT or order.trained_model is None:
        return
    try:
        selectors.told(model=order.trained_model, images=order.images, asked=order.settings)
    except InvalidSettings as error:
        raise BadSettings(f"settings: {error}") from error


def _check_labels(order: Order) -> None:
    """A recipe that learns from labels cannot learn from a snapshot of images alone."""
    name = order.trained_model.recipe if order.trained_model else order.recipe
    alone = order.snapshot is not None and order.snapshot.rule.get("include") == Include.IMAGES
    if alone and recipe_named(name).needs_labels:
        raise JobNotComplete(
            f"snapshot: it holds images without labels, but the recipe {name} learns from labels; freeze "
            "accepted labels instead."
        )


def _check_cells(order: Order) -> None:
    """A recipe that judges cells needs some on every image."""
    model = order.trained_model
    if maps(order):
        if model is not None and not needs_cells(model):
            raise JobNotComplete(
                f"trained_model: {model} does not look at single cells; choose a model of embed or of "
                "classify, or none."
            )
    elif not tracks(order) and (order.kind is not Kind.PREDICT or model is None or not needs_cells(model)):
        return
    wanted = [image.pk for image in order.images]
    bare = Image.objects.filter(pk__in=wanted).exclude(current_branch__head_number__gt=0).order_by("name")
    if order.branch is not None:
        bare = (
            bare.none() if order.branch.head_number else bare.model.objects.filter(pk=order.branch.image_id)
        )
    first = bare.first()
    if first is not None:
        raise JobNotComplete(
            f"image_ids: {first.name} has no outlined cells, and {_subject(order)} is about outlined "
            f"cells ({bare.count()} of {len(wanted)} images have none); outline them, or predict outlines "
            "first and accept them."
        )


def _subject(order: Order) -> str:
    return str(order.trained_model or ("a track" if tracks(order) else "a map"))


def _check_tracks(order: Order) -> None:
    """Only cells of movies can be linked, those that are outlined or those that a model will outline."""
    one = order.branch is None or [image.pk for image in order.images] == [order.branch.image_id]
    if order.branch is not None and not (one and _links(order)):
        raise JobNotComplete("branch: only a job that links the cells of this one image takes a branch.")
    if order.link is not None and (order.trained_model is None or order.kind is not Kind.PREDICT):
        raise JobNotComplete(
            "link: it goes with a trained model that outlines cells; to link those that are outlined "
            f"already, leave it out and name the recipe “{LINKS}”."
        )
    if order.link_model is not None and order.link is None:
        raise JobNotComplete("link_model: it goes with “link”, the settings of the linker.")
    if order.link_model is not None and order.link_model.recipe != LEARNED:
        raise JobNotComplete(
            f"link_model: {order.link_model} was made by the recipe {order.link_model.recipe}; choose a "
            f"linker that was trained with {LEARNED}."
        )
    if order.link is not None and order.trained_model is not None:
        recipe = recipe_named(order.trained_model.recipe)
        if recipe.makes not in (Makes.LABELS, Makes.BOXES) or recipe.name == "semantic":
            raise JobNotComplete(f"link: {order.trained_model} does not outline single cells.")
    still = [image.name for image in order.images if image.size_t < 2]
    if tracks(order) and still:
        raise JobNotComplete(f"image_ids: {still[0]} has one frame; cells can be followed in movies only.")
    if order.link is not None and len(still) == len(order.images):
        raise JobNotComplete("link: none of these images has more than one frame.")


def _links(order: Order) -> bool:
    """Whether a prediction is about the tracks of cells that are outlined already."""
    model = order.trained_model
    return order.kind is Kind.PREDICT and (
        tracks(order) or (model is not None and _says_of(model.recipe)[0] is Makes.TRACKS)
    )


def _check_classes(project: Project, chosen: Mapping[str, Any]) -> None:
    wanted = list(chosen.get("classes") or [])
    known = set(LabelClass.objects.filter(project=project, name__in=wanted).values_list("name", flat=True))
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise BadSettings(f"settings: the project has no class “{unknown[0]}”; add it, or leave it out.")


def _check_weights(chosen: Mapping[str, Any]) -> None:
    """Published weights lie in the data folder; nothing else of the machine can be named."""
    name = chosen.get("weights")
    known = published_weights.names()
    if name and name not in known:
        told = f"there are {', '.join(known)}" if known else "there are none yet"
        raise BadSettings(
            f"settings: there are no weights “{name}” in {published_weights.FOLDER}/ of the data folder; "
            f"{told}."
        )
