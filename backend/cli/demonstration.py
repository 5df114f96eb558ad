"""The demonstration project of a new installation."""

from annotation.models import Project
from annotation.services import demonstration
from backend.accounts.models import Role
from backend.accounts.policies import teams_of
from backend.accounts.services import people


def load() -> None:
    """Simulated movies, some labelled, some to try, for the first owner's team.

    Completed when it was left half-made. An installation that has projects already (as a cluster whose data
    folder is new) does not get it any more.
    """
    owner = people.find_first_owner()
    if owner is None or Project.objects.exclude(name=demonstration.PROJECT).exists():
        return
    team = teams_of(owner, at_least=Role.OWNER).order_by("created_at", "pk")[0]
    demonstration.create(team=team, author=owner)
