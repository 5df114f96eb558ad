"""Classes that come along with labels: found by name, made where the project lacks them."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from annotation.models import LabelClass, Project
from annotation.services import schemas

COLOURS = ("#7aa2f7", "#e0af68", "#9ece6a", "#f7768e", "#bb9af7", "#2ac3de", "#ff9e64", "#73daca")
LONGEST_NAME = 100


def tidy(name: str) -> str:
    """The name as a project keeps it."""
    return " ".join(name.split())[:LONGEST_NAME]


@transaction.atomic
def make_missing(*, project: Project, names: Iterable[str]) -> list[str]:
    """Make those that the project lacks; answers their names, sorted."""
    wanted = {tidy(name) for name in names} - {""}
    if not wanted:
        return []
    there = set(LabelClass.objects.filter(project=project).values_list("name", flat=True))
    missing = sorted(wanted - there)
    for place, name in enumerate(missing, start=len(there)):
        colour = COLOURS[place % len(COLOURS)]
        LabelClass.objects.get_or_create(
            project=project, name=name, defaults={"color": colour, "position": place}
        )
    schemas.record(project=schemas.lock(project), by=None)
    return missing


def ids_of(*, project_id: UUID, names: Iterable[str]) -> dict[str, str]:
    """{name: id} of the classes that the project has."""
    wanted = {tidy(name) for name in names} - {""}
    found = LabelClass.objects.filter(project_id=project_id, name__in=wanted) if wanted else ()
    return {label_class.name: str(label_class.pk) for label_class in found}
